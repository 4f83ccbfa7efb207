"""Every attack that the simulator knows, met by the library: what is said of it, and never that it is
genuine."""

import pytest

from drivers.emrtd.errors import EmrtdError
from drivers.emrtd.verdict import ChipVerdict
from simulators.card.attacks import Attack, attacks
from simulators.card.profiles import document
from tests.chip.judging import judged, trust_of
from tests.chip.meeting import Meeting, key_of

SMALL = {"portrait": {"bytes": 3000, "width": 100, "height": 130}}
ON_CHIPS = {name: each for name, each in attacks().items() if name != "second_card"}
"""Two cards in one field are told apart by their identifiers, which only who works the reader sees: see
tests/document_reader/test_swapped_cards.py."""


@pytest.mark.parametrize("attack", ON_CHIPS.values(), ids=ON_CHIPS)
def test_an_attack_is_called_what_it_is(attack: Attack) -> None:
    specimen = attack.make(document("full", SMALL))
    meeting = Meeting(specimen)
    reader = meeting.reader(key_of(specimen.document))
    stopped: EmrtdError | None = None
    try:
        reader.run()
    except EmrtdError as error:
        stopped = error
    verdict = judged(reader.reading, specimen.document, specimen.at, trust_of(specimen.trust, specimen.at))
    said = {each.name: (each.outcome.value, each.reason) for each in verdict.checks}
    expected = attack.expected
    if stopped is not None:
        assert expected.may_stop, f"{attack.about}: {stopped}"
        assert verdict.chip is not ChipVerdict.GENUINE, said
        return
    assert verdict.data.value in expected.data, said
    assert verdict.chip.value in expected.chip, said
    for name, outcome in expected.checks.items():
        assert said["printed_mrz" if name == "mrz" else name][0] == outcome, (name, said)
