"""The sandbox: accounting software to practise on, over real HTTP like any other."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import cache
from http import HTTPStatus
from typing import Annotated, Any, Final, NamedTuple, Protocol, Self

import httpx
from pydantic import Field, SecretStr, TypeAdapter, ValidationError
from typing_extensions import TypedDict

from domain.datasets import (
    ROWS,
    Account,
    BalanceSheet,
    Bill,
    BillPayment,
    Dataset,
    Expense,
    Flag,
    Key,
    Line,
    PaymentMethod,
    ProfitAndLoss,
    StatementLine,
    Supplier,
)
from domain.reasons import Reason, Refused
from domain.software import AuthorizationRequest, Software
from providers.base import Grant, Page, Tokens
from providers.dialect import (
    Dialect,
    From,
    list_of,
    refusal,
    shape,
    snake_case,
    translated,
    words,
)
from providers.http import ask

KEY: Final = "sandbox"
PAGE: Final = 500
"""Nothing else runs while a page is validated: some ten milliseconds for so many rows."""

LONGEST_LIFETIME: Final = 366 * 24 * 3600  # of an access token, in seconds

# A 401 says here that Rapport's own client id is wrong: a defect, no customer's doing.
TOKEN_REFUSALS: Final[Mapping[int, Reason]] = {
    HTTPStatus.BAD_REQUEST: Reason.ACCESS_REVOKED,
    HTTPStatus.FORBIDDEN: Reason.INSUFFICIENT_PERMISSIONS,
}

PATHS: Final[Mapping[Dataset, str]] = {
    Dataset.COMPANY_INFO: "/api/organisation",
    Dataset.ACCOUNTS: "/api/accounts",
    Dataset.PROFIT_AND_LOSS: "/api/profit-and-loss",
    Dataset.BALANCE_SHEET: "/api/balance-sheet",
    Dataset.SUPPLIERS: "/api/suppliers",
    Dataset.BILLS: "/api/bills",
    Dataset.BILL_PAYMENTS: "/api/bill-payments",
    Dataset.EXPENSES: "/api/expenses",
    Dataset.PAYMENT_METHODS: "/api/payment-methods",
}

_PAYMENT_METHOD: Final = words(
    {
        "Cash": "cash",
        "Check": "check",
        "CreditCard": "credit_card",
        "DebitCard": "debit_card",
        "BankTransfer": "bank_transfer",
        "DirectDebit": "bank_transfer",
    },
    otherwise="other",
)
_TYPE: Final = {"type": From("type", snake_case)}
_STATUS: Final = {"status": From("status", snake_case)}
_AMOUNTS: Final = {
    "net_amount": From("subtotal"),
    "tax_amount": From("tax"),
    "total_amount": From("total"),
}


def _as_list(value: Any) -> Any:
    return [] if value is None else [value]


def _totals(*names: str) -> dict[str, From]:
    return {name: From(f"totals.{name}") for name in names}


DIALECT: Final[Dialect] = {
    Account: {
        "balance": From("current_balance"),
        **_TYPE,
        **_STATUS,
    },
    ProfitAndLoss: _totals(
        "income",
        "cost_of_sales",
        "gross_profit",
        "expenses",
        "operating_profit",
        "other_income",
        "other_expenses",
        "net_profit",
    ),
    BalanceSheet: _totals("assets", "liabilities", "equity"),
    StatementLine: {"section": From("section", snake_case)},
    Supplier: {
        "currency": From("default_currency"),
        "addresses": From("address", _as_list),
        **_STATUS,
    },
    Bill: {
        "reference": From("number"),
        "issued_on": From("issue_date"),
        "due_on": From("due_date"),
        **_STATUS,
        **_AMOUNTS,
    },
    Line: {"net_amount": From("amount")},
    BillPayment: {"paid_on": From("date"), "total_amount": From("amount")},
    Expense: {"paid_on": From("date"), **_AMOUNTS},
    PaymentMethod: {"type": From("type", _PAYMENT_METHOD), **_STATUS},
}


class SandboxSettings(Protocol):
    """What it takes to reach a sandbox."""

    @property
    def sandbox_url(self) -> str: ...
    @property
    def sandbox_client_id(self) -> str: ...
    @property
    def sandbox_client_secret(self) -> SecretStr: ...


class Place(NamedTuple):
    """Where a page begins and how many rows it has: what a cursor says."""

    offset: int = 0
    size: int = PAGE

    @classmethod
    def read(cls, cursor: str | None) -> Self:
        return cls(*map(int, cursor.split(":"))) if cursor else cls()

    def __str__(self) -> str:
        return f"{self.offset}:{self.size}"

    @property
    def page(self) -> int:
        return self.offset // self.size + 1

    def following(self) -> "Place":
        """Go on; a larger page, which an earlier release began with, ends where one begins."""
        return Place(self.offset + self.size)


class _Organisation(TypedDict):
    id: Key


class _TokenAnswer(TypedDict):
    access_token: Key
    refresh_token: Key
    expires_in: Annotated[int, Field(ge=0, le=LONGEST_LIFETIME)]
    organisation: _Organisation


_TOKENS: Final = TypeAdapter(_TokenAnswer)


class Sandbox:
    """Several products, one API: OAuth with rotating tokens, and numbered pages."""

    key: str = KEY
    software: tuple[Software, ...] = (
        Software("ledgerly", "Ledgerly", KEY),
        Software("bookwise", "Bookwise Online", KEY),
        Software("northbooks", "Northbooks", KEY),
        Software("quillcount", "Quillcount", KEY),
        Software("sumline", "Sumline", KEY),
    )

    def __init__(
        self, http: httpx.AsyncClient, base_url: str, client_id: str, client_secret: str
    ) -> None:
        self._http = http
        self._base_url = base_url.rstrip("/")
        self._client_id, self._client_secret = client_id, client_secret

    @classmethod
    def build(cls, http: httpx.AsyncClient, settings: SandboxSettings) -> Self:
        return cls(
            http,
            settings.sandbox_url,
            settings.sandbox_client_id,
            settings.sandbox_client_secret.get_secret_value(),
        )

    def authorize_url(self, request: AuthorizationRequest) -> str:
        question = {
            "response_type": "code",
            "client_id": self._client_id,
            "product": request.software,
            "company": request.company,
            "state": request.state,
            "redirect_uri": request.redirect_uri,
        }
        return str(httpx.URL(f"{self._base_url}/oauth/authorize", params=question))

    async def exchange(self, code: str, redirect_uri: str) -> Grant:
        return await self._ask_for_tokens(
            grant_type="authorization_code", code=code, redirect_uri=redirect_uri
        )

    async def refresh(self, refresh_token: str) -> Tokens:
        grant = await self._ask_for_tokens(
            grant_type="refresh_token", refresh_token=refresh_token
        )
        return grant.tokens

    async def revoke(self, refresh_token: str) -> None:
        url = f"{self._base_url}/oauth/revoke"
        form = {**self._client(), "token": refresh_token}
        with suppress(Refused):  # what is refused is revoked already
            await ask(self._http, "POST", url, TOKEN_REFUSALS, data=form)

    async def read_page(
        self, access_token: str, dataset: Dataset, cursor: str | None
    ) -> Page:
        place = Place.read(cursor)
        answer = await ask(
            self._http,
            "GET",
            f"{self._base_url}{PATHS[dataset]}",
            params={"page": place.page, "page_size": place.size},
            headers={"Authorization": f"Bearer {access_token}"},
        )
        return await asyncio.to_thread(parse_page, dataset, place, answer.content)

    async def _ask_for_tokens(self, **question: str) -> Grant:
        asked_at = datetime.now(UTC)
        answer = await ask(
            self._http,
            "POST",
            f"{self._base_url}/oauth/token",
            TOKEN_REFUSALS,
            data={**self._client(), **question},
        )
        return _grant(answer.content, asked_at)

    def _client(self) -> dict[str, str]:
        return {"client_id": self._client_id, "client_secret": self._client_secret}


def parse_page(dataset: Dataset, place: Place, content: bytes) -> Page:
    """Read the software's answer. Keeps a core busy: call it in a thread."""
    try:
        page = _reader(dataset).validate_json(content)
    except ValidationError as invalid:
        raise refusal(invalid, dataset, place.offset + 1) from None
    rows, total = page["items"], page["total"]
    if not page["has_more"]:
        return Page(rows, None, total)
    if len(rows) != place.size:
        # The next page would begin elsewhere than this one ends.
        raise Refused(Reason.INVALID_DATA, f"{dataset}, field items: too few or many")
    return Page(rows, str(place.following()), total)


@cache
def _reader(dataset: Dataset) -> TypeAdapter[Any]:
    items = list_of(translated(ROWS[dataset], DIALECT))
    return TypeAdapter(shape("Page", {"items": items, "total": int, "has_more": Flag}))


def _grant(content: bytes, asked_at: datetime) -> Grant:
    try:
        answer = _TOKENS.validate_json(content)
    except ValidationError as invalid:
        raise refusal(invalid, "tokens") from None
    tokens = Tokens(
        access=answer["access_token"],
        refresh=answer["refresh_token"],
        expires_at=asked_at + timedelta(seconds=answer["expires_in"]),
    )
    return Grant(tokens, answer["organisation"]["id"])
