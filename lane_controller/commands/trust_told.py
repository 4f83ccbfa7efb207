"""What a trust store holds, in plain types and in lines for people."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from lane_controller.commands import words

if TYPE_CHECKING:
    from drivers.emrtd.statements import Problem
    from drivers.emrtd.trust.ledger import Act, Ledger

ACTS_TOLD = 10
PROBLEMS_TOLD_MAX = 50


def entries(
    ledger: "Ledger", wanted: Callable[[str, str], bool] = lambda _country, _mark: True
) -> list[dict[str, Any]]:
    return [
        {
            "country": entry.certificate.subject.country,
            "role": entry.role.value,
            "subject": entry.certificate.subject.text,
            "issuer": entry.certificate.issuer.text,
            "serial": format(entry.certificate.serial, "x"),
            "fingerprint": mark,
            "not_before": entry.certificate.not_before.isoformat(),
            "not_after": entry.certificate.not_after.isoformat(),
            "sources": [source.text for source in entry.sources],
            "publisher": mark in ledger.publishers,
            "removed": entry.removed
            and {"at": entry.removed.at.isoformat(), "by": entry.removed.by, "reason": entry.removed.reason},
        }
        for mark, entry in ledger.entries.items()
        if wanted(entry.certificate.subject.country or "", mark)
    ]


def summary(ledger: "Ledger", digest: str) -> dict[str, Any]:
    """What the store is in sum."""
    every = entries(ledger)
    live = [each for each in every if not each["removed"]]
    return {
        "version": ledger.serial,
        "sha256": digest,
        "refreshed": ledger.refreshed and ledger.refreshed.isoformat(),
        "certificates": dict(Counter(each["role"] for each in live)),
        "removed": len(every) - len(live),
        "countries": len({each["country"] for each in live if each["role"] == "anchor"}),
        "lists": dict(Counter(kind for kind, _ in ledger.statements)),
        "publishers": [each["subject"] for each in every if each["publisher"]],
        "last_acts": [_act(act) for act in ledger.history[-ACTS_TOLD:]],
    }


def about(ledger: "Ledger", what: str) -> dict[str, Any]:
    """Certificates, CRLs and acts of a country (two letters) or of a fingerprint's beginning."""
    mark = what.lower().replace(":", "")
    if len(what) == 2 and what.isalpha():
        certificates = entries(ledger, lambda country, _mark: country == what.upper())
    else:
        certificates = entries(ledger, lambda _country, fingerprint: fingerprint.startswith(mark))
    countries = {each["country"] for each in certificates}
    lists = [
        {"kind": "CRL", "issuer": each.issuer.text, "this_update": each.this_update.isoformat()}
        | {"next_update": each.next_update and each.next_update.isoformat()}
        for each in ledger.trust_store().statements.crls
        if each.issuer.country in countries
    ]
    marks = {each["fingerprint"] for each in certificates}
    acts = [_act(act) for act in ledger.history if act.subject.rpartition(" ")[2] in marks]
    return {"certificates": certificates, "lists": lists, "acts": acts}


def _act(act: "Act") -> str:
    second = f" and {act.second}" if act.second else ""
    detail = f": {act.detail}" if act.detail else ""
    return f"{act.at.isoformat()} {act.action} {act.subject} by {act.by}{second}{detail}"


def stale(ledger: "Ledger", at: datetime) -> list[dict[str, str]]:
    """CRLs after which a newer one was due."""
    return [
        {
            "code": "crl_stale",
            "where": each.issuer.text,
            "detail": f"of {each.this_update.date().isoformat()}",
        }
        for each in ledger.trust_store().statements.crls
        if each.stale(at)
    ]


def plain(told: dict[str, Any]) -> Iterable[str]:
    """`summary` or `about` in lines."""
    for name, value in told.items():
        if isinstance(value, list):
            yield f"{name}:"
            for each in value:
                if isinstance(each, dict):
                    yield ""
                    for inner, what in each.items():
                        yield f"  {inner}: {words.plain(', '.join(what) if isinstance(what, list) else what)}"
                else:
                    yield f"  {words.plain(each)}"
        elif isinstance(value, dict):
            yield f"{name}: " + (", ".join(f"{count} {inner}" for inner, count in value.items()) or "none")
        else:
            yield f"{name}: {words.plain(value)}"


def tell_problems(problems: "Sequence[Problem]", before: str) -> None:
    """What of lists and files was left out, a line each on stderr after `before`."""
    for each in problems[:PROBLEMS_TOLD_MAX]:
        click.echo(f"{before}{each.code}: {words.plain(each.where)}: {words.plain(each.detail)}", err=True)
    if len(problems) > PROBLEMS_TOLD_MAX:
        click.echo(f"{before}and {len(problems) - PROBLEMS_TOLD_MAX} more", err=True)
