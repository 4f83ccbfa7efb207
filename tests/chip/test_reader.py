"""A chip read from end to end by the library, the chip being the simulator's: order, resumption, proofs,
refusals."""

from collections import Counter
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from drivers.emrtd.access_key import CanKey, MrzKey
from drivers.emrtd.check import Outcome
from drivers.emrtd.elementary_files import CARD_ACCESS, CARD_SECURITY, COM, DATA_GROUPS, SOD
from drivers.emrtd.errors import (
    AccessRefused,
    EmrtdError,
    ProtocolError,
    StatusError,
    TagLost,
    UnsupportedError,
)
from drivers.emrtd.reading import (
    AccessProtocol,
    Interruption,
    Phase,
    Progress,
    Reading,
    Refusal,
    RefusalReason,
)
from drivers.emrtd.verdict import ChipVerdict
from simulators.card.behaviour import Behaviour, MasterFileForm, OverLength
from simulators.card.faults import Fault, FaultName
from simulators.card.personalisation import (
    EF_CARD_ACCESS,
    EF_SOD,
    EMRTD_APPLICATION,
    Personalisation,
    data_group,
)
from tests.chip.judging import judged
from tests.chip.meeting import CAN, PACE_CAM, PACE_GM, PACE_IM, Meeting, document

GM = {"access": {"pace": [PACE_GM], "can": CAN}, "chip_authentication": [{}]}
CAM = {"access": {"pace": [PACE_CAM]}, "chip_authentication_mapping": {}, "chip_authentication": [{}]}
ON = date(2026, 6, 1)
BAC_AA = {"active_authentication": {"key": "rsa-1024"}}


def files_of(reading: Reading) -> dict[str, bytes]:
    return {file.name: data for file, data in reading.files.items()}


def as_personalised(meeting: Meeting, reading: Reading) -> bool:
    """Whether each file is, byte for byte, what was put into the chip."""
    held = {fid: data for (_, fid), data in meeting.personalisation.files.items()}
    return (
        all(
            held[file.fid] == data
            for file, data in reading.files.items()
            if file not in (CARD_ACCESS, CARD_SECURITY, SOD)
        )
        and reading.files[SOD] == meeting.personalisation.files[EF_SOD]
    )


@pytest.mark.parametrize(
    ("parts", "key", "protocol"),
    [
        ({}, None, AccessProtocol.BAC),
        ({"access": {"pace": [PACE_GM], "can": CAN}}, None, AccessProtocol.PACE_GM),
        ({"access": {"pace": [PACE_GM], "can": CAN}}, CanKey(CAN), AccessProtocol.PACE_GM),
        ({"access": {"pace": [PACE_IM], "bac": False}}, None, AccessProtocol.PACE_IM),
        (CAM, None, AccessProtocol.PACE_CAM),
        ({"access": {"bac": False}}, None, AccessProtocol.NONE),
    ],
    ids=["BAC", "PACE-GM by MRZ", "PACE-GM by CAN", "PACE-IM alone", "PACE-CAM", "no access control"],
)
def test_every_way_in_gives_every_file(
    parts: dict[str, Any], key: CanKey | None, protocol: AccessProtocol
) -> None:
    meeting = Meeting(document(**parts))
    reading = meeting.reader(key).run()
    assert reading.access is not None
    assert (reading.access.protocol, reading.access.by_can) == (protocol, key is not None)
    assert {SOD, COM, DATA_GROUPS[1], DATA_GROUPS[2]} <= reading.files.keys()
    assert as_personalised(meeting, reading)
    assert (reading.refused, reading.sessions) == ({}, 1)


def test_the_phases_come_in_the_order_in_which_a_lane_can_decide() -> None:
    told: list[Progress] = []
    meeting = Meeting(document(**CAM, files={"groups": [1, 2, 11, 12]}))
    reading = meeting.reader().run(told.append)
    assert list(dict.fromkeys(each.phase for each in told)) == [
        Phase.CARD_ACCESS,
        Phase.ACCESS_CONTROL,
        Phase.CARD_SECURITY,
        Phase.SECURITY_OBJECT,
        Phase.MACHINE_READABLE_ZONE,
        Phase.CHIP_AUTHENTICATION,
        Phase.ACTIVE_AUTHENTICATION,
        Phase.OTHER_FILES,
        Phase.FACE,
    ]
    files = list(dict.fromkeys(each.file.name for each in told if each.file))
    assert files == [
        "EF.CardSecurity", "EF.SOD", "EF.DG1", "EF.DG14", "EF.COM", "EF.DG11", "EF.DG12", "EF.DG2",
    ]  # fmt: skip
    assert (told[-1].file, told[-1].done) == (DATA_GROUPS[2], len(reading.files[DATA_GROUPS[2]]))
    assert (
        sum(step.apdus for step in reading.steps.values()) + 1 == reading.apdus
    )  # SELECT of the application


def answers(size: int, le: int) -> int:
    """READ BINARYs of a file: tag and length first, then the rest."""
    return 1 + -(-(size - 4) // le)


@pytest.mark.parametrize(
    ("parts", "protocol_apdus", "le"),
    [
        (BAC_AA, 2 + 1 + 2 + 1, 223),  # no EF.CardAccess; SELECT; BAC; AA
        (GM, 5 + 1 + 3, 223),  # PACE; SELECT; CA with its proof
        ({"access": {"pace": [PACE_IM]}}, 5 + 1, 223),
        (CAM, 5 + 1, 223),
    ],
    ids=["BAC with AA", "PACE-GM with CA", "PACE-IM", "PACE-CAM"],
)
def test_no_apdu_is_spent_beyond_files_and_protocols(
    parts: dict[str, Any], protocol_apdus: int, le: int
) -> None:
    reading = Meeting(document(**parts, portrait={"bytes": 20_000})).reader().run()
    assert reading.apdus == protocol_apdus + sum(answers(len(data), le) for data in reading.files.values())


def test_extended_lengths_are_used_where_chip_and_reader_take_them() -> None:
    made = document(**GM, portrait={"bytes": 20_000}, files={"longest": [1000, 1000]})
    short, long = Meeting(made).reader().run(), Meeting(made).reader(response_max=65_538).run()
    assert files_of(short) == files_of(long)
    assert long.apdus < short.apdus / 2


def test_every_later_session_makes_all_proofs_anew() -> None:
    made = document(**GM, active_authentication={"key": "secp256r1"})
    whole = Meeting(made).reader().run()
    meeting = Meeting(made)
    meeting.lost_at = frozenset({whole.apdus - 3})
    reading = meeting.reader().run()
    assert (reading.sessions, files_of(reading)) == (2, files_of(whole))
    counted = Counter(meeting.steps)
    assert (counted["aa"], counted["ca"], counted["pace:token"]) == (2, 2, 2)
    assert reading.chip_authentication.outcome is reading.active_authentication.outcome is Outcome.PASSED


def torn_everywhere(parts: dict[str, Any], stride: int) -> None:
    made = document(**parts)
    whole = Meeting(made).reader().run()
    for at in range(0, whole.apdus, stride):
        meeting = Meeting(made)
        meeting.lost_at = frozenset({at})
        reading = meeting.reader().run()
        assert files_of(reading) == files_of(whole)
        assert (reading.sessions, reading.refused) == (2, {})
        assert reading.chip_authentication == whole.chip_authentication
        assert reading.active_authentication == whole.active_authentication
        face = [step for step in meeting.steps if step == "read:DG2"]
        assert len(face) <= answers(len(whole.files[DATA_GROUPS[2]]), 223)


@pytest.mark.parametrize("parts", [BAC_AA, GM, CAM], ids=["BAC", "PACE-GM", "PACE-CAM"])
def test_a_tag_lost_at_an_apdu_costs_no_byte_of_a_file_twice(parts: dict[str, Any]) -> None:
    torn_everywhere(parts, stride=5)


@pytest.mark.long
@pytest.mark.parametrize("parts", [BAC_AA, GM, CAM], ids=["BAC", "PACE-GM", "PACE-CAM"])
def test_a_tag_lost_at_any_apdu_costs_no_byte_of_a_file_twice(parts: dict[str, Any]) -> None:
    torn_everywhere(parts, stride=1)


def test_a_tag_lost_three_times_is_gone() -> None:
    meeting = Meeting(document(**GM))
    meeting.lost_at = frozenset({10, 40, 70})
    reader = meeting.reader()
    with pytest.raises(TagLost, match="taken away"):
        reader.run()
    assert reader.reading.sessions == 3
    alone = Meeting(document(**GM))
    alone.lost_at = frozenset({10})
    with pytest.raises(TagLost):
        alone.reader(reconnect=None).run()


@pytest.mark.parametrize("file", ["EF.SOD", "EF.DG1", "EF.CardAccess"])
def test_another_chip_that_comes_back_is_not_read_on(file: str) -> None:
    meeting = Meeting(document(**GM))

    def change(personalisation: Personalisation) -> Personalisation:
        where = {"EF.SOD": EF_SOD, "EF.DG1": data_group(1), "EF.CardAccess": EF_CARD_ACCESS}[file]
        octets = personalisation.files[where]
        files = dict(personalisation.files) | {where: octets[:-1] + bytes([octets[-1] ^ 1])}
        return replace(personalisation, files=files)

    second = Meeting(document(**GM), change=change)
    meeting.lost_at = frozenset({30})
    present = [meeting]

    def swap() -> None:
        present[0] = second

    reader = meeting.reader(reconnect=swap)
    reader._channel._transport = lambda command: present[0].exchange(command)
    with pytest.raises(ProtocolError, match="another chip"):
        reader.run()
    assert "read:DG2" not in second.steps


def cloned(personalisation: Personalisation) -> Personalisation:
    """All files copied, and a private key that is not the document's."""
    keys = tuple(replace(key, private=key.private ^ 2) for key in personalisation.chip_authentication)
    return replace(personalisation, chip_authentication=keys)


def test_a_clone_fails_chip_authentication_and_is_read_to_the_end() -> None:
    meeting = Meeting(document(**GM), change=cloned)
    reading = meeting.reader().run()
    assert reading.chip_authentication.outcome is Outcome.FAILED
    assert DATA_GROUPS[2] in reading.files
    assert (reading.sessions, Counter(meeting.steps)["ca"]) == (2, 1)


def test_a_clone_without_any_key_fails_all_proofs() -> None:
    made = document(**GM, active_authentication={"key": "secp256r1"})
    keyless = Meeting(
        made, change=lambda each: replace(each, chip_authentication=(), active_authentication=None)
    )
    reading = keyless.reader().run()
    assert reading.chip_authentication.outcome is Outcome.FAILED
    assert reading.active_authentication.outcome is Outcome.FAILED
    mapped = Meeting(document(**CAM), change=lambda each: _other_mapping_key(each))
    assert mapped.reader().run().chip_authentication_mapping.outcome is Outcome.FAILED


def test_a_mapping_that_dg14_knows_nothing_of_does_not_replace_its_key() -> None:
    """Who drew the mapping key out of one chip lays the files of another document of that state on it."""
    victim = Meeting(document(chip_authentication=[{}])).personalisation.files

    def laid_over(each: Personalisation) -> Personalisation:
        laid = {place: data for place, data in victim.items() if place[0] == EMRTD_APPLICATION}
        return replace(each, files={**each.files, **laid}, chip_authentication=())

    clone = Meeting(document(**CAM), change=laid_over)
    reading = clone.reader().run()
    assert reading.chip_authentication_mapping.outcome is Outcome.PASSED
    assert reading.chip_authentication.outcome is Outcome.FAILED
    assert judged(reading, clone.document, ON).chip is ChipVerdict.FAILED


def test_a_mapping_that_no_dg14_announces_makes_no_document_genuine() -> None:
    """The same thief, and the victim's document has no key at all: by its files alone nobody could tell."""
    victim = Meeting(document(access={"pace": []})).personalisation.files

    def laid_over(each: Personalisation) -> Personalisation:
        own = {place: data for place, data in each.files.items() if place[0] != EMRTD_APPLICATION}
        laid = {place: data for place, data in victim.items() if place[0] == EMRTD_APPLICATION}
        return replace(each, files={**own, **laid}, chip_authentication=())

    clone = Meeting(document(**CAM), change=laid_over)
    reading = clone.reader().run()
    assert reading.chip_authentication_mapping.outcome is Outcome.PASSED
    verdict = judged(reading, clone.document, ON)
    assert (verdict.data.value, verdict.chip) == ("verified", ChipVerdict.NOT_PROVED)


def _other_mapping_key(personalisation: Personalisation) -> Personalisation:
    key = personalisation.chip_authentication_mapping
    assert key is not None
    return replace(personalisation, chip_authentication_mapping=replace(key, private=key.private ^ 2))


def test_a_lost_tag_during_a_proof_is_no_failed_proof() -> None:
    made = document(**GM)
    whole = Meeting(made)
    whole.reader().run()
    at = whole.steps.index("ca")
    meeting = Meeting(made)
    meeting.lost_at = frozenset({at})
    assert meeting.reader().run().chip_authentication.outcome is Outcome.PASSED


@pytest.mark.parametrize(
    "habits",
    [
        {"read_max": 192},
        {"read_max": 192, "over_length": OverLength.EXACT},
        {"read_max": 100, "over_length": OverLength.OUTSIDE},
        {"read_max": 100, "over_length": OverLength.OUTSIDE, "loses_session_when_refusing": True},
        {"read_max": 192, "over_length": OverLength.FEWER},
        {"extended": False},
        {"loses_session_at_extended": True},
        {"exact_at_end": True},
        {"get_response": True},
        {"absent": 0x6A88},
        {"selects_locked": True},
        {"refuses_le_at_select": True},
        {"master_file_forms": frozenset[MasterFileForm]()},
        {"short_identifiers_in_master_file": False},
        {"deactivated": frozenset({EF_CARD_ACCESS})},
        {"pads_dh_keys": True},
    ],
    ids=lambda habits: ", ".join(habits),
)
def test_every_habit_of_real_chips_is_read_whole(habits: dict[str, Any]) -> None:
    for parts in (GM, BAC_AA):
        meeting = Meeting(document(**parts), behaviour=Behaviour(**habits))
        reading = meeting.reader(response_max=65_538).run()
        assert as_personalised(meeting, reading)
        assert (reading.refused, DATA_GROUPS[2] in reading.files) == ({}, True)
        assert Outcome.FAILED not in (
            reading.chip_authentication.outcome, reading.active_authentication.outcome
        )  # fmt: skip


def test_a_signature_too_long_for_a_short_frame_is_asked_for_by_its_exact_length() -> None:
    made = document(active_authentication={"key": "rsa-2048"})
    for habits in (Behaviour(active_needs_extended=True), Behaviour(active_empty_at_65536=True)):
        reading = Meeting(made, behaviour=habits).reader().run()
        assert reading.active_authentication.outcome is Outcome.PASSED


@pytest.mark.parametrize("name", [FaultName.ENDLESS, FaultName.ANNOUNCED, FaultName.LYING_LENGTH])
@pytest.mark.parametrize("file", ["DG2", "DG14"])
def test_a_file_that_lies_about_its_length_is_refused_and_the_rest_is_read(
    name: FaultName, file: str
) -> None:
    value = 60_000 if name is FaultName.LYING_LENGTH else None
    made = document(**GM, files={"groups": [1, 2, 11]})
    meeting = Meeting(made, Fault(name, f"read:{file}", times=0, value=value))
    reading = meeting.reader().run()
    assert reading.refused == {DATA_GROUPS[int(file[2:])]: Refusal(RefusalReason.BROKEN)}
    assert DATA_GROUPS[11] in reading.files
    assert reading.sessions == 1


def test_a_file_nested_a_thousand_deep_is_read_and_breaks_nothing() -> None:
    meeting = Meeting(document(**GM), Fault(FaultName.NESTED, "read:DG14", times=0, value=1000))
    reading = meeting.reader().run()
    assert reading.chip_authentication.reason == "not_offered"


@pytest.mark.parametrize("status", [0x6A82, 0x6A88, 0x6982, 0x6F00])
def test_a_file_that_the_chip_denies_is_said_to_be_denied(status: int) -> None:
    faults = [Fault(FaultName.STATUS, f"{verb}:DG14", times=0, value=status) for verb in ("read", "select")]
    reading = Meeting(document(**GM), *faults).reader().run()
    reason = {0x6982: RefusalReason.NO_RIGHT, 0x6F00: RefusalReason.STATUS}.get(status, RefusalReason.ABSENT)
    assert reading.refused == {DATA_GROUPS[14]: Refusal(reason, status)}
    assert reading.chip_authentication.outcome is Outcome.NOT_PERFORMED


@pytest.mark.parametrize(
    "fault",
    [
        FaultName.FLIPPED_MAC,
        FaultName.FLIPPED_BYTE,
        FaultName.COUNTER_REPEATED,
        FaultName.COUNTER_SKIPPED,
        FaultName.REPLAYED,
        FaultName.NOISE,
        FaultName.CUT,
        FaultName.UNPROTECTED,
        FaultName.BARE_STATUS,
        FaultName.EXTRA,
    ],
)
@pytest.mark.parametrize("step", ["read:EF.SOD", "read:DG1", "read:DG2"])
def test_an_answer_that_is_not_the_chip_s_own_ends_the_reading(fault: FaultName, step: str) -> None:
    meeting = Meeting(document(**GM), Fault(fault, step, nth=2))
    reader = meeting.reader()
    with pytest.raises(ProtocolError):
        reader.run()
    assert meeting.reconnections == 0
    assert DATA_GROUPS[2] not in reader.reading.files


@pytest.mark.parametrize("status", [0x6988, 0x6987, 0x6A82, 0x6F00])
def test_a_session_that_the_chip_gives_up_is_begun_anew(status: int) -> None:
    meeting = Meeting(document(**GM), Fault(FaultName.BARE_STATUS, "read:DG2", nth=5, value=status))
    reading = meeting.reader().run()
    assert (reading.sessions, reading.refused, as_personalised(meeting, reading)) == (2, {}, True)


def test_a_file_over_which_every_session_is_lost_costs_only_itself() -> None:
    made = document(**GM, files={"groups": [1, 2, 11, 12]})
    meeting = Meeting(made, Fault(FaultName.BARE_STATUS, "read:DG11", times=0, value=0x6A82))
    reading = meeting.reader().run()
    assert reading.refused[DATA_GROUPS[11]].reason is RefusalReason.SESSION_LOST
    assert {DATA_GROUPS[2], DATA_GROUPS[12]} <= reading.files.keys()


@pytest.mark.parametrize("parts", [GM, BAC_AA], ids=["PACE", "BAC"])
def test_a_wrong_key_is_tried_twice_at_most_and_is_never_a_lost_tag(parts: dict[str, Any]) -> None:
    meeting = Meeting(document(**parts))
    with pytest.raises(AccessRefused):
        meeting.reader(MrzKey("L898902C4", "740812", "350615")).run()
    counted = Counter(meeting.steps)
    assert counted["pace:token"] <= 1
    assert counted["bac"] == 1
    assert (counted["read:DG1"], meeting.reconnections) == (0, 0)


def test_a_wrong_can_is_tried_once() -> None:
    meeting = Meeting(document(**GM), behaviour=Behaviour(can_tries=3))
    with pytest.raises(AccessRefused) as caught:
        meeting.reader(CanKey("000000")).run()
    assert (caught.value.tries_left, Counter(meeting.steps)["pace:token"]) == (2, 1)
    with pytest.raises(UnsupportedError, match="card access number opens nothing else"):
        Meeting(document()).reader(CanKey(CAN)).run()


@pytest.mark.parametrize("status", [0x6300, 0x6982, 0x6985, 0x6988, 0x6A80, 0x6F00])
def test_a_chip_with_several_ways_of_pace_does_not_spend_a_try_on_each(status: int) -> None:
    ways = [PACE_GM, "ECDH-GM AES-128 secp256r1", "ECDH-GM AES-256 brainpoolP384r1"]
    parts = {"access": {"pace": ways, "can": CAN}}
    for key in (CanKey("000000"), MrzKey("L898902C4", "740812", "350615")):
        meeting = Meeting(document(**parts), behaviour=Behaviour(wrong_key=status))
        with pytest.raises(EmrtdError):
            meeting.reader(key).run()
        assert Counter(meeting.steps)["pace:token"] == 1


def test_a_fall_to_bac_is_recorded() -> None:
    meeting = Meeting(document(**GM), Fault(FaultName.STATUS, "mse:pace", times=0, value=0x6A80))
    access = meeting.reader().run().access
    assert access is not None
    assert (access.protocol, access.pace_not_taken) == (AccessProtocol.BAC, "refused_6a80")
    assert access.pace_offered == ("0.4.0.127.0.7.2.2.4.2.2",)


def test_a_fall_to_a_weaker_way_of_pace_is_recorded() -> None:
    weaker = "ECDH-GM AES-128 secp224r1"
    meeting = Meeting(
        document(access={"pace": [PACE_GM, weaker]}),
        Fault(FaultName.STATUS, "mse:pace", value=0x6A80),
    )
    reading = meeting.reader().run()
    access = reading.access
    assert access is not None
    assert (access.protocol, access.domain) == (AccessProtocol.PACE_GM, "secp224r1")
    assert access.pace_not_taken == "refused_6a80"
    said = next(each for each in judged(reading, meeting.document, ON).checks if each.name == "access")
    assert (said.outcome, said.reason) == (Outcome.INCONCLUSIVE, "weaker_pace_taken")


@pytest.mark.parametrize(
    "spoilt",
    [
        Fault(FaultName.LYING_LENGTH, "read:EF.CardAccess", times=0),
        Fault(FaultName.ANNOUNCED, "read:EF.CardAccess", times=0),
        Fault(FaultName.ENDLESS, "read:EF.CardAccess", times=0),
        Fault(FaultName.NESTED, "read:EF.CardAccess", times=0),
        "31053003060180",
        # version -1
        "31143012060a04007f000702020402020201ff02010d",
    ],
    ids=["too short", "1 GiB", "endless", "nested", "no identifier", "no version"],
)
def test_an_ef_card_access_that_nobody_can_read_is_recorded(spoilt: Fault | str) -> None:
    def put(made: Personalisation) -> Personalisation:
        file = made.files[EF_CARD_ACCESS] if isinstance(spoilt, Fault) else bytes.fromhex(spoilt)
        return replace(made, files={**made.files, EF_CARD_ACCESS: file})

    faults = (spoilt,) if isinstance(spoilt, Fault) else ()
    meeting = Meeting(document(access={"pace": [PACE_GM]}), *faults, change=put)
    reading = meeting.reader().run()
    assert reading.access is not None
    assert reading.access.protocol is AccessProtocol.BAC
    said = next(each for each in judged(reading, meeting.document, ON).checks if each.name == "access")
    assert (said.outcome, said.reason) == (Outcome.INCONCLUSIVE, "card_access_unreadable")


def test_a_chip_without_the_application_is_no_travel_document() -> None:
    meeting = Meeting(document(**GM), behaviour=Behaviour(application_needs_terminal=True))
    with pytest.raises(StatusError, match="SELECT the eMRTD"):
        meeting.reader().run()


def test_keys_are_gone_when_the_reading_ends_however_it_ends() -> None:
    for faults in ((), (Fault(FaultName.FLIPPED_MAC, "read:DG1"),)):
        meeting = Meeting(document(**GM), *faults)
        key = meeting.key()
        reader = meeting.reader(key)
        try:
            reader.run()
        except ProtocolError:
            assert faults
        assert set(key.information) == {0}
        assert reader._channel.secure is None
        assert str(key) not in repr(reader.reading)


def test_a_reading_says_what_ended_it() -> None:
    def ended(meeting: Meeting, key: MrzKey | None = None, **settings: Any) -> Interruption | None:
        reader = meeting.reader(key, **settings)
        with pytest.raises(EmrtdError):
            reader.run()
        return reader.reading.interrupted

    lost = Meeting(document(**GM))
    lost.lost_at = frozenset({20})
    assert ended(lost, reconnect=None) is Interruption.TAG_LOST
    assert ended(Meeting(document(**GM)), MrzKey("X", "740812", "350615")) is Interruption.KEY_REFUSED
    broken = Meeting(document(**GM), Fault(FaultName.UNPROTECTED, "read:DG2"))
    assert ended(broken) is Interruption.PROTOCOL_BROKEN
    assert ended(Meeting(document(**GM), change=cloned), reconnect=None) is Interruption.PROTOCOL_BROKEN
    locked = Meeting(document(**GM), behaviour=Behaviour(application_needs_terminal=True))
    assert ended(locked) is Interruption.NO_WAY_IN
    assert Meeting(document(**GM)).reader().run().interrupted is None


def test_who_has_it_read_can_stop_it_and_no_key_stays() -> None:
    meeting = Meeting(document(**GM))
    key = meeting.key()
    reader = meeting.reader(key)

    def enough(progress: Progress) -> None:
        if progress.phase is Phase.FACE:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        reader.run(enough)
    assert reader.reading.interrupted is Interruption.STOPPED
    assert DATA_GROUPS[1] in reader.reading.files
    assert set(key.information) == {0}
