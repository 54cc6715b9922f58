from typing import Any, Final
from urllib.parse import quote

import httpx
import pytest
from fastapi import FastAPI
from temporalio.testing import WorkflowEnvironment

from domain.taxonomy import taxonomy
from store.accounts import account_key, words
from store.database import Database
from store.tables import AccountRow, CategoryChoiceRow, ChoicesRow, CompanyRow
from tests.api.conftest import calling
from tests.api.given import Bank, Given
from workflows.ids import reports_workflow_id

BANK: Final = "Asset.Current.Bank"
ODD: Final = (
    "acc/1200",
    "a/../b",
    "a b?c#d",
    "%2F",
    "Zoë/茶",
    "category",
    "a/category",
)


def an_account(company: CompanyRow, account_id: str, place: int = 0) -> AccountRow:
    return AccountRow(
        company_id=company.id,
        key=account_key(account_id),
        sync_id="sy_1",
        account_id=account_id,
        name=f"Account {account_id}",
        code=f"{1200 + place}",
        type="asset",
        currency="GBP",
        balance="100.00",
        category_id="Asset.Current",
        confidence=[90, 40],
        impact=f"{60 - place}.00",
        place=f"{place:09}",
        words=words(account_id, f"{1200 + place}"),
    )


async def with_accounts(given: Given, *ids: str, **changes: Any) -> CompanyRow:
    company = await given.company(**changes)
    rows = [an_account(company, each, place) for place, each in enumerate(ids)]
    await given.written(*rows)
    return company


async def listed(api: httpx.AsyncClient, company: CompanyRow, query: str = "") -> Any:
    answer = await api.get(f"/v1/companies/{company.id}/accounts{query}")
    assert 200 == answer.status_code, answer.text
    return answer.json()


def address(company: CompanyRow, account_id: str) -> str:
    return f"/v1/companies/{company.id}/accounts/{quote(account_id, safe='')}/category"


async def confirm(
    api: httpx.AsyncClient, company: CompanyRow, account_id: str, category: str = BANK
) -> httpx.Response:
    body = {"category_id": category}
    return await api.put(address(company, account_id), json=body)


async def revision(database: Database, company: CompanyRow) -> int:
    async with database.reading() as session:
        row = await session.get(ChoicesRow, company.id)
        return 0 if row is None else row.revision


async def test_accounts_come_with_what_they_are_taken_for(
    api: httpx.AsyncClient, given: Given
) -> None:
    """
    The suggestion with its confidence level by level, and how much depends on the doubt.
    """
    company = await with_accounts(given, "1")

    (shown,) = (await listed(api, company))["items"]

    assert {
        "id": "1",
        "name": "Account 1",
        "code": "1200",
        "type": "asset",
        "currency": "GBP",
        "balance": "100.00",
        "suggestion": {
            "category_id": "Asset.Current",
            "path": ["Asset", "Current"],
            "confidence": [90, 40],
        },
        "confirmed": None,
        "category_id": "Asset.Current",
        "path": ["Asset", "Current"],
        "status": "Suggested",
        "impact": "60.00",
    } == shown


async def test_an_account_that_nothing_is_known_of_is_uncategorized(
    api: httpx.AsyncClient, given: Given
) -> None:
    """
    It has no path, and so has one whose category is no more.
    """
    company = await given.company()
    row = an_account(company, "1")
    row.category_id, row.confidence = None, []
    gone = CategoryChoiceRow(
        company_id=company.id,
        key=row.key,
        account_id="1",
        category_id="Gone",
        at=company.created_at,
    )
    await given.written(row, gone)

    (shown,) = (await listed(api, company))["items"]

    assert ("Uncategorized", [], None) == (
        shown["status"],
        shown["path"],
        shown["confirmed"],
    )


@pytest.mark.parametrize("account_id", ODD)
async def test_a_confirmation_is_seen_at_once(
    api: httpx.AsyncClient, given: Given, account_id: str
) -> None:
    """
    Whatever characters the software's ids are made of.
    """
    company = await with_accounts(given, account_id)

    answer = await confirm(api, company, account_id)

    (shown,) = (await listed(api, company))["items"]
    assert (200, shown) == (answer.status_code, answer.json())
    assert (BANK, BANK, "Confirmed", "0") == (
        shown["confirmed"],
        shown["category_id"],
        shown["status"],
        shown["impact"],
    )
    assert list(taxonomy()[BANK].levels) == shown["path"]
    assert "Asset.Current" == shown["suggestion"]["category_id"]


async def test_what_is_undone_is_the_machine_s_again(
    api: httpx.AsyncClient, given: Given
) -> None:
    """
    Twice is once.
    """
    company = await with_accounts(given, "1")
    before = await listed(api, company)
    await confirm(api, company, "1")

    undone = [await api.delete(address(company, "1")) for _ in range(2)]

    assert [204, 204] == [answer.status_code for answer in undone]
    assert before == await listed(api, company)


async def test_accounts_are_listed_by_impact(
    api: httpx.AsyncClient, given: Given
) -> None:
    """
    Page by page; what is confirmed has none left, and comes last.
    """
    ids = [f"{number}" for number in range(5)]
    company = await with_accounts(given, *ids)
    await confirm(api, company, "0")
    await confirm(api, company, "3")

    found: list[str] = []
    query = "?limit=2"
    while True:
        page = await listed(api, company, query)
        found += [each["id"] for each in page["items"]]
        if page["next_cursor"] is None:
            break
        query = f"?limit=2&cursor={page['next_cursor']}"

    assert ["1", "2", "4", "0", "3"] == found


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("Loan", ["Loan 2"]),
        ("lo", ["Loan 2"]),
        ("1200", ["Bank 1"]),
        ("bank 12", ["Bank 1"]),
        ("bank 9", []),
        ("  ", ["Bank 1", "Loan 2"]),
        ("?!", []),
        ("%", []),
    ],
)
async def test_accounts_are_found_by_words(
    api: httpx.AsyncClient, given: Given, q: str, found: list[str]
) -> None:
    """
    Or their beginnings, in name, code and id; all of them.
    """
    company = await with_accounts(given, "Bank 1", "Loan 2")

    shown = await listed(api, company, f"?q={quote(q)}")

    assert found == [each["id"] for each in shown["items"]]


async def test_a_confirmation_makes_reports_out_of_date_once(
    api: httpx.AsyncClient, given: Given, database: Database
) -> None:
    """
    The company's own and its client's; the same again changes nothing, and Temporal may be away.
    """
    client = await given.company()
    entity = await with_accounts(given, "1", parent_id=client.id)

    for category in (BANK, BANK, "Asset.Current"):
        assert 200 == (await confirm(api, entity, "1", category)).status_code

    assert 2 == await revision(database, entity) == await revision(database, client)


async def test_a_confirmation_holds_for_its_company_only(
    api: httpx.AsyncClient, given: Given, database: Database
) -> None:
    """
    An account of the same id in other books is another account.
    """
    one, other = await with_accounts(given, "1"), await with_accounts(given, "1")

    await confirm(api, one, "1")

    (shown,) = (await listed(api, other))["items"]
    assert ("Suggested", 0) == (shown["status"], await revision(database, other))


@pytest.mark.parametrize(
    ("account_id", "category", "status", "code"),
    [
        ("1", "Asset.Current.Cellar", 422, "unknown_category"),
        ("1", "x" * 201, 422, "invalid_request"),
        ("2", BANK, 404, "not_found"),
    ],
)
async def test_what_can_not_be_confirmed(  # noqa: PLR0913, PLR0917 (a case has many sides)
    api: httpx.AsyncClient,
    given: Given,
    account_id: str,
    category: str,
    status: int,
    code: str,
) -> None:
    """
    A category that nobody knows, or an account that is not in the books.
    """
    company = await with_accounts(given, "1")

    answer = await confirm(api, company, account_id, category)

    assert (status, code) == (answer.status_code, answer.json()["code"])
    assert 404 == (await api.delete(address(company, "2"))).status_code


async def test_another_bank_can_neither_see_nor_confirm(
    app: FastAPI, given: Given, other_bank: Bank, database: Database
) -> None:
    """
    To it, the company is not there.
    """
    company = await with_accounts(given, "1")

    async with calling(app, other_bank.key) as theirs:
        answers = [
            await theirs.get(f"/v1/companies/{company.id}/accounts"),
            await confirm(theirs, company, "1"),
            await theirs.delete(address(company, "1")),
        ]

    assert [404, 404, 404] == [answer.status_code for answer in answers]
    assert 0 == await revision(database, company)


async def test_a_confirmation_has_the_reports_built_again(
    live: httpx.AsyncClient, given: Given, temporal: WorkflowEnvironment
) -> None:
    """
    By one workflow per company, that is told of what comes while it builds.
    """
    company = await with_accounts(given, "1", "2")

    await confirm(live, company, "1")
    await confirm(live, company, "2")

    handle = temporal.client.get_workflow_handle(reports_workflow_id(company.id))
    history = await handle.fetch_history()
    await handle.terminate()
    signals = [
        event.workflow_execution_signaled_event_attributes.signal_name
        for event in history.events
        if event.HasField("workflow_execution_signaled_event_attributes")
    ]
    assert ["again", "again"] == signals


async def test_the_categories_are_listed(api: httpx.AsyncClient) -> None:
    """
    All of them, parents first.
    """
    found = []
    cursor: dict[str, str] = {}
    while True:
        query = {"limit": "200", **cursor}
        page = (await api.get("/v1/categories", params=query)).json()
        found += page["items"]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}

    assert list(taxonomy()) == [each["id"] for each in found]
    assert {
        "id": "Asset",
        "path": ["Asset"],
        "level": 1,
        "statement": "balance_sheet",
    } in found
