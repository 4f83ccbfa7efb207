"""Rendered lane cameras: synthetic vehicles with readable plates of the region.

    shown = plate("KZ", "123ABC02")
    drive = LaneDrives(cache_dir, seed=7, side="front").drive(Cast("car", shown, shown))  # of `drives`
    jpeg = drive.picture(before_stop_m=0.0, tick=4)

Plates are drawn from this package's own layouts (`plates/countries/*.toml`), not from the reader's table: a
mistake in one must not hide in the other.
"""

from simulators.render.plates import NoSuchPlate, Plate, plate, synthetic

__all__ = ["NoSuchPlate", "Plate", "plate", "synthetic"]
