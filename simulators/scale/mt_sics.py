"""MT-SICS, levels 0 and 1: what a Mettler-Toledo terminal answers.

Source: `docs/sources.md` 28 (command constants of two public drivers) and the command lists in operating
instructions of MT-SICS terminals: weights in answers are *net*; `TA` asks for the tare.  Commands are
capitals, one a line, ended by CR LF; a line that is no command answers `ES`, a bad parameter `EL`, bytes that
are no text `ET`.  `S` waits for rest, 3 s at most, then says `S I`; `Z` and `T` likewise.
"""

from collections.abc import Callable

from simulators.scale.indicator import Indicator
from simulators.scale.wired import WiredIndicator
from simulators.serial_line import Line

LINE_BYTES_MAX = 64
WAIT_FOR_REST_S = 3.0
END = b"\r\n"
COMMANDS = {
    "S": "weight when at rest",
    "SI": "weight now",
    "SIR": "weight repeatedly",
    "Z": "zero",
    "T": "tare",
    "TA": "tare value",
    "TAC": "clear tare",
    "I4": "serial number",
    "@": "cancel",
}


def weight_text(weight_kg: float, decimals: int = 0) -> str:
    """Ten characters, right-aligned, and the unit."""
    return f"{weight_kg:10.{decimals}f} kg"


class Simulator(WiredIndicator):
    """The terminal.  It speaks when asked, or after `SIR` `frames_per_s` times a second."""

    def __init__(
        self,
        name: str,
        line: Line,
        indicator: Indicator | None = None,
        *,
        frames_per_s: float = 10,
        serial_number: str = "B021002593",
    ) -> None:
        super().__init__(name, line, indicator, frames_per_s=frames_per_s)
        self._serial_number = serial_number
        self._input = bytearray()
        self._repeating = False
        self._waiting: Callable[[], str | None] | None = None
        self._waited_s = 0.0
        self._waiting_for = ""

    # --- in -----------------------------------------------------------------------------------------------

    def answer(self, data: bytes) -> bytes:
        self._input += data
        said = b""
        while END in self._input:
            line, _, rest = bytes(self._input).partition(END)
            self._input = bytearray(rest)
            said += self.command(line)
        if len(self._input) > LINE_BYTES_MAX:
            self._input.clear()
            said += b"ET" + END
        return said

    def command(self, line: bytes) -> bytes:
        """The answer to one line without its CR LF; b"" when it comes later."""
        if not line.isascii() or not all(32 <= byte < 127 for byte in line):
            return b"ET" + END
        verb, _, parameter = line.decode("ascii").partition(" ")
        if verb not in COMMANDS:
            return b"ES" + END
        if parameter:
            return b"EL" + END
        answers: dict[str, Callable[[], str | None]] = {
            "weight when at rest": lambda: self._when_at_rest("S", self._stable_weight),
            "weight now": self._weight_now,
            "weight repeatedly": self._repeat,
            "zero": lambda: self._when_at_rest("Z", self._zero),
            "tare": lambda: self._when_at_rest("T", self._tare),
            "tare value": self._tare_value,
            "clear tare": self._clear_tare,
            "serial number": self._identity,
            "cancel": self._reset,
        }
        return _line(answers[COMMANDS[verb]]())

    # --- out ----------------------------------------------------------------------------------------------

    def due(self) -> bytes:
        said = b""
        if self._waiting:
            said = self._try_waiting()
        if self._repeating:
            said += _line(self._weight_now())
        return said

    def _when_at_rest(self, verb: str, act: Callable[[], str | None]) -> str | None:
        self._repeating = self._repeating and verb != "S"
        self._waiting, self._waiting_for, self._waited_s = act, verb, 0.0
        return self._try_waiting().decode("ascii").strip() or None

    def _try_waiting(self) -> bytes:
        said = self._waiting() if self._waiting else None
        if said is None:
            self._waited_s += self._frame_s
            if self._waited_s <= WAIT_FOR_REST_S:
                return b""
            said = f"{self._waiting_for} I"
        self._waiting = None
        return _line(said)

    def _outside(self, verb: str) -> str | None:
        shown = self.indicator.indication()
        if shown.over or shown.under:
            return f"{verb} {'+' if shown.over else '-'}"
        return f"{verb} I" if shown.displayed_kg is None else None

    def _shown(self) -> str:
        shown = self.indicator.indication().displayed_kg
        return weight_text(shown or 0.0, _decimals(self.indicator.division_kg))

    def _stable_weight(self) -> str | None:
        if outside := self._outside("S"):
            return outside
        return None if self.indicator.indication().motion else f"S S {self._shown()}"

    def _weight_now(self) -> str:
        if outside := self._outside("S"):
            return outside
        return f"S {'D' if self.indicator.indication().motion else 'S'} {self._shown()}"

    def _repeat(self) -> str:
        self._repeating = True
        return self._weight_now()

    def _zero(self) -> str | None:
        if outside := self._outside("Z"):
            return outside
        if self.indicator.indication().motion:
            return None
        if self.indicator.zero():
            return "Z A"
        shown = self.indicator.indication()
        return "Z I" if shown.is_net else f"Z {'+' if (shown.displayed_kg or 0) > 0 else '-'}"

    def _tare(self) -> str | None:
        if outside := self._outside("T"):
            return outside
        if self.indicator.indication().motion:
            return None
        if not self.indicator.tare():
            return "T -"
        return f"T S {self._tare_text()}"

    def _tare_text(self) -> str:
        return weight_text(self.indicator.indication().tare_kg, _decimals(self.indicator.division_kg))

    def _tare_value(self) -> str:
        return f"TA A {self._tare_text()}"

    def _clear_tare(self) -> str:
        self.indicator.clear_tare()
        return "TAC A"

    def _identity(self) -> str:
        return f'I4 A "{self._serial_number}"'

    def _reset(self) -> str:
        self._repeating = False
        self._waiting = None
        return self._identity()


def _line(text: str | None) -> bytes:
    return b"" if text is None else text.encode("ascii") + END


def _decimals(division_kg: float) -> int:
    return len(f"{division_kg:f}".rstrip("0").partition(".")[2])
