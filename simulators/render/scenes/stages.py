"""Two stages: what is drawn to learn from, and what is drawn to be measured on.

They share nothing that could be learned by heart: no backdrop, no kind of lamp or grille, no typeface.
"""

from dataclasses import dataclass

from simulators.render.scenes import backdrop
from simulators.render.scenes.vehicles import Forms
from simulators.render.scenes.weather import Strength

_TRUETYPE = "/usr/share/fonts/truetype"


@dataclass(frozen=True, slots=True)
class Stage:
    """`faces` are font files for writing; `yaw`, `pitch`, `roll` the largest angles in degrees."""

    name: str
    backdrops: tuple[backdrop.Backdrop, ...]
    forms: Forms
    faces: tuple[str, ...]
    strength: Strength
    yaw: float = 38.0
    pitch: float = 20.0
    roll: float = 7.0


TRAINING = Stage(
    "training",
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
PROOF = Stage(
    "proof",
    (backdrop.booth, backdrop.yard),
    Forms(
        bodies=("car", "car", "lorry front", "lorry rear"),
        lamps=("twin", "almond"),
        grilles=("lattice",),
        roof=(0.8, 0.9),
    ),
    tuple(
        f"{_TRUETYPE}/liberation/{name}.ttf"
        for name in ("LiberationSans-Regular", "LiberationSans-Bold", "LiberationSerif-Bold")
    ),
    Strength(blur=0.9, motion=4.0, noise=12.0, jpeg=(40, 90)),
    yaw=35.0,
)
