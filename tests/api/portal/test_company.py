"""The pages of one company and of one journey, and what is done from them."""

import pytest

from domain.datasets import Dataset
from domain.journey import EntityStage, Status
from domain.messages import SyncState
from domain.reasons import Reason
from domain.reports import Format, ReportType
from domain.roles import Role
from settings import Settings
from store.objects import Objects
from store.reports import StoredFile
from store.states import DatasetState, ReportState
from store.tables import ReportRow, SyncDatasetRow
from tests.api.given import NOW
from tests.api.portal.desk import Desk, text_of


async def test_the_page_has_all_that_belongs_to_a_company(desk: Desk) -> None:
    """
    A client's page shows its requests, legal entities, connections, readings and reports.
    """
    company = await desk.given.company(
        status=Status.AVAILABLE, status_at=NOW, last_available_at=NOW
    )
    entity = await desk.given.company(name="Retail", parent_id=company.id)
    journey = await desk.given.over(company)
    await desk.given.moves(journey, 2)
    await desk.given.connection(journey, name="Retail", company_id=entity.id)
    sync = await desk.given.sync(entity, state=SyncState.RUNNING, finished_at=None)
    await desk.given.written(
        SyncDatasetRow(
            sync_id=sync.id,
            dataset=Dataset.BILLS,
            position=0,
            state=DatasetState.RUNNING,
            records=12_345,
        )
    )
    browser = await desk.at_work(Role.VIEWER)

    text = text_of(await browser.get(f"/companies/{company.id}"))

    for words in (
        "Available since 21 Nov 2026, 12:00 UTC",
        "Financials By email",
        "Completed",
        "Retail ledgerly",
        "Refresh of Retail Running",
        "Bills 12,345 records Reading",
        "There is no report yet.",
    ):
        assert words in text


async def test_a_legal_entity_leads_back_to_its_client(desk: Desk) -> None:
    """
    A legal entity has a page too, and it says whose it is.
    """
    client = await desk.given.company(name="Group")
    entity = await desk.given.company(name="Retail", parent_id=client.id)
    browser = await desk.at_work(Role.ADMIN)

    page = await browser.get(f"/companies/{entity.id}")

    assert "Relationships / Group Retail" in text_of(page)
    assert "Request information" not in text_of(page)


async def test_a_report_is_the_one_of_the_api(desk: Desk, settings: Settings) -> None:
    """
    The portal's download is the file, under a name that says what it is.
    """
    company = await desk.given.company()
    objects = Objects(settings.objects_url)
    await objects.put("reports/x", b"a file")
    file = StoredFile(key="reports/x", bytes=6, sha256="0" * 64)
    await desk.given.written(
        ReportRow(
            company_id=company.id,
            type=ReportType.FINANCIALS,
            state=ReportState.READY,
            files={Format.JSON.value: file.model_dump()},
            updated_at=NOW,
        )
    )
    browser = await desk.at_work(Role.VIEWER)

    report = f"/companies/{company.id}/reports/financials"
    answer = await browser.get(f"{report}?format=json")
    missing = await browser.get(report)

    assert b"a file" == answer.content
    assert "Hoxton Tea - Financials.json" in answer.headers["content-disposition"]
    assert 404 == missing.status_code
    assert "This report is not there yet" in text_of(missing)


async def test_a_journey_says_why_it_stands_where_it_stands(desk: Desk) -> None:
    """
    Its page has one sentence, whom it waits for, what happened, and the way to its workflow.
    """
    company = await desk.given.company()
    journey = await desk.given.journey(
        company, unsent=True, trouble=Reason.EMAIL_UNDELIVERABLE
    )
    await desk.given.connection(
        journey, stage=EntityStage.FAILED, trouble=Reason.NO_DATA, name="Retail"
    )
    await desk.given.moves(journey, 1)
    browser = await desk.at_work(Role.SUPPORT)

    page = await browser.get(f"/journeys/{journey.id}")

    for words in ("Waits for", "Retail", "Opened Customer", "Open in the Temporal UI"):
        assert words in text_of(page)
    assert f"/workflows/{journey.id}" in page.text


@pytest.mark.parametrize("script", [True, False])
async def test_what_did_not_work_is_said(desk: Desk, *, script: bool) -> None:
    """
    While Temporal is away, an action says so: beside the page for a script, else on the page before.
    """
    company = await desk.given.company()
    journey = await desk.given.journey(company)
    browser = await desk.at_work(Role.SUPPORT)
    headers = {"Referer": "http://rapport.test/?q=tea"}
    if script:
        headers["HX-Request"] = "true"

    answer = await browser.post(f"/journeys/{journey.id}/resend", headers=headers)
    if not script:
        assert "/?q=tea" == answer.headers["location"]
        answer = await browser.get(answer.headers["location"])

    assert "The workflow server does not answer." in text_of(answer)
    assert 'class="notice trouble"' in answer.text


async def test_a_notice_is_shown_once(desk: Desk) -> None:
    """
    What came of an action is said on the next page, and on no page after it.
    """
    company = await desk.given.company()
    browser = await desk.at_work(Role.SUPPORT)

    answer = await browser.post(f"/companies/{company.id}/refresh")
    there, again = [await browser.get(f"/companies/{company.id}") for _ in range(2)]

    assert 409 == answer.status_code
    assert "Nothing is connected to this company" in text_of(answer)
    assert there.text == again.text


@pytest.mark.parametrize("cookie", ["no base 64!", "W10=", "Int9Ig==", "WzEsMiwzXQ=="])
async def test_a_notice_that_was_made_up_is_nothing(desk: Desk, cookie: str) -> None:
    """
    Whatever somebody puts into the notice's cookie breaks no page.
    """
    browser = await desk.at_work(Role.SUPPORT)
    browser.cookies.set("rapport-notice", cookie)

    assert 200 == (await browser.get("/")).status_code
