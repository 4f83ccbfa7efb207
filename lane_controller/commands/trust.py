"""`borderlane trust`: builds and shows the trust store, the one file of what lanes trust about chips."""

import getpass
import json
import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import click

from lane_controller.commands import words
from lane_controller.commands.output import fail
from lane_controller.commands.trust_told import about, entries, plain, stale, summary, tell_problems

if TYPE_CHECKING:
    from drivers.emrtd.trust.intake import Report

STORE = click.Path(path_type=Path, dir_okay=False)

P = ParamSpec("P")
T = TypeVar("T")


def trust_errors_end(run: Callable[P, T]) -> Callable[P, T]:
    """Turn what is wrong with store and files into one line and exit code 2, a missing libcrypto into 3."""

    @wraps(run)
    def wrapped(*arguments: P.args, **named: P.kwargs) -> T:
        from drivers.emrtd.errors import EmrtdError, LibraryMissing

        try:
            return run(*arguments, **named)
        except LibraryMissing as error:
            fail(str(error), 3)
        except EmrtdError as error:
            fail(str(error), 2)

    return wrapped


@click.group("trust")
def command() -> None:
    """Build and show the trust store: which states' signatures on chips are believed, and what was revoked.

    One file, replaced as a whole; nothing leaves it by being left out of a newer list."""


@command.command("import")
@click.argument("store", type=STORE)
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="FILE...")
@click.option("--by", default="", metavar="NAME", help="Who imports.  Without it: the user who is logged in.")
@click.option(
    "--fingerprint",
    metavar="HEX",
    help="Take FILE, a root that nothing vouches for, since its SHA-256 is this, as a second person read it.",
)
@click.option("--second", default="", metavar="NAME", help="With --fingerprint: that second person.")
@click.option("--reason", default="", metavar="TEXT", help="With --fingerprint: why the root is trusted.")
@click.option("--publisher", is_flag=True, help="With --fingerprint: master lists that lead to it count.")
@trust_errors_end
def import_command(
    store: Path,
    files: tuple[Path, ...],
    by: str,
    fingerprint: str | None,
    second: str,
    reason: str,
    publisher: bool,
) -> None:
    """Take master lists, certificates, CRLs, deviation and defect lists, or ICAO PKD LDIF into STORE.

    A root comes in by a list whose publisher's root is pinned, by a link certificate, or on two persons' word
    (--fingerprint; without FILE it speaks of a root that STORE holds).  Exits 1 when a file brought nothing;
    what was left out, and why, is told on stderr."""
    from drivers.emrtd.trust import importing, store_file

    at, by = datetime.now(UTC), by or _user()
    if fingerprint is None and (second or reason or publisher):
        raise click.UsageError("--second, --reason and --publisher go with --fingerprint")
    if fingerprint is not None:
        if len(files) > 1 or not reason:
            raise click.UsageError("--fingerprint takes one FILE, or none, and a --reason")
        path = files[0] if files else None
        _take_root(store, path, (by, second, reason, fingerprint), at, publisher)
        return
    if not files:
        raise click.UsageError("no FILE to import")
    idle = False
    with store_file.update(store) as ledger:
        for path in files:
            report = importing.import_path(ledger, path, by, at)
            idle |= not _tell(path, report)
    sys.exit(1 if idle else 0)


@command.command("list")
@click.argument("store", type=STORE)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a certificate, one a line.")
@trust_errors_end
def list_command(store: Path, as_json: bool) -> None:
    """Every certificate of STORE, by country: role, end, serial, name, and who vouches for it."""
    from drivers.emrtd.trust import store_file

    ledger, _ = store_file.read(store)
    told = sorted(entries(ledger), key=lambda each: (each["country"] or "", each["role"], each["not_after"]))
    for each in told:
        if as_json:
            click.echo(json.dumps(each, ensure_ascii=False))
        else:
            gone = " REMOVED" if each["removed"] else ""
            sources = ", ".join(each["sources"])
            click.echo(
                f"{each['country'] or '??':<3} {each['role']:<7} to {each['not_after'][:10]}  "
                f"{each['fingerprint'][:16]}  {words.plain(each['subject'])}  [{words.plain(sources)}]{gone}"
            )


@command.command("show")
@click.argument("store", type=STORE)
@click.argument("what", required=False, metavar="[COUNTRY|FINGERPRINT]")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@trust_errors_end
def show_command(store: Path, what: str | None, as_json: bool) -> None:
    """What STORE is in sum; or all about a country's certificates and CRLs, or those of a fingerprint.

    Exits 1 when there is nothing of that country or fingerprint."""
    from drivers.emrtd.trust import store_file

    ledger, digest = store_file.read(store)
    if what is None:
        told = summary(ledger, digest)
    else:
        told = about(ledger, what)
        if not told["certificates"]:
            fail(f"{store}: nothing of {what}", 1, hint=f"borderlane trust list {store}")
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(plain(told)))


@command.command("verify")
@click.argument("store", type=STORE)
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
@trust_errors_end
def verify_command(store: Path, as_json: bool) -> None:
    """Check STORE whole: its digest, its age, lists that are stale or not believed, and where links lead.

    Exits 1 when something wants a person."""
    from drivers.emrtd.check import Outcome
    from drivers.emrtd.signer_checks import store_age
    from drivers.emrtd.trust import store_file
    from drivers.emrtd.trust_store import Role

    ledger, digest = store_file.read(store)
    at, trusted = datetime.now(UTC), ledger.trust_store(digest)
    findings: list[dict[str, str]] = []
    age = store_age(trusted, at)
    if age.outcome is not Outcome.PASSED:
        detail = f"of {trusted.refreshed.date().isoformat()}" if trusted.refreshed is not None else ""
        findings.append({"code": f"store_{age.reason}", "where": str(store), "detail": detail})
    links = [each for each in ledger.entries.values() if each.role is Role.LINK and each.removed is None]
    idle = sum(not trusted.find_path(each.certificate) for each in links)
    findings += stale(ledger, at)
    problems = trusted.examine()
    findings += [{"code": each.code, "where": each.where, "detail": each.detail} for each in problems]
    if as_json:
        told = {"digest": digest, "links_without_anchor": idle, "findings": findings}
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        click.echo(f"{store}: version {ledger.serial}, whole, SHA-256 {digest}")
        if idle:
            click.echo(f"{idle} links lead to no root that is held, and count for nothing")
        for each in findings:
            click.echo(f"{each['code']}: {words.plain(each['where'])} {words.plain(each['detail'])}".rstrip())
    sys.exit(1 if findings else 0)


@command.command("remove")
@click.argument("store", type=STORE)
@click.argument("fingerprint")
@click.option("--reason", required=True, metavar="TEXT", help="Why it is trusted no more.")
@click.option("--by", default="", metavar="NAME", help="Who removes.  Without it: the user who is logged in.")
@trust_errors_end
def remove_command(store: Path, fingerprint: str, reason: str, by: str) -> None:
    """Take trust from the certificate with this whole FINGERPRINT.  It stays on record, and no list that is
    imported later brings it back; a root comes back by `import --fingerprint`.

    Exits 1 when the store does not hold it."""
    from drivers.emrtd.trust import store_file
    from drivers.emrtd.trust.ledger import Removal

    mark, removal = fingerprint.lower().replace(":", ""), Removal(datetime.now(UTC), by or _user(), reason)
    held, _ = store_file.read(store)
    if mark not in held.entries:
        fail(f"{store}: holds no certificate {fingerprint}", 1, hint=f"borderlane trust list {store} --json")
    with store_file.update(store) as ledger:
        ledger.remove(mark, removal)
    click.echo(f"{store}: {words.plain(held.entries[mark].certificate.subject.text)} is trusted no more")


def _take_root(
    store: Path, path: Path | None, word: tuple[str, str, str, str], at: datetime, publisher: bool
) -> None:
    """Trust a root of a file, or one that the store holds already.  `word` is who imports, the second person,
    the reason, and the fingerprint that person read."""
    from drivers.emrtd import certificates
    from drivers.emrtd.trust import by_hand, ledger, store_file
    from drivers.emrtd.trust.intake import Origin

    by, second, reason, fingerprint = word
    der = _certificate_in(path) if path is not None else None
    with store_file.update(store) as book:
        if der is None:
            held = book.entries.get(re.sub(r"[\s:.-]", "", fingerprint).lower())
            if held is None:
                raise by_hand.ImportRefused(f"{store}: holds no certificate {fingerprint}: give its FILE")
            root = held.certificate
        else:
            root = certificates.read(der)
        name = path.name if path is not None else root.fingerprint[:16]
        origin = Origin(name, ledger.digest_of(root.raw), by, at)
        by_hand.take_root(
            book, root, origin, fingerprint=fingerprint, second=second, reason=reason, publisher=publisher
        )
    click.echo(
        f"{words.plain(name)}: {words.plain(root.subject.text)} is trusted on the word of {by} and {second}"
    )


def _certificate_in(path: Path) -> bytes:
    """The one certificate of a file, as DER."""
    from drivers.emrtd.errors import MalformedError
    from drivers.emrtd.trust import by_hand, kinds

    try:
        with path.open("rb") as file:
            parts = list(kinds.parts(file.read(kinds.FILE_MAX + 1)))
    except OSError as error:
        raise by_hand.ImportRefused(f"{path}: cannot be read: {error.strerror}") from None
    except MalformedError as error:
        raise by_hand.ImportRefused(f"{path}: {error}") from None
    if [kind for kind, _ in parts] != [kinds.Kind.CERTIFICATE]:
        raise by_hand.ImportRefused(f"{path}: expected one certificate")
    return parts[0][1]


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        raise click.UsageError("nobody is logged in by name: say who imports with --by NAME") from None


def _tell(path: Path, report: "Report") -> bool:
    """What an import did; whether it brought anything."""
    new = report.new_anchors, report.new_links, report.new_signers
    click.echo(
        f"{words.plain(path)}: {report.certificates} certificates, new: {new[0]} anchors, {new[1]} links, "
        f"{new[2]} signers; {report.lists} lists; {len(report.problems)} problems"
    )
    tell_problems(report.problems, "  ")
    return bool(report.lists or any(new) or (report.certificates and not report.problems))
