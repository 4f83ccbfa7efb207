"""Documents as states issue them, each with what its chips were seen to do: read whole, verified, and genuine
where they can prove it."""

from datetime import timedelta

import pytest

from drivers.emrtd.access_key import CanKey
from drivers.emrtd.errors import StatusError
from drivers.emrtd.passive_authentication import DataVerdict
from drivers.emrtd.verdict import ChipVerdict
from simulators.card.profiles import document, profile_names
from tests.chip.judging import ISSUED_TO_READ_DAYS, judged
from tests.chip.meeting import Meeting

SMALL = {"portrait": {"bytes": 3000, "width": 100, "height": 130}}


@pytest.mark.parametrize("name", profile_names())
def test_a_document_of_this_profile_is_read_and_verified(name: str) -> None:
    made = document(name, SMALL)
    meeting = Meeting(made)
    key = CanKey(made.access.can) if made.access.can else None
    reader = meeting.reader(key)
    if made.behaviour.application_needs_terminal:
        with pytest.raises(StatusError, match="SELECT the eMRTD"):
            reader.run()
        return
    reading = reader.run()
    verdict = judged(reading, made, made.page.issued + timedelta(days=ISSUED_TO_READ_DAYS))
    said = {each.name: (each.outcome.value, each.reason) for each in verdict.checks}
    # Where the issuer has published that it wrote groups anew after signing, that explains and excuses
    # nothing.
    expected = DataVerdict.NOT_VERIFIABLE if made.files.rewritten else DataVerdict.VERIFIED
    assert verdict.data is expected, said
    proves = made.chip_authentication or made.active_authentication or made.chip_authentication_mapping
    genuine = proves and expected is DataVerdict.VERIFIED
    assert verdict.chip is (ChipVerdict.GENUINE if genuine else ChipVerdict.NOT_PROVED), said
    assert not reading.refused
