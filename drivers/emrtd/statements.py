"""What was published against certificates and documents: CRLs, deviation lists, defect lists.

Kept beside the certificates of a trust store and verified when they are first needed.  A list whose signature
does not hold is ignored whole and becomes a `Problem`: it must neither revoke nor absolve anybody.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial

from drivers.emrtd.certificates import Certificate
from drivers.emrtd.names import Name
from drivers.emrtd.trust import defect_list, deviation_list
from drivers.emrtd.trust.crl import Crl
from drivers.emrtd.trust.defect_list import Defect, DefectList
from drivers.emrtd.trust.deviation_list import Deviation, DeviationList, DocumentFacts
from drivers.emrtd.trust.signed_lists import FindPath, ListSigner, UntrustedList


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with the contents of a trust store.  `code` in lower_snake_case; `where` names the list
    or certificate."""

    code: str
    where: str
    detail: str = ""


@dataclass
class Statements:
    """`publishers` are fingerprints of the roots pinned for lists about all states: of those, a defect list
    is taken; from any other anchor it would let one state revoke another's signers."""

    crls: Iterable[Crl] = ()
    deviation_lists: Iterable[DeviationList] = ()
    defect_lists: Iterable[DefectList] = ()
    publishers: frozenset[str] = frozenset()
    problems: list[Problem] = field(default_factory=list[Problem])

    def __post_init__(self) -> None:
        by_issuer: dict[object, list[Crl]] = defaultdict(list)
        for crl in self.crls:
            by_issuer[crl.issuer.key].append(crl)
        self._crls: Mapping[object, list[Crl]] = by_issuer
        self._verified: dict[int, bool] = {}
        self._deviations: list[tuple[DeviationList, str | None]] | None = None
        self._defects: list[DefectList] | None = None

    def lists_of(self, issuer: Name, authorities: Callable[[], Iterable[Certificate]]) -> list[Crl]:
        """CRLs in the name of `issuer` whose signature one of the `authorities` made."""
        found = self._crls.get(issuer.key, ())
        return [crl for crl in found if self._holds(crl, authorities)]

    def holds_any(self, issuer: Name) -> bool:
        """Whether there is any CRL in the name of `issuer`, whoever signed it."""
        return bool(self._crls.get(issuer.key))

    def deviations(
        self, signer: Certificate, facts: DocumentFacts, find_path: FindPath
    ) -> tuple[Deviation, ...]:
        """What the signer's own state says of documents like this one."""
        return tuple(
            deviation
            for each, country in self._trusted_deviations(find_path)
            if country is not None and country == signer.issuer.country
            for deviation in each.about(signer, facts)
        )

    def defects(self, signer: Certificate, find_path: FindPath) -> tuple[Defect, ...]:
        """What the pinned authorities say of this signer's documents."""
        return tuple(defect for each in self._trusted_defects(find_path) for defect in each.about(signer))

    def examine(self, authorities: Callable[[Name], Iterable[Certificate]], find_path: FindPath) -> None:
        """Verifies every list; what does not hold is among the problems afterwards."""
        for lists in self._crls.values():
            for crl in lists:
                self._holds(crl, partial(authorities, crl.issuer))
        self._trusted_deviations(find_path)
        self._trusted_defects(find_path)

    def _holds(self, crl: Crl, authorities: Callable[[], Iterable[Certificate]]) -> bool:
        if (known := self._verified.get(id(crl))) is None:
            known = any(crl.signed_by(authority) for authority in authorities())
            self._verified[id(crl)] = known
            if not known:
                self.problems.append(Problem("crl_signature_wrong", crl.issuer.text))
        return known

    def _trusted_deviations(self, find_path: FindPath) -> list[tuple[DeviationList, str | None]]:
        """Lists that hold, each with its signer's country."""
        if self._deviations is None:
            checked = [
                (each, self._signer(each, partial(deviation_list.check, each, find_path)))
                for each in self.deviation_lists
            ]
            self._deviations = [
                (each, who.anchor.subject.country) for each, who in checked if who is not None
            ]
        return self._deviations

    def _trusted_defects(self, find_path: FindPath) -> list[DefectList]:
        if self._defects is None:
            pinned = partial(_pinned_path, find_path, self.publishers)
            self._defects = [
                each
                for each in self.defect_lists
                if self._signer(each, partial(defect_list.check, each, pinned)) is not None
            ]
        return self._defects

    def _signer(self, each: DeviationList | DefectList, check: partial[ListSigner]) -> ListSigner | None:
        try:
            return check(at=None)
        except UntrustedList as error:
            where = "deviation list" if isinstance(each, DeviationList) else "defect list"
            self.problems.append(Problem("list_not_trusted", where, error.reason))
            return None


def _pinned_path(
    find_path: FindPath, publishers: frozenset[str], certificate: Certificate
) -> tuple[Certificate, ...]:
    path = find_path(certificate)
    return path if path and path[-1].fingerprint in publishers else ()
