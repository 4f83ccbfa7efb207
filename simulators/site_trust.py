"""The trust store of a simulated site: what the simulated states publish, taken in by Borderlane's command.

A publisher's root is pinned on two persons' word; its master list brings the roots of all states, whose CRLs
come beside it.
"""

import asyncio
import hashlib
from datetime import date, timedelta
from pathlib import Path

from simulators.card.national import national_pki
from simulators.card.profiles import document
from simulators.card.trust import one_of_each_authority
from simulators.children import Child, run
from simulators.people import STATES

PROFILES = ("pace-cam", "pace-im", "bac")
"""What travellers' chips speak, one after another."""
ISSUED_DAYS = 3660
"""The oldest document that is still valid."""
IMPORT_S = 120.0


async def build_trust(folder: Path, borderlane: Path, today: date, states: tuple[str, ...] = STATES) -> Path:
    """Build the store of these states in `folder`; its file.  Raises ChildFailed, OSError."""
    root, files = await asyncio.to_thread(_published, folder, today, states)
    store = folder / "trust.store"
    store.unlink(missing_ok=True)
    told = ("--by", "ivanova", "--second", "petrov", "--reason", "publisher of the simulated master list")
    mark = hashlib.sha256(root.read_bytes()).hexdigest()
    imports = (
        (str(root), "--fingerprint", mark, "--publisher", *told),
        (*(str(path) for path in files), "--by", "ivanova"),
    )
    for arguments in imports:
        argv = (str(borderlane), "trust", "import", str(store), *arguments)
        await run(Child("trust import", argv, folder / "import.log"), IMPORT_S)
    return store


def _published(folder: Path, today: date, states: tuple[str, ...]) -> tuple[Path, list[Path]]:
    """The publisher's root, and what it and the states publish."""
    folder.mkdir(parents=True, exist_ok=True)
    publisher = national_pki(document("pace-im", {"page": {"issued": today.replace(month=1, day=1)}}))
    since = today - timedelta(days=ISSUED_DAYS)
    nations = {
        pki.current.certificate: pki
        for pki in (national_pki(one) for one in one_of_each_authority(PROFILES, states, since, today))
    }
    roots = {root for pki in nations.values() for root in pki.anchors}
    files = {"publisher.cer": publisher.anchors[0], "masterlist.ml": publisher.master_list(roots)}
    for number, pki in enumerate(nations.values()):
        files[f"revoked-{number:03}.crl"] = pki.revocation_list(today)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder / "publisher.cer", [folder / name for name in files if name != "publisher.cer"]
