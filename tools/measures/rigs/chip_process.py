"""A simulated chip in a process of its own, at the other end of a socket or in a virtual PC/SC reader.

    python -m measures.rigs.chip_process WAY fd:N [delayed]
    python -m measures.rigs.chip_process WAY port:N [delayed]

Both speak vpcd's frames.  After each session, when the reader takes the power, one line on standard output:
how many exchanges there were, and the least that they take under the delay model.  `delayed` keeps to it:
what the simulation computes is part of a modelled time, not added to it.
"""

import socket
import sys
import time

from measures.rigs.chip_documents import specimen
from simulators.card.chip import Chip
from simulators.card.delay import TYPICAL_STEPS, DelayModel
from simulators.card.vpcd import POWER_OFF, RESET, Deframer, frame, respond

MODEL = DelayModel(bit_rate_kbit_s=424, apdu_ms=2.0, step_ms=TYPICAL_STEPS)
READY = "ready"


def main() -> None:
    name, place, *flags = sys.argv[1:]
    kind, _, number = place.partition(":")
    if kind == "fd":
        line = socket.socket(fileno=int(number))
    else:
        line = socket.create_connection(("127.0.0.1", int(number)))
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    made = specimen(name)
    chip = Chip(made.chip, made.behaviour, delay=MODEL if "delayed" in flags else None)
    chip.power(True)
    print(READY, flush=True)
    with line:
        _serve(chip, line, tcp=kind == "port")


def _serve(chip: Chip, line: socket.socket, *, tcp: bool) -> None:
    deframer = Deframer()
    while data := line.recv(4096):
        came_s = time.monotonic()
        if tcp:
            # Or the second part of each of vpcd's frames comes 40 ms late.  The option does not stick.
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        for payload in deframer.feed(data):
            if payload in (bytes([POWER_OFF]), bytes([RESET])) and chip.exchanges:
                print(len(chip.exchanges), MODEL.floor_s(chip.exchanges), flush=True)
                chip.exchanges.clear()
            answer = respond(chip, payload)
            if answer is None:
                continue
            if len(payload) > 1 and chip.answer_delay_s:
                time.sleep(max(0.0, came_s + chip.answer_delay_s - time.monotonic()))
            line.sendall(frame(answer))


if __name__ == "__main__":
    main()
