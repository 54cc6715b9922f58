"""A move is recorded once, in its place, whatever comes twice or too late."""

import asyncio

import pytest
from sqlmodel import select
from temporalio.testing import ActivityEnvironment

from activities.journeys import JourneyActivities
from domain.journey import Event, Stage, Status
from domain.messages import NoteNewLinkAsked, RecordMove
from store.database import Database
from store.tables import CompanyRow, JourneyRow, MoveRow
from tests.activities.given import (
    COMPANY,
    JOURNEY,
    Killed,
    MortalDatabase,
    Recorder,
    given_request,
)


async def record(database: Database, *commands: RecordMove) -> None:
    steps = JourneyActivities(database)
    for command in commands:
        await ActivityEnvironment().run(steps.record_move, command)


async def timeline(database: Database) -> list[MoveRow]:
    async with database.reading() as session:
        rows = (await session.exec(select(MoveRow))).all()
    return sorted(rows, key=lambda row: row.seq)


async def stage(database: Database) -> Stage:
    async with database.reading() as session:
        return (await session.get_one(JourneyRow, JOURNEY)).stage


async def test_a_move_that_is_recorded_twice_counts_once(database: Database) -> None:
    """
    The step may run twice: the second time changes nothing.
    """
    workflow = Recorder(await given_request(database))
    first, sent = workflow.begin(), workflow.move(Event.REQUEST_SENT)

    await record(database, first, first, sent, sent, first)

    assert [1, 2] == [row.seq for row in await timeline(database)]
    assert Stage.AWAITING_CUSTOMER is await stage(database)


async def test_a_crash_after_the_commit_leaves_one_move(database: Database) -> None:
    """
    The answer got lost, the row did not.
    """
    first = Recorder(await given_request(database)).begin()

    mortal = MortalDatabase(database.url, lives=1)
    with pytest.raises(Killed):
        await record(mortal, first)
    await mortal.close()
    await record(database, first)

    assert 1 == len(await timeline(database))


async def test_an_earlier_move_that_comes_late_is_dropped(database: Database) -> None:
    """
    A try that everybody thought dead can't take the journey back.
    """
    workflow = Recorder(await given_request(database))
    first, sent = workflow.begin(), workflow.move(Event.REQUEST_SENT)
    opened = workflow.move(Event.OPENED)

    await record(database, first, opened, sent)

    events = [row.event for row in await timeline(database)]
    assert [Event.REQUESTED, Event.OPENED] == events
    assert Stage.SELECTING_SOFTWARE is await stage(database)


async def test_once_a_newer_run_has_written_an_older_ones_moves_are_ignored(
    database: Database,
) -> None:
    """
    After a reset the number counts from the beginning again; the run decides.
    """
    journey = await given_request(database)
    old, new = Recorder(journey, "run 1"), Recorder(journey, "run 2")
    await record(database, old.begin(), old.move(Event.REQUEST_SENT))
    late = old.move(Event.OPENED)

    await record(database, new.begin(), late, late)

    rows = await timeline(database)
    assert [1, 2, 3] == [row.seq for row in rows]
    assert ["run 1", "run 1", "run 2"] == [row.run_id for row in rows]
    assert Stage.SENDING is await stage(database)


async def test_the_public_number_has_no_gaps_however_many_write_at_once(
    database: Database,
) -> None:
    """
    The same move three times at once, and customers who ask for a new link meanwhile.
    """
    workflow = Recorder(await given_request(database))
    steps = JourneyActivities(database)
    moves = [workflow.begin(), workflow.move(Event.REQUEST_SENT)]
    moves += [workflow.move(Event.EXTENDED, days=1) for _ in range(5)]

    for number, move in enumerate(moves):
        note = NoteNewLinkAsked(journey_id=JOURNEY, number=number)
        await asyncio.gather(
            *[ActivityEnvironment().run(steps.record_move, move) for _ in range(3)],
            ActivityEnvironment().run(steps.note_new_link_asked, note),
        )

    sequence = [row.seq for row in await timeline(database)]
    assert list(range(1, len(sequence) + 1)) == sequence
    assert len(moves) + 1 == len(sequence)


async def test_a_wish_for_a_new_link_is_noted_once_per_workflow(
    database: Database,
) -> None:
    """
    The step may run twice; the journey itself does not move.
    """
    await record(database, Recorder(await given_request(database)).begin())
    steps = JourneyActivities(database)
    note = NoteNewLinkAsked(journey_id=JOURNEY, number=1)

    for _ in range(2):
        await ActivityEnvironment().run(steps.note_new_link_asked, note)

    events = [row.event for row in await timeline(database)]
    assert [Event.REQUESTED, Event.NEW_LINK_ASKED] == events
    assert Stage.SENDING is await stage(database)


async def test_the_companys_status_is_set_with_the_move(database: Database) -> None:
    """
    In the same transaction: whoever sees the one sees the other.
    """
    workflow = Recorder(await given_request(database))

    await record(database, workflow.begin(), workflow.move(Event.REQUEST_SENT))

    async with database.reading() as session:
        company = await session.get_one(CompanyRow, COMPANY)
        journey = await session.get_one(JourneyRow, JOURNEY)
    assert Status.REQUESTED is company.status is journey.status
    assert company.status_at == journey.status_at
