"""Drives with truth: a vehicle that comes, stands and leaves before a camera, any plate, any light.

    film = Films(cache_dir).film(Order(seed=7, side="front"), looks.PROOF)
    camera = Camera(film.view)

What a lane of the demo shows is simpler and drawn elsewhere (`simulators.render.Studio`).
"""

from simulators.render.drives.cast import Cast, Kind, Order, Side
from simulators.render.drives.film import Film, Films, Frame, frames
from simulators.render.drives.h264 import EncoderMissing
from simulators.render.drives.painter import SeenPlate

__all__ = ["Cast", "EncoderMissing", "Film", "Films", "Frame", "Kind", "Order", "SeenPlate", "Side", "frames"]
