"""What lanes must know to believe documents: the files of a trust folder."""

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

from simulators.card.document import Document
from simulators.card.national import GENERATION_YEARS, generation, national_pki
from simulators.card.pki.lists import DG_HASH_WRONG, Deviation, DirectoryEntry, ldif
from simulators.card.profiles import document


def trust_files(of: Document, published: date) -> dict[str, bytes]:
    """The state's certificates and CRL of the day `published`, and a deviation list where it knows of one."""
    pki = national_pki(of)
    found = pki.trust(published)
    deviations = [
        Deviation(
            DG_HASH_WRONG,
            document_type=of.page.code,
            signer=(pki.signer.issuer, pki.signer.serial),
            parameter=number,
            description=f"DG{number} was written anew after signing",
        )
        for number in of.files.rewritten
    ]
    if deviations:
        (anchor,) = (name for name in found if name.startswith("csca-"))
        found[anchor.replace("csca-", "deviations-").replace(".cer", ".dvl")] = pki.deviation_list(deviations)
    return found


def directory_files(documents: Iterable[Document], published: date) -> dict[str, str]:
    """The public key directory's downloads, by the names that ICAO gives them: signers with CRLs, and master
    lists."""
    signers: list[DirectoryEntry] = []
    lists: list[DirectoryEntry] = []
    for one in documents:
        pki = national_pki(one)
        country, serial = pki.current.country, f"{pki.signer.serial:x}"
        signers.append(DirectoryEntry("dsc", country, serial, pki.signer.certificate))
        signers.append(DirectoryEntry("crl", country, "Specimen CSCA", pki.revocation_list(published)))
        lists.append(DirectoryEntry("ml", country, "Specimen master list", pki.master_list()))
    number = published.toordinal()
    return {
        f"icaopkd-001-complete-{number}.ldif": ldif(signers),
        f"icaopkd-002-complete-{number}.ldif": ldif(lists),
    }


def one_of_each_authority(
    names: Iterable[str], states: Iterable[str], since: date, until: date
) -> Iterator[Document]:
    """Documents of all the states under all the profiles, one for each CSCA that signed from `since` to
    `until`: what a trust folder is written from when nobody knows yet who comes."""
    profiles, years = tuple(names), range(generation(since), until.year + 1, GENERATION_YEARS)
    for state in states:
        for name in profiles:
            for year in years:
                yield document(name, {"page": {"issuer": state, "issued": date(year, 6, 1)}})


def write_trust(folder: Path, documents: Iterable[Document], published: date) -> list[Path]:
    """Write the trust files of all the documents' states into `folder`; the paths written.

    Raises OSError when a file can't be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written: dict[str, bytes] = {}
    for one in documents:
        written |= trust_files(one, published)
    for name, content in written.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in sorted(written)]
