"""A chip's reading while it goes on, told on stderr: a line a phase, and the bytes of the present file."""

import click

from drivers.emrtd.reading import Phase, Progress, Reading, Step


class Teller:
    """Tells of one reading.  `live`: the last line is written over as bytes come, as on a terminal."""

    def __init__(self, live: bool) -> None:
        self._live = live
        self._phase: Phase | None = None
        self._told: dict[Phase, Step] = {}

    def waits(self, reader: str) -> None:
        self._line(f"lay the document on {reader}")

    def lost(self) -> None:
        self._line("  the chip was lost; beginning anew where it was left")

    def progresses(self, progress: Progress, reading: Reading) -> None:
        """A phase begins, or goes on in a file."""
        if progress.file is None:
            self.ends(reading)
            self._phase = progress.phase
        if self._live:
            part = f"{progress.file} {progress.done}/{progress.total} bytes" if progress.file else ""
            click.echo(f"\r  {progress.phase:<24}{part}\033[K", err=True, nl=False)

    def ends(self, reading: Reading) -> None:
        """The present phase, if any, is over."""
        phase, self._phase = self._phase, None
        if phase is None or (step := reading.steps.get(phase)) is None:
            return
        before = self._told.get(phase, Step())
        self._told[phase] = step
        took = f"{step.apdus - before.apdus:>4} APDUs {step.duration_ms - before.duration_ms:>7.0f} ms"
        self._line(f"  {phase:<24}{took}")

    def _line(self, text: str) -> None:
        click.echo(("\r" + text + "\033[K") if self._live else text, err=True)
