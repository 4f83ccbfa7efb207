"""Ciphers and key derivation, against values that others published."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.emrtd import ciphers
from drivers.emrtd.ciphers import Cipher
from drivers.emrtd.errors import ProtocolError


def test_keys_of_the_document_by_doc_9303_11_appendix_d() -> None:
    """D.1: Kseed of L898902C<, 690806, 940623, and the two keys of it."""
    seed = bytes.fromhex("239AB9CB282DAF66231DC5A4DF6BFBAE")
    assert ciphers.derive_key(Cipher.DES3, seed, 1).hex() == "ab94fdecf2674fdfb9b391f85d7f76f2"
    assert ciphers.derive_key(Cipher.DES3, seed, 2).hex() == "7962d9ece03d1acd4c76089dce131543"


def test_the_retail_mac_of_doc_9303_11_appendix_d() -> None:
    """D.3: MAC of the terminal's cryptogram under the document's key."""
    key = bytes.fromhex("7962D9ECE03D1ACD4C76089DCE131543")
    e_ifd = bytes.fromhex("72C29C2371CC9BDB65B779B8E8D37B29ECC154AA56A8799FAE2F498F76ED92F2")
    assert ciphers.mac(Cipher.DES3, key, e_ifd).hex() == "5f1448eea8ad90a7"


@pytest.mark.parametrize(
    ("cipher", "key", "message", "tag"),
    [
        (Cipher.AES128, "2b7e151628aed2a6abf7158809cf4f3c", "", "bb1d6929e9593728"),
        (
            Cipher.AES128,
            "2b7e151628aed2a6abf7158809cf4f3c",
            "6bc1bee22e409f96e93d7e117393172a",
            "070a16b46b4d4144",
        ),
        (Cipher.AES192, "8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b", "", "d17ddf46adaacde5"),
        (
            Cipher.AES256,
            "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
            "",
            "028962f61b7bf89e",
        ),
    ],
)
def test_cmac_by_nist_sp_800_38b_appendix_d(cipher: Cipher, key: str, message: str, tag: str) -> None:
    assert ciphers.mac(cipher, bytes.fromhex(key), bytes.fromhex(message)).hex() == tag


@given(st.sampled_from(Cipher), st.data())
def test_what_is_encrypted_is_decrypted(cipher: Cipher, data: st.DataObject) -> None:
    key = bytearray(data.draw(st.binary(min_size=cipher.key_length, max_size=cipher.key_length)))
    plain = data.draw(st.binary(max_size=60))
    iv = data.draw(st.none() | st.binary(min_size=cipher.block, max_size=cipher.block))
    sent = ciphers.encrypt_cbc(cipher, key, ciphers.pad(plain, cipher.block), iv)
    assert ciphers.unpad(ciphers.decrypt_cbc(cipher, key, sent, iv), cipher.block) == plain


@given(st.binary(max_size=40))
def test_only_a_whole_padding_of_at_most_one_block_is_taken_off(data: bytes) -> None:
    try:
        plain = ciphers.unpad(data, 8)
    except ProtocolError:
        return
    assert ciphers.pad(plain, 8) == data or len(data) % 8


@pytest.mark.parametrize("cipher", Cipher)
def test_a_key_of_a_wrong_length_is_refused(cipher: Cipher) -> None:
    with pytest.raises(ValueError, match=f"key of {cipher.key_length} octets"):
        ciphers.encrypt_cbc(cipher, bytes(cipher.key_length - 1), bytes(16))


def test_keys_of_3des_have_odd_parity() -> None:
    key = ciphers.with_odd_parity(bytes(range(256)))
    assert all(octet.bit_count() % 2 == 1 for octet in key)
    assert all(octet ^ want <= 1 for octet, want in zip(key, range(256), strict=True))
