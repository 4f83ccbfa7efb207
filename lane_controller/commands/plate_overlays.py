"""Pictures with their plates drawn into them, as `borderlane read-plate --overlay` writes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import anpr

if TYPE_CHECKING:
    from PIL.Image import Image

SUFFIXES = (".png", ".jpg", ".jpeg")
_SURE, _REFUSED = (220, 0, 0), (128, 128, 128)


@dataclass(frozen=True, slots=True)
class Drawn:
    """What is drawn of one plate, in pixels of the picture it was read in."""

    label: str
    corners: Sequence[tuple[float, float]]


def drawn(plate: anpr.PlateReading | anpr.Agreed) -> Drawn:
    label = f"{plate.display} {plate.country or '?'} {plate.confidence:.2f}"
    return Drawn(label, plate.corners or ())


class Overlays:
    """Where they go: `out` is a picture's file, or with `several` a folder that is made when it is needed."""

    def __init__(self, out: Path, *, several: bool) -> None:
        """Raises click.UsageError for an `out` that can't be it."""
        if several and out.exists() and not out.is_dir():
            raise click.UsageError(f"--overlay {out}: there is a file; several pictures need a folder")
        if not several and (out.is_dir() or out.suffix.lower() not in SUFFIXES):
            raise click.UsageError(f"--overlay {out}: for one picture name a file, {' or '.join(SUFFIXES)}")
        self._out, self._several = out, several
        self._written: set[Path] = set()

    def write(
        self,
        name: str,
        picture: "Image",
        plates: Sequence[Drawn],
        refused: Sequence[tuple[int, int, int, int]] = (),
        scale: float = 1.0,
    ) -> None:
        """Draw into `picture`, `scale` of whose pixels make one of those that the corners are in, and write
        it.  `name` tells it from the others in the folder.  Raises click.ClickException (exit 1)."""
        out = self._place(name) if self._several else self._out
        _draw(picture, plates, refused, scale)
        try:
            out.parent.mkdir(parents=True, exist_ok=True)
            picture.save(out)
        except OSError as error:
            reason = error.strerror or error
            raise click.ClickException(f"{out} can't be written: {reason}; name another OUT") from None
        count = f"{len(plates)} plate(s)" if plates else "no plate"
        click.echo(f"drawn into {out}: {count}", err=True)

    def _place(self, name: str) -> Path:
        """A path in the folder that this run has not written to yet."""
        plain = name.strip("/").replace("/", "-")
        place, number = self._out / f"{plain}.png", 2
        while place in self._written:
            place, number = self._out / f"{plain}-{number}.png", number + 1
        self._written.add(place)
        return place


def _draw(
    picture: "Image", plates: Sequence[Drawn], refused: Sequence[tuple[int, int, int, int]], scale: float
) -> None:
    """Each plate's corners and text; refused candidates thin and grey."""
    from PIL import ImageDraw, ImageFont

    pen, width = ImageDraw.Draw(picture), max(2, round(max(picture.size) / 400))
    font: Any = ImageFont.load_default(10 * width)
    for x, y, w, h in refused:
        pen.rectangle([side * scale for side in (x, y, x + w, y + h)], outline=_REFUSED)
    for plate in plates:
        corners = [(x * scale, y * scale) for x, y in plate.corners]
        if corners:
            pen.polygon(corners, outline=_SURE, width=width)
        pen.text(corners[3] if corners else (0, 0), plate.label, fill=_SURE, font=font)
