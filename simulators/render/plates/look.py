"""How one plate looks: its faces, its mounting, its state and the light it is seen in."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Look:
    """`face`, `persian`, `chinese`: names of `simulators.render.fonts` and `strokes`.  `width` stretches
    characters, `weight` thickens their strokes in hundredths of the height, `gap` is the share of a cell left
    free, `proportional` 0 fills every cell, 1 keeps each character's own width.  `chinese_weight` and
    `persian_weight` come on top of the weight, `spacing` stretches the room between groups, `tall` the
    characters' height; `bend` moves their waists to the right and down, in shares of their size.

    `screws` lie over the plate at random places; `holder` is the frame's width in mm (0: none) with
    `holder_text` under the plate.  `dirt`, `snow`, `scratches`, `fading` go from 0 to 1.  `infrared`: as a
    camera with infrared lamps sees it.  `seed` places what is random.

    `relief`: light on the edges of embossed characters; `flaking`: how much of their paint is gone; both up
    to 1.  `lip`: how many mm of the plate its holder covers at the top, right, bottom and left.
    """

    face: str = "condensed"
    persian: str = "sans"
    chinese: str = "zenhei"
    width: float = 1.0
    weight: int = 0
    gap: float = 0.14
    proportional: float = 0.0
    bolts: bool = True
    screws: int = 0
    chinese_weight: int = 0
    persian_weight: int = 0
    spacing: float = 1.0
    tall: float = 1.0
    bend: tuple[float, float] = (0.0, 0.0)
    relief: float = 0.0
    flaking: float = 0.0
    lip: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    holder: float = 0.0
    holder_text: str = ""
    holder_colour: tuple[int, int, int] = (30, 30, 32)
    dirt: float = 0.0
    snow: float = 0.0
    scratches: float = 0.0
    fading: float = 0.0
    infrared: bool = False
    seed: int = 0


DEFAULT = Look()
