"""People of the bank at their browsers."""

import re
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from functools import cache
from html import unescape
from itertools import count
from typing import Final

import httpx
from fastapi import FastAPI
from pwdlib import PasswordHash

from api.portal.accounts import new_user
from domain.roles import Role
from store.database import Database
from store.tables import UserRow
from store.users import ensure_user, open_session
from tests.api.given import Bank, Given

PASSWORD: Final = "correct horse battery staple"
OURS: Final = {"Sec-Fetch-Site": "same-origin"}
COOKIE: Final = "rapport-session"

_TAG: Final = re.compile(r"<[^>]*>")


@cache
def _hashed() -> str:
    """Hash it once: that takes long, and is meant to."""
    return PasswordHash.recommended().hash(PASSWORD)


class Desk:
    """Where people of one bank sit."""

    def __init__(self, app: FastAPI, bank: Bank) -> None:
        self.app = app
        self.bank = bank
        self._numbers = count(1)
        self._open = AsyncExitStack()

    @property
    def given(self) -> Given:
        return self.bank.given

    @property
    def database(self) -> Database:
        return self.bank.given.database

    async def close(self) -> None:
        await self._open.aclose()

    async def browser(self) -> httpx.AsyncClient:
        """Open a browser in which nobody is signed in; it sends what browsers send."""
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        client = httpx.AsyncClient(
            transport=transport, base_url="http://rapport.test", headers=OURS
        )
        return await self._open.enter_async_context(client)

    async def user(
        self, role: Role = Role.VIEWER, *, password: bool = False
    ) -> UserRow:
        """Give somebody an account, with the password that everybody has here."""
        number = next(self._numbers)
        row = new_user(
            self.bank.id,
            email=f"{role}-{number}@meridian.example",
            name=f"Person {number}",
            role=role,
            password_hash=_hashed() if password else None,
            now=datetime.now(UTC),
        )
        assert await ensure_user(self.database, row)
        return row

    async def at_work(self, role: Role) -> httpx.AsyncClient:
        """Sign somebody of that role in."""
        return await self.signed_in(await self.user(role))

    async def signed_in(
        self, user: UserRow, lasts: timedelta = timedelta(hours=1)
    ) -> httpx.AsyncClient:
        """Sign somebody in, for so long."""
        token = f"the token of {user.id}"
        now = datetime.now(UTC)
        async with self.database.transaction() as session:
            await open_session(session, token, user.id, now, now + lasts)
        browser = await self.browser()
        browser.cookies.set(COOKIE, token)
        return browser


def text_of(answer: httpx.Response) -> str:
    """Return a page as its reader sees it."""
    return " ".join(unescape(_TAG.sub(" ", answer.text)).split())
