"""Reports are built from what readers see, and shown together with it, whatever happens meanwhile."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from activities.builder import Builder
from activities.patience import TryAgain
from activities.reports import Publisher
from domain.datasets import Dataset
from domain.journey import DataType, Status
from domain.messages import (
    BeginSync,
    BuildReports,
    EndSync,
    PublishSync,
    RunSync,
    SyncState,
    Trigger,
)
from domain.reasons import Reason, Refused
from domain.reports import REPORTS, ReportType
from settings import Settings
from store import accounts, pages, sweeps
from store.database import Database
from store.objects import Objects
from store.states import ReportState
from store.tables import CompanyRow, ReportBuildRow, SnapshotRow
from tests.activities.given import COMPANY, NOW, Killed, MortalDatabase
from tests.activities.reporting import BROKEN, LAST_TRY, Desk, Meddling, run

FINANCIALS, SPEND = DataType.FINANCIALS, DataType.SPEND_ANALYSIS
LATER = NOW + timedelta(minutes=5)
PUBLISH = PublishSync(sync_id="sy_1", at=LATER)


@pytest.fixture
def desk(database: Database, settings: Settings, builder: Builder) -> Desk:
    return Desk(database, Objects(settings.objects_url), builder)


async def given_sync(desk: Desk, sync_id: str = "sy_1", **changes: Any) -> None:
    """A client's refresh that has read the books."""
    own = {"connection_id": f"cn_{COMPANY}", "trigger": Trigger.MANUAL, **changes}
    await desk.sync(sync_id, FINANCIALS, **own)


async def status(desk: Desk) -> Status | None:
    async with desk.database.reading() as session:
        return (await session.get_one(CompanyRow, COMPANY)).status


async def test_data_and_reports_are_shown_together(desk: Desk) -> None:
    """
    Every file of every form is stored, and the client is Available in the same moment.
    """
    await desk.company(FINANCIALS)
    await given_sync(desk)

    ended = await run(desk.syncs().publish_sync, PUBLISH)

    row = await desk.row(ReportType.FINANCIALS)
    assert (None, Status.AVAILABLE) == (ended.reason, await status(desk))
    assert (ReportState.READY, LATER) == (row.state, row.updated_at)
    assert set(REPORTS[ReportType.FINANCIALS].formats) == set(row.files)
    for file in row.files.values():
        assert file["bytes"] == len(await desk.objects.get(file["key"]))
    assert {COMPANY: "sy_1"} == row.sources


async def test_accounts_are_shown_with_the_reports(desk: Desk) -> None:
    """
    Those of the newest books, in the order of what depends on the doubt.
    """
    await desk.company(FINANCIALS)
    await desk.snapshot(COMPANY, "sy_1", FINANCIALS)

    await desk.build()

    places = [(await desk.account(each)).row.place for each in ("2", "1", "0")]
    assert sorted(places) == places
    assert "2.00" == (await desk.account("2")).row.balance


@pytest.mark.parametrize("commits", [1, 2])
async def test_a_crash_while_publishing_shows_nothing_or_all(
    desk: Desk, commits: int
) -> None:
    """
    The step runs again, and ends as if nothing had happened.
    """
    await desk.company(FINANCIALS)
    await given_sync(desk)
    mortal = MortalDatabase(desk.database.url, lives=commits)
    with pytest.raises(Killed):
        await run(desk.syncs(database=mortal).publish_sync, PUBLISH)
    await mortal.close()
    between = (await desk.sync_row("sy_1")).state, len(await desk.rows())

    again = await run(desk.syncs().publish_sync, PUBLISH)

    whole = (SyncState.SUCCEEDED, 1)
    assert {1: (SyncState.RUNNING, 0), 2: whole}[commits] == between
    assert again.reason is None
    assert whole == ((await desk.sync_row("sy_1")).state, len(await desk.rows()))


async def test_files_that_nobody_shows_are_found_by_the_sweep(desk: Desk) -> None:
    """
    What a killed worker stored, and what a newer report has replaced.
    """
    await desk.company(FINANCIALS)
    await given_sync(desk)
    mortal = MortalDatabase(desk.database.url, lives=1)
    with pytest.raises(Killed):
        await run(desk.syncs(database=mortal).publish_sync, PUBLISH)
    await mortal.close()
    await run(desk.syncs().publish_sync, PUBLISH)

    async with desk.database.reading() as session:
        builds = await sweeps.unread_reports(session, datetime.now(UTC))

    shown = (await desk.row(ReportType.FINANCIALS)).build_id
    assert 1 == len(builds)
    assert shown not in [build.id for build in builds]


async def test_what_is_up_to_date_is_not_built_again(desk: Desk) -> None:
    """
    The step may run twice; each report keeps its own time.
    """
    await desk.company(FINANCIALS)
    await given_sync(desk)
    await run(desk.syncs().publish_sync, PUBLISH)
    before = await desk.row(ReportType.FINANCIALS)

    again = await run(desk.syncs(desk.publisher(BROKEN)).publish_sync, PUBLISH)
    built = await desk.build()

    assert again.reason is None
    assert before == await desk.row(ReportType.FINANCIALS)
    assert ("financials",) == built


async def test_a_failed_build_is_tried_again_before_it_is_final(desk: Desk) -> None:
    """
    Its process may have been killed; the reason names a place and no figure.
    """
    await desk.company(FINANCIALS)
    await given_sync(desk)
    step = desk.syncs(desk.publisher(BROKEN)).publish_sync

    for attempt in range(1, LAST_TRY):
        with pytest.raises(TryAgain):
            await run(step, PUBLISH, attempt)
    with pytest.raises(Refused) as refused:
        await run(step, PUBLISH, LAST_TRY)

    assert (Reason.REPORT_FAILED, "(exit 4)") == (
        refused.value.reason,
        refused.value.detail,
    )
    assert SyncState.RUNNING is (await desk.sync_row("sy_1")).state


async def fails(desk: Desk, sync_id: str = "sy_1") -> None:
    """End a sync because its reports could not be built."""
    command = EndSync(sync_id=sync_id, at=LATER, reason=Reason.REPORT_FAILED)
    await run(desk.syncs().end_sync, command)


async def test_a_failed_report_leaves_the_data_and_the_older_report(
    desk: Desk,
) -> None:
    """
    The new data is seen, the older files can still be downloaded, and it says that it failed.
    """
    await desk.company(FINANCIALS)
    await desk.snapshot(COMPANY, "sy_0", FINANCIALS)
    await desk.build()
    older = await desk.row(ReportType.FINANCIALS)
    await given_sync(desk)

    await fails(desk)
    await fails(desk)

    row = await desk.row(ReportType.FINANCIALS)
    async with desk.database.reading() as session:
        seen = await session.get_one(SnapshotRow, (COMPANY, FINANCIALS))
    assert ("sy_1", SyncState.FAILED) == (
        seen.sync_id,
        (await desk.sync_row("sy_1")).state,
    )
    assert (ReportState.FAILED, older.files, older.updated_at) == (
        row.state,
        row.files,
        row.updated_at,
    )
    assert Status.ERROR is await status(desk)


async def test_a_retry_builds_reports_without_fetching(desk: Desk) -> None:
    """
    The journey's next sync shows what was read, and fetches nothing.
    """
    await desk.company(FINANCIALS)
    await given_sync(desk, trigger=Trigger.JOURNEY)
    await fails(desk)
    retry = RunSync(
        sync_id="sy_2",
        organization_id="or_1",
        company_id=COMPANY,
        connection_id=f"cn_{COMPANY}",
        data_types=(FINANCIALS,),
    )
    begin = BeginSync(sync=retry, workflow_id="w", run_id="r", at=LATER)

    begun = await run(desk.syncs().begin_sync, begin)
    ended = await run(desk.syncs().publish_sync, PublishSync(sync_id="sy_2", at=LATER))

    row = await desk.row(ReportType.FINANCIALS)
    async with desk.database.reading() as session:
        shown = await pages.progress(session, "sy_2")
    assert begun.already_read  # so the workflow asks for no reading
    assert (None, ReportState.READY) == (ended.reason, row.state)
    assert {COMPANY: "sy_1"} == row.sources
    assert [3] == [each.records for each in shown if each.dataset is Dataset.ACCOUNTS]


async def test_a_sync_that_was_ended_meanwhile_shows_no_reports(desk: Desk) -> None:
    """
    The first end counts, though the reports are built.
    """
    await desk.company(FINANCIALS)
    await given_sync(desk)

    async def cancel() -> None:
        command = EndSync(sync_id="sy_1", at=LATER, reason=Reason.INTERNAL)
        await run(desk.syncs().end_sync, command)

    publisher = Publisher(desk.database, Meddling(desk.objects, desk.builder, cancel))
    ended = await run(desk.syncs(publisher).publish_sync, PUBLISH)

    assert (Reason.INTERNAL, {}) == (ended.reason, await desk.rows())


async def test_what_changes_while_it_is_built_is_built_again(desk: Desk) -> None:
    """
    What is shown was made from what readers see then.
    """
    await desk.company(FINANCIALS)
    await desk.snapshot(COMPANY, "sy_1", FINANCIALS)

    async def newer() -> None:
        await desk.snapshot(COMPANY, "sy_2", FINANCIALS)

    publisher = Publisher(desk.database, Meddling(desk.objects, desk.builder, newer))
    await run(desk.reports(publisher).build_reports, BuildReports(company_id=COMPANY))

    assert {COMPANY: "sy_2"} == (await desk.row(ReportType.FINANCIALS)).sources


async def test_what_never_stops_changing_is_left_for_later(desk: Desk) -> None:
    """
    Not for ever in one step.
    """
    await desk.company(FINANCIALS)
    await desk.snapshot(COMPANY, "sy_0", FINANCIALS)
    numbers = iter(range(1, 100))

    async def newer() -> None:
        await desk.snapshot(COMPANY, f"sy_{next(numbers)}", FINANCIALS)

    publisher = Publisher(desk.database, Meddling(desk.objects, desk.builder, newer))
    with pytest.raises(TryAgain):
        await run(
            desk.reports(publisher).build_reports, BuildReports(company_id=COMPANY)
        )

    assert {} == await desk.rows()


async def test_a_build_that_was_swept_is_not_shown(desk: Desk) -> None:
    """
    It took so long that its files are being deleted: it is built again.
    """
    await desk.company(FINANCIALS)
    await desk.snapshot(COMPANY, "sy_1", FINANCIALS)
    swept: list[str] = []

    async def sweep() -> None:
        async with desk.database.transaction() as session:
            if not swept:
                builds = await sweeps.unread_reports(session, datetime.now(UTC))
                swept.extend(build.id for build in builds)
                assert await sweeps.condemn(session, swept[0])

    publisher = Publisher(desk.database, Meddling(desk.objects, desk.builder, sweep))
    await run(desk.reports(publisher).build_reports, BuildReports(company_id=COMPANY))

    assert (await desk.row(ReportType.FINANCIALS)).build_id not in swept


async def test_two_builders_at_once_end_right(desk: Desk) -> None:
    """
    Both end, and one of them has shown its files.
    """
    await desk.company(FINANCIALS)
    await desk.snapshot(COMPANY, "sy_1", FINANCIALS)

    built = await asyncio.gather(desk.build(), desk.build())

    row = await desk.row(ReportType.FINANCIALS)
    assert [("financials",)] * 2 == list(built)
    assert all([await desk.objects.get(file["key"]) for file in row.files.values()])


async def test_a_confirmation_is_heeded_by_the_next_build(desk: Desk) -> None:
    """
    And survives the next sync.
    """
    await desk.company(FINANCIALS)
    await desk.snapshot(COMPANY, "sy_1", FINANCIALS)
    await desk.build()
    async with desk.database.transaction() as session:
        account = await desk.account("1")
        await accounts.confirm(session, account, "Asset.Current.Bank", NOW)
    async with desk.database.reading() as session:
        outdated = await sweeps.outdated_reports(session, 10)

    await desk.build()
    await given_sync(desk, "sy_2")
    await run(desk.syncs().publish_sync, PublishSync(sync_id="sy_2", at=LATER))

    async with desk.database.reading() as session:
        assert [] == await sweeps.outdated_reports(session, 10)
    row = await desk.row(ReportType.FINANCIALS)
    written = await desk.objects.get(row.files["json"]["key"])
    choice = (await desk.account("1")).choice
    assert [COMPANY] == outdated
    assert choice is not None
    assert "Asset.Current.Bank" == choice.category_id
    assert b"Confirmed" in written


async def test_a_company_that_is_gone_needs_no_reports(desk: Desk) -> None:
    """
    Nobody waits for them.
    """
    await desk.company(FINANCIALS)
    await desk.snapshot(COMPANY, "sy_1", FINANCIALS)

    async def leave() -> None:
        async with desk.database.transaction() as session:
            await session.delete(await session.get_one(CompanyRow, COMPANY))

    publisher = Publisher(desk.database, Meddling(desk.objects, desk.builder, leave))
    built = await run(
        desk.reports(publisher).build_reports, BuildReports(company_id=COMPANY)
    )

    assert () == built.reports == await desk.build()


async def test_a_build_on_its_own_that_fails_says_so(desk: Desk) -> None:
    """
    Beside the report; it is not tried again before something changes.
    """
    await desk.company(FINANCIALS)
    await desk.snapshot(COMPANY, "sy_1", FINANCIALS)
    step = desk.reports(desk.publisher(BROKEN)).build_reports

    with pytest.raises(Refused):
        await run(step, BuildReports(company_id=COMPANY), LAST_TRY)

    assert ReportState.FAILED is (await desk.row(ReportType.FINANCIALS)).state
    async with desk.database.reading() as session:
        assert [] == await sweeps.outdated_reports(session, 10)


async def given_client(desk: Desk) -> None:
    await desk.company(SPEND)
    await desk.client("co_north", "co_south")


async def test_legal_entities_are_reported_together(desk: Desk) -> None:
    """
    By the sync of the client, which has no books of its own.
    """
    await given_client(desk)
    await desk.sync("sy_2", trigger=Trigger.MANUAL)

    ended = await run(desk.syncs().publish_sync, PublishSync(sync_id="sy_2", at=LATER))

    rows = await desk.rows()
    assert (None, Status.AVAILABLE) == (ended.reason, await status(desk))
    assert {ReportType.SPEND_ANALYSIS, ReportType.SPEND_SUMMARY} == set(rows)
    assert {"co_north": "sy_1", "co_south": "sy_1"} == rows[
        ReportType.SPEND_ANALYSIS
    ].sources


async def test_an_entity_s_own_refresh_rebuilds_its_client_s_reports(
    desk: Desk,
) -> None:
    """
    After its own, which are shown first.
    """
    await given_client(desk)
    await desk.build()
    await desk.sync(
        "sy_2", SPEND, company_id="co_north", connection_id="cn_co_north",
        trigger=Trigger.MANUAL,
    )  # fmt: skip

    await run(desk.syncs().publish_sync, PublishSync(sync_id="sy_2", at=LATER))

    own = await desk.row(ReportType.SPEND_ANALYSIS, "co_north")
    together = await desk.row(ReportType.SPEND_ANALYSIS)
    assert {"co_north": "sy_2"} == own.sources
    assert {"co_north": "sy_2", "co_south": "sy_1"} == together.sources


async def test_a_client_s_reports_that_fail_are_no_matter_of_the_entity_s_sync(
    desk: Desk,
) -> None:
    """
    It has succeeded; the client's older reports stay, and say that the newest try failed.
    """
    await given_client(desk)
    await desk.build()
    await desk.sync(
        "sy_2", SPEND, company_id="co_north", connection_id="cn_co_north",
        trigger=Trigger.MANUAL,
    )  # fmt: skip
    command = PublishSync(sync_id="sy_2", at=LATER)
    mortal = MortalDatabase(desk.database.url, lives=2)
    with pytest.raises(Killed):
        await run(desk.syncs(database=mortal).publish_sync, command)
    await mortal.close()

    step = desk.syncs(desk.publisher(BROKEN)).publish_sync
    ended = await run(step, command, LAST_TRY)

    own = await desk.row(ReportType.SPEND_ANALYSIS, "co_north")
    together = await desk.row(ReportType.SPEND_ANALYSIS)
    assert (None, ReportState.READY) == (ended.reason, own.state)
    assert (ReportState.FAILED, {"co_north": "sy_1", "co_south": "sy_1"}) == (
        together.state,
        together.sources,
    )


async def test_an_entity_s_new_data_outdates_its_client_s_reports(
    desk: Desk,
) -> None:
    """
    If whoever should build them dies, they are found; not while books are being read.
    """
    await given_client(desk)
    await desk.build()
    await desk.sync(
        "sy_2", SPEND, company_id="co_north", connection_id="cn_co_north",
        trigger=Trigger.MANUAL, parent_sync_id="sy_3",
    )  # fmt: skip
    await desk.sync("sy_3", trigger=Trigger.MANUAL)
    await run(desk.syncs().publish_sync, PublishSync(sync_id="sy_2", at=LATER))

    found = []
    for _ in range(2):
        async with desk.database.reading() as session:
            found.append(await sweeps.outdated_reports(session, 10))
        command = EndSync(sync_id="sy_3", at=LATER, reason=Reason.INTERNAL)
        await run(desk.syncs().end_sync, command)

    assert [[], [COMPANY]] == found


async def test_every_build_is_known_to_the_sweep(desk: Desk) -> None:
    """
    Nothing is stored before a row says so.
    """
    await desk.company(FINANCIALS)
    await desk.snapshot(COMPANY, "sy_1", FINANCIALS)

    await desk.build()

    folders = {key.split("/")[2] for key in await desk.keys()}
    for folder in folders:
        async with desk.database.reading() as session:
            assert await session.get(ReportBuildRow, folder) is not None
    assert 1 == len(folders)
