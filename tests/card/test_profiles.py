"""Every profile makes a chip that opens with its page and proves what it says."""

import base64
from datetime import date
from pathlib import Path
from random import Random

import pytest

from simulators import people
from simulators.card import profiles
from simulators.card.chip import Chip
from simulators.card.cv_certificates import parse
from simulators.card.document import Document
from simulators.card.document_file import DocumentError
from simulators.card.domain import domain
from simulators.card.national import national_pki
from simulators.card.personalisation import EF_SOD, ChipAuthenticationKey, Personalisation, data_group
from simulators.card.personaliser import personalise
from simulators.card.terminals import terminal_chain
from simulators.card.trust import directory_files, one_of_each_authority, trust_files, write_trust
from tests.card.terminal import OK, Terminal

STATES = [name for name in profiles.profile_names() if len(name.split("-")[0]) == 3 and name[:4] != "bac"]


def opened(document: Document, chip: Personalisation) -> Terminal:
    """A terminal that has opened the chip by its best way, and selected the application."""
    terminal = Terminal(Chip(chip, document.behaviour, faults=document.faults))
    terminal.chip.power(True)
    offers = [] if document.faults else chip.pace
    if offers:
        terminal.pace(offers[0], chip.secrets)
    if not document.behaviour.application_needs_terminal:
        assert terminal.enter() == OK
        if not offers and chip.bac:
            assert terminal.bac(chip.secrets) == OK
    return terminal


def whole(terminal: Terminal, number: int, size: int) -> bytes:
    """A file of the application, in pieces that every chip takes."""
    assert terminal.select(number) == OK
    content = b""
    while len(content) < size:
        piece, status = terminal.send(f"00B0{len(content):04X}", le=min(128, size - len(content)))
        assert status == OK
        content += piece
    return content


@pytest.mark.parametrize("name", profiles.profile_names())
def test_a_profiles_chip_opens_with_its_page_and_holds_what_was_signed(name: str) -> None:
    document = profiles.document(name, {"portrait": {"width": 90, "height": 120, "bytes": 1500}})
    chip = personalise(document)
    terminal = opened(document, chip)
    if document.behaviour.application_needs_terminal:
        assert terminal.enter() != OK
        return
    for key in (data_group(1), EF_SOD):
        assert whole(terminal, key[1], len(chip.files[key])) == chip.files[key]
    for key in chip.chip_authentication:
        assert _proves(terminal, key, by_template=not key.announced or key.cipher.arc == 1)
        break


def _proves(terminal: Terminal, key: ChipAuthenticationKey, *, by_template: bool) -> bool:
    """Chip authentication with the announced key, believed only when the next answer holds under new keys."""
    announced = domain(key.group).public(key.private)
    dg14 = terminal.chip.state.memory.files[data_group(14)]
    assert announced in dg14 or int.from_bytes(announced, "big").to_bytes(len(announced), "big") in dg14
    return terminal.authenticate_chip(key, by_template=by_template) == OK and terminal.select(0x0101) == OK


def test_there_is_a_profile_for_every_state_with_a_known_quirk_and_for_every_way_in() -> None:
    assert len(STATES) >= 30
    ways = {
        offer.split()[0] for name in profiles.profile_names() for offer in profiles.document(name).access.pace
    }
    assert ways == {"DH-GM", "ECDH-GM", "DH-IM", "ECDH-IM", "ECDH-CAM"}


def test_a_profile_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(DocumentError, match=r"profile 'atl': there is none, expected one of active-rsa, aus"):
        profiles.document("atl")


def test_a_wrong_key_in_a_table_over_a_profile_is_named() -> None:
    with pytest.raises(
        DocumentError, match=r"^tables over profiles/full\.toml: behaviour\.absnt: there is no such key"
    ):
        profiles.document("full", {"behaviour": {"absnt": 1}})


def test_a_mistake_is_named_in_the_file_and_line_that_made_it() -> None:
    # The keys that are wrong together are the profile's and the specimen's own.
    for over, expected in (
        (
            {"chip_authentication_mapping": {"key": "secp256r1 standard"}},
            r"profiles/pace-cam\.toml:3: access\.pace: ECDH-CAM",
        ),
        ({"page": {"optional": "A" * 40}}, r"tables over profiles/pace-cam\.toml: page\.optional: "),
    ):
        with pytest.raises(DocumentError, match=f"^{expected}"):
            profiles.document("pace-cam", over)


@pytest.mark.parametrize("papers", ["passport-chip", "identity-card"])
@pytest.mark.parametrize("state", ["KAZ", "UZB"])
def test_a_travellers_document_has_the_travellers_page_in_dg1(state: str, papers: str) -> None:
    traveller = people.traveller(Random(3), date(2026, 6, 1), state=state, papers=papers)
    document = profiles.travellers_document("pace-gm", traveller, date(2025, 9, 1))
    chip = personalise(document)
    assert chip.files[data_group(1)].endswith("".join(traveller.document.lines).encode())
    assert chip.secrets.number == traveller.document.number
    assert national_pki(document).current.country == {"KAZ": "KZ", "UZB": "UZ"}[state]
    terminal = opened(document, chip)
    assert whole(terminal, 0x0101, len(chip.files[data_group(1)])) == chip.files[data_group(1)]


def test_the_trust_folder_has_each_state_once(tmp_path: Path) -> None:
    names = ("full", "pace-cam", "idn", "ita")
    documents = [profiles.document(name) for name in names]
    paths = write_trust(tmp_path / "trust", documents, date(2025, 8, 1))
    assert sorted((tmp_path / "trust").iterdir()) == paths
    kinds = [path.name.partition("-")[0] for path in paths]
    assert kinds == ["csca"] * 3 + ["deviations"] + ["link"] + ["revoked"] * 3
    assert trust_files(documents[0], date(2025, 8, 1)) == trust_files(documents[1], date(2025, 8, 1))


def test_the_directorys_files_hold_signers_crls_and_master_lists() -> None:
    documents = [profiles.document("full"), profiles.document("idn")]
    first, second = directory_files(documents, date(2025, 8, 1)).values()
    held = {line: block for block in first.split("\n\n") for line in block.splitlines()}
    assert sum(line.startswith("userCertificate;binary:: ") for line in held) == 2
    assert sum(line.startswith("certificateRevocationList;binary:: ") for line in held) == 2
    unfolded = second.replace("\n ", "")
    values = [line.partition(":: ")[2] for line in unfolded.splitlines() if "Content:: " in line]
    assert [base64.b64decode(one) for one in values] == [national_pki(one).master_list() for one in documents]


def test_a_trust_folder_for_whoever_comes_knows_every_travellers_signer() -> None:
    since, until = date(2017, 3, 1), date(2026, 11, 1)
    documents = list(one_of_each_authority(["pace-cam", "bac"], ["KAZ", "TJK"], since, until))
    anchors = {anchor for one in documents for anchor in national_pki(one).anchors}
    assert len(anchors) == 2 * 2 * 3
    draw = Random(5)
    for _ in range(6):
        traveller = people.traveller(draw, until, state=draw.choice(["KAZ", "TJK"]), papers="passport-chip")
        issued = date(draw.randrange(2018, 2027), 2, 3)
        for name in ("pace-cam", "bac"):
            carried = profiles.travellers_document(name, traveller, issued)
            assert set(national_pki(carried).anchors) <= anchors


def test_the_terminal_of_the_state_is_believed_by_its_chips() -> None:
    document = profiles.document("fingerprints")
    chip = personalise(document)
    chain = terminal_chain(document, date(2026, 1, 1))
    assert chip.terminal_trust is not None
    assert [one.key for one in map(parse, chip.terminal_trust.certificates)] == [
        parse(chain.authority_certificate).key
    ]
    terminal = opened(document, chip)
    (key,) = chip.chip_authentication
    assert _proves(terminal, key, by_template=False)
    issuer = chain.authority.reference.encode()
    for certificate in chain.presented:
        assert terminal.send("002281B6", bytes([0x83, len(issuer)]) + issuer)[1] == OK
        body = certificate[certificate.index(b"\x7f\x4e") :]
        assert terminal.send("002A00BE", body, extended=len(body) > 200)[1] == OK
        place = body.index(b"\x5f\x20")
        issuer = body[place + 3 : place + 3 + body[place + 2]]
    assert issuer.decode() == chain.terminal.reference
    assert terminal.send("002281A4", bytes([0x83, len(issuer)]) + issuer)[1] == OK
    challenge, _ = terminal.send("00840000", le=8)
    message = terminal.chip_key[1:33] + challenge + terminal.ephemeral
    signature = chain.terminal.sign(message)
    assert terminal.send("00820000", signature)[1] == OK
    assert whole(terminal, 0x0103, len(chip.files[data_group(3)])) == chip.files[data_group(3)]
