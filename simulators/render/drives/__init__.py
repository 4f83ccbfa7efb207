"""Drives with truth: a vehicle that comes, stands and leaves before a camera, any plate, any light.

    film = Films(cache_dir).film(Order(seed=7, side="front"), looks.PROOF)
    camera = Camera(film.view)

What a simulated lane's camera shows is looked up by the vehicle's place (`lane_drives.py`).
"""

from simulators.render.drives.cast import Cast, Kind, Order, Side
from simulators.render.drives.film import Film, Films, Frame, frames
from simulators.render.drives.h264 import EncoderMissing
from simulators.render.drives.painter import SeenPlate

__all__ = ["Cast", "EncoderMissing", "Film", "Films", "Frame", "Kind", "Order", "SeenPlate", "Side", "frames"]
