"""The chain over a journal's rows (docs/journal.md, "The chain")."""

import hashlib

NO_HASH = bytes(32)
"""The `previous` of a journal's first row."""


def row_hash(journal: str, fields: tuple[str | int | bytes | None, ...]) -> bytes:
    """SHA-256 over the journal's id and a row's fields, `number` to `previous` in the order of the table,
    each preceded by its length, so that no two rows read alike."""
    digest = hashlib.sha256()
    for field in ("borderlane-row-1", journal, *fields):
        data = field if isinstance(field, bytes) else str("" if field is None else field).encode()
        digest.update(len(data).to_bytes(8, "big"))
        digest.update(data)
    return digest.digest()


def personal_hash(salt: bytes, data: bytes) -> bytes:
    """Without the salt, which is erased with the data, nobody can find the data again by trying."""
    return hashlib.sha256(salt + data).digest()
