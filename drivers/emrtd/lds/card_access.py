"""EF.CardAccess: the ways of PACE, in the clear and signed by nobody (9303-10, 3.11.3)."""

from drivers.emrtd import tlv
from drivers.emrtd.lds import security_infos
from drivers.emrtd.lds.security_infos import PaceDomainParameterInfo, PaceInfo, SecurityInfo, of_type


def parse(data: bytes) -> tuple[SecurityInfo, ...]:
    """All its SecurityInfos.  Raises MalformedError.

    What stands behind the set is left alone: cards' files are longer than their content, and whoever saved
    one whole saved what lay there too.  The reader itself asks only for what the set announces.
    """
    return security_infos.parse(tlv.read_first(data).raw, "EF.CardAccess")


def missing_from(card_access: tuple[SecurityInfo, ...], signed: tuple[SecurityInfo, ...]) -> tuple[str, ...]:
    """Identifiers of what PACE rests on that stands in EF.CardAccess and not, byte for byte, in the signed
    set of EF.CardSecurity, which repeats it (9303-10, 3.11.4).

    Nothing else is used out of EF.CardAccess, and cards repeat no more than that: BSI's worked examples and
    German cards keep the infos of privileged terminals, of further keys and of the card's description out of
    the signed set."""
    raw = {info.raw for info in signed}
    return tuple(
        info.oid
        for info in card_access
        if isinstance(info, PaceInfo | PaceDomainParameterInfo) and info.raw not in raw
    )


def pace_differs(card_access: tuple[SecurityInfo, ...], dg14: tuple[SecurityInfo, ...]) -> tuple[str, ...]:
    """Identifiers of the ways of PACE that stand in one of both sets only.  DG14 repeats them under the
    issuer's hash: another set in EF.CardAccess is an attempt at a weaker way (9303-11, 4.4)."""
    ours, theirs = ({_way(info) for info in of_type(infos, PaceInfo)} for infos in (card_access, dg14))
    return tuple(sorted(oid for oid, *_ in ours ^ theirs))


def _way(info: PaceInfo) -> tuple[str, int, int]:
    return info.oid, info.version, -1 if info.parameter_id is None else info.parameter_id
