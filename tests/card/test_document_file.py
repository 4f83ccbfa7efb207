"""Mistakes in a document's TOML: each is said with file, line and key, and with what may stand there."""

from pathlib import Path

import pytest

from simulators.card.document_file import DocumentError, load
from simulators.card.personaliser import personalise

HEAD = '[holder]\nsurname = "ERIKSSON"\nbirth = 1974-08-12\n[page]\nnumber = "L898902C3"\n'


def said(folder: Path, text: str) -> list[str]:
    """What is wrong with a document file, without the file's name."""
    path = folder / "document.toml"
    path.write_text(text)
    with pytest.raises(DocumentError) as raised:
        load(path)
    lines = str(raised.value).splitlines()
    assert all(line.startswith(f"{path}:") for line in lines)
    return [line.removeprefix(f"{path}:") for line in lines]


def test_a_document_without_mistakes_becomes_a_chip(tmp_path: Path) -> None:
    path = tmp_path / "document.toml"
    path.write_text(HEAD)
    assert personalise(load(path)).secrets.number == "L898902C3"


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ('lines = ["abc"]', "6: page.lines: found 1 of 3, expected 2 lines of 44, 2 of 36 or 3 of 30"),
        ('optional = "MUCHTOOLONGFORIT"', "6: page.optional: 'MUCHTOOLONGFORIT' does not fit into 14"),
        ('form = "TD9"', "6: page.form: found 'TD9', expected 'TD1', 'TD2' or 'TD3'"),
        ("exipres = 2030-01-01", "6: page.exipres: there is no such key; did you mean 'expires'?"),
        ('[access]\npace = ["ECDH-GM AES-128 modp1024-160"]', "7: access.pace: found 'ECDH-GM AES-128 modp1"),
        ('[access]\npace = ["DH-IM AES-128 secp256r1"]', "7: access.pace: found 'DH-IM AES-128 secp256r1'"),
        ('[access]\npace = ["ECDH-IM AES-128 secp224r1"]', "7: access.pace: found 'ECDH-IM AES-128 secp224"),
        ('[access]\npace = ["ECDH-CAM 3DES secp256r1"]', "7: access.pace: found 'ECDH-CAM 3DES secp256r1'"),
        ('[access]\npace = ["ECDH-CAM AES-128 secp256r1"]', "7: access.pace: ECDH-CAM on secp256r1 needs"),
        ("[files]\nrewritten = [7]", "7: files.rewritten: found 7, expected one of 1, 2"),
        ("[files]\nunlisted = [15]", "7: files.unlisted: found 15, expected one of 1, 2"),
        ("[sod]\ncom_hides = [14]", "7: sod.com_hides: found 14, expected one of 1, 2"),
        ("[files]\ngroups = [1, 8]", "7: files.groups: found 8, expected 1 to 5, 7, 11 to 13 or 16"),
        ("[files.writing]\nbcd = true", "7: files.writing.bcd: there is no such key"),
        ('[signing]\nmask_hash = "foo"', "7: signing.mask_hash: found 'foo', expected '', 'sha1'"),
        (
            "[signing]\nsalt_length = -7",
            "7: signing.salt_length: Input should be greater than or equal to -1",
        ),
        ('[signing]\nsigner = "secp257r1"', "7: signing.signer: key 'secp257r1': 'secp257r1' is not known"),
        ('[signing]\nsignature = "rsa-sha256"', "7: signing.signature: signature 'rsa-sha256' does not go"),
        ('[signing]\ncsca = "rsa-100"', "7: signing.csca: key 'rsa-100'"),
        (
            "[signing.signer_form]\ndyas = 3",
            "7: signing.signer_form.dyas: there is no such key; did you mean",
        ),
        ('[[chip_authentication]]\nkey = "modp512"', "7: chip_authentication[1].key: key 'modp512'"),
        ('[chip_authentication_mapping]\nkey = "x"', "7: chip_authentication_mapping.key: key 'x'"),
        ('[active_authentication]\nkey = "rsa-99"', "7: active_authentication.key: key 'rsa-99'"),
        ('[terminal_authentication]\nkey = "rsa-99"', "7: terminal_authentication.key: key 'rsa-99'"),
        ("[behaviour]\nread_max = 0", "7: behaviour.read_max: Input should be greater than or equal to 1"),
        ("[behaviour]\nabsent = 7", "7: behaviour.absent: Input should be greater than or equal to 24576"),
        ("[behaviour]\nabsnt = 0x6A88", "7: behaviour.absnt: there is no such key; did you mean 'absent'?"),
        ('[behaviour]\natr = "zz"', "7: behaviour.atr: found 'zz', expected hexadecimal digits in pairs"),
        ('[[faults]]\nname = "eaten"', "7: faults[1].name: found 'eaten', expected 'torn', 'stall', 'slow'"),
        (
            '[[faults]]\nname = "torn"\nstpe = "aa"',
            "8: faults[1].stpe: there is no such key; did you mean 's",
        ),
        (
            '[[faults]]\nname = "torn"\nstep = "read:DG17"',
            "8: faults[1].step: found 'read:DG17', which no command is; did you mean 'read:DG",
        ),
        (
            '[[faults]]\nname = "torn"\nnth = 0',
            "8: faults[1].nth: Input should be greater than or equal to 1",
        ),
    ],
)
def test_a_mistake_is_said_where_it_stands(tmp_path: Path, more: str, expected: str) -> None:
    (line,) = said(tmp_path, f"{HEAD}{more}\n")
    assert line.startswith(expected)


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ('nationality = "utopia"', "2: holder.nationality: found 'utopia', expected the form ^[A-Z]{1,3}$"),
        ('sex = "X"', "2: holder.sex: found 'X', expected 'M', 'F' or '<'"),
    ],
)
def test_a_wrong_holder_is_said_too(tmp_path: Path, key: str, expected: str) -> None:
    assert said(tmp_path, HEAD.replace("[holder]", f"[holder]\n{key}")) == [expected]


def test_a_number_too_long_for_its_page_is_said(tmp_path: Path) -> None:
    (line,) = said(tmp_path, HEAD.replace("L898902C3", "L898902C34"))
    assert line == "5: page.number: found 10 characters, expected at most 9 on a TD3 page"
