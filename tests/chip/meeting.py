"""The reader and the chip, which share no code, put together in one process."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from drivers.emrtd.access_key import AccessKey, MrzKey
from drivers.emrtd.errors import TagLost
from drivers.emrtd.reader import ChipReader
from simulators.card.attacks.specimen import Specimen, genuine
from simulators.card.behaviour import Behaviour
from simulators.card.document import Document
from simulators.card.faults import Fault
from simulators.card.personalisation import Personalisation

CAN = "500540"
PACE_GM = "ECDH-GM AES-128 brainpoolP256r1"
PACE_IM = "ECDH-IM AES-128 brainpoolP256r1"
PACE_CAM = "ECDH-CAM AES-128 brainpoolP256r1"
_HOLDER = {"surname": "ERIKSSON", "given_names": "ANNA MARIA", "birth": "1974-08-12", "sex": "F"}
_PAGE = {"number": "L898902C3", "issued": "2025-06-16", "expires": "2035-06-15"}


def document(**parts: Any) -> Document:
    """Anna Maria Eriksson of Utopia, with a small face; `parts` as in a document's TOML."""
    portrait = {"bytes": 3000, "width": 100, "height": 130, "image": "jpeg"}
    return Document.model_validate({"holder": _HOLDER, "page": _PAGE, "portrait": portrait} | parts)


def key_of(page: Document) -> MrzKey:
    """The access key that is printed on a page."""
    holder = page.holder
    return MrzKey(page.page.number, f"{holder.birth:%y%m%d}", f"{page.page.expires:%y%m%d}")


class Meeting:
    """One chip in front of the reader."""

    def __init__(
        self,
        made: Document | Specimen,
        *faults: Fault,
        behaviour: Behaviour | None = None,
        change: Callable[[Personalisation], Personalisation] = lambda made: made,
    ) -> None:
        specimen = made if isinstance(made, Specimen) else genuine(made)
        self.document = specimen.document
        self.personalisation = change(specimen.chip)
        self.chip = replace(
            specimen,
            chip=self.personalisation,
            behaviour=behaviour or specimen.behaviour,
            faults=(*specimen.faults, *faults),
        ).inserted()
        self.chip.power(True)
        self._exchange = self.chip.transport(lost=TagLost, sleep=lambda _seconds: None)
        self.apdus = 0
        self.reconnections = 0
        self.lost_at: frozenset[int] = frozenset()
        self.steps: list[str] = []

    def key(self) -> MrzKey:
        secrets = self.personalisation.secrets
        return MrzKey(secrets.number, secrets.birth, secrets.expiry)

    def reader(self, key: AccessKey | None = None, **settings: Any) -> ChipReader:
        settings.setdefault("reconnect", self.reconnect)
        return ChipReader(self.exchange, key or self.key(), **settings)

    def exchange(self, command: bytes) -> bytes:
        """One APDU; at those of `lost_at`, counted from 0 over the whole reading, the chip is gone
        instead."""
        self.apdus += 1
        if self.apdus - 1 in self.lost_at:
            raise TagLost("taken away")
        answer = self._exchange(command)
        if self.chip.exchanges:  # what a PC/SC reader would answer itself is none
            self.steps.append(self.chip.exchanges[-1].step)
        return answer

    def reconnect(self) -> None:
        self.reconnections += 1
        self.chip.power(False)
        self.chip.power(True)
