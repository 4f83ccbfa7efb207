"""Passwords: argon2id, off the event loop, two at a time so that sign-ins cannot take the machine."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LENGTH_MIN = 10
LENGTH_MAX = 200

_hasher = PasswordHasher()
NOBODYS = "$argon2id$v=19$m=65536,t=3,p=4$y432NXb52LWQx2H88XtdZA$3W1TQerNR5utB2kELUpLWR+DH4lIt9rS1gz+u9Yfkkw"
"""The hash of no account's password, as costly to verify as any other."""
_threads = ThreadPoolExecutor(2, "passwords")


class PasswordRefused(Exception):
    """Too short or too long; the argument is a reason's code."""


def hash_now(password: str) -> str:
    """The hash to keep.  Raises PasswordRefused."""
    if len(password) < LENGTH_MIN:
        raise PasswordRefused("password_too_short")
    if len(password) > LENGTH_MAX:
        raise PasswordRefused("password_too_long")
    return _hasher.hash(password)


async def hash_password(password: str) -> str:
    """As `hash_now`, off the event loop."""
    return await asyncio.get_running_loop().run_in_executor(_threads, hash_now, password)


async def is_password(password: str, kept: str | None) -> bool:
    """Takes as long for an account that does not exist (`kept` None) as for one that does."""
    loop = asyncio.get_running_loop()
    right = await loop.run_in_executor(_threads, _verify, password[: LENGTH_MAX + 1], kept or NOBODYS)
    return right and kept is not None


def _verify(password: str, kept: str) -> bool:
    try:
        return _hasher.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False
