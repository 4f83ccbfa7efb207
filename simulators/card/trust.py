"""What lanes must know to believe documents: the files of a trust folder."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

from simulators.card.document import Document
from simulators.card.national import national_pki
from simulators.card.pki.lists import DG_HASH_WRONG, Deviation


def trust_files(document: Document, published: date) -> dict[str, bytes]:
    """The state's certificates and CRL of the day `published`, and a deviation list where it knows of one."""
    pki = national_pki(document)
    found = pki.trust(published)
    deviations = [
        Deviation(
            DG_HASH_WRONG,
            document_type=document.page.code,
            signer=(pki.signer.issuer, pki.signer.serial),
            parameter=number,
            description=f"DG{number} was written anew after signing",
        )
        for number in document.files.rewritten
    ]
    if deviations:
        (anchor,) = (name for name in found if name.startswith("csca-"))
        found[anchor.replace("csca-", "deviations-").replace(".cer", ".dvl")] = pki.deviation_list(deviations)
    return found


def write_trust(folder: Path, documents: Iterable[Document], published: date) -> list[Path]:
    """Write the trust files of all the documents' states into `folder`; the paths written.

    Raises OSError when a file can't be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written: dict[str, bytes] = {}
    for document in documents:
        written |= trust_files(document, published)
    for name, content in written.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in sorted(written)]
