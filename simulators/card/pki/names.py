"""Distinguished names as issuing authorities write them (Doc 9303-12, 7.1.1)."""

from dataclasses import dataclass

from simulators.card import der

_ATTRIBUTES = {"C": "2.5.4.6", "O": "2.5.4.10", "OU": "2.5.4.11", "CN": "2.5.4.3", "serialNumber": "2.5.4.5"}
_LOCALITY = "2.5.4.7"

ALPHA_2 = {
    "UTO": "UT",
    "XUT": "XU",
    "D": "DE",
    "KAZ": "KZ",
    "KGZ": "KG",
    "UZB": "UZ",
    "TJK": "TJ",
    "TKM": "TM",
    "RUS": "RU",
    "CHN": "CN",
    "AFG": "AF",
    "IRN": "IR",
    "AZE": "AZ",
    "TUR": "TR",
    "GEO": "GE",
}
"""Countries of synthetic documents, as names in certificates write them.  UTO is the standard's Utopia, XUT
its neighbour (ISO 3166 leaves X to users), D stands alone in the MRZ."""


@dataclass(frozen=True, slots=True)
class Name:
    """A name: one RDN an attribute, in the order written.  `printable` writes PrintableString throughout,
    otherwise everything but the country is UTF8String."""

    attributes: tuple[tuple[str, str], ...]
    printable: bool = False

    def encode(self) -> bytes:
        return der.sequence(*(self._rdn(kind, text) for kind, text in self.attributes))

    def _rdn(self, kind: str, text: str) -> bytes:
        plain = self.printable or kind in ("C", "serialNumber")
        value = der.printable(text) if plain else der.utf8(text)
        return der.set_of(der.sequence(der.oid(_ATTRIBUTES[kind]), value))

    def rewritten(self) -> "Name":
        """The same name as another hand writes it: RDNs in reverse and as the other string type.  MY's
        documents do so, and the two must compare equal."""
        return Name(tuple(reversed(self.attributes)), not self.printable)


def authority_name(country: str, common_name: str, *, printable: bool = False) -> Name:
    """The name of a specimen authority of `country` (two letters)."""
    return Name((("C", country), ("O", "Borderlane specimens"), ("CN", common_name)), printable)


def alternative_name(state: str) -> bytes:
    """GeneralNames with the state's code as the MRZ has it, a directory name's locality (9303-12, 7.1.1)."""
    rdn = der.set_of(der.sequence(der.oid(_LOCALITY), der.printable(state)))
    return der.sequence(der.explicit(4, der.sequence(rdn)))
