"""Basic access control (Doc 9303-11, 4.3): 3DES keys from the machine-readable zone, then a session of
3DES."""

import hmac

from drivers.emrtd import ciphers
from drivers.emrtd.access_key import MrzKey
from drivers.emrtd.apdu import CommandApdu, Random
from drivers.emrtd.channel import Channel
from drivers.emrtd.ciphers import COUNTER_ENC, COUNTER_MAC, MAC_LENGTH, Cipher
from drivers.emrtd.errors import AccessRefused, ProtocolError, StatusError
from drivers.emrtd.secure_messaging import SecureMessaging
from drivers.emrtd.status_words import REFUSED_KEY, SUCCESS, tries_left

_CHALLENGE_LENGTH = 8
_KEY_LENGTH = 16
_CRYPTOGRAM_LENGTH = 2 * _CHALLENGE_LENGTH + _KEY_LENGTH


def run(channel: Channel, key: MrzKey, random: Random) -> None:
    """Authenticate and put the session into `channel`.

    AccessRefused when the chip does not take the key, StatusError when it does not know the protocol,
    ProtocolError when its proof is wrong."""
    seed = key.bac_seed()
    k_enc = ciphers.derive_key(Cipher.DES3, seed, COUNTER_ENC)
    k_mac = ciphers.derive_key(Cipher.DES3, seed, COUNTER_MAC)
    rnd_ic = channel.expect(CommandApdu(0x00, 0x84, 0, 0, le=_CHALLENGE_LENGTH), what="GET CHALLENGE").data
    if len(rnd_ic) != _CHALLENGE_LENGTH:
        raise ProtocolError(
            f"GET CHALLENGE: a challenge of {len(rnd_ic)} bytes, expected {_CHALLENGE_LENGTH}"
        )
    rnd_ifd, k_ifd = random(_CHALLENGE_LENGTH), random(_KEY_LENGTH)
    e_ifd = ciphers.encrypt_cbc(Cipher.DES3, k_enc, rnd_ifd + rnd_ic + k_ifd)
    answer = _external_authenticate(channel, e_ifd + ciphers.mac(Cipher.DES3, k_mac, e_ifd))
    e_ic, m_ic = answer[:_CRYPTOGRAM_LENGTH], answer[_CRYPTOGRAM_LENGTH:]
    if not hmac.compare_digest(ciphers.mac(Cipher.DES3, k_mac, e_ic), m_ic):
        raise ProtocolError("EXTERNAL AUTHENTICATE: the MAC of the chip's answer is wrong")
    r = ciphers.decrypt_cbc(Cipher.DES3, k_enc, e_ic)
    if not hmac.compare_digest(r[: 2 * _CHALLENGE_LENGTH], rnd_ic + rnd_ifd):
        raise ProtocolError("EXTERNAL AUTHENTICATE: the chip's answer belongs to other challenges")
    session_seed = bytes(a ^ b for a, b in zip(k_ifd, r[2 * _CHALLENGE_LENGTH :], strict=True))
    channel.secure = SecureMessaging(
        Cipher.DES3,
        ciphers.derive_key(Cipher.DES3, session_seed, COUNTER_ENC),
        ciphers.derive_key(Cipher.DES3, session_seed, COUNTER_MAC),
        int.from_bytes(rnd_ic[4:] + rnd_ifd[4:], "big"),
    )


def _external_authenticate(channel: Channel, data: bytes) -> bytes:
    length = _CRYPTOGRAM_LENGTH + MAC_LENGTH
    response = channel.send(CommandApdu(0x00, 0x82, 0, 0, data, le=length))
    if response.status == SUCCESS:
        if len(response.data) != length:
            raise ProtocolError(
                f"EXTERNAL AUTHENTICATE: an answer of {len(response.data)} bytes, expected {length}"
            )
        return response.data
    left = tries_left(response.status)
    if left is not None or response.status in REFUSED_KEY:
        raise AccessRefused(f"basic access control: the chip refuses the key ({response.status:04X})", left)
    raise StatusError("EXTERNAL AUTHENTICATE", response.status)
