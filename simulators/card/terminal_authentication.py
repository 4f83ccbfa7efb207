"""Terminal authentication, version 1, from the chip's side (TR-03110-1, 3.5; TR-03110-3, C).

A chain from a trust point of the chip (a CVCA key) over links to verifier and terminal; then the terminal
signs the chip's name, its challenge and the key of chip authentication.  The chip's clock is the latest
beginning of a certificate that it trusts to know.
"""

from dataclasses import replace
from datetime import date

from simulators.card.apdu import (
    AUTHENTICATION_FAILED,
    CONDITIONS_NOT_SATISFIED,
    REFERENCED_DATA_NOT_FOUND,
    Refused,
)
from simulators.card.cv_certificates import CvCertificate, Role, parse
from simulators.card.der import tlv
from simulators.card.personalisation import TerminalTrust
from simulators.card.session import Memory, TerminalRun

RIGHT_FINGERS, RIGHT_IRIS = 0x01, 0x02
_CVCA_FILE_SIZE = 36

_MAY_ISSUE = {
    Role.AUTHORITY: {Role.AUTHORITY, Role.DOMESTIC_VERIFIER, Role.FOREIGN_VERIFIER},
    Role.DOMESTIC_VERIFIER: {Role.TERMINAL},
    Role.FOREIGN_VERIFIER: {Role.TERMINAL},
    Role.TERMINAL: set[Role](),
}


def trust_points(trust: TerminalTrust | None) -> list[CvCertificate]:
    """The stored authorities, the current one first.  Raises ValueError for a bad personalisation."""
    return [parse(each) for each in trust.certificates] if trust else []


def names(memory: Memory) -> tuple[bytes, ...]:
    """The references that EF.CVCA and PACE tell, the current one first."""
    return tuple(each.holder for each in memory.trust_points)


def cvca_file(memory: Memory) -> bytes:
    """EF.CVCA: one or two references, filled up with zeros."""
    return b"".join(tlv(0x42, name) for name in names(memory)).ljust(_CVCA_FILE_SIZE, b"\x00")


def set_verifier(memory: Memory, run: TerminalRun, name: bytes) -> None:
    """MSE:Set DST.  Raises Refused with 6A88 for a name that neither chip nor session knows."""
    known = {each.holder: each for each in memory.trust_points} | run.keys
    if name not in known:
        raise Refused(REFERENCED_DATA_NOT_FOUND)
    run.verifier = known[name]


def verify_certificate(memory: Memory, run: TerminalRun, data: bytes) -> None:
    """PSO: VERIFY CERTIFICATE: import the key, for good when it is an authority's.  Raises Refused."""
    issuer = run.verifier
    if issuer is None:
        raise Refused(CONDITIONS_NOT_SATISFIED)
    try:
        certificate = parse(data)
    except ValueError:
        raise Refused(AUTHENTICATION_FAILED) from None
    authority = certificate.role is Role.AUTHORITY
    # Every key below an authority lies on the curve that the authority's certificate states.
    key = replace(certificate.key, curve=certificate.key.curve or issuer.key.curve)
    certificate = replace(certificate, key=key, rights=issuer.rights & certificate.rights)
    expired = certificate.valid_to < memory.today and not authority
    if (
        certificate.issuer != issuer.holder
        or certificate.role not in _MAY_ISSUE[issuer.role]
        or expired
        or not issuer.key.verifies(certificate.body, certificate.signature)
    ):
        raise Refused(AUTHENTICATION_FAILED)
    if authority:
        _import_authority(memory, certificate)
    else:
        run.keys[certificate.holder] = certificate
    if authority or certificate.role is Role.DOMESTIC_VERIFIER or issuer.role is Role.DOMESTIC_VERIFIER:
        _move_clock(memory, certificate.valid_from)


def set_terminal(run: TerminalRun, name: bytes) -> None:
    """MSE:Set AT.  Raises Refused with 6A88 unless `name` is a terminal's whose certificate was verified."""
    found = run.keys.get(name)
    if found is None or found.role is not Role.TERMINAL:
        raise Refused(REFERENCED_DATA_NOT_FOUND)
    run.terminal = found


def authenticate(run: TerminalRun, message: bytes, signature: bytes) -> int:
    """The rights that the terminal's signature gives it.  Raises Refused with 6300 for a wrong one."""
    terminal = run.terminal
    if terminal is None:
        raise Refused(CONDITIONS_NOT_SATISFIED)
    if not terminal.key.verifies(message, signature):
        raise Refused(AUTHENTICATION_FAILED)
    return terminal.rights


def _import_authority(memory: Memory, link: CvCertificate) -> None:
    """The new key comes first; of the old ones the latest stays until its end."""
    others = [each for each in memory.trust_points if each.holder != link.holder]
    _replace_trust_points(memory, [link, *others[:1]])


def _move_clock(memory: Memory, today: date) -> None:
    memory.today = max(memory.today, today)
    first, *others = memory.trust_points
    _replace_trust_points(memory, [first, *(each for each in others if each.valid_to >= memory.today)])


def _replace_trust_points(memory: Memory, points: list[CvCertificate]) -> None:
    """EF.CVCA follows, wherever TerminalAuthenticationInfo has put it."""
    if points != memory.trust_points:
        before = cvca_file(memory)
        memory.trust_points = points
        for file in [file for file, content in memory.files.items() if content == before]:
            memory.files[file] = cvca_file(memory)
