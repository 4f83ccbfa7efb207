"""PACE's commands: MSE:Set AT and four times GENERAL AUTHENTICATE (Doc 9303-11, section 4.4.4)."""

from dataclasses import dataclass

from drivers.emrtd import tlv
from drivers.emrtd.apdu import CHAINING, EXTENDED_LE_MAX, SHORT_LE_MAX, CommandApdu
from drivers.emrtd.channel import Channel
from drivers.emrtd.errors import AccessRefused, MalformedError, ProtocolError, StatusError
from drivers.emrtd.keys import EcDomain, unsigned
from drivers.emrtd.pace.parameters import Offer
from drivers.emrtd.status_words import BLOCKED, REFUSED_KEY, SUCCESS, tries_left

_MSE = "PACE: MSE:Set AT"
_DYNAMIC_DATA = 0x7C
_OVERHEAD = 16
"""Octets of tags and lengths around a public key, at most."""
_WRONG_PASSWORD = 0x6300


class NotBegun(StatusError):
    """The chip refuses to begin this way of PACE: no password was tried, and another way may be."""


@dataclass(frozen=True, slots=True)
class FinalAnswer:
    """What the last answer holds: data objects 86, 87 with 88, and 8A."""

    token: bytes
    authorities: tuple[bytes, ...]
    encrypted_chip_authentication_data: bytes | None


class Exchange:
    """One run's commands, in their order."""

    def __init__(self, channel: Channel, offer: Offer) -> None:
        self.channel, self.offer = channel, offer
        domain = offer.domain
        size = 1 + 2 * domain.curve.size if isinstance(domain, EcDomain) else domain.group.size
        # A finite-field key of 2048 bits fits no short answer; extended length is then the chip's own wish.
        self._le_key = SHORT_LE_MAX if size + _OVERHEAD <= SHORT_LE_MAX else EXTENDED_LE_MAX

    def set_authentication_template(self, password_reference: int) -> None:
        """MSE:Set AT.  The parameters are always named: chips with several sets want it, no other minds.

        AccessRefused where a single try is left: the last is not ours to take.  NotBegun for all other
        errors: 6A80 is the protocol refused, 6A88 the password or the parameters unknown."""
        info = self.offer.info
        data = tlv.build(0x80, info.oid_octets) + tlv.build(0x83, bytes([password_reference]))
        if info.parameter_id is not None:
            data += tlv.build(0x84, unsigned(info.parameter_id))
        status = self.channel.send(CommandApdu(0x00, 0x22, 0xC1, 0xA4, data)).status
        left = tries_left(status)
        if status == SUCCESS or (left is not None and left > 1):
            return
        if left is not None or status == BLOCKED:
            raise AccessRefused(f"PACE: the chip says {status:04X}: this password has no try to spare", left)
        raise NotBegun(_MSE, status)

    def encrypted_nonce(self) -> bytes:
        """z of step 1."""
        return self._step(1, b"", 0x80, SHORT_LE_MAX)

    def send_mapping_key(self, public: bytes) -> bytes:
        """Step 2 of generic and chip authentication mapping: the chip's mapping key."""
        return self._step(2, tlv.build(0x81, public), 0x82, self._le_key)

    def send_mapping_nonce(self, public: bytes) -> None:
        """Step 2 of integrated mapping: the answer holds nothing, in any of the forms chips give that."""
        answer = self._authenticate(2, tlv.build(0x81, public), SHORT_LE_MAX)
        if answer and any(node.tag != 0x82 or node.value for node in _objects(2, answer)):
            raise ProtocolError("PACE: data of the chip in integrated mapping, where none belong")

    def send_public_key(self, public: bytes) -> bytes:
        """Step 3: the chip's ephemeral key."""
        return self._step(3, tlv.build(0x83, public), 0x84, self._le_key)

    def send_token(self, token: bytes) -> FinalAnswer:
        """Step 4: the chip's token, and what comes with it."""
        answer = self._authenticate(4, tlv.build(0x85, token), SHORT_LE_MAX, last=True)
        objects = {node.tag: node.value for node in _objects(4, answer)}
        if 0x86 not in objects:
            raise ProtocolError("PACE: no authentication token in the chip's last answer")
        authorities = tuple(objects[tag] for tag in (0x87, 0x88) if objects.get(tag))
        return FinalAnswer(objects[0x86], authorities, objects.get(0x8A))

    def _step(self, step: int, data: bytes, tag: int, le: int) -> bytes:
        objects = _objects(step, self._authenticate(step, data, le))
        if [node.tag for node in objects] != [tag]:
            raise ProtocolError(f"PACE step {step}: the chip's answer is not one data object {tag:02X}")
        return objects[0].value

    def _authenticate(self, step: int, data: bytes, le: int, last: bool = False) -> bytes:
        cla = 0x00 if last else CHAINING
        command = CommandApdu(cla, 0x86, 0, 0, tlv.build(_DYNAMIC_DATA, data), le)
        response = self.channel.send(command)
        if response.status == SUCCESS:
            return response.data
        left = tries_left(response.status)
        # Greek chips find the password wrong one step before the tokens.  Of the token nothing but the
        # password can be wrong, whatever a chip says: taken for another error, it would be tried again.
        wrong = REFUSED_KEY if last else (_WRONG_PASSWORD, BLOCKED)
        if left is not None or response.status in wrong:
            raise AccessRefused(f"PACE: the chip refuses the password ({response.status:04X})", left)
        raise StatusError(f"PACE: GENERAL AUTHENTICATE, step {step}", response.status)


def _objects(step: int, answer: bytes) -> tuple[tlv.Node, ...]:
    """The data objects within 7C, none of them twice."""
    try:
        outer = tlv.read(answer)
        nodes = outer.children() if outer.tag == _DYNAMIC_DATA else ()
    except MalformedError as error:
        raise ProtocolError(f"PACE step {step}: {error}") from error
    if outer.tag != _DYNAMIC_DATA or len({node.tag for node in nodes}) != len(nodes):
        raise ProtocolError(f"PACE step {step}: the chip's answer is not one 7C with each object once")
    return nodes
