"""Passwords: kept as argon2 hashes, and checked in the same time whoever it is."""

import asyncio
import secrets
from functools import cached_property
from typing import Final

from pwdlib import PasswordHash

SHORTEST: Final = 12
LONGEST: Final = 200
AT_ONCE: Final = 2
"""Each takes 64 MiB and a third of a second of a processor, in a thread."""


class TooWeak(ValueError):
    """A password that may not be used; the message says what would do."""


class Passwords:
    """Makes hashes and checks passwords, a few at a time."""

    def __init__(self) -> None:
        self._hasher = PasswordHash.recommended()
        self._turn = asyncio.Semaphore(AT_ONCE)

    async def hash(self, password: str) -> str:
        """Return what may be stored of a password. Raises TooWeak."""
        if not SHORTEST <= len(password) <= LONGEST:
            raise TooWeak(
                f"A password has {SHORTEST} to {LONGEST} characters; several words are best."
            )
        async with self._turn:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def fits(self, password: str, password_hash: str | None) -> bool:
        """Whether it is the password; with no hash to fit, no, but just as slowly."""
        if len(password) > LONGEST:
            return False
        async with self._turn:
            right = await asyncio.to_thread(self._verify, password, password_hash)
        return right and password_hash is not None

    def _verify(self, password: str, password_hash: str | None) -> bool:
        return self._hasher.verify(password, password_hash or self._nobodys)

    @cached_property
    def _nobodys(self) -> str:
        return self._hasher.hash(secrets.token_urlsafe())
