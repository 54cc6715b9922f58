"""Saying what a company's accounts are."""

import re
from typing import Final

import httpx
import pytest
from sqlmodel import select

from api.portal.categories import ROWS, labels
from domain.reports import ReportType
from domain.roles import Role
from domain.taxonomy import taxonomy
from store.states import ReportState
from store.tables import CategoryChoiceRow, CompanyRow, ReportRow
from tests.api.given import NOW
from tests.api.portal.desk import Desk, text_of
from tests.api.routes.test_accounts import an_account, with_accounts

BANK: Final = "Asset.Current.Bank"
SAID: Final = "Asset / Current / Bank"


async def choice(desk: Desk, company: CompanyRow) -> dict[str, str]:
    """Return what people have said, by account."""
    of_company = select(CategoryChoiceRow).where(
        CategoryChoiceRow.company_id == company.id
    )
    async with desk.database.reading() as session:
        rows = (await session.exec(of_company)).all()
    return {row.account_id: row.category_id for row in rows}


async def does(
    browser: httpx.AsyncClient, company: CompanyRow, what: str, **form: str
) -> httpx.Response:
    return await browser.post(f"/companies/{company.id}/accounts/{what}", data=form)


def order(page: httpx.Response) -> list[str]:
    """Return the accounts in the order in which they are listed."""
    listed = page.text.split('id="doubts"')[1].split("</section>")[0]
    return re.findall(r"<strong><bdi>(.*?)</bdi>", listed)


def test_every_category_has_words_of_its_own() -> None:
    """
    What somebody picks from the list means one category, and each of them can be picked.
    """
    assert {*taxonomy()} == {*labels().values()}
    assert SAID in labels()


async def test_what_depends_most_comes_first(desk: Desk) -> None:
    """
    Accounts are shown with balance, suggestion and how sure it is, the most important first.
    """
    company = await with_accounts(desk.given, "b", "a")
    browser = await desk.at_work(Role.VIEWER)

    page = await browser.get(f"/companies/{company.id}/accounts")

    assert ["Account b", "Account a"] == order(page)
    assert "1200, asset 100.00 GBP Asset / Current, 40 % sure" in text_of(page)
    assert "/accounts/confirm" not in page.text


@pytest.mark.parametrize("category", [BANK, SAID, f" {SAID} "])
async def test_a_category_is_confirmed_and_undone(desk: Desk, category: str) -> None:
    """
    By its id or by its name; who did it is noted, and it can be taken back.
    """
    company = await with_accounts(desk.given, "odd/../id", "2")
    rosa = await desk.user(Role.RELATIONSHIP_MANAGER)
    browser = await desk.signed_in(rosa)

    answer = await does(
        browser, company, "confirm", account="odd/../id", category=category
    )
    said = await browser.get(answer.headers["location"])
    confirmed = await choice(desk, company)
    await does(browser, company, "undo", account="odd/../id")

    assert f"Account odd/../id is {SAID}." in text_of(said)
    assert ["Account 2", "Account odd/../id"] == order(said)
    assert {"odd/../id": BANK} == confirmed
    assert {} == await choice(desk, company)
    trail = text_of(await browser.get(f"/companies/{company.id}"))
    assert f"Confirmed a category {rosa.name} Account odd/../id: {SAID}" in trail
    assert f"Took back a category {rosa.name} Account odd/../id" in trail


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"account": "1", "category": "Nonsense"}, 422),
        ({"account": "1"}, 422),
        ({"account": "another", "category": BANK}, 404),
    ],
)
async def test_what_is_not_there_is_not_confirmed(
    desk: Desk, form: dict[str, str], status: int
) -> None:
    """
    An unknown category or account is refused, and nothing changes.
    """
    company = await with_accounts(desk.given, "1")
    browser = await desk.at_work(Role.ADMIN)

    answer = await does(browser, company, "confirm", **form)

    assert status == answer.status_code
    assert {} == await choice(desk, company)


async def test_one_goes_back_to_where_one_was(desk: Desk) -> None:
    """
    After a confirmation the same part of the list is there; another site's address leads nowhere.
    """
    company = await with_accounts(desk.given, "1")
    browser = await desk.at_work(Role.ADMIN)
    here = f"/companies/{company.id}/accounts?q=account"
    form = {"account": "1", "category": BANK}

    answers = [
        await does(browser, company, "confirm", **form, back=back)
        for back in (here, "https://elsewhere.test/")
    ]

    assert [here, f"/companies/{company.id}/accounts"] == [
        answer.headers["location"] for answer in answers
    ]


async def test_the_reports_are_being_built_again(desk: Desk) -> None:
    """
    From the confirmation until they heed it, the reports say that they are being built again.
    """
    company = await with_accounts(desk.given, "1")
    await desk.given.written(
        ReportRow(
            company_id=company.id,
            type=ReportType.FINANCIALS,
            state=ReportState.READY,
            updated_at=NOW,
        )
    )
    browser = await desk.at_work(Role.ADMIN)
    pages = (f"/companies/{company.id}", f"/companies/{company.id}/accounts")

    before = [text_of(await browser.get(page)) for page in pages]
    await does(browser, company, "confirm", account="1", category=BANK)
    after = [text_of(await browser.get(page)) for page in pages]

    assert not any("Being built again" in text for text in before)
    assert all("Being built again" in text for text in after)


async def test_accounts_are_found_and_come_in_pages(desk: Desk) -> None:
    """
    A word finds its accounts; long lists come in pages; a cursor of another list begins anew.
    """
    company = await with_accounts(desk.given, *(f"n{each}" for each in range(ROWS + 2)))
    browser = await desk.at_work(Role.ADMIN)
    address = f"/companies/{company.id}/accounts"

    first = await browser.get(address)
    (following,) = re.findall(r'href="([^"]*cursor=[^"]*)"', first.text)
    last = await browser.get(following.replace("&amp;", "&"))
    found = await browser.get(f"{address}?q=1203")
    nothing = await browser.get(f"{address}?q=unheard")
    strange = await browser.get(f"{address}?cursor=strange")

    assert (ROWS, 2) == (len(order(first)), len(order(last)))
    assert "First page" in text_of(last)
    assert ["Account n3"] == order(found)
    assert "No account is called so." in text_of(nothing)
    assert order(first) == order(strange)


async def test_a_clients_page_leads_to_its_legal_entities_accounts(desk: Desk) -> None:
    """
    A client says which of its legal entities have accounts to confirm, and how many.
    """
    client = await desk.given.company(name="Group")
    entity = await desk.given.company(name="Retail", parent_id=client.id)
    await desk.given.written(an_account(entity, "1"), an_account(entity, "2", 1))
    browser = await desk.at_work(Role.RELATIONSHIP_MANAGER)

    await does(browser, entity, "confirm", account="1", category=BANK)
    page = await browser.get(f"/companies/{client.id}")
    accounts = await browser.get(f"/companies/{entity.id}/accounts")

    assert "Retail 1 to confirm" in text_of(page)
    assert f"/companies/{entity.id}/accounts" in page.text
    assert "Relationships / Group / Retail" in text_of(accounts)
    assert "Confirmed a category Person 1 , Retail" in text_of(page)


async def test_a_companys_page_offers_the_most_important(desk: Desk) -> None:
    """
    The first few can be confirmed on the company's own page, by who may.
    """
    company = await with_accounts(desk.given, "1", "2")
    address = f"/companies/{company.id}"

    manager, viewer, support = [
        await (await desk.at_work(role)).get(address)
        for role in (Role.RELATIONSHIP_MANAGER, Role.VIEWER, Role.SUPPORT)
    ]

    confirming = f'action="/companies/{company.id}/accounts/confirm"'
    assert 2 == manager.text.count(confirming)
    assert "Account 1" in text_of(viewer)
    assert "/accounts/confirm" not in viewer.text
    assert "Account 1" not in support.text


async def test_a_company_without_books_has_no_accounts(desk: Desk) -> None:
    """
    Where nothing was read, the page says so.
    """
    company = await desk.given.company()
    browser = await desk.at_work(Role.VIEWER)

    page = await browser.get(f"/companies/{company.id}/accounts")

    assert "There are no accounts of this company itself." in text_of(page)
    assert "There is no report yet." in text_of(page)
