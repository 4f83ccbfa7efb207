"""Every attack by name, with the chip that makes it and what a reader is expected to say.

for attack in attacks().values():
    specimen = attack.make(document)      chip, faults, the reader's trust folder
    attack.expected                       data, chip and checks of the verdict
"""

from simulators.card.attacks import copies, signatures, wire
from simulators.card.attacks.specimen import Attack, Expected, Specimen

__all__ = ["Attack", "Expected", "Specimen", "attacks"]


def attacks() -> dict[str, Attack]:
    """All attacks: on chips, on what is signed, and on the wire."""
    return {**copies.ATTACKS, **signatures.ATTACKS, **wire.ATTACKS}
