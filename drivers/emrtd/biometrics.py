"""Fingers and iris, DG3 and DG4: read for a named purpose alone, compared with their hash, and overwritten.

Nobody sees them: a reading says only whether they are what the issuer signed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from drivers.emrtd import proofs
from drivers.emrtd.card_verifiable import Rights
from drivers.emrtd.channel import Channel
from drivers.emrtd.check import Check, Outcome
from drivers.emrtd.chip_authentication import ChipAuthenticationResult
from drivers.emrtd.elementary_files import CVCA, Directory, ElementaryFile
from drivers.emrtd.file_collector import FileCollector
from drivers.emrtd.lds import cvca
from drivers.emrtd.lds.security_infos import SecurityInfo, TerminalAuthenticationInfo, of_type
from drivers.emrtd.pace import PaceResult
from drivers.emrtd.reading import Reading
from drivers.emrtd.security_object import SecurityObject
from drivers.emrtd.terminal_authentication import TerminalKey

_GROUPS = {3: Rights.FINGERS, 4: Rights.IRIS}


@dataclass(frozen=True)
class Biometrics:
    """Why fingers or iris are read, in the words of who answers for it, and the key that allows it."""

    purpose: str
    key: TerminalKey

    def __post_init__(self) -> None:
        if not self.purpose.strip():
            raise ValueError("fingers and iris are read for a named purpose only")


@dataclass(frozen=True)
class Terms:
    """What terminal authentication takes from the session.  `document_number` is that of the MRZ with its
    check digit, by which the chip is named where PACE gave no other name (TR-03110-1, 4.4)."""

    infos: Sequence[SecurityInfo]
    pace: PaceResult | None
    document_number: bytes
    proof: ChipAuthenticationResult | None


def read_and_compare(
    channel: Channel,
    collector: FileCollector,
    reading: Reading,
    key: TerminalKey,
    sod: SecurityObject | None,
    terms: Terms,
) -> None:
    """Authenticate the terminal, unless it failed before, and compare what it may read with `sod`."""
    hashes = sod.hashes if sod is not None else {}
    wanted = [number for number in _GROUPS if number in hashes and number not in reading.biometrics]
    if sod is None or not wanted or reading.terminal_authentication.outcome is Outcome.FAILED:
        return
    if terms.proof is None:
        reading.terminal_authentication = Check(
            proofs.TERMINAL_AUTHENTICATION, Outcome.NOT_PERFORMED, "chip_authentication_missing"
        )
        return
    reading.terminal_authentication, rights = proofs.terminal(
        channel,
        key,
        terms.infos,
        lambda: _trust_points(collector, terms),
        terms.pace.identity if terms.pace is not None else terms.document_number,
        terms.proof,
    )
    for number in wanted:
        if _GROUPS[number] & rights:
            collector.compare(number, sod.digest.value, hashes[number])


def _trust_points(collector: FileCollector, terms: Terms) -> Sequence[str]:
    """The authorities whose terminals the chip lets in: PACE names them, or EF.CVCA."""
    if terms.pace is not None and terms.pace.authorities:
        return [authority.decode("latin-1") for authority in terms.pace.authorities]
    return cvca.parse(collector.files.read(_cvca_file(terms.infos)))


def _cvca_file(infos: Sequence[SecurityInfo]) -> ElementaryFile:
    """EF.CVCA where DG14 says that it lies (TR-03110-3, A.1.1.3)."""
    for info in of_type(infos, TerminalAuthenticationInfo):
        if info.cvca_fid is not None:
            sfi = CVCA.sfi if info.cvca_sfi is None else info.cvca_sfi & 0x1F
            return ElementaryFile(CVCA.name, Directory.EMRTD, info.cvca_fid, sfi, None, CVCA.size_max)
    return CVCA
