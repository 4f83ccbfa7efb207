"""Waveshare Modbus RTU relay: what both ends make of the same frames."""

from drivers.boards.modbus_board import SerialOptions
from drivers.boards.waveshare_relay import Driver
from simulators.boards.waveshare_relay import WaveshareRelay
from tests.boards.wire_ends import Ends


def driver(address: str) -> Driver:
    return Driver("io", SerialOptions(port=address, timeout_s=0.1))


ends = Ends(driver, lambda: WaveshareRelay("io"), serial=True)
driver_reads, driver_writes = ends.driver_reads, ends.driver_writes
simulator_reads, simulator_writes = ends.simulator_reads, ends.simulator_writes
