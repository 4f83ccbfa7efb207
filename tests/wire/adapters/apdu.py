"""APDUs: what both ends make of the same bytes."""

from typing import Any

from drivers.document_reader.pcsc import SELECT_EMRTD, emrtd_from
from simulators.card.apdu import parse_command
from simulators.card.sealed import other_card, sealed_passport


def driver_writes(means: dict[str, Any], settings: dict[str, Any]) -> bytes:
    return SELECT_EMRTD


def driver_reads(data: bytes, settings: dict[str, Any]) -> dict[str, Any] | None:
    emrtd = emrtd_from(data)
    return None if emrtd is None else {"emrtd": emrtd}


def simulator_reads(data: bytes, settings: dict[str, Any]) -> dict[str, Any] | None:
    command, chip = parse_command(data), sealed_passport()
    if command is None or command.ins != 0xA4:
        return None
    chip.answer(data)
    return {"select": command.data.hex().upper(), "emrtd": chip.selected}


def simulator_writes(means: dict[str, Any], settings: dict[str, Any]) -> bytes:
    chip = sealed_passport() if settings["emrtd"] else other_card()
    answer = chip.answer(SELECT_EMRTD)
    assert answer is not None
    return answer
