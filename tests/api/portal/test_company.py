"""The pages of one company and of one journey, and what is done from them."""

import httpx
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
from tests.api.given import COMPANY, NOW
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
        "Retail Ledgerly",
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


async def test_a_connection_is_revoked_only_on_purpose(desk: Desk) -> None:
    """
    The page asks once more before it gives access back, and offers it to who may.
    """
    company = await desk.given.company()
    journey = await desk.given.over(company)
    open_one = await desk.given.connection(journey)
    await desk.given.connection(journey, name="Gone", revoked_at=NOW)
    address = f"/companies/{company.id}"

    mender, viewer = [
        await (await desk.at_work(role)).get(address)
        for role in (Role.SUPPORT, Role.VIEWER)
    ]

    assert 1 == mender.text.count('class="sure"')
    assert f'action="/connections/{open_one.id}/revoke"' in mender.text
    assert "Do you really want to give this access back?" in text_of(mender)
    assert 'class="sure"' not in viewer.text


async def test_a_revocation_that_could_not_be_done_is_said(desk: Desk) -> None:
    """
    While Temporal is away, nothing is revoked, and the page before says so.
    """
    journey = await desk.given.over(await desk.given.company())
    connection = await desk.given.connection(journey)
    browser = await desk.at_work(Role.SUPPORT)

    answer = await browser.post(
        f"/connections/{connection.id}/revoke",
        headers={"Referer": "http://rapport.test/"},
    )

    there = text_of(await browser.get(answer.headers["location"]))
    assert "The workflow server does not answer." in there


async def test_what_is_revoked_stays_so(desk: Desk) -> None:
    """
    A second click finds it revoked, and answers the same.
    """
    company = await desk.given.company()
    journey = await desk.given.over(company)
    gone = await desk.given.connection(journey, revoked_at=NOW)
    browser = await desk.at_work(Role.SUPPORT)

    answer = await browser.post(f"/connections/{gone.id}/revoke")

    there = text_of(await browser.get(answer.headers["location"]))
    assert "The connection of Hoxton Tea is revoked." in there


async def test_a_download_is_noted(desk: Desk, settings: Settings) -> None:
    """
    Who took which report stands in the trail; a report that is not there does not.
    """
    company = await desk.given.company()
    objects = Objects(settings.objects_url)
    await objects.put("reports/x", b"a file")
    file = StoredFile(key="reports/x", bytes=6, sha256="0" * 64)
    row = ReportRow(
        company_id=company.id,
        type=ReportType.FINANCIALS,
        state=ReportState.READY,
        files={Format.JSON.value: file.model_dump()},
        updated_at=NOW,
    )
    await desk.given.written(row)
    vera = await desk.user(Role.VIEWER)
    browser = await desk.signed_in(vera)

    for form in ("json", "xlsx"):
        await browser.get(f"/companies/{company.id}/reports/financials?format={form}")

    text = text_of(await browser.get(f"/companies/{company.id}"))
    assert 1 == text.count(f"Downloaded a report {vera.name} Financials")


async def test_a_thousand_legal_entities_come_when_asked_for(desk: Desk) -> None:
    """
    The first few are shown, then all; their readings are told in numbers.
    """
    client = await desk.given.company(name="Group")
    whole = await desk.given.sync(client, state=SyncState.RUNNING, finished_at=None)
    for number in range(52):
        entity = await desk.given.company(
            name=f"Entity {number:02}", parent_id=client.id
        )
        state = SyncState.FAILED if number == 51 else SyncState.SUCCEEDED
        await desk.given.sync(entity, parent_sync_id=whole.id, state=state)
    browser = await desk.at_work(Role.VIEWER)

    few = await browser.get(f"/companies/{client.id}")
    every = await browser.get(f"/companies/{client.id}?entities=all")

    assert "These are 20 of 52. Show all" in text_of(few)
    assert "51 succeeded, 1 failed" in text_of(few)
    assert "changes?entities=all" in every.text
    entities = every.text.split('id="entities"')[1].split("</section>")[0]
    assert "Entity 51" in entities
    syncs = few.text.split('id="syncs"')[1].split("</section>")[0]
    assert 1 + 20 == syncs.count('class="sync"')
    assert "Failed" in syncs


async def test_people_are_called_by_their_names(desk: Desk) -> None:
    """
    Who looks after a company is shown by name; whoever has no account, by address.
    """
    rosa = await desk.user(Role.RELATIONSHIP_MANAGER)
    company = await desk.given.company(users=[rosa.email, "gone@bank.test"])
    browser = await desk.signed_in(rosa)

    text = text_of(await browser.get(f"/companies/{company.id}"))

    assert f"Looked after by gone@bank.test , {rosa.name}" in text


async def test_what_programs_do_is_in_the_trail(
    desk: Desk, api: httpx.AsyncClient
) -> None:
    """
    What comes through the API is told beside what people do, once however often it is sent.
    """
    key = {"Idempotency-Key": "once"}
    made = [
        (await api.post("/v1/companies", json=COMPANY, headers=key)).json()
        for _ in range(2)
    ]
    company_id = made[0]["id"]
    await api.patch(f"/v1/companies/{company_id}", json={"description": "Tea"})
    browser = await desk.at_work(Role.VIEWER)

    text = text_of(await browser.get(f"/companies/{company_id}"))

    assert 1 == text.count("Added the company A program with your key")
    assert "Changed the company A program with your key description" in text
