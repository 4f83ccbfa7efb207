from drivers.scale.frame_stream import FrameStream
from drivers.scale.xk3190 import Layout, XK3190Options
from simulators.scale.indicator import Indicator
from simulators.scale.xk3190 import Simulator
from simulators.serial_line import PtyLine


def driver_reads(data, settings):
    plate = XK3190Options(port="/dev/null", **settings).plate
    readings = FrameStream(Layout(plate), plate).feed(data * 4)
    if not readings:
        return None
    assert readings[-1].raw == data
    return {"gross_kg": readings[-1].gross_kg, "in_range": readings[-1].in_range}


def simulator_writes(means, settings):
    indicator = Indicator(**settings)
    indicator.rest(means["gross_kg"])
    return Simulator("scale", PtyLine(), indicator).due()
