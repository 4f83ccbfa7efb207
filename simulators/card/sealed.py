"""Cards that nobody at hand can open: a passport whose page is not known, and a card of another kind."""

import random
import secrets

from simulators.card.behaviour import Behaviour
from simulators.card.chip import Chip
from simulators.card.der import tlv
from simulators.card.personalisation import (
    EF_COM,
    EF_SOD,
    AccessSecrets,
    Personalisation,
    data_group,
)

_TAGS = {EF_COM: 0x60, EF_SOD: 0x77, data_group(1): 0x61, data_group(2): 0x75, data_group(14): 0x6E}


def sealed_passport(*, seed: int | None = None, behaviour: Behaviour | None = None) -> Chip:
    """A passport that offers BAC and no PACE, with noise in its files and a number drawn at random.

    `seed` repeats all it draws, its challenges too.
    """
    draw = random.Random(seed).randbytes if seed is not None else secrets.token_bytes
    number = "".join("0123456789"[each % 10] for each in draw(9))
    files = {file: tlv(tag, draw(200)) for file, tag in _TAGS.items()}
    secret = AccessSecrets(number, "740812", "291231")
    return Chip(Personalisation(files, secret), behaviour, random=draw)


def other_card(*, behaviour: Behaviour | None = None) -> Chip:
    """A card without the eMRTD application, a bank's for example."""
    return Chip(Personalisation({}, AccessSecrets("0", "000000", "000000")), behaviour)
