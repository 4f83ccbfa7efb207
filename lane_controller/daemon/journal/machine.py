"""Which machine and which disk is this?  A journal that finds itself elsewhere is a copy: two lanes might
write the same numbers, so a new one is begun (docs/journal.md, "The machine")."""

import hashlib
import json
import os
from pathlib import Path

Properties = dict[str, list[str]]


def gather(journal_path: Path, root: Path = Path("/")) -> Properties:
    """What is known of this machine and of the file; a property that can't be read is left out.

    `root` is the file system's root, another one in tests."""
    found: Properties = {}
    for name, place in (
        ("machine_id", "etc/machine-id"),
        ("board_serial", "sys/firmware/devicetree/base/serial-number"),
    ):
        if value := _read(root / place):
            found[name] = [value]
    if addresses := _network_addresses(root / "sys/class/net"):
        found["network"] = addresses
    try:
        status = os.stat(journal_path)
    except OSError:
        return found
    found["inode"] = [str(status.st_ino)]
    block = root / f"sys/dev/block/{os.major(status.st_dev)}:{os.minor(status.st_dev)}"
    if serial := _disk_serial(block):
        found["disk"] = [serial]
    return found


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace").strip("\0 \n")
    except OSError:
        return ""


def _network_addresses(folder: Path) -> list[str]:
    """Of network cards that are hardware (they have a `device`), sorted."""
    try:
        cards = [card for card in folder.iterdir() if (card / "device").exists()]
    except OSError:
        return []
    return sorted({address for card in cards if (address := _read(card / "address"))})


def _disk_serial(block: Path) -> str:
    """An SD card's CID, a disk's serial or its world-wide name; for a partition, those of its disk."""
    resolved = block.resolve()
    for folder in (resolved, resolved.parent):
        for name in ("device/cid", "device/serial", "serial", "wwid", "device/wwid"):
            if value := _read(folder / name):
                return value
    return ""


def sealed(properties: Properties, journal: str) -> str:
    """As kept in the journal: hashed, so that the file does not tell whose machine it is."""
    hidden = {
        name: [hashlib.sha256(f"{journal}{value}".encode()).hexdigest()[:16] for value in values]
        for name, values in properties.items()
    }
    return json.dumps(hidden, separators=(",", ":"), sort_keys=True)


def differences(kept: str, now: Properties, journal: str) -> list[str]:
    """Names of the properties known then and now of which nothing is left.  ValueError when `kept` is not
    what `sealed` wrote."""
    then: Properties = json.loads(kept)
    present: Properties = json.loads(sealed(now, journal))
    return [name for name in sorted(then.keys() & present.keys()) if not set(then[name]) & set(present[name])]
