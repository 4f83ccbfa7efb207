"""The rating plate of a scale: what any weight it can show must fit.  Source: OIML R 76-1:2006."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class RatingPlate:
    """`max_kg` is the maximum capacity Max, `division_kg` the verification scale interval e, the smallest one
    on a multi-interval scale."""

    max_kg: Decimal
    division_kg: Decimal

    def divides(self, weight_kg: Decimal) -> bool:
        """Whether an indicator that counts in divisions can show this weight."""
        return weight_kg % self.division_kg == 0

    def in_range(self, gross_kg: Decimal) -> bool:
        """False above Max + 9e, where a verified indicator shows nothing (R 76-1, 4.2.3), and below what
        initial zero setting could leave (20 % of Max, R 76-1, 4.5.1): such a number is never a weight."""
        return -self.max_kg / 5 <= gross_kg <= self.max_kg + 9 * self.division_kg

    def near(self, one_kg: Decimal, other_kg: Decimal) -> bool:
        """Whether two weights lie within a division, as readings of a resting load do (R 76-1, 4.4.2)."""
        return abs(one_kg - other_kg) <= self.division_kg
