"""Opening the chip: PACE where EF.CardAccess offers it, else basic access control (Doc 9303-11, 4.2).

A wrong key is not tried again: chips slow down with every failure, and some block.  What was offered and
what was taken is recorded, since a copied chip may hide the better way."""

from dataclasses import dataclass

from drivers.emrtd import bac, pace
from drivers.emrtd.access_key import AccessKey, CanKey, MrzKey
from drivers.emrtd.apdu import Random
from drivers.emrtd.channel import Channel
from drivers.emrtd.elementary_files import CARD_ACCESS, COM
from drivers.emrtd.errors import (
    AccessRefused,
    EmrtdError,
    MalformedError,
    StatusError,
    TagLost,
    UnsupportedError,
)
from drivers.emrtd.files import FileReader
from drivers.emrtd.lds import card_access
from drivers.emrtd.lds.security_infos import (
    ID_PACE,
    Mapping,
    PaceInfo,
    SecurityInfo,
    UnknownInfo,
    of_type,
)
from drivers.emrtd.pace import PaceResult
from drivers.emrtd.pace.exchange import NotBegun
from drivers.emrtd.reading import Access, AccessProtocol

_OFFERS_MAX = 3
"""Ways of PACE that are tried where the chip refuses to begin one that it offers."""
UNREADABLE = "card_access_unreadable"
"""Why no PACE was taken where EF.CardAccess is there and nobody can tell what it offers."""
_PROTOCOLS = {
    Mapping.CAM: AccessProtocol.PACE_CAM,
    Mapping.IM: AccessProtocol.PACE_IM,
    Mapping.GM: AccessProtocol.PACE_GM,
}


@dataclass(frozen=True, slots=True)
class Opened:
    """The session is in the channel.  `pace` is what PACE gave, None after another way.  `mapping_refused`
    is the status of a chip that offers chip authentication mapping, its proof, and does not do it."""

    access: Access
    pace: PaceResult | None = None
    mapping_refused: int | None = None


@dataclass(frozen=True, slots=True)
class _Tried:
    """What came of PACE, and as a code why the best way offered was not taken."""

    result: PaceResult | None
    not_taken: str | None
    mapping_refused: int | None = None


def run(
    channel: Channel,
    files: FileReader,
    card_access_file: bytes | None,
    key: AccessKey,
    random: Random,
    *,
    unreadable: bool = False,
) -> Opened:
    """Open the chip, which stands in its master file, by its EF.CardAccess: None where it has none, or where
    what it gave for one is `unreadable`, which then stands in the access as why PACE was not taken.

    After PACE the master file is still selected, after any other way the application.  AccessRefused when the
    key is not the chip's, StatusError or UnsupportedError when there is no way for this key."""
    infos = _infos(card_access_file)
    offered = tuple(info.oid for info in of_type(infos or (), PaceInfo))
    if infos and offered:
        tried = _pace(channel, infos, key, random)
    else:
        tried = _Tried(None, UNREADABLE if unreadable or infos is None or _spoilt(infos) else None)
    if tried.result is not None:
        access = _access_by_pace(tried.result, key, offered, tried.not_taken)
        return Opened(access, tried.result, tried.mapping_refused)
    if isinstance(key, CanKey):
        raise UnsupportedError(
            f"the chip takes no PACE ({tried.not_taken or 'none offered'}),"
            " and a card access number opens nothing else"
        )
    protocol = _bac(channel, files, key, random)
    cipher = "3DES" if protocol is AccessProtocol.BAC else None
    access = Access(protocol, cipher, pace_offered=offered, pace_not_taken=tried.not_taken)
    return Opened(access, None, tried.mapping_refused)


def _infos(card_access_file: bytes | None) -> tuple[SecurityInfo, ...] | None:
    """None for a file that is no set of SecurityInfos."""
    if card_access_file is None:
        return ()
    try:
        return card_access.parse(card_access_file)
    except MalformedError:
        return None


def _spoilt(infos: tuple[SecurityInfo, ...]) -> bool:
    """Whether one of them names a way of PACE and is not built as one."""
    return any(info.malformed and info.oid.startswith(f"{ID_PACE}.") for info in of_type(infos, UnknownInfo))


def _access_by_pace(
    result: PaceResult, key: AccessKey, offered: tuple[str, ...], not_taken: str | None
) -> Access:
    info = result.offer.info
    return Access(
        _PROTOCOLS[info.mapping],
        info.cipher.label,
        result.offer.domain.name,
        isinstance(key, CanKey),
        offered,
        not_taken,
    )


def _pace(channel: Channel, infos: tuple[SecurityInfo, ...], key: AccessKey, random: Random) -> _Tried:
    """A refused key is raised for a CAN, which opens nothing else; the MRZ's may still open BAC on chips
    whose PACE takes the CAN alone."""
    not_taken: str | None = None
    mapping_refused: int | None = None
    for offer in pace.offers(infos)[:_OFFERS_MAX]:
        try:
            return _Tried(pace.run(channel, offer, key, random), not_taken, mapping_refused)
        except AccessRefused:
            if isinstance(key, CanKey):
                raise
            return _Tried(None, "key_refused", mapping_refused)
        except StatusError as error:
            not_taken = f"refused_{error.status:04x}"
            if offer.info.mapping is Mapping.CAM:
                mapping_refused = error.status
            if not isinstance(error, NotBegun):
                break  # the password had its try, whatever the chip says: another way would be one more
    return _Tried(None, not_taken or "unsupported", mapping_refused)


def _bac(channel: Channel, files: FileReader, key: MrzKey, random: Random) -> AccessProtocol:
    files.select_application()
    try:
        bac.run(channel, key, random)
    except (AccessRefused, StatusError):
        # The first issues of some states have no access control at all: there is no key to be refused.
        if _readable(files):
            return AccessProtocol.NONE
        raise
    return AccessProtocol.BAC


def _readable(files: FileReader) -> bool:
    try:
        files.read(COM)
    except TagLost:
        raise
    except EmrtdError:
        return False
    return True


def read_card_access(files: FileReader) -> bytes | None:
    """EF.CardAccess of a chip in its master file, None where it has none.  ProtocolError where it gives one
    that cannot be read: that is no chip without PACE."""
    try:
        return files.read(CARD_ACCESS)
    except StatusError:
        return None
