"""Moxa ioLogik E1214: what both ends make of the same Modbus TCP frames."""

from drivers.boards.moxa_e1214 import Driver, MoxaOptions
from simulators.boards.moxa_e1214 import MoxaE1214
from tests.boards.wire_ends import Ends

PULSE_S = {1: 0.5}


def driver(address: str) -> Driver:
    host, port = address.split(":")
    return Driver("io", MoxaOptions(host=host, port=int(port), timeout_s=0.3, pulse_s=PULSE_S))


ends = Ends(driver, lambda: MoxaE1214("io", pulse_s=PULSE_S), serial=False)
driver_reads, driver_writes = ends.driver_reads, ends.driver_writes
simulator_reads, simulator_writes = ends.simulator_reads, ends.simulator_writes
