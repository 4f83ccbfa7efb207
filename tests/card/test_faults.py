"""Each fault does what its name says, at the step and the count it was asked for, and nowhere else."""

import pytest

from simulators.card.chip import CardTorn, Chip
from simulators.card.delay import DelayModel
from simulators.card.der import tlv
from simulators.card.faults import Fault, FaultName
from simulators.card.personalisation import Cipher, PaceMapping, PaceOffer, data_group
from tests.card.documents import EXAMPLE_G, document, files
from tests.card.terminal import OK, Terminal

OFFER = PaceOffer(PaceMapping.ECDH_GM, Cipher.AES128, 12)
DG1, DG2 = files()[data_group(1)], files()[data_group(2)]


def opened(*faults: Fault) -> Terminal:
    terminal = Terminal(Chip(document(OFFER), faults=faults))
    terminal.pace(OFFER, EXAMPLE_G)
    terminal.enter()
    return terminal


def secured(terminal: Terminal) -> tuple[bytes, int]:
    """DG1's first bytes read, the answer as it comes."""
    return terminal.raw(terminal.protect(bytes.fromhex("00B08100"), b"", 8))


@pytest.mark.parametrize(
    ("step", "meant"),
    [
        ("read:DG17", "did you mean 'read:DG"),
        ("pace:mapp", "did you mean 'pace:map'"),
        ("x", "expected one of aa,"),
    ],
)
def test_a_step_that_no_command_is_is_refused(step: str, meant: str):
    with pytest.raises(ValueError, match=f"found '{step}', which no command is; {meant}"):
        Fault(FaultName.TORN, step)
    with pytest.raises(ValueError, match=meant):
        DelayModel(step_ms={step: 1.0})


@pytest.mark.parametrize("step", ["*", "read:*", "select:MF", "read:8001", "pace:?a*", "mse:ca"])
def test_a_pattern_that_some_command_fits_is_taken(step: str):
    assert Fault(FaultName.TORN, step).step == step


def test_a_fault_comes_at_its_step_and_count_and_goes_again():
    terminal = opened(Fault(FaultName.STATUS, "read:DG1", nth=2, value=0x6F00))
    assert [terminal.read(1)[1] for _ in range(3)] == [OK, 0x6F00, OK]
    terminal = opened(Fault(FaultName.STATUS, "read:*", nth=2, times=2, value=0x6C10))
    assert [terminal.read(each)[1] for each in (1, 2, 14, 1)] == [OK, 0x6C10, 0x6C10, OK]
    terminal = opened(Fault(FaultName.STATUS, "select:DG1", times=0, value=0x6700))
    assert [terminal.select(each) for each in (0x0101, 0x0102, 0x0101)] == [0x6700, OK, 0x6700]


def test_a_status_instead_of_an_answer_means_that_nothing_was_done():
    terminal = Terminal(Chip(document(OFFER), faults=[Fault(FaultName.STATUS, "pace:token", value=0x6F00)]))
    with pytest.raises(AssertionError, match="6F00"):
        terminal.pace(OFFER, EXAMPLE_G)
    assert terminal.chip.state.session.messaging is None


@pytest.mark.parametrize(
    "step",
    [
        "mse:pace",
        "pace:nonce",
        "pace:map",
        "pace:agree",
        "pace:token",
        "select:EMRTD",
        "read:EF.SOD",
        "read:DG2",
    ],
)
def test_a_torn_chip_is_lost_at_once_and_whole_when_it_comes_back(step: str):
    chip = Chip(document(OFFER), faults=[Fault(FaultName.TORN, step)])
    terminal = Terminal(chip)

    def session() -> bytes:
        terminal.keys = None
        terminal.pace(OFFER, EXAMPLE_G)
        terminal.enter()
        return terminal.read(0x1D)[0] + terminal.read(2)[0]

    with pytest.raises(CardTorn):
        session()
    with pytest.raises(CardTorn):
        terminal.raw("00A4000C")
    chip.power(True)
    assert session().startswith(b"\x77")


def test_a_chip_may_be_torn_in_the_middle_of_a_file():
    terminal = opened(Fault(FaultName.TORN, "read:DG2", nth=3))
    assert [terminal.read(2, offset, 100)[1] for offset in (0, 100)] == [OK, OK]
    with pytest.raises(CardTorn):
        terminal.read(2, 200, 100)


def test_a_stalled_chip_never_answers_again_until_it_is_powered_anew():
    chip = Chip(document(OFFER), faults=[Fault(FaultName.STALL, "read:EF.CardAccess")])
    assert chip.answer(bytes.fromhex("00B09C0004")) is None
    assert chip.answer(bytes.fromhex("00A4000C")) is None
    chip.power(False)
    chip.power(True)
    assert chip.answer(bytes.fromhex("00B09C0000")) == files(OFFER)[("MF", 0x011C)] + b"\x90\x00"


def test_the_transport_raises_what_it_is_told_to():
    class Lost(Exception):
        pass

    chip = Chip(document(OFFER), faults=[Fault(FaultName.STALL, nth=2), Fault(FaultName.TORN, nth=3)])
    exchange = chip.transport(lost=Lost)
    assert exchange(bytes.fromhex("00A4000C")) == b"\x90\x00"
    with pytest.raises(Lost, match="does not answer"):
        exchange(bytes.fromhex("00A4000C"))
    chip.power(True)
    with pytest.raises(Lost, match="left the field"):
        exchange(bytes.fromhex("00A4000C"))


def test_plain_answers_are_spoilt_under_a_good_mac():
    assert opened(Fault(FaultName.SHORT, "read:DG1")).read(1, le=8)[0] == DG1[:7]
    assert opened(Fault(FaultName.SHORT, "read:DG1", value=3)).read(1, le=8)[0] == DG1[:5]
    assert opened(Fault(FaultName.EXTRA, "read:DG1")).read(1, le=8)[0] == DG1[:8] + b"\0"
    flipped = opened(Fault(FaultName.FLIPPED_DATA, "read:DG1", value=2)).read(1, le=8)[0]
    assert flipped == DG1[:2] + bytes([DG1[2] ^ 0xFF]) + DG1[3:8]


@pytest.mark.parametrize(
    "fault",
    [
        Fault(FaultName.FLIPPED_MAC, "read:DG1"),
        Fault(FaultName.FLIPPED_BYTE, "read:DG1", value=5),
        Fault(FaultName.COUNTER_REPEATED, "read:DG1"),
        Fault(FaultName.COUNTER_SKIPPED, "read:DG1"),
        Fault(FaultName.REPLAYED, "read:DG1"),
    ],
    ids=lambda each: each.name,
)
def test_a_spoilt_protection_has_a_wrong_mac_and_the_chip_itself_counts_on(fault: Fault):
    terminal = opened(fault)
    with pytest.raises(AssertionError, match="MAC"):
        terminal.unprotect(*secured(terminal))
    assert terminal.read(1)[1] == OK


def test_answers_without_protection_come_in_a_session_that_goes_on():
    assert secured(opened(Fault(FaultName.BARE_STATUS, "read:DG1"))) == (b"", OK)
    assert secured(opened(Fault(FaultName.BARE_STATUS, "read:DG1", value=0x6988))) == (b"", 0x6988)
    answer, status = secured(opened(Fault(FaultName.OUTER_STATUS, "read:DG1", value=0x6282)))
    assert (answer[-14:-10], status) == (b"\x99\x02\x90\x00", 0x6282)
    terminal = opened(Fault(FaultName.UNPROTECTED, "read:DG1"))
    assert secured(terminal) == (DG1[:8], OK)
    assert terminal.keys
    terminal.keys.counter += 1
    assert terminal.read(1)[1] == OK


def test_octets_may_be_missing_or_noise():
    whole = Terminal(Chip(document(OFFER))).raw("00B09C0000")[0] + b"\x90\x00"

    def answer(fault: Fault) -> bytes | None:
        return Chip(document(OFFER), faults=[fault]).answer(bytes.fromhex("00B09C0000"))

    assert answer(Fault(FaultName.CUT)) == whole[:-1]
    assert answer(Fault(FaultName.DROPPED_BYTE, value=1)) == whole[:1] + whole[2:]
    assert answer(Fault(FaultName.CUT, value=len(whole))) == b""
    assert len(answer(Fault(FaultName.NOISE)) or b"") == 64
    assert len(answer(Fault(FaultName.NOISE, value=70_000)) or b"") == 70_000


def read(fault: Fault, le: int = 8, offset: int = 0) -> bytes:
    return opened(fault).read(2, le=le, offset=offset)[0]


def test_files_may_lie_about_their_length_and_always_do():
    tag, body = DG2[:1], DG2[4:]
    terminal = opened(Fault(FaultName.LYING_LENGTH, "read:DG2", value=5))
    expected = tag + b"\x82" + (len(body) + 5).to_bytes(2, "big") + body
    assert terminal.read(2)[0] == terminal.read(2)[0] == expected[:223]
    assert read(Fault(FaultName.LYING_LENGTH, "read:DG2", value=-900)) == tag + b"\x60" + body[:6]
    assert read(Fault(FaultName.ANNOUNCED, "read:DG2")) == tag + bytes.fromhex("8440000000") + body[:2]
    assert read(Fault(FaultName.ANNOUNCED, "read:DG2", value=300)) == tag + bytes.fromhex("82012C") + body[:4]
    nested = tlv(0x75, b"\x30\x04\x30\x02\x30\x00")
    assert read(Fault(FaultName.NESTED, "read:DG2", value=3)) == nested
    assert opened(Fault(FaultName.ANNOUNCED, "read:DG2")).read(1)[0] == DG1, "other files are whole"


def test_an_endless_file_goes_on_where_no_file_would():
    terminal = opened(Fault(FaultName.ENDLESS, "read:DG2"))
    assert terminal.read(2, le=6)[0] == b"\x75" + bytes.fromhex("847FFFFFFF")
    file = b"\x75" + bytes.fromhex("847FFFFFFF") + DG2[4:]
    data, status = terminal.send("00B07FF0", le=100)
    assert (data, status) == ((file * 40)[0x7FF0 : 0x7FF0 + 100], OK)
    far = tlv(0x54, (1 << 30).to_bytes(4, "big"))
    assert terminal.send("00B10000", far, 100)[1] == OK


def test_a_second_card_shows_by_its_identifier():
    terminal = opened(Fault(FaultName.OTHER_CARD, "read:DG1"))
    before = terminal.raw("FFCA000000"), terminal.raw("FFCA010000")
    terminal.read(1)
    after = terminal.raw("FFCA000000"), terminal.raw("FFCA010000")
    assert before[0] != after[0]
    assert before[1] != after[1]
    assert terminal.read(1)[1] == OK, "and answers go on"


def test_delays_add_up_by_the_model_and_by_fault():
    model = DelayModel(bit_rate_kbit_s=106, apdu_ms=3, step_ms={"pace:*": 100, "read:*": 7})
    chip = Chip(document(OFFER), delay=model, faults=[Fault(FaultName.SLOW, "read:*", nth=2, value=250)])
    slept: list[float] = []
    exchange = chip.transport(sleep=slept.append)
    answer = exchange(bytes.fromhex("00B09C0000"))
    on_air = 5 + 3 + len(answer) + 3
    assert slept == [pytest.approx((3 + 7 + on_air * 9 / 106) / 1000)]
    exchange(bytes.fromhex("00B09C0000"))
    assert slept[1] == pytest.approx(slept[0] + 0.25)
    assert model.floor_s(chip.exchanges) == pytest.approx(2 * slept[0])
    with pytest.raises(ValueError, match="no rate of ISO/IEC 14443"):
        DelayModel(bit_rate_kbit_s=100)


def test_wrong_keys_make_the_next_try_slower():
    model = DelayModel(wrong_key_ms=500)
    chip = Chip(document(OFFER), delay=model)
    terminal = Terminal(chip)
    wrong = "0082000028" + "00" * 40 + "28"
    terminal.enter()
    delays: list[float] = []
    for _ in range(3):
        terminal.raw("0084000008")
        assert terminal.raw(wrong)[1] == 0x6300
        delays.append(chip.answer_delay_s)
    assert delays[1] - delays[0] == pytest.approx(0.5)
    assert delays[2] - delays[0] == pytest.approx(1.0)


def test_exchanges_are_counted_by_step():
    terminal = opened()
    terminal.chip.exchanges.clear()
    terminal.read(1)
    terminal.select(0x0103)
    terminal.raw("00B0810004")
    assert [(each.step, each.status) for each in terminal.chip.exchanges] == [
        ("read:DG1", OK),
        ("select:DG3", 0x6982),
        ("read:DG1", 0x6982),
    ]
