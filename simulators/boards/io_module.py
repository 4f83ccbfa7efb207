"""What an I/O module is: inputs, relays, and timers that open a relay again by themselves.

Nothing here knows a wire.  Inputs are set (`set_input`) or asked of a source (`wire_input`) at each `step`;
relays are read (`outputs`).  The timers run in the module: they end a pulse whether or not the controller
that began it still lives.
"""

from collections.abc import Callable


class IoModule:
    """`inputs[ch]` and `outputs[ch]`: True is a closed contact.

    A host watchdog, where armed, opens all relays when the host has been silent for its time.  `closings`
    counts how often each relay closed: a test asks it whether a pulse happened twice.
    """

    def __init__(self, input_count: int, output_count: int) -> None:
        self.inputs = [False] * input_count
        self.outputs = [False] * output_count
        self.closings = [0] * output_count
        self.stuck_outputs: set[int] = set()
        self.watchdog_s: float | None = None
        self._timers: dict[int, tuple[float, bool]] = {}
        self._sources: dict[int, Callable[[], bool]] = {}
        self._loads: dict[int, Callable[[bool], None]] = {}
        self._host_silent_s = 0.0

    def set_input(self, channel: int, closed: bool) -> None:
        self.inputs[channel] = closed

    def wire_input(self, channel: int, source: Callable[[], bool]) -> None:
        """Ask `source` for this input's contact at each step."""
        self._sources[channel] = source
        self.inputs[channel] = source()

    def wire_output(self, channel: int, load: Callable[[bool], None]) -> None:
        """Tell `load` whenever this relay closes or opens."""
        self._loads[channel] = load

    def hear_host(self) -> None:
        """The host spoke: the watchdog begins anew."""
        self._host_silent_s = 0.0

    def switch(self, channel: int, closed: bool) -> None:
        """Until told otherwise; ends a running pulse."""
        self._timers.pop(channel, None)
        self._move(channel, closed)

    def close_for(self, channel: int, seconds: float) -> None:
        """Close for this long from now; a repeat begins the time anew."""
        self._timers[channel] = (seconds, False)
        self._move(channel, True)

    def open_for(self, channel: int, seconds: float) -> None:
        """Open for this long from now, then close."""
        self._timers[channel] = (seconds, True)
        self._move(channel, False)

    def step(self, seconds: float) -> None:
        for channel, source in self._sources.items():
            self.inputs[channel] = source()
        for channel, (left_s, then) in tuple(self._timers.items()):
            if left_s - seconds <= 1e-9:
                self.switch(channel, then)
            else:
                self._timers[channel] = (left_s - seconds, then)
        self._host_silent_s += seconds
        if self.watchdog_s is not None and self._host_silent_s >= self.watchdog_s:
            for channel in range(len(self.outputs)):
                self.switch(channel, False)

    def pulsing(self, channel: int) -> bool:
        return channel in self._timers

    def _move(self, channel: int, closed: bool) -> None:
        if channel in self.stuck_outputs or self.outputs[channel] == closed:
            return
        self.outputs[channel] = closed
        self.closings[channel] += closed
        if load := self._loads.get(channel):
            load(closed)
