"""Zones (JSON on standard input: lists of lines) through PyPI's mrz; one answer each, on standard output."""

# pyright: basic, reportMissingImports=false, reportAttributeAccessIssue=false
# (in an environment of its own, where `mrz` is another package than ours)

import json
import sys
from typing import Any

from mrz.checker.mrva import MRVACodeChecker
from mrz.checker.mrvb import MRVBCodeChecker
from mrz.checker.td1 import TD1CodeChecker
from mrz.checker.td2 import TD2CodeChecker
from mrz.checker.td3 import TD3CodeChecker


def answer(lines: list[str]) -> dict[str, Any]:
    visa = lines[0].startswith("V")
    width = len(lines[0])
    passport, card = (MRVACodeChecker, MRVBCodeChecker) if visa else (TD3CodeChecker, TD2CodeChecker)
    checker = TD1CodeChecker if len(lines) == 3 else passport if width == 44 else card
    try:
        checked = checker("\n".join(lines))
        fields = checked.fields()
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}
    return {
        "accepted": bool(checked),
        "checks": checked._all_hashes(),
        "number": fields.document_number,
        "surname": fields.surname,
        "given_names": fields.name,
        "birth": fields.birth_date,
        "expiry": fields.expiry_date,
        "sex": fields.sex.strip("<"),
        "issuer": fields.country,
        "nationality": fields.nationality,
    }


json.dump([answer(lines) for lines in json.load(sys.stdin)], sys.stdout)
