"""The four exchanges of PACE (Doc 9303-11, section 4.4; BSI TR-03110-3, B.1), whichever the mapping."""

import hmac
from dataclasses import dataclass, field
from typing import TypeVar

from drivers.emrtd import ciphers
from drivers.emrtd.access_key import AccessKey
from drivers.emrtd.apdu import Random
from drivers.emrtd.channel import Channel
from drivers.emrtd.ciphers import COUNTER_ENC, COUNTER_MAC
from drivers.emrtd.curves import Point
from drivers.emrtd.errors import ProtocolError
from drivers.emrtd.keys import DhDomain, Domain, EcDomain, KeyPair
from drivers.emrtd.lds.security_infos import Mapping
from drivers.emrtd.pace import (
    mapping_chip_authentication,
    mapping_generic,
    mapping_integrated,
    nonce,
    token,
)
from drivers.emrtd.pace.exchange import Exchange, FinalAnswer
from drivers.emrtd.pace.parameters import Offer
from drivers.emrtd.secure_messaging import SecureMessaging

Element = TypeVar("Element", Point, int)


@dataclass(frozen=True, slots=True)
class PaceResult:
    """What later protocols need of a PACE that succeeded; its session is in the channel.

    `identity` is Comp(PK_IC), by which terminal authentication names the chip (TR-03110-1, 4.4).
    `authorities` are the references of the chip's certification authorities, the present one first.
    `mapping_key` is the chip's key of the mapping step, None after integrated mapping;
    `chip_authentication_data` is CA_IC after chip authentication mapping.
    """

    offer: Offer
    identity: bytes
    authorities: tuple[bytes, ...] = ()
    mapping_key: Point | int | None = None
    chip_authentication_data: bytes | None = field(default=None, repr=False)


def run(channel: Channel, offer: Offer, key: AccessKey, random: Random) -> PaceResult:
    """Authenticate by PACE and put the session into `channel`.

    AccessRefused when the chip does not take the password, StatusError when it refuses a step,
    ProtocolError when a key or a token of the chip is wrong.  Nothing is installed unless all of it
    succeeded.
    """
    exchange = Exchange(channel, offer)
    exchange.set_authentication_template(key.password_reference)
    secret = nonce.decrypt(offer.info.cipher, key.pace_password(), exchange.encrypted_nonce())
    if isinstance(offer.domain, EcDomain):
        return _run_ec(exchange, offer.domain, secret, random)
    return _run_dh(exchange, offer.domain, secret, random)


def _run_ec(exchange: Exchange, domain: EcDomain, secret: bytes, random: Random) -> PaceResult:
    info = exchange.offer.info
    if info.mapping is Mapping.IM:
        public = _integrated(exchange, random)
        mapped = mapping_integrated.map_ec(domain, info.cipher, secret, public)
        return _agree(exchange, mapped, random)
    own, chip = _anonymous(exchange, domain, random)
    mapped = mapping_generic.map_ec(domain, secret, domain.multiply(own.private, chip))
    return _agree(exchange, mapped, random, own, chip)


def _run_dh(exchange: Exchange, domain: DhDomain, secret: bytes, random: Random) -> PaceResult:
    info = exchange.offer.info
    if info.mapping is Mapping.IM:
        public = _integrated(exchange, random)
        mapped = mapping_integrated.map_dh(domain, info.cipher, secret, public)
        return _agree(exchange, mapped, random)
    own, chip = _anonymous(exchange, domain, random)
    mapped = mapping_generic.map_dh(domain, secret, domain.multiply(own.private, chip))
    return _agree(exchange, mapped, random, own, chip)


def _integrated(exchange: Exchange, random: Random) -> bytes:
    """Integrated mapping's exchange: a number of ours in the clear, as long as a key."""
    public = random(exchange.offer.info.cipher.key_length)
    exchange.send_mapping_nonce(public)
    return public


def _anonymous(
    exchange: Exchange, domain: Domain[Element], random: Random
) -> tuple[KeyPair[Element], Element]:
    """Generic mapping's exchange: a key of ours against one of the chip's, on the standard generator."""
    own = domain.key_pair(random)
    chip = domain.decode(exchange.send_mapping_key(own.encoded))
    _refuse_repetition(chip, own.public)
    return own, chip


def _agree(
    exchange: Exchange,
    domain: Domain[Element],
    random: Random,
    mapping_own: KeyPair[Element] | None = None,
    mapping_chip: Element | None = None,
) -> PaceResult:
    """Key agreement on the mapped generator, tokens, and what the last message brings."""
    info = exchange.offer.info
    own = domain.key_pair(random)
    chip_octets = exchange.send_public_key(own.encoded)
    chip = domain.decode(chip_octets)
    _refuse_repetition(chip, own.public, mapping_chip, mapping_own.public if mapping_own else None)
    shared = domain.shared_secret(own.private, chip)
    ks_enc = ciphers.derive_key(info.cipher, shared, COUNTER_ENC)
    ks_mac = ciphers.derive_key(info.cipher, shared, COUNTER_MAC)

    def token_over(public: bytes) -> bytes:
        return token.make(info.cipher, ks_mac, info.oid_octets, domain.public_tag, public)

    answer = exchange.send_token(token_over(chip_octets))
    if not hmac.compare_digest(answer.token, token_over(own.encoded)):
        raise ProtocolError("PACE: the chip's authentication token is wrong")
    result = PaceResult(
        exchange.offer,
        domain.compress(chip_octets),
        answer.authorities,
        mapping_chip,
        _chip_authentication_data(exchange.offer, ks_enc, answer),
    )
    exchange.channel.secure = SecureMessaging(info.cipher, ks_enc, ks_mac)
    return result


def _chip_authentication_data(offer: Offer, ks_enc: bytes, answer: FinalAnswer) -> bytes | None:
    if offer.info.mapping is not Mapping.CAM:
        return None
    if answer.encrypted_chip_authentication_data is None:
        raise ProtocolError("PACE: chip authentication mapping without chip authentication data")
    return mapping_chip_authentication.decrypt(
        offer.info.cipher, ks_enc, answer.encrypted_chip_authentication_data
    )


def _refuse_repetition(chip: Point | int, *others: Point | int | None) -> None:
    """Each key of the chip is its own and fresh (section 4.4.1): one that was seen before is a mirror's,
    who need not know the password."""
    if chip in others:
        raise ProtocolError("PACE: the chip returns a public key that was sent before")
