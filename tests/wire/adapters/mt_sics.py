from drivers.scale.mt_sics_lines import Answer, Command, LineStream, write_command
from simulators.scale.indicator import Indicator
from simulators.scale.mt_sics import COMMANDS, Simulator
from simulators.serial_line import PtyLine

PLAIN = {
    ("S", "+"): "over range",
    ("S", "-"): "under range",
    ("S", "I"): "not now",
    ("Z", "A"): "zero set",
    ("ES", ""): "syntax error",
    ("ET", ""): "transmission error",
    ("EL", ""): "logic error",
}


def driver_reads(data, settings):
    [answer] = LineStream().feed(data)
    if not isinstance(answer, Answer):
        return None
    match answer.kind, answer.status:
        case "S", "S" | "D":
            return {"answer": "weight", "at_rest": answer.status == "S", "weight_kg": float(answer.weight_kg)}
        case "TA", "A":
            return {"answer": "tare", "weight_kg": float(answer.weight_kg)}
        case "I4", "A":
            return {"answer": "serial number", "text": answer.text}
        case other:
            return {"answer": PLAIN[other]}


def driver_writes(means, settings):
    return write_command(Command[means["command"].upper().replace(" ", "_")])


def simulator_reads(data, settings):
    assert data.endswith(b"\r\n")
    return {"command": COMMANDS[data[:-2].decode("ascii")]}


def simulator_writes(means, settings):
    """The simulator is brought into the state that the meaning describes, then asked on its wire."""
    indicator = Indicator(max_kg=60_000, division_kg=10)
    asked = b"SI\r\n"
    match means["answer"]:
        case "weight":
            indicator.rest(means["weight_kg"])
            indicator.set_fault("stuck_motion", not means["at_rest"])
        case "over range":
            indicator.rest(70_000)
        case "under range":
            indicator.rest(-1000)
        case "not now":
            indicator.set_fault("setup_mode", True)
        case "zero set":
            asked = b"Z\r\n"
        case "tare":
            indicator.rest(means["weight_kg"])
            indicator.tare()
            asked = b"TA\r\n"
        case "serial number":
            asked = b"@\r\n"
        case "syntax error":
            asked = b"HELLO\r\n"
        case "transmission error":
            asked = b"S\xff\r\n"
        case "logic error":
            asked = b"SI 5\r\n"
    return Simulator("scale", PtyLine(), indicator, serial_number=means.get("text", "")).answer(asked)
