from drivers.scale.frame_stream import FrameStream
from drivers.scale.toledo_continuous import Layout, ToledoOptions
from simulators.scale.indicator import Indication
from simulators.scale.toledo_continuous import frame


def driver_reads(data, settings):
    options = ToledoOptions(port="/dev/null", **settings)
    layout = Layout(options.plate, checksum=options.checksum, fixed_zero=options.fixed_zero)
    readings = FrameStream(layout, options.plate).feed(data * 4)
    if not readings:
        return None
    reading = readings[-1]
    assert reading.raw == data
    return {name: getattr(reading, name) for name in reading.__slots__}


def simulator_writes(means, settings):
    shown = Indication(
        displayed_kg=means.get("net_kg", means["gross_kg"]),
        tare_kg=means["tare_kg"],
        is_net="net_kg" in means,
        motion=not means["stable"],
        over=not means["in_range"],
        under=False,
        zero_captured=means["zero_seen"],
    )
    return frame(
        shown, settings["division_kg"], checksum=settings["checksum"], fixed_zero=settings["fixed_zero"]
    )
