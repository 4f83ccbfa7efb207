"""Advantech ADAM-6060: what both ends make of the same Modbus TCP frames.

The examples give bits on the wire, so both ends are wired wet (1 is voltage, the contact is closed).
"""

from drivers.boards.adam_6060 import AdamOptions, Driver
from simulators.boards.adam_6060 import Adam6060
from tests.boards.wire_ends import Ends


def driver(address: str) -> Driver:
    host, port = address.split(":")
    return Driver("io", AdamOptions(host=host, port=int(port), timeout_s=0.3, wiring="wet"))


ends = Ends(driver, lambda: Adam6060("io", dry=False), serial=False)
driver_reads, driver_writes = ends.driver_reads, ends.driver_writes
simulator_reads, simulator_writes = ends.simulator_reads, ends.simulator_writes
