"""Every reason that a check on signed data can give stands in the page on the trust store."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
MODULES = (
    "passive_authentication.py",
    "signed_data.py",
    "signer_checks.py",
    "revocation.py",
    "trust_store.py",
    "issuing_states.py",
)
REASON = re.compile(
    r'(?:Outcome\.\w+,|Signature\(\w+,|return|reason =|\belse|\[\],|Path\(\w+,) "([a-z_]{4,})"'
)


def test_every_reason_is_documented() -> None:
    page = (ROOT / "docs" / "trust-store.md").read_text("utf-8")
    found = {
        reason
        for module in MODULES
        for reason in REASON.findall((ROOT / "drivers" / "emrtd" / module).read_text("utf-8"))
    }
    assert len(found) > 45
    assert not sorted(reason for reason in found if f"`{reason}`" not in page)
