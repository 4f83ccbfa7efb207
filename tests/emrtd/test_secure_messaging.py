"""Secure messaging (Doc 9303-11, 9.8): the standard's example, real traces, and that nothing altered gets
through."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from drivers.emrtd.apdu import CommandApdu
from drivers.emrtd.ciphers import Cipher
from drivers.emrtd.errors import ProtocolError, SessionLost, TagLost
from drivers.emrtd.secure_messaging import SecureMessaging
from tests.emrtd.material import hexadecimal, needs_data, vectors
from tests.emrtd.secured_end import both_ends

TRACES = vectors("icao_and_chip_traces")
SELECT_COM = CommandApdu(0x00, 0xA4, 0x02, 0x0C, bytes.fromhex("011E"))
READ = CommandApdu(0x00, 0xB0, 0x00, 0x00, le=223)


@needs_data
def test_select_ef_com_of_doc_9303_11_appendix_d() -> None:
    """D.4: SELECT EF.COM under 3DES, and the chip's answer."""
    ks_enc, ks_mac, ssc, ssc_after, command, *_ = hexadecimal(TRACES["sm_encode"])
    session = SecureMessaging(Cipher.DES3, ks_enc, ks_mac, int.from_bytes(ssc, "big"))
    assert session.protect(SELECT_COM).encode() == command
    assert session.ssc == ssc_after
    answer, ssc_then = hexadecimal(TRACES["sm_decode"])[3:5]
    response = session.unprotect(answer, None)
    assert (response.data, response.status, session.ssc) == (b"", 0x9000, ssc_then)


@needs_data
def test_mse_set_at_as_a_german_passport_took_it() -> None:
    """AES-128, MSE:Set AT with a key reference, real trace."""
    ks_enc, ks_mac, ssc, data, ssc_after, command = hexadecimal(TRACES["sm_encode"])[5:]
    session = SecureMessaging(Cipher.AES128, ks_enc, ks_mac, int.from_bytes(ssc, "big"))
    assert session.protect(CommandApdu(0x00, 0x22, 0x41, 0xA4, data)).encode() == command
    assert session.ssc == ssc_after


@needs_data
def test_a_full_answer_as_a_real_chip_gave_it() -> None:
    """AES-128, 223 bytes in one short answer."""
    ks_enc, ks_mac, ssc, answer, ssc_after, plain = hexadecimal(TRACES["sm_decode"])[5:]
    session = SecureMessaging(Cipher.AES128, ks_enc, ks_mac, int.from_bytes(ssc, "big"))
    response = session.unprotect(answer, session.data_max)
    assert (response.status, response.data, session.ssc) == (
        int.from_bytes(answer[-2:], "big"),
        plain,
        ssc_after,
    )


@pytest.mark.parametrize(("cipher", "most"), [(Cipher.DES3, 231), (Cipher.AES128, 223), (Cipher.AES256, 223)])
def test_the_most_that_fits_a_short_frame(cipher: Cipher, most: int) -> None:
    reader, chip = both_ends(cipher)
    assert reader.data_max == most
    assert not reader.protect(CommandApdu(0, 0xD6, 0, 0, bytes(most), 256)).extended
    assert reader.protect(CommandApdu(0, 0xD6, 0, 0, bytes(most + 1), 256)).extended
    chip.ssc = 2
    assert len(chip.close(bytes(most), 0x9000)) <= 258
    assert len(chip.close(bytes(most + 1), 0x9000)) > 258


commands = st.builds(
    CommandApdu,
    st.sampled_from([0x00, 0x10]),
    st.sampled_from([0xB0, 0xB1, 0x22, 0x86]),
    st.integers(0, 255),
    st.integers(0, 255),
    st.binary(max_size=300),
    st.none() | st.integers(1, 65536),
)


@given(st.sampled_from(Cipher), commands, st.data())
def test_what_one_end_sends_the_other_reads(
    cipher: Cipher, command: CommandApdu, data: st.DataObject
) -> None:
    reader, chip = both_ends(cipher, ssc=7)
    for _ in range(2):
        header, plain, le = chip.open(reader.protect(command).encode())
        assert header[0] == command.cla | 0x0C
        assert (header[1:], plain, le) == (command.header[1:], command.data, command.le)
        answer = data.draw(st.binary(max_size=min(command.le or 0, 300)))
        status = data.draw(st.sampled_from([0x9000, 0x6282, 0x6283, 0x6A82, 0x6CE7]))
        response = reader.unprotect(chip.close(answer, status, 0x85 if command.ins & 1 else 0x87), command.le)
        assert (response.data, response.status) == (answer, status)


@pytest.mark.parametrize("cipher", Cipher)
def test_every_octet_flipped_is_refused(cipher: Cipher) -> None:
    _, chip = both_ends(cipher, ssc=1)
    answer = chip.close(b"secret of the document", 0x9000)
    for at in range(len(answer)):
        for bit in range(8):
            reader, _ = both_ends(cipher)
            reader.protect(READ)
            broken = bytearray(answer)
            broken[at] ^= 1 << bit
            with pytest.raises(ProtocolError):
                reader.unprotect(bytes(broken), READ.le)
            with pytest.raises(ProtocolError, match="keys are gone"):
                reader.protect(READ)


@given(st.sampled_from(Cipher), st.binary(max_size=300))
def test_no_octets_but_the_chip_s_own_are_taken(cipher: Cipher, answer: bytes) -> None:
    reader, _ = both_ends(cipher)
    reader.protect(READ)
    with pytest.raises((ProtocolError, TagLost)):
        reader.unprotect(answer, READ.le)


@given(st.sampled_from(Cipher), st.integers(0, 50), st.binary(min_size=1, max_size=6))
def test_an_answer_cut_or_lengthened_is_refused(cipher: Cipher, cut: int, more: bytes) -> None:
    _, chip = both_ends(cipher, ssc=1)
    answer = chip.close(b"\1\2\3", 0x9000)
    assume(cut < len(answer))
    for broken in (answer[:cut], answer + more, answer[:-2] + more + answer[-2:]):
        reader, _ = both_ends(cipher)
        reader.protect(READ)
        with pytest.raises((ProtocolError, TagLost)):
            reader.unprotect(broken, READ.le)


@pytest.mark.parametrize("cipher", Cipher)
def test_an_answer_heard_before_is_refused(cipher: Cipher) -> None:
    reader, chip = both_ends(cipher)
    chip.open(reader.protect(READ).encode())
    answer = chip.close(b"\1", 0x9000)
    reader.unprotect(answer, READ.le)
    reader.protect(READ)
    with pytest.raises(ProtocolError, match="MAC is wrong"):
        reader.unprotect(answer, READ.le)


@pytest.mark.parametrize("raw", ["9000", "6282", "63C2"])
def test_success_in_the_clear_is_an_attack(raw: str) -> None:
    reader, _ = both_ends(Cipher.AES128)
    reader.protect(READ)
    with pytest.raises(ProtocolError, match="in the clear") as caught:
        reader.unprotect(bytes.fromhex(raw), READ.le)
    assert not isinstance(caught.value, SessionLost)


@pytest.mark.parametrize("status", [0x6987, 0x6988, 0x6A82, 0x6982, 0x6F00])
def test_an_error_in_the_clear_ends_the_session(status: int) -> None:
    reader, _ = both_ends(Cipher.AES128)
    reader.protect(READ)
    with pytest.raises(SessionLost) as caught:
        reader.unprotect(status.to_bytes(2, "big"), READ.le)
    assert caught.value.status == status
    with pytest.raises(ProtocolError, match="keys are gone"):
        reader.protect(READ)


@pytest.mark.parametrize(
    ("objects", "why"),
    [
        ("", "holds the objects 8E"),
        ("8E0800000000000000009902 9000", "holds the objects 8E 99 8E"),
        ("99029000 99029000", "99 99 8E"),
        ("99029000 8709011122334455667788", "99 87 8E"),
        ("04020102 99029000", "04 99 8E"),
        ("9901 90", "secured status 90"),
        ("99026A82", "not the one outside"),
        ("870100 99029000", "padding indicator"),
        ("870101 99029000", "0 bytes is not whole blocks"),
        ("870301AABB 99029000", "2 bytes is not whole blocks"),
        ("870901FFFFFFFFFFFFFFFF 99029000", "padding"),
    ],
)
def test_what_the_standard_forbids_is_refused_even_under_a_right_mac(objects: str, why: str) -> None:
    reader, chip = both_ends(Cipher.DES3)
    reader.protect(READ)
    chip.ssc = 2
    with pytest.raises(ProtocolError, match=why):
        reader.unprotect(chip.sealed(bytes.fromhex(objects), 0x9000), READ.le)


def test_more_bytes_than_asked_for_are_refused() -> None:
    for le in (None, 3):
        reader, chip = both_ends(Cipher.AES256)
        chip.open(reader.protect(READ.with_le(le)).encode())
        with pytest.raises(ProtocolError, match="4 bytes where"):
            reader.unprotect(chip.close(b"1234", 0x9000), le)


def test_no_answer_is_a_lost_tag() -> None:
    reader, _ = both_ends(Cipher.DES3)
    reader.protect(READ)
    with pytest.raises(TagLost):
        reader.unprotect(b"", READ.le)
