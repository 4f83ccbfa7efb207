"""`borderlane read-chip`: reads and judges the chip that lies on a PC/SC reader."""

import contextlib
import re
import signal
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lane_controller.commands import words
from lane_controller.commands.chip_trust import TRUST
from lane_controller.commands.output import fail

if TYPE_CHECKING:
    from drivers.document_reader.chips import PrintedZone
    from drivers.emrtd.trust_store import TrustStore
    from drivers.emrtd.verdict import Verdict
    from lane_controller.commands.chip_slot import Ended


@click.command()
@click.option(
    "--reader", default="", metavar="PATTERN", help="Part of the reader's name, as a regular expression."
)
@click.option("--mrz", "zone", metavar="FILE|-", help="The page's machine-readable zone: it opens the chip.")
@click.option(
    "--can-file", metavar="FILE|-", help="The card access number, six digits, where the chip takes one."
)
@click.option(
    "--trust",
    type=TRUST,
    metavar="FILE|DIR",
    help="A trust store, or a folder of certificates, lists and CRLs: its self-signed CAs are anchors.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the verdict as JSON.")
@click.option("--personal", is_flag=True, help="Print the holder's data too.")
def command(
    reader: str, zone: str | None, can_file: str | None, trust: Path | None, as_json: bool, personal: bool
) -> None:
    """Read the chip of the document on a PC/SC reader, and judge it.

    The key comes from a file, or from standard input with -; never from the command line, which others can
    see.  With the zone, the chip's own is compared with it in every character; a card access number opens
    the chip and compares nothing.  Each phase is told on stderr with what it took.  Nothing is kept.

    Exit 0 only if all was read, the data are verified, the chip has not failed and says what is printed; 1
    otherwise; 2 when something given is of no use; 3 when no reader, no pcscd or no document is there; 130
    after Ctrl-C.
    """
    from drivers.document_reader.chip_print import NoKey, key_of
    from drivers.emrtd import signed_card_security
    from drivers.emrtd.errors import LibraryMissing
    from lane_controller.commands import chip_keys, chip_report, chip_slot, chip_trust
    from lane_controller.commands.chip_progress import Teller

    if (zone is None) == (can_file is None):
        raise click.UsageError("give either --mrz FILE or --can-file FILE; - reads from standard input")
    try:
        re.compile(reader)
    except re.error as error:
        raise click.UsageError(f"--reader {reader!r} is no regular expression: {error}") from None
    now = datetime.now(UTC)
    try:
        store = chip_trust.store(trust, now)
        page = chip_keys.page(zone, now.date()) if zone is not None else None
        key = key_of(page) if page is not None else chip_keys.can(can_file or "")
        teller = Teller(sys.stderr.isatty())
        told = chip_slot.Told(teller.waits, teller.progresses, teller.lost)
        ended = chip_slot.read(reader, key, told, lambda file: signed_card_security.counts(file, store, now))
        teller.ends(ended.reading)
        found = _judged(ended, store, now, page)
    except NoKey:
        raise click.UsageError("--mrz: this zone states no key: it has no date of expiry") from None
    except chip_slot.NotReached as error:
        fail(str(error), 3, hint=error.hint)
    except LibraryMissing as error:
        fail(str(error), 3)
    except (KeyboardInterrupt, click.Abort):
        click.echo("\nstopped: nothing was kept", err=True)
        sys.exit(128 + signal.SIGINT)
    if ended.early is not None:
        click.echo(words.plain(ended.early.words), err=True)
    report = chip_report.as_json(found, ended.reading.files, now.date(), personal=personal)
    chip_report.tell(report, as_json=as_json)
    sys.exit(0 if _good(found, ended) else 1)


def _judged(ended: "Ended", store: "TrustStore", at: datetime, page: "PrintedZone | None") -> "Verdict":
    from drivers.document_reader.chip_print import compare
    from drivers.emrtd import verdict
    from drivers.emrtd.elementary_files import DATA_GROUPS
    from drivers.emrtd.errors import MalformedError
    from drivers.emrtd.lds import dg1

    printed = None
    if page is not None and (data := ended.reading.files.get(DATA_GROUPS[1])) is not None:
        with contextlib.suppress(MalformedError):
            printed = compare(page, dg1.parse(data).lines)
    found = verdict.judge(ended.reading, store, at, printed=printed)
    if ended.early is None:
        return found
    return replace(
        found,
        checks=tuple(
            replace(each, reason=ended.early.reading) if each.name == "reading" else each
            for each in found.checks
        ),
    )


def _good(found: "Verdict", ended: "Ended") -> bool:
    from drivers.emrtd.check import Outcome
    from drivers.emrtd.verdict import PRINTED_MRZ, ChipVerdict, DataVerdict

    if ended.early is not None or found.data is not DataVerdict.VERIFIED or found.chip is ChipVerdict.FAILED:
        return False
    return not any(each.name == PRINTED_MRZ and each.outcome is Outcome.FAILED for each in found.checks)
