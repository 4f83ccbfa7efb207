"""EF.CardAccess: the ways of PACE, in the clear and signed by nobody (9303-10, 3.11.3)."""

from drivers.emrtd.lds import security_infos
from drivers.emrtd.lds.security_infos import PaceInfo, SecurityInfo, of_type


def parse(data: bytes) -> tuple[SecurityInfo, ...]:
    """All its SecurityInfos.  Raises MalformedError."""
    return security_infos.parse(data, "EF.CardAccess")


def missing_from(card_access: tuple[SecurityInfo, ...], signed: tuple[SecurityInfo, ...]) -> tuple[str, ...]:
    """Identifiers of the SecurityInfos that stand in EF.CardAccess and not, byte for byte, in the signed set
    of EF.CardSecurity, which repeats them all (9303-10, 3.11.4)."""
    raw = {info.raw for info in signed}
    return tuple(info.oid for info in card_access if info.raw not in raw)


def pace_differs(card_access: tuple[SecurityInfo, ...], dg14: tuple[SecurityInfo, ...]) -> tuple[str, ...]:
    """Identifiers of the ways of PACE that stand in one of both sets only.  DG14 repeats them under the
    issuer's hash: another set in EF.CardAccess is an attempt at a weaker way (9303-11, 4.4)."""
    ours, theirs = ({_way(info) for info in of_type(infos, PaceInfo)} for infos in (card_access, dg14))
    return tuple(sorted(oid for oid, *_ in ours ^ theirs))


def _way(info: PaceInfo) -> tuple[str, int, int]:
    return info.oid, info.version, -1 if info.parameter_id is None else info.parameter_id
