"""The relationships page."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import httpx
import pytest
from sqlmodel import select

from api.portal.rows import UNFOLDED
from api.portal.turning import ROWS
from domain.journey import DataType, Delivery, EntityStage, Stage, Status
from domain.reasons import Reason
from domain.reports import ReportType
from domain.roles import Role
from store.states import ReportState
from store.tables import CompanyRow, ReportRow
from tests.api.given import NOW, Bank
from tests.api.portal.desk import Desk, text_of

HARM = "<script>alert(1)</script>\"'><b>"


def names_in(answer: httpx.Response) -> list[str]:
    """Return the companies of the list, in its order."""
    return re.findall(r'class="name" href="[^"]*"><bdi>([^<]*)</bdi>', answer.text)


async def test_a_row_says_all_of_a_company(desk: Desk) -> None:
    """
    A row has the company, its contact, who looks after it, its status and why, and what it waits for.
    """
    manager = await desk.user(Role.RELATIONSHIP_MANAGER)
    company = await desk.given.company(
        description="Tea and more",
        users=[manager.email],
        status=Status.ERROR,
        reason=Reason.EMAIL_UNDELIVERABLE,
        status_at=NOW,
    )
    await desk.given.journey(company, unsent=True, trouble=Reason.EMAIL_UNDELIVERABLE)
    browser = await desk.signed_in(manager)

    text = text_of(await browser.get("/"))

    for words in (
        "Hoxton Tea Tea and more",
        "Ada Okafor ada@hoxton.test",
        manager.name,
        "Error 21 Nov 2026, 12:00 UTC",
        "The mail server refused the contact's address.",
        "You, the bank",
        "Send the email again",
    ):
        assert words in text


async def test_whatever_was_typed_is_text(desk: Desk) -> None:
    """
    HTML in any field is shown as it was typed, on every page, and is never HTML.
    """
    manager = await desk.user(Role.RELATIONSHIP_MANAGER)
    company = await desk.given.company(
        name=HARM,
        description=HARM,
        contact_name=HARM,
        contact_email=f"{HARM}@hoxton.test",
        external_id=HARM,
        users=[manager.email, HARM],
    )
    journey = await desk.given.journey(
        company, company_name=HARM, delivery=Delivery.LINK
    )
    await desk.given.connection(journey, name=HARM, software=HARM, detail=HARM)
    browser = await desk.signed_in(manager)
    pages = (
        "/",
        f"/?q={HARM}",
        f"/companies/{company.id}",
        f"/companies/{company.id}/edit",
        f"/companies/{company.id}/request",
        f"/journeys/{journey.id}",
        f"/journeys/{journey.id}/link",
    )

    for page in pages:
        answer = await browser.get(page)

        assert 200 == answer.status_code, page
        assert "<script>alert" not in answer.text, page
        assert "&lt;script&gt;alert" in answer.text, page


async def test_managers_see_their_own_first(desk: Desk) -> None:
    """
    A relationship manager begins with the own companies, and everybody else with all.
    """
    manager = await desk.user(Role.RELATIONSHIP_MANAGER)
    await desk.given.company(name="Mine", users=[manager.email])
    await desk.given.company(name="Somebody's", users=["other@bank.test"])
    browser, support = await desk.signed_in(manager), await desk.at_work(Role.SUPPORT)

    mine, everybodys = await browser.get("/"), await browser.get("/?user=all")
    all_of_them = await support.get("/")
    others = await support.get("/?user=other@bank.test")

    assert ["Mine"] == names_in(mine)
    assert ["Somebody&#39;s", "Mine"] == names_in(everybodys) == names_in(all_of_them)
    assert ["Somebody&#39;s"] == names_in(others)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=tea", ["Tea"]),
        ("q=TEA", ["Tea"]),
        ("q=nothing", []),
        ("status=Error", ["Tea"]),
        ("status=Available", ["Glass"]),
        ("reason=email_failed", ["Tea"]),
        ("stage=awaiting_customer", ["Print"]),
        ("stuck=yes", ["Print"]),
        ("sort=name", ["Glass", "Print", "Tea"]),
        ("sort=-name", ["Tea", "Print", "Glass"]),
        ("sort=status_at", ["Tea", "Glass", "Print"]),
        ("q=&status=&reason=&stage=&sort=", ["Print", "Glass", "Tea"]),
    ],
)
async def test_the_address_narrows_the_list(
    desk: Desk, query: str, found: list[str]
) -> None:
    """
    Search, filters and order are in the address, and an empty field asks for nothing.
    """
    tea = {"status": Status.ERROR, "reason": Reason.EMAIL_FAILED, "status_at": NOW}
    await desk.given.company(name="Tea", **tea)
    later = NOW + timedelta(hours=1)
    await desk.given.company(name="Glass", status=Status.AVAILABLE, status_at=later)
    print_ = await desk.given.company(name="Print")
    stuck = {
        "stage": Stage.AWAITING_CUSTOMER,
        "stuck_after": NOW - timedelta(days=9999),
    }
    await desk.given.journey(print_, **stuck)
    browser = await desk.at_work(Role.SUPPORT)

    answer = await browser.get(f"/?{query}")

    assert found == names_in(answer)


async def test_pages_follow_each_other(desk: Desk) -> None:
    """
    Each page goes on where the last one ended, and the last one has none after it.
    """
    for number in range(ROWS + 3):
        await desk.given.company(name=f"Company {number:02}")
    browser = await desk.at_work(Role.SUPPORT)

    first = await browser.get("/?sort=name")
    (onward,) = re.findall(r'href="([^"]*cursor[^"]*)">Next page', first.text)
    second = await browser.get(onward.replace("&amp;", "&"))

    assert [f"Company {number:02}" for number in range(ROWS)] == names_in(first)
    assert [f"Company {number:02}" for number in range(ROWS, ROWS + 3)] == names_in(
        second
    )
    assert "Next page" not in second.text
    assert "First page" in second.text


def onward(page: httpx.Response, words: str) -> str | None:
    """Return where the link with these words leads, if there is one."""
    found = re.search(rf'href="([^"]*)">{words}<', page.text)
    return unescape(found[1]) if found else None


@pytest.mark.parametrize("sort", ["name", "-created_at", "status_at", "-status_at"])
async def test_pages_are_turned_back(desk: Desk, sort: str) -> None:
    """
    Back from a page leads to the very page that was before it, up to the first one.
    """
    for number in range(2 * ROWS + 3):
        status_at = NOW + timedelta(hours=number) if number % 3 else None
        await desk.given.company(name=f"Company {number:02}", status_at=status_at)
    browser = await desk.at_work(Role.SUPPORT)
    pages = [await browser.get(f"/?sort={sort}")]
    for _ in range(2):
        pages.append(await browser.get(onward(pages[-1], "Next page") or ""))

    second = await browser.get(onward(pages[2], "Previous page") or "")
    first = await browser.get(onward(second, "Previous page") or "")
    third = await browser.get(onward(second, "Next page") or "")

    assert names_in(pages[0]) == names_in(first)
    assert names_in(pages[1]) == names_in(second)
    assert names_in(pages[2]) == names_in(third)
    assert onward(first, "Previous page") is None
    assert f"/?sort={sort}" == onward(second, "First page")


async def test_too_little_to_go_back_to_is_the_first_page(desk: Desk) -> None:
    """
    What has become shorter than a page before the present one is filled up from its end.
    """
    for number in range(2 * ROWS):
        await desk.given.company(name=f"Company {number:02}")
    browser = await desk.at_work(Role.SUPPORT)
    second = await browser.get(
        onward(await browser.get("/?sort=name"), "Next page") or ""
    )
    async with desk.database.transaction() as session:
        gone = (
            await session.exec(
                select(CompanyRow).where(CompanyRow.name == "Company 03")
            )
        ).one()
        await session.delete(gone)

    back = await browser.get(onward(second, "Previous page") or "")

    assert ROWS == len(names_in(back))
    assert ["Company 00", "Company 25"] == [names_in(back)[0], names_in(back)[-1]]


async def test_a_page_of_another_list_begins_anew(desk: Desk) -> None:
    """
    A place that was made up, or belongs to other filters, is the beginning.
    """
    await desk.given.company(name="Tea")
    browser = await desk.at_work(Role.SUPPORT)

    answers = [await browser.get(f"/?{turn}=made-up") for turn in ("cursor", "before")]

    assert [["Tea"], ["Tea"]] == [names_in(answer) for answer in answers]


async def test_an_address_that_means_nothing_is_refused(desk: Desk) -> None:
    """
    What the page does not know is said, with a way out.
    """
    browser = await desk.at_work(Role.SUPPORT)

    answer = await browser.get("/?status=Sleepy")

    assert 422 == answer.status_code
    assert "Go to the relationships" in text_of(answer)


async def test_legal_entities_are_folded_under_their_client(desk: Desk) -> None:
    """
    Only clients stand in the list; one click shows a client's legal entities under it.
    """
    client = await desk.given.company(name="Group")
    await desk.given.company(name="Retail", parent_id=client.id)
    browser = await desk.at_work(Role.SUPPORT)

    folded = await browser.get("/")
    unfolded = await browser.get(f"/?open={client.id}")
    found = await browser.get("/?q=retail")

    assert ["Group"] == names_in(folded)
    assert "1 legal entity" in text_of(folded)
    assert ["Group", "Retail"] == names_in(unfolded)
    assert "Legal entity of Group" in text_of(found)


async def test_many_legal_entities_are_shown_in_part(desk: Desk) -> None:
    """
    A client with very many of them shows the first ones, and where all of them are.
    """
    client = await desk.given.company(name="Group")
    for number in range(UNFOLDED + 2):
        await desk.given.company(name=f"Unit {number:03}", parent_id=client.id)
    browser = await desk.at_work(Role.SUPPORT)

    answer = await browser.get(f"/?open={client.id}")

    assert UNFOLDED + 1 == len(names_in(answer))
    assert f"{UNFOLDED + 2} legal entities The first {UNFOLDED} are shown" in text_of(
        answer
    )


@pytest.mark.parametrize(
    ("role", "query", "words"),
    [
        (Role.SUPPORT, "", "There is no company yet"),
        (Role.RELATIONSHIP_MANAGER, "", "Nobody is yours yet"),
        (Role.SUPPORT, "?q=tea", "Nothing fits"),
    ],
)
async def test_an_empty_list_says_why(
    desk: Desk, role: Role, query: str, words: str
) -> None:
    """
    Where there is nothing to show, the page says why and what to do.
    """
    browser = await desk.at_work(role)

    answer = await browser.get(f"/{query}")

    assert words in text_of(answer)


async def test_reports_are_for_those_who_may_have_them(desk: Desk) -> None:
    """
    The menu has each report with its own time, and is not there for support.
    """
    company = await desk.given.company(last_available_at=NOW)
    await desk.given.written(
        ReportRow(
            company_id=company.id,
            type=ReportType.FINANCIALS,
            state=ReportState.READY,
            updated_at=NOW,
        )
    )
    viewer, support = await desk.at_work(Role.VIEWER), await desk.at_work(Role.SUPPORT)

    for_viewer, for_support = await viewer.get("/"), await support.get("/")

    report = f"/companies/{company.id}/reports/financials"
    assert report in for_viewer.text
    assert "Financials 21 Nov 2026, 12:00 UTC" in text_of(for_viewer)
    assert report not in for_support.text


async def test_only_what_makes_sense_is_offered(desk: Desk) -> None:
    """
    What there is to do follows from where the company stands.
    """
    fresh = await desk.given.company(name="Fresh")
    asked = await desk.given.company(name="Asked", last_available_at=NOW)
    await desk.given.connection(await desk.given.over(asked))
    await desk.given.journey(asked, data_types=[DataType.FINANCIALS])
    browser = await desk.at_work(Role.ADMIN)

    page = (await browser.get("/")).text

    assert f"/companies/{fresh.id}/request" in page
    assert f"/companies/{fresh.id}/refresh" not in page
    assert f"/companies/{asked.id}/request" not in page
    assert f"/companies/{asked.id}/refresh" in page


@pytest.mark.parametrize(
    ("changes", "offered"),
    [
        ({}, True),
        ({"revoked_at": NOW}, False),
        ({"stage": EntityStage.SKIPPED}, False),
        ({"upload": "a file"}, False),
    ],
)
async def test_a_refresh_is_offered_where_there_is_something_to_read(
    desk: Desk,
    changes: dict[str, Any],
    offered: bool,  # noqa: FBT001
) -> None:
    """
    For a client by its legal entities' connections, too.
    """
    client = await desk.given.company(last_available_at=NOW)
    entity = await desk.given.company(parent_id=client.id)
    journey = await desk.given.over(client)
    await desk.given.connection(journey, company_id=entity.id, **changes)
    browser = await desk.at_work(Role.ADMIN)

    page = (await browser.get("/")).text

    assert offered is (f"/companies/{client.id}/refresh" in page)


async def test_others_see_nothing_of_it(desk: Desk, other_bank: Bank) -> None:
    """
    Another organization's companies are in no list, and their pages are not found.
    """
    theirs = await other_bank.given.company(name="Theirs")
    journey = await other_bank.given.journey(theirs)
    browser = await desk.at_work(Role.ADMIN)
    pages = (
        f"/companies/{theirs.id}",
        f"/companies/{theirs.id}/edit",
        f"/companies/{theirs.id}/request",
        f"/companies/{theirs.id}/reports/financials",
        f"/journeys/{journey.id}",
        f"/journeys/{journey.id}/link",
    )

    statuses = {(await browser.get(page)).status_code for page in pages}

    assert {404} == statuses
    assert [] == names_in(await browser.get("/"))
