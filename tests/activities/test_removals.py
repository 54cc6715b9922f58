"""What a removal deletes stays deleted, whoever dies half way and whoever still writes."""

from datetime import UTC, datetime
from typing import Any, cast

import pytest
from sqlmodel import select
from temporalio.client import Client

from activities.builder import Builder
from activities.building import Press
from activities.connections import ConnectionActivities
from activities.ending import Ending
from activities.journeys import JourneyActivities
from activities.removals import RemovalActivities
from activities.reports import Publisher, ReportActivities
from domain.messages import (
    BuildReports,
    GiveBack,
    NoteNewLinkAsked,
    RemoveCompany,
    RevokeConnection,
)
from domain.reasons import Reason, Refused
from domain.removals import Step, Thing
from settings import Settings
from store import receipts, removals
from store.database import Database
from store.objects import Objects
from store.plans import Terms
from store.receipts import Receipt
from store.tables import (
    CompanyRow,
    ConnectionRow,
    IdempotencyRow,
    JourneyRow,
    RemovalRow,
    SyncRow,
    UploadRow,
)
from tests.activities.given import (
    COMPANY,
    CONNECTION,
    CONTACT,
    JOURNEY,
    NOW,
    VAULT,
    Killed,
    MortalDatabase,
    Recorder,
    a_connection,
    a_journey,
    given,
    given_code,
    given_request,
    given_tokens,
)
from tests.activities.test_emails import REQUEST, UNCONFIRMED, Server
from tests.activities.test_emails import steps as emails
from tests.activities.test_syncs import BEGIN, EVERYTHING, Desk, run
from tests.leftovers import files, mentions

REMOVAL = "rm_1"
COMMAND = RemoveCompany(removal_id=REMOVAL, organization_id="or_1", company_id=COMPANY)
GIVE_BACK = GiveBack(removal_id=REMOVAL, connection_id=CONNECTION)
REVOKE = RevokeConnection(connection_id=CONNECTION)
WORDS = ("Hoxton", CONTACT, COMPANY, JOURNEY, CONNECTION, "sy_1")


@pytest.fixture
async def desk(database: Database, settings: Settings, builder: Builder) -> Desk:
    """A client whose books are read and not shown yet, with a code that came in late."""
    desk = Desk(database, Objects(settings.objects_url), builder)
    await given_request(database)
    connection = a_connection()
    await given(database, connection)
    await given_tokens(database, connection)
    await desk.begin()
    await desk.read()
    await given_code(database, "code 1")
    await given(database, UploadRow(journey_id=JOURNEY, sha256="a", at=NOW))
    answer = {"id": COMPANY, "name": "Hoxton Tea"}
    await given(
        database,
        IdempotencyRow(
            organization_id="or_1",
            key="k",
            request="r",
            status=201,
            body=answer,
            at=NOW,
        ),
    )
    return desk


async def begun(database: Database) -> None:
    async with database.transaction() as session:
        company = await session.get_one(CompanyRow, COMPANY)
        await removals.begin(session, company, REMOVAL, datetime.now(UTC))


def steps(desk: Desk, database: Database | None = None) -> RemovalActivities:
    """The steps, but for those that end workflows: there are none here."""
    database = database or desk.database
    connections = ConnectionActivities(database, VAULT, {"sandbox": desk.books})
    nobody = Ending(cast("Client", None))
    return RemovalActivities(database, desk.objects, nobody, connections)


async def delete(steps: RemovalActivities) -> None:
    """Do what follows once everything has been ended."""
    await run(steps.list_connections, COMMAND)
    await run(steps.delete_files, COMMAND)
    await run(steps.delete_records, COMMAND)


async def finish(steps: RemovalActivities) -> None:
    await run(steps.give_back_for_good, GIVE_BACK)
    await run(steps.end_giving_back, COMMAND)
    await run(steps.look_once_more, COMMAND)
    await run(steps.close_receipt, COMMAND)


async def receipt(database: Database) -> Receipt:
    async with database.reading() as session:
        found = await receipts.find(session, "or_1", REMOVAL)
    assert found is not None
    return found


@pytest.mark.parametrize("commits", [1, 2, 4, 7, 9, 11, 13])
async def test_a_crash_after_any_commit_changes_nothing(
    desk: Desk, settings: Settings, commits: int
) -> None:
    """
    What ran half way runs again: everything goes, the files are counted once, the software is told.
    """
    await begun(desk.database)
    mortal = MortalDatabase(desk.database.url, lives=commits)
    with pytest.raises(Killed):
        await delete(steps(desk, mortal))
        await finish(steps(desk, mortal))
    await mortal.close()

    await delete(steps(desk))
    await finish(steps(desk))

    row, done = await receipt(desk.database)
    assert [] == await mentions(desk.database, WORDS)
    assert [] == files(settings)
    assert EVERYTHING == row.found[Thing.FILES]
    assert {"refresh 1"} == set(desk.books.revoked)
    assert row.finished_at is not None
    assert {Step.FILES, Step.RECORDS, Step.CONNECTIONS, Step.CHECK} == {
        step.step for step in done if step.finished_at
    }


@pytest.mark.parametrize("gone", [False, True])
async def test_who_was_at_work_brings_nothing_back(
    desk: Desk, settings: Settings, *, gone: bool
) -> None:
    """
    A move, an email, a sync, reports, a wish for a link: late steps end, and leave nothing behind.
    """
    await begun(desk.database)
    if gone:
        await delete(steps(desk))
        await finish(steps(desk))
    server = Server()
    journeys = JourneyActivities(desk.database)
    connections = ConnectionActivities(desk.database, VAULT, {"sandbox": desk.books})
    late = BEGIN.model_copy(
        update={"sync": BEGIN.sync.model_copy(update={"sync_id": "sy_2"})}
    )

    sent = await run(emails(desk.database, server).send_email, REQUEST)
    await run(journeys.record_move, Recorder(a_journey()).begin())
    await run(
        journeys.note_new_link_asked, NoteNewLinkAsked(journey_id=JOURNEY, number=1)
    )
    begun_late = await desk.begin(late)
    with pytest.raises(Refused) as refused:
        await desk.read()
    published = await desk.end()
    failed = await desk.end(Reason.INTERNAL)
    await run(_reports(desk).build_reports, BuildReports(company_id=COMPANY))
    await run(connections.shut, REVOKE)
    await run(connections.give_back, REVOKE)

    assert ([], UNCONFIRMED) == (server.taken, sent)
    assert begun_late.connection_id is None
    assert Reason.ACCESS_REVOKED is refused.value.reason
    assert [] == await _of_the_bank(desk.database)
    if gone:
        assert {Reason.ACCESS_REVOKED} == {published.reason, failed.reason}
        assert [] == await mentions(desk.database, (*WORDS, "sy_2"))
        assert [] == files(settings)


async def test_a_journey_that_was_written_in_between_is_taken_over_too(
    desk: Desk,
) -> None:
    """
    Whoever had asked before it all began is found by the first step.
    """
    await begun(desk.database)
    async with desk.database.transaction() as session:
        row = await session.get_one(JourneyRow, JOURNEY)
        row.organization_id = "or_1"
        session.add(row)

    async with desk.database.transaction() as session:
        removal = await session.get_one(RemovalRow, REMOVAL)
        await removals.take_over(session, removal, NOW)

    assert [] == await _of_the_bank(desk.database)


def _reports(desk: Desk) -> ReportActivities:
    press = Press(desk.objects, Terms(), desk.builder)
    return ReportActivities(desk.database, Publisher(desk.database, press))


async def _of_the_bank(database: Database) -> list[str]:
    """Return what still belongs to the organization."""
    tables: tuple[Any, ...] = (CompanyRow, JourneyRow, ConnectionRow, SyncRow)
    async with database.reading() as session:
        return [
            row.id
            for table in tables
            for row in (await session.exec(select(table))).all()
            if row.organization_id == "or_1"
        ]
