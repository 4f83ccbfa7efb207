"""How a verdict on a chip is told: as JSON, and as lines for people.  Personal data only where asked for."""

import json
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import click

import mrz
from drivers.emrtd.check import Check
from drivers.emrtd.elementary_files import COM, DATA_GROUPS, ElementaryFile
from drivers.emrtd.errors import MalformedError
from drivers.emrtd.lds import com, dg2, dg11, dg12
from drivers.emrtd.verdict import Verdict
from lane_controller.commands import words

_DATA = {
    "verified": "the data are the issuer's",
    "failed": "the data are NOT what the issuer signed, or not signed by one who may",
    "not_verifiable": "who signed the data could not be established; that says nothing against them",
}
_CHIP = {
    "genuine": "the chip is the issuer's",
    "failed": "the chip is NOT the one that the issuer made, or hides what it must show",
    "not_proved": "the chip has not proved that it is no copy",
}


def as_json(
    verdict: Verdict, files: Mapping[ElementaryFile, bytes], today: date, *, personal: bool
) -> dict[str, Any]:
    """The verdict in plain types.  `today` is the day against which the zone's centuries are chosen."""
    return {
        "verdict": {"data": str(verdict.data), "chip": str(verdict.chip)},
        "checks": [_check(each) for each in verdict.checks],
        "document": _document(verdict, files, today, personal=personal),
    }


def tell(report: dict[str, Any], *, as_json: bool) -> None:
    """Print it, as JSON or for people."""
    click.echo(json.dumps(report, ensure_ascii=False, indent=2) if as_json else "\n".join(lines(report)))


def lines(report: dict[str, Any]) -> Iterator[str]:
    """The same for people."""
    data, chip = report["verdict"]["data"], report["verdict"]["chip"]
    yield f"data {data}: {_DATA[data]}"
    yield f"chip {chip}: {_CHIP[chip]}"
    yield ""
    width = max(len(each["name"]) for each in report["checks"])
    for each in report["checks"]:
        details = ", ".join(f"{name} {plain(value)}" for name, value in each.get("details", {}).items())
        told = each["reason"] + (f" ({details})" if details else "")
        yield f"  {each['outcome']:<13} {each['name']:<{width}}  {told}"
    if report["document"]:
        yield ""
        for name, value in report["document"].items():
            yield f"  {name}: {plain(value)}"


def _check(check: Check) -> dict[str, Any]:
    told: dict[str, Any] = {"name": check.name, "outcome": str(check.outcome), "reason": check.reason}
    return told | ({"details": dict(check.details)} if check.details else {})


def _document(
    verdict: Verdict, files: Mapping[ElementaryFile, bytes], today: date, *, personal: bool
) -> dict[str, Any] | None:
    told: dict[str, Any] = {}
    if (zone := verdict.zone) is not None:
        told |= {
            "format": zone.document_format,
            "document_code": zone.document_code,
            "issuing_state": zone.issuer,
        }
    if (listed := verdict.authentication.security_object) is not None:
        told["data_groups"] = list(listed.groups)
        told["lds_version"] = listed.lds_version or _com_version(files.get(COM))
    if (signer := verdict.authentication.signer) is not None:
        told["signer"] = {"country": signer.subject.country, "serial": format(signer.serial, "x")}
    if (faces := _faces(files.get(DATA_GROUPS[2]))) is not None:
        told["faces"] = faces
    if personal:
        told |= _personal(verdict, files, today)
    return told or None


def _com_version(data: bytes | None) -> str | None:
    try:
        return com.parse(data).lds_version if data is not None else None
    except MalformedError:
        return None


def _faces(data: bytes | None) -> list[dict[str, Any]] | None:
    try:
        found = dg2.parse(data).faces if data is not None else None
    except MalformedError:
        return []
    if found is None:
        return None
    return [
        {"encoding": face.encoding, "format": face.format and str(face.format), "bytes": len(face.image)}
        for face in found
    ]


def _personal(verdict: Verdict, files: Mapping[ElementaryFile, bytes], today: date) -> dict[str, Any]:
    told: dict[str, Any] = {}
    if verdict.zone is not None:
        told["mrz"] = list(verdict.zone.lines)
        try:
            told["mrz_fields"] = dict(mrz.parse(verdict.zone.lines, reference=today).fields)
        except mrz.MrzError:
            told["mrz_fields"] = None
    try:
        if (data := files.get(DATA_GROUPS[11])) is not None:
            person = dg11.parse(data)
            told["holder"] = {
                "full_name": person.full_name,
                "other_names": list(person.other_names),
                "personal_number": person.personal_number,
                "birth_date": person.birth_date,
                "birth_place": list(person.birth_place),
                "address": list(person.address),
                "telephone": person.telephone,
                "profession": person.profession,
                "title": person.title,
                "other_documents": list(person.other_documents),
            }
    except MalformedError:
        told["holder"] = None
    try:
        if (data := files.get(DATA_GROUPS[12])) is not None:
            issue = dg12.parse(data)
            told["issue"] = {
                "authority": issue.authority,
                "issue_date": issue.issue_date,
                "endorsements": issue.endorsements,
                "personalised": issue.personalised,
            }
    except MalformedError:
        told["issue"] = None
    return told


def plain(value: object) -> str:
    """One value on a line, without control characters."""
    if isinstance(value, Mapping):
        return ", ".join(f"{words.plain(name)} {plain(inner)}" for name, inner in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(plain(inner) for inner in value)
    return words.plain(value)
