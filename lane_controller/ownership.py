"""Are our packages ours?  Their names are generic (PyPI has another `mrz`, which overwrites ours in silence).

Checked at the start of every command, so it must be cheap: no package is imported, nothing but our own
distribution's record is read.
"""

import base64
import hashlib
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path

PACKAGES = ("lane_controller", "drivers", "mrz", "anpr", "dashboard", "simulators", "hil_tests")


class NotOurs(Exception):
    """A package of ours is missing or belongs to another distribution; the message says what to do."""


def check() -> None:
    """Raises NotOurs unless each package is owned by the distribution `borderlane` alone.

    Installed from a wheel, each package's `__init__.py` must have the hash that our RECORD states: whoever
    overwrote the package changed it.  Installed in place (editable), all packages must stand in one folder,
    and none may stand in the environment's site-packages beside it.
    """
    try:
        ours = distribution("borderlane")
    except PackageNotFoundError as error:
        raise NotOurs("borderlane is not installed here; run: make setup") from error
    recorded = {str(file): file.hash for file in ours.files or ()}
    site = Path(str(ours.locate_file("")))
    roots: set[Path] = set()
    for package in PACKAGES:
        spec = find_spec(package)
        if spec is None or spec.origin is None:
            raise NotOurs(f"the package {package} of borderlane is missing; run: make setup")
        origin = Path(spec.origin)
        roots.add(origin.parent.parent)
        stated = recorded.get(f"{package}/__init__.py")
        if stated is not None:
            if _digest(origin) != stated.value:
                raise NotOurs(_foreign(package, origin))
        elif (site / package).exists() and not (site / package).samefile(origin.parent):
            raise NotOurs(_foreign(package, site / package))
    if len(roots) != 1:
        places = ", ".join(sorted(map(str, roots)))
        raise NotOurs(
            f"borderlane's packages stand in several places ({places}); use an environment of its own"
        )


def _digest(path: Path) -> str:
    raw = hashlib.sha256(path.read_bytes()).digest()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _foreign(package: str, where: Path) -> str:
    return (
        f"the package {package} at {where} belongs to another distribution, which overwrote or shadows ours; "
        "install borderlane in an environment of its own (make setup in a fresh folder)"
    )
