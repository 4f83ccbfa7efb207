"""Terminal authentication, version 1: whom the chip lets read fingerprints and irises (TR-03110-1 and -3)."""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import pytest

from simulators.card.chip import Chip
from simulators.card.der import tlv
from simulators.card.domain import domain
from simulators.card.personalisation import (
    EF_CVCA,
    ChipAuthenticationKey,
    Cipher,
    PaceMapping,
    PaceOffer,
    TerminalTrust,
    data_group,
)
from simulators.card.pki import card_verifiable, keys
from simulators.card.pki.card_verifiable import AUTHORITY, DOMESTIC_VERIFIER, TERMINAL, Chain, Holder
from simulators.card.pki.signing import scheme
from tests.card.documents import EXAMPLE_G, document, files
from tests.card.terminal import OK, Terminal

TODAY = date(2026, 6, 1)
OFFER = PaceOffer(PaceMapping.ECDH_GM, Cipher.AES128, 13)
CHIP_KEY = ChipAuthenticationKey("brainpoolP256r1", 5, Cipher.AES128)


def holder(name: str, form: str = "brainpoolP256r1", hash_form: str = "sha256", label: str = "a") -> Holder:
    key = keys.signing_key(form, name, label)
    return Holder(name, key, scheme(hash_form, key))


CVCA, VERIFIER, LANE = holder("UTCVCA00001"), holder("UTDVCA00001"), holder("UTLANE00001")


def chain(**others: object) -> Chain:
    return card_verifiable.chain(CVCA, VERIFIER, LANE, TODAY, **others)  # type: ignore[arg-type]


@dataclass
class Inspection:
    """A chip that knows CVCA, and a terminal that has done chip authentication."""

    authorities: tuple[bytes, ...] = field(default_factory=lambda: (chain().authority_certificate,))
    key: ChipAuthenticationKey = CHIP_KEY
    pace: bool = True

    def __post_init__(self) -> None:
        trust = TerminalTrust(self.authorities, TODAY - timedelta(days=30))
        content = files(OFFER) | {
            EF_CVCA: tlv(0x42, b"UTCVCA00001").ljust(36, b"\0"),
            data_group(4): tlv(0x76, b"irises"),
        }
        personalised = document(OFFER, files=content, chip_authentication=(self.key,), terminal_trust=trust)
        self.chip = Chip(personalised)
        self.again()

    def again(self) -> None:
        """A new session, chip authentication done."""
        self.chip.power(False)
        self.chip.power(True)
        self.terminal = Terminal(self.chip)
        if self.pace:
            self.told = self.terminal.pace(OFFER, EXAMPLE_G)
        self.terminal.enter()
        if not self.pace:
            assert self.terminal.bac(EXAMPLE_G) == OK
        assert self.terminal.authenticate_chip(self.key) == OK

    def verify(self, name: str, certificate: bytes) -> int:
        status = self.terminal.send("002281B6", tlv(0x83, name.encode()))[1]
        if status != OK:
            return status
        body = certificate[certificate.index(b"\x7f\x4e") :]
        return self.terminal.send("002A00BE", body)[1]

    def prove(self, terminal: Holder, *, message: bytes | None = None) -> int:
        status = self.terminal.send("002281A4", tlv(0x83, terminal.reference.encode()))[1]
        if status != OK:
            return status
        challenge, _ = self.terminal.send("00840000", le=8)
        identifier = domain(OFFER.group).compress(self.terminal.chip_key)
        if not self.pace:
            identifier = b"T22000129" + b"3"
        signed = identifier + challenge + self.terminal.ephemeral
        return self.terminal.send("00820000", terminal.sign(signed if message is None else message))[1]

    def present(self, shown: Chain) -> int:
        """The whole chain, as it ought to be."""
        assert self.verify(shown.authority.reference, shown.verifier_certificate) == OK
        assert self.verify(VERIFIER.reference, shown.terminal_certificate) == OK
        return self.prove(shown.terminal)

    def opens(self) -> tuple[bool, bool]:
        """Whether fingers and irises read."""
        return self.terminal.read(3)[1] == OK, self.terminal.read(4)[1] == OK


@pytest.mark.parametrize("pace", [True, False], ids=["PACE", "BAC"])
def test_a_terminal_with_rights_reads_what_they_say(pace: bool):
    inspection = Inspection(pace=pace)
    assert inspection.opens() == (False, False)
    assert inspection.present(chain()) == OK
    assert inspection.opens() == (True, True)
    inspection.again()
    assert inspection.opens() == (False, False)


def test_rights_are_what_all_of_the_chain_grants():
    for rights, verifier_rights, expected in (
        (1, 3, (True, False)),
        (2, 3, (False, True)),
        (3, 1, (True, False)),
        (1, 2, (False, False)),
    ):
        inspection = Inspection()
        assert inspection.present(chain(rights=rights, verifier_rights=verifier_rights)) == OK
        assert inspection.opens() == expected


@pytest.mark.parametrize(
    ("form", "hash_form"),
    [
        ("rsa-1536", "sha1"),
        ("rsa-2048", "sha256"),
        ("rsa-2048", "sha512"),
        ("rsa-1536", "pss-sha1"),
        ("rsa-2048", "pss-sha256"),
        ("rsa-2048", "pss-sha512"),
        ("secp224r1", "sha224"),
        ("brainpoolP192r1", "sha1"),
        ("brainpoolP384r1", "sha384"),
        ("secp521r1", "sha512"),
    ],
)
def test_every_algorithm_of_the_standard_is_understood(form: str, hash_form: str):
    names = ("UTCVCA00001", "UTDVCA00001", "UTLANE00001")
    one, two, three = (holder(name, form, hash_form) for name in names)
    shown = card_verifiable.chain(one, two, three, TODAY)
    inspection = Inspection((shown.authority_certificate,))
    assert inspection.present(shown) == OK
    assert inspection.opens() == (True, True)


@pytest.mark.parametrize("group", ["modp1024-160", "modp2048-256"])
def test_the_terminals_diffie_hellman_key_is_named_by_its_hash(group: str):
    inspection = Inspection(key=ChipAuthenticationKey(group, 5, Cipher.AES128))
    assert inspection.present(chain()) == OK
    assert inspection.opens() == (True, True)


def test_certificates_may_come_in_pieces():
    inspection, shown = Inspection(), chain()
    inspection.terminal.send("002281B6", tlv(0x83, b"UTCVCA00001"))
    body = shown.verifier_certificate[shown.verifier_certificate.index(b"\x7f\x4e") :]
    assert inspection.terminal.send("102A00BE", body[:100])[1] == OK
    assert inspection.terminal.send("002A00BE", body[100:])[1] == OK
    assert inspection.verify(VERIFIER.reference, shown.terminal_certificate) == OK
    inspection.terminal.send("002281B6", tlv(0x83, b"UTCVCA00001"))
    assert inspection.terminal.send("102A00BE", body[:100])[1] == OK
    inspection.terminal.read(1)
    assert inspection.terminal.send("002A00BE", body[100:])[1] == 0x6300, "another command broke it off"


def test_nothing_works_before_chip_authentication():
    terminal = Terminal(Inspection().chip)
    terminal.pace(OFFER, EXAMPLE_G)
    terminal.enter()
    assert terminal.send("002281B6", tlv(0x83, b"UTCVCA00001"))[1] == 0x6985


def test_what_is_not_of_the_chain_is_refused():
    shown = chain()
    inspection = Inspection()
    assert inspection.verify("UTCVCA00009", shown.verifier_certificate) == 0x6A88
    assert inspection.verify("UTCVCA00001", shown.terminal_certificate) == 0x6300, "another issuer"
    broken = shown.verifier_certificate[:-1] + bytes([shown.verifier_certificate[-1] ^ 1])
    assert inspection.verify("UTCVCA00001", broken) == 0x6300
    assert inspection.verify("UTCVCA00001", b"\x7f\x4e\x00") == 0x6300
    renamed = certificate(replace(CVCA, reference="UTCVCA00009"), VERIFIER, DOMESTIC_VERIFIER)
    assert inspection.verify("UTCVCA00001", renamed) == 0x6300, "signed by the key, not in its name"
    direct = certificate(CVCA, LANE, TERMINAL)
    assert inspection.verify("UTCVCA00001", direct) == 0x6300, "an authority names no terminal"
    assert inspection.verify("UTCVCA00001", shown.verifier_certificate) == OK
    for role in (AUTHORITY, DOMESTIC_VERIFIER):
        promoted = certificate(VERIFIER, LANE, role)
        assert inspection.verify("UTDVCA00001", promoted) == 0x6300, "a verifier names terminals only"
    assert inspection.terminal.send("002281A4", tlv(0x83, b"UTDVCA00001"))[1] == 0x6A88
    assert inspection.opens() == (False, False)


def certificate(issuer: Holder, named: Holder, role: int, valid_from: date = TODAY, days: int = 30) -> bytes:
    return card_verifiable.certificate(issuer, named, role, 3, valid_from, valid_from + timedelta(days=days))


def test_a_wrong_signature_gives_no_right_and_takes_those_there_were():
    inspection = Inspection()
    assert inspection.present(chain()) == OK
    assert inspection.opens() == (True, True)
    assert inspection.prove(LANE, message=b"another") == 0x6300
    for signature in (bytes(64), bytes(63), b"\xff" * 64, bytes(32) + b"\x01" * 32, b"\x01" * 32 + bytes(32)):
        inspection.terminal.send("00840000", le=8)
        assert inspection.terminal.send("00820000", signature)[1] == 0x6300
    assert inspection.opens() == (False, False)


def test_rights_do_not_go_over_into_a_new_session():
    inspection = Inspection()
    assert inspection.present(chain()) == OK
    inspection.terminal.pace(OFFER, EXAMPLE_G)
    inspection.terminal.enter()
    assert inspection.opens() == (False, False)
    assert inspection.terminal.send("002281A4", tlv(0x83, b"UTLANE00001"))[1] == 0x6985, "chip first"


def test_a_chips_clock_goes_on_with_certificates_and_refuses_what_has_ended():
    inspection = Inspection()
    assert inspection.present(chain()) == OK
    assert inspection.chip.state.memory.today == TODAY - timedelta(days=1)
    old = certificate(CVCA, VERIFIER, DOMESTIC_VERIFIER, TODAY - timedelta(days=60), 30)
    inspection.again()
    assert inspection.verify("UTCVCA00001", old) == 0x6300


def test_a_foreign_terminal_does_not_move_the_clock_beyond_its_verifier():
    inspection = Inspection()
    before = inspection.chip.state.memory.today
    assert inspection.present(chain(foreign=True)) == OK
    assert inspection.chip.state.memory.today == before
    assert inspection.opens() == (True, True)


def test_a_link_certificate_renews_the_trust_point_for_good():
    inspection, new = Inspection(), holder("UTCVCA00002", label="b")
    link = card_verifiable.link(CVCA, new, TODAY)
    assert inspection.verify("UTCVCA00001", link) == OK
    inspection.again()
    assert inspection.terminal.read(0x1C)[0] == (tlv(0x42, b"UTCVCA00002") + tlv(0x42, b"UTCVCA00001")).ljust(
        36, b"\0"
    )
    assert (inspection.told[0x87], inspection.told[0x88]) == (b"UTCVCA00002", b"UTCVCA00001")
    shown = card_verifiable.chain(new, VERIFIER, LANE, TODAY)
    assert inspection.present(shown) == OK
    assert inspection.opens() == (True, True)
    # The old authority stays until its end.
    inspection.again()
    assert inspection.present(chain()) == OK
    far = TODAY + timedelta(days=2 * 365 + 1)
    assert inspection.verify("UTCVCA00002", certificate(new, VERIFIER, DOMESTIC_VERIFIER, far)) == OK
    inspection.again()
    assert inspection.verify("UTCVCA00001", chain().verifier_certificate) == 0x6A88
    assert 0x88 not in inspection.told
