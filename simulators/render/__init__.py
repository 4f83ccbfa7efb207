"""Rendered lane cameras: synthetic vehicles with readable plates of the region.

    studio = Studio(cache_dir, seed=7)
    drive = studio.drive(Vehicle("lorry", (150, 50, 45), plate("KZ", "123ABC02")))
    jpeg = drive.picture(before_stop_m=0.0, tick=4)

Plates are drawn from this package's own layouts (`plates/countries/*.toml`), not from the reader's table: a
mistake in one must not hide in the other.
"""

from simulators.render.drive import Drive, Studio
from simulators.render.plates import NoSuchPlate, Plate, plate, synthetic
from simulators.render.vehicle import Vehicle

__all__ = ["Drive", "NoSuchPlate", "Plate", "Studio", "Vehicle", "plate", "synthetic"]
