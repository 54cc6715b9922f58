"""The sandbox provider against the sandbox itself: all datasets, all scenarios."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import TypeAdapter

from domain.datasets import ROWS, Dataset, Row
from domain.reasons import Reason, Refused
from domain.software import AuthorizationRequest
from providers.base import Grant, Throttled, Unavailable
from providers.sandbox import PAGE, Place, Sandbox, parse_page
from sandbox.app import create_app
from sandbox.settings import Settings

COMPANY = "Hoxton Tea Company"
BACK = "http://rapport.test/link/return/sandbox"
BILLS = 11_000


class Books:
    """A customer's way into the sandbox, and what can be read behind it."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http
        self.provider = Sandbox(http, "http://books.test/", "rapport", "sandbox-secret")

    async def code(self, scenario: str = "default") -> str:
        """Say yes at the software's own page, as a browser would."""
        request = AuthorizationRequest("ledgerly", COMPANY, "state-1", BACK)
        url = httpx.URL(self.provider.authorize_url(request))
        form = {**dict(url.params), "decision": "approve", "scenario": scenario}
        answer = await self.http.post(url.copy_with(query=None), data=form)
        return httpx.URL(answer.headers["location"]).params["code"]

    async def connect(self, scenario: str = "default") -> Grant:
        return await self.provider.exchange(await self.code(scenario), BACK)

    async def read(self, grant: Grant, dataset: Dataset) -> list[Row]:
        return [row async for row in self.rows(grant, dataset)]

    async def rows(self, grant: Grant, dataset: Dataset) -> AsyncIterator[Row]:
        cursor: str | None = None
        while True:
            page = await self.provider.read_page(grant.tokens.access, dataset, cursor)
            for row in page.rows:
                yield row
            cursor = page.next_cursor
            if cursor is None:
                return


@pytest.fixture
async def books(tmp_path: Path) -> AsyncIterator[Books]:
    settings = Settings(bills=BILLS)
    app = create_app(tmp_path / "sandbox.db", "http://books.test", settings)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport) as http,
    ):
        yield Books(http)


@pytest.mark.parametrize("dataset", Dataset)
async def test_every_dataset_is_read_as_canonical_rows(
    books: Books, dataset: Dataset
) -> None:
    """
    What the software sends becomes rows that pass our own definition, none missing.
    """
    grant = await books.connect()
    definition: TypeAdapter[Row] = TypeAdapter(ROWS[dataset])

    page = await books.provider.read_page(grant.tokens.access, dataset, None)
    rows = await books.read(grant, dataset)

    assert rows
    assert page.total == len(rows)
    assert rows == [definition.validate_python(row) for row in rows]


async def test_nothing_is_lost_in_translation(books: Books) -> None:
    """
    What every document of the sandbox has, every canonical row has too.
    """
    grant = await books.connect()

    (company,) = await books.read(grant, Dataset.COMPANY_INFO)
    bills = await books.read(grant, Dataset.BILLS)
    expenses = await books.read(grant, Dataset.EXPENSES)
    suppliers = await books.read(grant, Dataset.SUPPLIERS)

    assert COMPANY == company["name"]
    assert company["addresses"]
    assert all(bill["reference"] and bill["supplier_name"] for bill in bills)
    assert all(expense["supplier_name"] for expense in expenses)
    assert all(supplier["addresses"][0]["city"] for supplier in suppliers)


async def test_what_is_read_adds_up(books: Books) -> None:
    """
    Figures keep their meaning: lines make the bills, statements balance.
    """
    grant = await books.connect()

    bills = await books.read(grant, Dataset.BILLS)
    sheets = await books.read(grant, Dataset.BALANCE_SHEET)
    profits = await books.read(grant, Dataset.PROFIT_AND_LOSS)

    assert all((bills, sheets, profits))
    for bill in bills:
        assert bill["net_amount"] + bill["tax_amount"] == bill["total_amount"]
        assert sum(line["net_amount"] for line in bill["lines"]) == bill["net_amount"]
    for sheet in sheets:
        assert sheet["assets"] - sheet["liabilities"] == sheet["equity"]
        for section in ("assets", "liabilities", "equity"):
            assert sheet[section] == _sum(sheet, section)
    for profit in profits:
        assert profit["income"] == _sum(profit, "income")
        assert profit["income"] - profit["cost_of_sales"] == profit["gross_profit"]


def _sum(statement: Row, section: str) -> Decimal:
    lines: list[Any] = statement["lines"]
    return sum(
        (line["amount"] for line in lines if line["section"] == section), Decimal()
    )


async def test_payments_and_bills_know_each_other(books: Books) -> None:
    """
    Allocations point at bills, methods and accounts that were read as well.
    """
    grant = await books.connect()

    bills = {bill["id"] for bill in await books.read(grant, Dataset.BILLS)}
    methods = {row["id"] for row in await books.read(grant, Dataset.PAYMENT_METHODS)}
    accounts = {row["id"] for row in await books.read(grant, Dataset.ACCOUNTS)}
    payments = await books.read(grant, Dataset.BILL_PAYMENTS)

    assert bills >= {
        item["bill_id"] for each in payments for item in each["allocations"]
    }
    assert methods | {None} >= {payment["payment_method_id"] for payment in payments}
    assert accounts >= {payment["account_id"] for payment in payments}


async def test_large_books_are_read_page_by_page(books: Books) -> None:
    """
    No row twice, none left out.
    """
    grant = await books.connect("large")

    cursors: list[str | None] = []
    ids: list[str] = []
    cursor: str | None = None
    while True:
        page = await books.provider.read_page(
            grant.tokens.access, Dataset.BILLS, cursor
        )
        ids += [row["id"] for row in page.rows]
        cursors.append(cursor)
        if (cursor := page.next_cursor) is None:
            break

    assert BILLS == len(ids) == len(set(ids))
    assert BILLS / PAGE == len(cursors)


async def test_a_cursor_means_the_same_page_each_time(books: Books) -> None:
    """
    A page may be asked for again, after a crash for one, and gives the same rows.
    """
    grant = await books.connect("large")
    first = await books.provider.read_page(grant.tokens.access, Dataset.BILLS, None)

    once = await books.provider.read_page(
        grant.tokens.access, Dataset.BILLS, first.next_cursor
    )
    again = await books.provider.read_page(
        grant.tokens.access, Dataset.BILLS, first.next_cursor
    )

    assert PAGE == len(once.rows)
    assert once == again


async def test_empty_books_are_read_as_empty(books: Books) -> None:
    """
    No rows are no error: what that means is for the caller to say.
    """
    grant = await books.connect("empty")

    page = await books.provider.read_page(grant.tokens.access, Dataset.BILLS, None)

    assert ([], None, 0) == page


@pytest.mark.parametrize(
    ("scenario", "reason"),
    [
        ("revoked", Reason.ACCESS_REVOKED),
        ("forbidden", Reason.INSUFFICIENT_PERMISSIONS),
    ],
)
async def test_what_stays_is_refused(
    books: Books, scenario: str, reason: Reason
) -> None:
    """
    A login that may not read is refused, with the reason that its owner can act on.
    """
    grant = await books.connect(scenario)

    with pytest.raises(Refused) as refused:
        await books.read(grant, Dataset.BILLS)

    assert reason is refused.value.reason


@pytest.mark.parametrize(
    ("dataset", "place"),
    [
        (Dataset.BILLS, "bills, field (all of it)"),
        (Dataset.ACCOUNTS, "accounts, row 1, field current_balance"),
    ],
)
async def test_malformed_data_says_where(
    books: Books, dataset: Dataset, place: str
) -> None:
    """
    Data that can't be understood is refused with dataset, row and field.
    """
    grant = await books.connect("malformed")

    with pytest.raises(Refused) as refused:
        await books.read(grant, dataset)

    assert Reason.INVALID_DATA is refused.value.reason
    assert place in refused.value.detail


async def test_an_outage_is_worth_another_try(books: Books) -> None:
    """
    While the software is down it is unavailable.
    """
    grant = await books.connect("outage")

    with pytest.raises(Unavailable):
        await books.read(grant, Dataset.BILLS)


async def test_a_used_up_quota_says_when(books: Books) -> None:
    """
    The pause that the software asks for comes through.
    """
    grant = await books.connect("quota")

    with pytest.raises(Throttled) as throttled:
        await books.read(grant, Dataset.BILLS)

    assert timedelta(hours=1) == throttled.value.retry_after


async def test_a_flaky_software_answers_the_next_time(books: Books) -> None:
    """
    Asked again, the call that failed gives what it would have given.
    """
    grant = await books.connect("flaky")
    pages, failures = 0, 0

    while pages < 4:
        try:
            await books.provider.read_page(grant.tokens.access, Dataset.BILLS, None)
            pages += 1
        except (Unavailable, Throttled):
            failures += 1

    assert 1 == failures


async def test_a_slow_software_is_waited_for(books: Books) -> None:
    """
    Slow is not broken.
    """
    grant = await books.connect("slow")

    page = await books.provider.read_page(
        grant.tokens.access, Dataset.COMPANY_INFO, None
    )

    assert 1 == page.total


async def test_another_organisation_shows_itself(books: Books) -> None:
    """
    The organisation's id is the same for the same books, and another for others.
    """
    first = await books.connect()
    again = await books.connect()
    other = await books.connect("other_organisation")

    assert first.organisation == again.organisation
    assert first.organisation != other.organisation


async def test_a_lost_exchange_may_be_repeated(books: Books) -> None:
    """
    The same code gives the same tokens until one of them was used, then none.
    """
    code = await books.code()

    first = await books.provider.exchange(code, BACK)
    again = await books.provider.exchange(code, BACK)
    await books.read(again, Dataset.ACCOUNTS)

    assert first.tokens.refresh == again.tokens.refresh
    with pytest.raises(Refused):
        await books.provider.exchange(code, BACK)


async def test_tokens_rotate(books: Books) -> None:
    """
    New tokens read on, and the old refresh token is spent once they did.
    """
    grant = await books.connect()

    tokens = await books.provider.refresh(grant.tokens.refresh)
    await books.read(grant._replace(tokens=tokens), Dataset.ACCOUNTS)

    assert grant.tokens.refresh != tokens.refresh
    assert tokens.expires_at > datetime.now(UTC)
    with pytest.raises(Refused) as refused:
        await books.provider.refresh(grant.tokens.refresh)
    assert Reason.ACCESS_REVOKED is refused.value.reason


async def test_revoked_access_is_over(books: Books) -> None:
    """
    Once given back, neither token opens anything; giving it back again is fine.
    """
    grant = await books.connect()

    await books.provider.revoke(grant.tokens.refresh)
    await books.provider.revoke(grant.tokens.refresh)

    with pytest.raises(Refused):
        await books.read(grant, Dataset.ACCOUNTS)
    with pytest.raises(Refused):
        await books.provider.refresh(grant.tokens.refresh)


@pytest.mark.parametrize(
    "answer",
    [
        b'{"items": [], "total": 900, "has_more": true}',
        b'{"items": [], "total": "many", "has_more": false}',
        b'{"items": [], "total": 0}',
    ],
)
def test_a_page_that_ends_too_early_is_refused(answer: bytes) -> None:
    """
    Where the next page would not begin at this one's end, rows would get lost.
    """
    with pytest.raises(Refused) as refused:
        parse_page(Dataset.BILLS, Place(), answer)

    assert Reason.INVALID_DATA is refused.value.reason


def test_a_row_is_counted_from_the_first_page() -> None:
    """
    The row that a refusal names is its number in the dataset, not in the page.
    """
    items = (
        b'{"id": "1", "name": "Cash", "type": "Cash", "status": "Active"}, {"id": 2}'
    )
    answer = b'{"items": [%b], "total": 502, "has_more": false}' % items

    with pytest.raises(Refused) as refused:
        parse_page(Dataset.PAYMENT_METHODS, Place(500, 500), answer)

    assert "payment_methods, row 502, field id" in refused.value.detail


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ('"BankTransfer"', "bank_transfer"),
        ('"DirectDebit"', "bank_transfer"),
        ('"Barter"', "other"),
    ],
)
def test_words_become_ours(theirs: str, ours: str) -> None:
    """
    A way to pay that nobody knows is another way to pay.
    """
    item = f'{{"id": "1", "name": "x", "type": {theirs}, "status": "Active"}}'
    answer = f'{{"items": [{item}], "total": 1, "has_more": false}}'

    page = parse_page(Dataset.PAYMENT_METHODS, Place(), answer.encode())

    assert ours == page.rows[0]["type"]


@pytest.mark.parametrize("theirs", ['["Cash"]', "null", "3"])
def test_what_is_no_word_is_refused(theirs: str) -> None:
    """
    Translating never hides that a field has the wrong shape.
    """
    item = f'{{"id": "1", "name": "x", "type": {theirs}, "status": "Active"}}'
    answer = f'{{"items": [{item}], "total": 1, "has_more": false}}'

    with pytest.raises(Refused):
        parse_page(Dataset.PAYMENT_METHODS, Place(), answer.encode())


def test_a_supplier_without_address_has_none() -> None:
    """
    One address is a list of one, no address is an empty list.
    """
    item = '{"id": "1", "name": "x", "status": "Active", "address": null}'
    answer = f'{{"items": [{item}], "total": 1, "has_more": false}}'

    page = parse_page(Dataset.SUPPLIERS, Place(), answer.encode())

    assert [] == page.rows[0]["addresses"]
