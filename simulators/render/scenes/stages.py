"""The stage: what is drawn to learn finding plates from.

What finders are measured on is drawn elsewhere (`simulators.render.scene_set`, wardrobe `PROOF`): another
maker's vehicles, backdrops and typefaces, so that nothing of it can have been learned by heart.
"""

from dataclasses import dataclass

from simulators.render.scenes import backdrop
from simulators.render.scenes.vehicles import Forms
from simulators.render.scenes.weather import Strength

_TRUETYPE = "/usr/share/fonts/truetype"


@dataclass(frozen=True, slots=True)
class Stage:
    """`faces` are font files for writing; `yaw`, `pitch`, `roll` the largest angles in degrees."""

    backdrops: tuple[backdrop.Backdrop, ...]
    forms: Forms
    faces: tuple[str, ...]
    strength: Strength
    yaw: float = 38.0
    pitch: float = 20.0
    roll: float = 7.0


TRAINING = Stage(
    (backdrop.street, backdrop.wall, backdrop.shapes),
    Forms(
        bodies=("car", "car", "car", "lorry front", "lorry rear", "lorry rear", "motorcycle"),
        lamps=("block", "slit", "round"),
        grilles=("bars", "slats", "mesh"),
        roof=(0.62, 0.8),
    ),
    tuple(
        f"{_TRUETYPE}/dejavu/{name}.ttf"
        for name in ("DejaVuSans", "DejaVuSans-Bold", "DejaVuSerif", "DejaVuSerif-Bold", "DejaVuSansMono")
    ),
    Strength(),
)
