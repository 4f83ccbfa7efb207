"""The country that a camera tells, as a code of the format table.

Names and codes are those of ISO 3166-1 (English short names, alpha-2, alpha-3) and the distinguishing signs
of the 1968 Convention on Road Traffic, for the countries of the format table.  A maker's own numbers are not
known from any source we read, and are not guessed at: such a country is None.
"""

_NAMES = {
    "KZ": ("KAZ", "KAZAKHSTAN"),
    "KG": ("KGZ", "KS", "KYRGYZSTAN"),
    "TJ": ("TJK", "TAJIKISTAN"),
    "TM": ("TKM", "TURKMENISTAN"),
    "UZ": ("UZB", "UZBEKISTAN"),
    "RU": ("RUS", "RUSSIA", "RUSSIAN FEDERATION"),
    "CN": ("CHN", "CHINA"),
    "AF": ("AFG", "AFGHANISTAN"),
    "IR": ("IRN", "IRAN", "IRAN (ISLAMIC REPUBLIC OF)"),
    "TR": ("TUR", "TURKEY", "TÜRKIYE"),
    "AZ": ("AZE", "AZERBAIJAN"),
    "GE": ("GEO", "GEORGIA"),
    "AM": ("ARM", "ARMENIA"),
    "BY": ("BLR", "BELARUS"),
    "UA": ("UKR", "UKRAINE"),
    "MN": ("MNG", "MGL", "MONGOLIA"),
}
_CODES = {name: code for code, names in _NAMES.items() for name in (code, *names)}


def country_of(told: str) -> str | None:
    """The format table's code for what a camera told; None for anything else."""
    return _CODES.get(told.strip().upper())
