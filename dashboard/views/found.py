"""A found passage as a row of a list."""

import fnmatch

from dashboard.store.plate_spelling import WILDCARDS, canonical, searched
from dashboard.store.search import Found as FoundRow
from dashboard.views import parts
from dashboard.views.facts import passage_of_registers
from dashboard.views.found_models import Found, FoundPlate
from dashboard.views.language import Speaker
from lane_controller.messages.parts import Plate


def found_passage(row: FoundRow, asked: str, speaker: Speaker) -> Found:
    """`asked`: the plate that was asked for, with its wildcards."""
    key, registers = row.key, row.registers
    facts = passage_of_registers(key.passage, registers)
    ended = registers["ended"][1] if "ended" in registers else None
    return Found(
        lane=key.lane,
        journal=key.journal,
        passage=key.passage,
        arrived=parts.moment(speaker, row.arrived_us),
        ended=parts.moment(speaker, ended["time_us"]) if ended else None,
        ending=speaker.coded("ending", str(ended.get("end"))) if ended else None,
        plates=tuple({plate.display: _plate(plate, asked) for plate in facts.plates}.values()),
        documents=tuple(f"{document.issuer} {document.number}" for document in facts.documents),
        decision=speaker.coded("decision", facts.decision) if facts.decision else None,
        reasons=parts.all_said(speaker, facts.reasons),
        officers=tuple(
            sorted(
                str(value["operator"])
                for name, (_, value) in registers.items()
                if name.startswith("officer.")
            )
        ),
    )


def _plate(plate: Plate, asked: str) -> FoundPlate:
    """Whether it fits only because letters that look alike are one."""
    exactly = fnmatch.fnmatchcase(canonical(plate.text), canonical(asked, WILDCARDS))
    loosely = fnmatch.fnmatchcase(searched(plate.text), searched(asked, WILDCARDS))
    return FoundPlate(display=plate.display, alike=bool(asked) and loosely and not exactly)
