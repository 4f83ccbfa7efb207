"""One named test of a document and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Outcome(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"
    NOT_PERFORMED = "not_performed"


@dataclass(frozen=True, slots=True)
class Check:
    """`reason` is a code in lower_snake_case, never a sentence, never personal; `details` are its parameters
    (algorithms, states, serials of signers, days), of plain JSON types, never personal either."""

    name: str
    outcome: Outcome
    reason: str
    details: Mapping[str, object] = field(default_factory=dict[str, object])
