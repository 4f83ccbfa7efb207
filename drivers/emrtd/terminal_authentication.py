"""Terminal authentication (BSI TR-03110-1, 3.5 and TR-03110-3, B.3): the terminal shows the chip that it
may read fingers and iris.

Version 1 follows chip authentication and is what passports speak; it is proved here against a simulated chip
only.  Version 2 comes before chip authentication and names the ephemeral key that this will use; BSI's worked
examples prove what is signed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from drivers.emrtd import card_verifiable, object_identifiers, tlv
from drivers.emrtd.apdu import CommandApdu
from drivers.emrtd.card_verifiable import CvCertificate, Rights
from drivers.emrtd.channel import Channel
from drivers.emrtd.errors import ProtocolError, StatusError
from drivers.emrtd.status_words import SUCCESS

_CHALLENGE_LENGTH = 8

Sign = Callable[[bytes], bytes]
"""The terminal's signature over a message, by the scheme of its certificate; ECDSA as plain r || s.  The
key may lie in a file or in a module that never gives it away."""


@dataclass(frozen=True)
class TerminalKey:
    """The terminal's certificates, with all links and verifiers that may lead to it, and its signature."""

    certificates: tuple[CvCertificate, ...]
    sign: Sign


def run(
    channel: Channel, key: TerminalKey, trust_points: Sequence[str], identifier: bytes, ephemeral: bytes
) -> Rights:
    """Version 1, after chip authentication; what the chip now allows.

    `trust_points` are the CVCA references that EF.CVCA or PACE named.  `identifier` is ID_IC: after BAC the
    document number with its check digit, after PACE Comp of the chip's ephemeral key.  `ephemeral` is Comp
    of the key that was sent in chip authentication.  UnsupportedError where no certificate leads there,
    StatusError with the step where the chip refuses."""
    certificates = _present(channel, key, trust_points)
    holder = tlv.build(0x83, certificates[-1].holder.encode("latin-1"))
    channel.expect(
        CommandApdu(0x00, 0x22, 0x81, 0xA4, holder), what="MSE: Set AT for terminal authentication"
    )
    _authenticate(channel, key.sign, identifier, ephemeral)
    return card_verifiable.effective_rights(certificates)


def run_version_2(
    channel: Channel, key: TerminalKey, trust_points: Sequence[str], identifier: bytes, ephemeral: bytes
) -> Rights:
    """Version 2, before chip authentication, whose key pair must exist already: `ephemeral` is its Comp.
    `identifier` is Comp of the chip's ephemeral key in PACE.  Errors as in version 1."""
    certificates = _present(channel, key, trust_points)
    own = certificates[-1]
    selected = (
        tlv.build(0x80, object_identifiers.encode(own.key.oid))
        + tlv.build(0x83, own.holder.encode("latin-1"))
        + tlv.build(0x91, ephemeral)
    )
    channel.expect(
        CommandApdu(0x00, 0x22, 0x81, 0xA4, selected), what="MSE: Set AT for terminal authentication"
    )
    _authenticate(channel, key.sign, identifier, ephemeral)
    return card_verifiable.effective_rights(certificates)


def message(identifier: bytes, challenge: bytes, ephemeral: bytes) -> bytes:
    """What the terminal signs: ID_IC || r_IC || Comp(PK_IFD) (TR-03110-3, B.3.4), without auxiliary data."""
    return identifier + challenge + ephemeral


def _present(channel: Channel, key: TerminalKey, trust_points: Sequence[str]) -> tuple[CvCertificate, ...]:
    """Show the chip each certificate in turn; it keeps the key of each, and of a link for good."""
    certificates = card_verifiable.chain(key.certificates, trust_points)
    for certificate in certificates:
        authority = tlv.build(0x83, certificate.authority.encode("latin-1"))
        channel.expect(
            CommandApdu(0x00, 0x22, 0x81, 0xB6, authority), what=f"MSE: Set DST {certificate.authority}"
        )
        what = f"PSO: Verify Certificate {certificate.holder}"
        response = channel.send_chained(CommandApdu(0x00, 0x2A, 0x00, 0xBE, certificate.value), what=what)
        if response.status != SUCCESS:
            raise StatusError(what, response.status)
    return certificates


def _authenticate(channel: Channel, sign: Sign, identifier: bytes, ephemeral: bytes) -> None:
    command = CommandApdu(0x00, 0x84, 0x00, 0x00, le=_CHALLENGE_LENGTH)
    challenge = channel.expect(command, what="GET CHALLENGE for terminal authentication").data
    if len(challenge) != _CHALLENGE_LENGTH:
        raise ProtocolError(f"a challenge of {len(challenge)} bytes, expected {_CHALLENGE_LENGTH}")
    signature = sign(message(identifier, challenge, ephemeral))
    # A signature too long for a short command takes the extended form: chaining is for PACE and certificates.
    command = CommandApdu(0x00, 0x82, 0x00, 0x00, signature)
    channel.expect(command, what="EXTERNAL AUTHENTICATE of the terminal")
