"""`borderlane verify-chip`: judges a chip's files at rest, offline."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from lane_controller.commands.chip_trust import TRUST
from lane_controller.commands.journal import MOMENT
from lane_controller.commands.output import fail


@click.command()
@click.argument(
    "folder", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="DIR"
)
@click.option("--sod", type=click.Path(path_type=Path), metavar="FILE", help="EF.SOD alone, in place of DIR.")
@click.option("--dg", "groups", multiple=True, metavar="N=FILE", help="A data group beside --sod; repeat it.")
@click.option(
    "--trust",
    type=TRUST,
    metavar="FILE|DIR",
    help="A trust store, or a folder of certificates, lists and CRLs: its self-signed CAs are anchors.",
)
@click.option(
    "--at",
    type=MOMENT,
    metavar="DATE",
    help="Judge as of this moment, in ISO 8601; a date is its beginning in UTC.  Without it: now.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the verdict as JSON.")
@click.option("--personal", is_flag=True, help="Print the holder's data too.")
def command(
    folder: Path | None,
    sod: Path | None,
    groups: tuple[str, ...],
    trust: Path | None,
    at: datetime | None,
    as_json: bool,
    personal: bool,
) -> None:
    """Judge the files of a chip, from a folder or one by one: whether a state signed them.

    DIR holds one document's files, named as EF.SOD, EF_COM.bin, DG1, Datagroup2.bin, ef010F.bin or otherwise;
    what is none of them is passed over.  Files at rest prove no chip: "genuine" needs read-chip.

    Exit 0 only if the data are verified and the chip has not failed, 1 otherwise; 2 when something given is
    not there or a folder holds no EF.SOD; 3 without libcrypto.
    """
    from drivers.emrtd import verdict
    from drivers.emrtd.elementary_files import SOD
    from drivers.emrtd.errors import EmrtdError, LibraryMissing
    from drivers.emrtd.reading import Reading
    from lane_controller.commands import chip_files, chip_report, chip_trust
    from lane_controller.commands.chip_report import plain

    if (folder is None) == (sod is None):
        raise click.UsageError("give either a folder or --sod FILE")
    if folder is not None and groups:
        raise click.UsageError("--dg goes with --sod; a folder is read whole")
    now = datetime.now(UTC)
    moment = now if at is None else at
    if folder is not None:
        files, others = chip_files.in_folder(folder)
        for path in others:
            click.echo(f"{plain(path)}: no file that is judged; passed over", err=True)
        if SOD not in files:
            raise click.UsageError(f"{folder}: holds no EF.SOD")
    else:
        files = chip_files.given(sod or Path(), groups)
    try:
        # What one trusts is judged by today, also where a document is judged as of an earlier day.
        store = chip_trust.store(trust, max(now, moment))
        found = verdict.judge(Reading(files=files), store, moment, at_rest=True)
    except LibraryMissing as error:
        fail(str(error), 3)
    except EmrtdError as error:
        fail(str(error), 2)
    chip_report.tell(chip_report.as_json(found, files, moment.date(), personal=personal), as_json=as_json)
    good = found.data is verdict.DataVerdict.VERIFIED and found.chip is not verdict.ChipVerdict.FAILED
    sys.exit(0 if good else 1)
