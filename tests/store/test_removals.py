"""A company is taken over at once and whole, whoever else is writing."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import select

from domain.bulk import BulkAction
from domain.emails import Template
from domain.removals import STEPS, Step, Thing
from domain.reports import ReportType
from store import bulk, clearing, receipts, removals
from store.database import Database
from store.journeys import first_row, load
from store.keyset import Cut
from store.receipts import NEWEST_FIRST, Receipt
from store.states import EmailState, ReportState
from store.tables import (
    BulkDeedRow,
    BulkItemRow,
    ChangeRow,
    CompanyRow,
    EmailRow,
    IdempotencyRow,
    JourneyRow,
    RemovalRow,
    ReportRow,
    Table,
)
from store.writes import insert_new
from tests.activities.given import (
    COMPANY,
    CONNECTION,
    JOURNEY,
    NOW,
    a_company,
    a_connection,
    a_journey,
    a_sync,
    given,
    given_request,
    given_tokens,
)

IN_TURN = {row.__tablename__ for row in clearing.IN_TURN}
OWNERS = {"sync_id", "connection_id", "journey_id", "company_id"}
NOBODY_S = {
    "organizations",
    "api_keys",
    "users",
    "portal_sessions",
    "idempotency_keys",
    "bulk_deeds",
}
"""Tables in which no row belongs to one company; answers are looked through by themselves."""


async def begin(database: Database, removal_id: str = "rm_1") -> RemovalRow:
    async with database.transaction() as session:
        company = await session.get_one(CompanyRow, COMPANY)
        return await removals.begin(session, company, removal_id, NOW)


async def again(database: Database) -> None:
    """Do what the workflow's first step does."""
    async with database.transaction() as session:
        row = await session.get_one(RemovalRow, "rm_1")
        await removals.take_over(session, row, NOW)


async def shown(database: Database) -> Receipt | None:
    async with database.reading() as session:
        return await receipts.find(session, "or_1", "rm_1")


def test_every_table_is_cleared_or_names_nobody() -> None:
    """
    A table that comes later has to say whose its rows are, or be named here.
    """
    cleared = {
        table.name
        for table in Table.metadata.sorted_tables
        if OWNERS & set(table.columns.keys())
    }

    assert set(Table.metadata.tables) == cleared | IN_TURN | NOBODY_S


async def test_what_goes_is_counted(database: Database) -> None:
    """
    The client's own and its legal entities': only what was sent, authorized or built counts.
    """
    await given_request(database)
    await given(
        database,
        a_company("co_2", parent_id=COMPANY),
        a_connection(company_id="co_2"),
        a_connection("cn_2", authorized=False),
        a_sync(company_id="co_2"),
        ReportRow(
            company_id="co_2",
            type=ReportType.FINANCIALS,
            state=ReportState.READY,
            updated_at=NOW,
        ),
        ReportRow(
            company_id=COMPANY, type=ReportType.FINANCIALS, state=ReportState.FAILED
        ),
        *(
            EmailRow(
                journey_id=JOURNEY,
                template=Template.REQUEST,
                number=n,
                state=state,
                at=NOW,
            )
            for n, state in enumerate((EmailState.SENT, EmailState.RESERVED))
        ),
    )

    row = await begin(database)

    assert row.found == dict.fromkeys(set(Thing) - {Thing.FILES}, 1)
    assert (["co_1", "co_2"], [JOURNEY]) == (row.companies, row.journeys)


async def test_two_who_delete_at_once_delete_once(database: Database) -> None:
    """
    The second gets the first one's removal, with its steps.
    """
    await given_request(database)

    rows = await asyncio.gather(begin(database, "rm_1"), begin(database, "rm_2"))

    (one,) = {row.id for row in rows}
    async with database.reading() as session:
        receipt = await receipts.find(session, "or_1", one)
        listed = await receipts.newest(session, "or_1", Cut(NEWEST_FIRST, limit=10))
        (change,) = (
            await session.exec(select(ChangeRow).where(ChangeRow.company_id == one))
        ).all()
    assert receipt is not None
    assert list(STEPS) == [step.step for step in receipt.steps]
    assert [one] == [row.id for row in listed]
    assert "or_1" == change.organization_id


async def test_a_request_on_its_way_is_refused_or_taken_over(
    database: Database,
) -> None:
    """
    Whoever held the company first writes, and is found; whoever comes later learns that it is gone.
    """
    await given(database, a_company())
    early = first_row(a_journey())
    async with database.transaction() as session:
        assert await insert_new(session, early)
        assert await removals.stands(session, COMPANY)
        beginning = asyncio.create_task(begin(database))
        await asyncio.sleep(0.2)

    await beginning
    await again(database)

    async with database.transaction() as session:
        late = await removals.stands(session, COMPANY)
        held = await removals.journey_stands(session, JOURNEY)
        journey = await load(session, JOURNEY)
        row = await session.get_one(JourneyRow, JOURNEY)
    receipt = await shown(database)
    assert (False, False, None) == (late, held, journey)
    assert ("rm_1", NOW) == (row.organization_id, row.closed_at)
    assert receipt is not None
    assert [JOURNEY] == receipt.row.journeys


async def test_a_connection_keeps_nothing_but_its_tokens(database: Database) -> None:
    """
    Until the software has been told, and then it goes too.
    """
    await given_request(database)
    connection = a_connection()
    await given(database, connection, a_connection("cn_2"))
    await given_tokens(database, connection)
    await begin(database)

    async with database.transaction() as session:
        await clearing.forget_heads(session, [JOURNEY, COMPANY])
        await clearing.clear(session, [JOURNEY, COMPANY])
        kept = await clearing.connections(session, "rm_1")
        to_tell = await clearing.to_give_back(session, "rm_1")
        software = [await clearing.forget_connection(session, CONNECTION) for _ in "12"]
        left = await clearing.connections(session, "rm_1")

    assert ([CONNECTION], [CONNECTION], []) == (kept, to_tell, left)
    assert ["ledgerly", None] == software


async def test_what_was_written_about_many_goes_with_one_of_them(
    database: Database,
) -> None:
    """
    Of what is done in bulk the reason is forgotten; what still runs needs it until it is done.
    """
    await given_request(database)
    await given(database, a_deed("bu_over", NOW), a_deed("bu_running", None))
    await given(database, a_deed("bu_other", NOW))
    for deed_id in ("bu_over", "bu_running"):
        await given(
            database, BulkItemRow(deed_id=deed_id, number=1, journey_id=JOURNEY)
        )

    async with database.transaction() as session:
        await clearing.clear(session, [JOURNEY, COMPANY])
    cleared = await reasons(database)
    async with database.transaction() as session:
        deed = await session.get_one(BulkDeedRow, "bu_running")
        await bulk.finish(session, deed, NOW)
    finished = await reasons(database)

    assert {"bu_over": "", "bu_running": "Hoxton", "bu_other": "Hoxton"} == cleared
    assert cleared | {"bu_running": ""} == finished


def a_deed(deed_id: str, finished_at: datetime | None) -> BulkDeedRow:
    return BulkDeedRow(
        id=deed_id,
        organization_id="or_1",
        action=BulkAction.CANCEL,
        reason="Hoxton",
        total=1,
        at=NOW,
        finished_at=finished_at,
    )


async def reasons(database: Database) -> dict[str, str]:
    async with database.reading() as session:
        rows = (await session.exec(select(BulkDeedRow))).all()
    return {row.id: row.reason for row in rows}


async def test_remembered_answers_go_by_what_they_tell_of(database: Database) -> None:
    """
    Those of the company and of its journeys; not those of others, nor another organization's.
    """
    bodies: dict[str, dict[str, Any]] = {
        "company": {"id": COMPANY},
        "sync": {"id": "sy_1", "company_id": COMPANY},
        "other": {"id": "co_9", "parent_id": None},
        "list": {"items": []},
    }
    rows = [
        IdempotencyRow(
            organization_id=bank, key=key, request="r", status=201, body=body, at=NOW
        )
        for bank in ("or_1", "or_2")
        for key, body in bodies.items()
    ]
    await given(database, *rows)

    async with database.transaction() as session:
        await clearing.clear_answers(session, "or_1", [COMPANY, JOURNEY])

    async with database.reading() as session:
        left = (await session.exec(select(IdempotencyRow))).all()
    assert {"other", "list"} == {
        row.key for row in left if row.organization_id == "or_1"
    }
    assert set(bodies) == {row.key for row in left if row.organization_id == "or_2"}


async def test_the_first_time_of_everything_stays(database: Database) -> None:
    """
    Steps that run again change no time and no count, and name a connection once.
    """
    await given_request(database)
    await begin(database)
    later = NOW + timedelta(hours=1)

    for at, files in ((NOW, 3), (later, 0)):
        async with database.transaction() as session:
            await receipts.begin_step(session, "rm_1", Step.FILES, at, 2)
            await receipts.count_step(session, "rm_1", Step.FILES, 1)
            await receipts.note_files(session, "rm_1", files)
            await receipts.note_unrevoked(session, "rm_1", CONNECTION, "ledgerly")
            await receipts.end_step(session, "rm_1", Step.FILES, at)
            await receipts.end(session, "rm_1", at)

    receipt = await shown(database)
    assert receipt is not None
    (step,) = (each for each in receipt.steps if each.step is Step.FILES)
    assert (NOW, NOW, 2, 2) == (
        step.started_at,
        step.finished_at,
        step.done,
        step.total,
    )
    assert (NOW, 3) == (receipt.row.finished_at, receipt.row.found[Thing.FILES])
    assert 1 == len(receipt.row.unrevoked)


async def test_removals_that_wait_for_weeks_keep_no_new_one_from_its_turn(
    database: Database,
) -> None:
    """
    Those that were looked at longest ago come first; what is finished or too young does not come.
    """
    hour = timedelta(hours=1)
    rows = [
        RemovalRow(
            id=f"rm_{name}",
            organization_id="or_1",
            company_id=f"co_{name}",
            requested_at=NOW + young * hour,
            checked_at=checked,
            finished_at=finished,
        )
        for name, young, checked, finished in (
            ("old", 0, NOW - hour, None),
            ("new", 0, None, None),
            ("young", 2, None, None),
            ("done", 0, None, NOW),
        )
    ]
    await given(database, *rows)

    async with database.transaction() as session:
        first = await receipts.unfinished(session, NOW + hour, NOW, 1)
    async with database.transaction() as session:
        both = await receipts.unfinished(session, NOW + hour, NOW, 9)

    assert ["rm_new"] == [row.id for row in first]
    assert ["rm_old", "rm_new"] == [row.id for row in both]
