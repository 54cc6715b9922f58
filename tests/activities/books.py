"""Accounting software that answers as the test says, and remembers what it was asked."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from domain.datasets import Dataset, Row
from domain.software import AuthorizationRequest, Software
from providers.base import Grant, Page, Tokens

PAGES = 3
"""So many pages has the chart of accounts; the rest has one row."""


class Books:
    """
    A provider whose answers are planned.

    `troubles` are raised by the next calls, one each; None is a call that goes well.
    """

    key = "sandbox"
    software: tuple[Software, ...] = ()

    def __init__(self, *troubles: Exception | None) -> None:
        self.troubles = list(troubles)
        self.read: list[tuple[Dataset, str | None]] = []
        self.tokens: list[str] = []
        self.exchanged: list[str] = []
        self.refreshed: list[str] = []
        self.revoked: list[str] = []
        self.organisation = "org 1"
        self.lifetime = timedelta(hours=1)
        self.is_empty = False
        self.before_reading: Callable[[str], Awaitable[None]] | None = None

    def authorize_url(self, request: AuthorizationRequest) -> str:
        return f"http://books.test/{request.software}"

    async def exchange(self, code: str, redirect_uri: str) -> Grant:
        self._fail()
        self.exchanged.append(code)
        return Grant(self._tokens(f"of {code}"), self.organisation)

    async def refresh(self, refresh_token: str) -> Tokens:
        self._fail()
        self.refreshed.append(refresh_token)
        return self._tokens(f"after {refresh_token}")

    async def revoke(self, refresh_token: str) -> None:
        self._fail()
        self.revoked.append(refresh_token)

    async def read_page(
        self, access_token: str, dataset: Dataset, cursor: str | None
    ) -> Page:
        await asyncio.sleep(0)
        if self.before_reading is not None:
            await self.before_reading(access_token)
        self._fail()
        self.read.append((dataset, cursor))
        self.tokens.append(access_token)
        return self._page(dataset, int(cursor or 0))

    def _page(self, dataset: Dataset, number: int) -> Page:
        if dataset is not Dataset.ACCOUNTS:
            return Page([COMPANY] if dataset is Dataset.COMPANY_INFO else [], None, 1)
        if self.is_empty:
            return Page([], None, 0)
        last = number == PAGES - 1
        return Page([an_account(number)], None if last else str(number + 1), PAGES)

    def _tokens(self, name: str) -> Tokens:
        until = datetime.now(UTC) + self.lifetime
        return Tokens(f"access {name}", f"refresh {name}", until)

    def _fail(self) -> None:
        trouble = self.troubles.pop(0) if self.troubles else None
        if trouble is not None:
            raise trouble


COMPANY: Row = {
    "id": "1",
    "name": "Hoxton Tea",
    "legal_name": None,
    "registration_number": None,
    "tax_number": None,
    "base_currency": "GBP",
    "year_end_month": 3,
    "phone": None,
    "web_links": [],
    "addresses": [],
}


def an_account(number: int) -> Row:
    return {
        "id": str(number),
        "code": None,
        "name": f"Account {number}",
        "description": None,
        "type": "asset",
        "category": None,
        "currency": "GBP",
        "balance": Decimal(number),
        "is_bank_account": False,
        "status": "active",
    }
