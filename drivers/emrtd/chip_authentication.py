"""Chip authentication: the chip proves the private key of DG14 by talking under keys that only its owner
can make.

Doc 9303-11, section 6.2; BSI TR-03110-1, section 4.3 (version 1) and TR-03110-3, A.4 and B.2 (version 2).
The proof is worth what the hash of DG14, or the signature of EF.CardSecurity, is worth.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass

from drivers.emrtd import ciphers, domain_parameters, tlv
from drivers.emrtd.apdu import EXTENDED_LE_MAX, SHORT_LE_MAX, CommandApdu, Random
from drivers.emrtd.channel import Channel
from drivers.emrtd.ciphers import COUNTER_ENC, COUNTER_MAC, Cipher
from drivers.emrtd.curves import Point
from drivers.emrtd.errors import MalformedError, ProtocolError, StatusError, UnsupportedError
from drivers.emrtd.keys import DhDomain, EcDomain, KeyPair, unsigned
from drivers.emrtd.lds.security_infos import (
    ChipAuthenticationInfo,
    ChipAuthenticationPublicKeyInfo,
    SecurityInfo,
    of_type,
)
from drivers.emrtd.pace import token
from drivers.emrtd.secure_messaging import SecureMessaging
from drivers.emrtd.status_words import SUCCESS

_FID_DG14 = b"\x01\x0e"
_DYNAMIC_DATA = 0x7C
_NONCE_LENGTH = 8


@dataclass(frozen=True, slots=True)
class Offer:
    """One static key of the chip and how to use it.

    `info` is None where the chip names only a key: 3DES then (quirk of French passports of 2013).
    """

    key: ChipAuthenticationPublicKeyInfo
    info: ChipAuthenticationInfo | None
    domain: EcDomain | DhDomain
    public: bytes

    @property
    def cipher(self) -> Cipher:
        return self.info.cipher if self.info else Cipher.DES3

    @property
    def key_id(self) -> int | None:
        """What the chip calls this key, where it calls it anything."""
        if self.key.key_id is None and self.info is not None:
            return self.info.key_id
        return self.key.key_id


@dataclass(frozen=True, slots=True)
class ChipAuthenticationResult:
    """The session under the new keys is in the channel.  `terminal_identity` is Comp(PK_IFD), which terminal
    authentication signs."""

    offer: Offer
    terminal_identity: bytes


def offers(infos: Sequence[SecurityInfo], version: int = 1) -> tuple[Offer, ...]:
    """All usable ways of that version, the strongest cipher first; the chip's order decides among equals."""
    keys = of_type(infos, ChipAuthenticationPublicKeyInfo)
    ways = of_type(infos, ChipAuthenticationInfo)
    found: list[Offer] = []
    for key in keys:
        # Without identifiers there is one key, and every info means it (9303-11, section 9.2.5).
        fitting = [way for way in ways if way.key_id == key.key_id or len(keys) == 1]
        fitting = [way for way in fitting if way.key_agreement is key.key_agreement]
        chosen: list[ChipAuthenticationInfo | None] = [way for way in fitting if way.version == version]
        if not fitting and version == 1:
            chosen = [None]
        try:
            domain, public = domain_parameters.read_public_key(key.spki)
        except (UnsupportedError, MalformedError):
            continue
        found += [Offer(key, way, domain, public) for way in chosen]
    return tuple(sorted(found, key=lambda offer: offer.cipher.key_length * offer.cipher.block, reverse=True))


def problems(infos: Sequence[SecurityInfo]) -> tuple[str, ...]:
    """Why keys of the chip are not among its offers: one text a key that cannot be used."""
    found: list[str] = []
    for key in of_type(infos, ChipAuthenticationPublicKeyInfo):
        try:
            domain_parameters.read_public_key(key.spki)
        except (UnsupportedError, MalformedError) as error:
            found.append(str(error))
    return tuple(found)


def choose(infos: Sequence[SecurityInfo]) -> Offer | None:
    """The way of version 1 to take, None if the chip offers none that is known here."""
    return next(iter(offers(infos)), None)


def run(channel: Channel, offer: Offer, random: Random) -> ChipAuthenticationResult:
    """Version 1: new keys by key agreement with the chip's static key, and one command that proves them.

    The session with the new keys is in `channel` afterwards, EF.DG14 selected.  StatusError when the chip
    refuses a step, and ProtocolError when its key is no key or it does not answer under the new keys: it is
    not the chip that the state made.
    """
    domain = offer.domain
    own = domain.key_pair(random)
    secret = domain.agree(own.private, offer.public)
    _send_key(channel, offer, own.encoded)
    channel.secure = SecureMessaging(
        offer.cipher,
        ciphers.derive_key(offer.cipher, secret, COUNTER_ENC),
        ciphers.derive_key(offer.cipher, secret, COUNTER_MAC),
    )
    # 9000 proved nothing: who copied the chip says it too.  An answer under the new keys is the proof,
    # whatever it says; every other answer raises.
    channel.send(CommandApdu(0x00, 0xA4, 0x02, 0x0C, _FID_DG14))
    return ChipAuthenticationResult(offer, domain.compress(own.encoded))


def run_version_2(channel: Channel, offer: Offer, own: KeyPair[Point] | KeyPair[int]) -> None:
    """Version 2, which follows terminal authentication: `own` is the key that was announced there.

    The chip proves itself by a token at once (TR-03110-3, B.2.2).  The session under the new keys is in
    `channel` afterwards.  Errors as with `run`.
    """
    assert offer.info is not None, "an offer of version 2 has its info"
    _set_authentication_template(channel, offer, offer.info)
    secret = offer.domain.agree(own.private, offer.public)
    objects = _objects(_general_authenticate(channel, offer, own.encoded))
    nonce, proof = objects.get(0x81, b""), objects.get(0x82, b"")
    if set(objects) != {0x81, 0x82} or len(nonce) != _NONCE_LENGTH:
        raise ProtocolError("chip authentication: an answer without nonce and token")
    ks_enc = ciphers.derive_key(offer.cipher, secret + nonce, COUNTER_ENC)
    ks_mac = ciphers.derive_key(offer.cipher, secret + nonce, COUNTER_MAC)
    expected = token.make(offer.cipher, ks_mac, offer.info.oid_octets, offer.domain.public_tag, own.encoded)
    if not hmac.compare_digest(proof, expected):
        raise ProtocolError("chip authentication: the chip's token is wrong")
    channel.secure = SecureMessaging(offer.cipher, ks_enc, ks_mac)


def _send_key(channel: Channel, offer: Offer, public: bytes) -> None:
    """MSE:Set KAT for 3DES, else MSE:Set AT and GENERAL AUTHENTICATE (9303-11, section 6.2.4).

    Malaysian chips want the second form with 3DES too: it is tried where the first is refused."""
    if offer.cipher is Cipher.DES3:
        data = tlv.build(0x91, public) + _key_reference(offer)
        status = channel.send(CommandApdu(0x00, 0x22, 0x41, 0xA6, data)).status
        if status == SUCCESS:
            return
        if offer.info is None:
            raise StatusError("chip authentication: MSE:Set KAT", status)
    assert offer.info is not None
    _set_authentication_template(channel, offer, offer.info)
    _general_authenticate(channel, offer, public)


def _set_authentication_template(channel: Channel, offer: Offer, info: ChipAuthenticationInfo) -> None:
    data = tlv.build(0x80, info.oid_octets) + _key_reference(offer)
    channel.expect(CommandApdu(0x00, 0x22, 0x41, 0xA4, data), what="chip authentication: MSE:Set AT")


def _key_reference(offer: Offer) -> bytes:
    return b"" if offer.key_id is None else tlv.build(0x84, unsigned(offer.key_id))


def _general_authenticate(channel: Channel, offer: Offer, public: bytes) -> bytes:
    data = tlv.build(_DYNAMIC_DATA, tlv.build(0x80, public))
    le = SHORT_LE_MAX if len(data) <= channel.data_max else EXTENDED_LE_MAX
    command = CommandApdu(0x00, 0x86, 0x00, 0x00, data, le)
    return channel.expect(command, what="chip authentication: GENERAL AUTHENTICATE").data


def _objects(answer: bytes) -> dict[int, bytes]:
    try:
        outer = tlv.read(answer)
        nodes = outer.children() if outer.tag == _DYNAMIC_DATA else ()
    except MalformedError as error:
        raise ProtocolError(f"chip authentication: {error}") from error
    return {node.tag: node.value for node in nodes}
