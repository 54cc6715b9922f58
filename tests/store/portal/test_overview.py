"""The numbers of the overview, counted by hand."""

from datetime import timedelta
from typing import Any

import pytest
from alembic import command

from domain.journey import Actor, Event, Stage, Status, Structure
from domain.milestones import Milestone
from domain.reasons import Reason
from store.database import Database
from store.journeys import first_row
from store.migrate import configuration
from store.portal.overview import SAMPLE, Lasting, Overview, Reached, overview, share_of
from store.tables import CompanyRow, JourneyRow, MoveRow
from tests.activities.given import NOW, a_company, a_journey, given

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


def a_request(number: int, **changes: Any) -> JourneyRow:
    journey = a_journey(id=f"jo_{number:05}", company_id=f"co_{number:05}")
    row = first_row(journey)
    for name, value in changes.items():
        setattr(row, name, value)
    return row


def moves(number: int, *steps: tuple[Stage, int, Event]) -> list[MoveRow]:
    """Return moves to these stages, each so many minutes after noon."""
    return [
        MoveRow(
            journey_id=f"jo_{number:05}",
            seq=seq,
            run_id="run",
            number=seq,
            at=NOW + minutes * MINUTE,
            actor=Actor.CUSTOMER,
            event=event,
            stage=stage,
        )
        for seq, (stage, minutes, event) in enumerate(steps, 1)
    ]


def standing(number: int, status: Status | None, reason: Reason | None) -> CompanyRow:
    return a_company(f"co_{number:05}", status=status, reason=reason)


async def seen(database: Database, days: int = 30) -> Overview:
    async with database.reading() as session:
        return await overview(session, "or_1", NOW - days * DAY)


async def test_a_funnel_counts_who_came_so_far_or_further(database: Database) -> None:
    """
    By structure; requests of before the period, and of another bank, are none of it.
    """
    single, several = Structure.SINGLE, Structure.MULTIPLE
    await given(
        database,
        a_request(1, reached=Milestone.REQUESTED, structure=None),
        a_request(2, reached=Milestone.OPENED, structure=None),
        a_request(3, reached=Milestone.AUTHORIZED, structure=several),
        a_request(4, reached=Milestone.AVAILABLE, structure=single),
        a_request(5, reached=Milestone.AVAILABLE, created_at=NOW - 40 * DAY),
        a_request(6, reached=Milestone.AVAILABLE, organization_id="or_2"),
    )

    month, quarter = await seen(database), await seen(database, 90)

    assert [
        Reached(Milestone.REQUESTED, 1, 1, 2),
        Reached(Milestone.OPENED, 1, 1, 1),
        Reached(Milestone.SOFTWARE_CHOSEN, 1, 1, 0),
        Reached(Milestone.AUTHORIZED, 1, 1, 0),
        Reached(Milestone.AVAILABLE, 1, 0, 0),
    ] == month.funnel
    assert [4, 5] == [each.funnel[0].requests for each in (month, quarter)]


async def test_time_in_a_stage_is_that_of_stays_that_are_over(
    database: Database,
) -> None:
    """
    What stands there still has no length yet; it is counted as being there now.
    """
    await given(
        database,
        a_request(1, stage=Stage.AWAITING_CUSTOMER),
        *moves(
            1,
            (Stage.SENDING, 0, Event.REQUESTED),
            (Stage.SENDING, 1, Event.REQUEST_FAILED),
            (Stage.AWAITING_CUSTOMER, 4, Event.REQUEST_SENT),
        ),
        a_request(2, stage=Stage.SELECTING_SOFTWARE),
        *moves(
            2,
            (Stage.SENDING, 0, Event.REQUESTED),
            (Stage.AWAITING_CUSTOMER, 2, Event.REQUEST_SENT),
            (Stage.SELECTING_SOFTWARE, 62, Event.OPENED),
        ),
    )

    found = await seen(database)

    assert [
        Lasting(Stage.SENDING, 2, 2 * MINUTE, 4 * MINUTE),
        Lasting(Stage.AWAITING_CUSTOMER, 1, 60 * MINUTE, 60 * MINUTE),
    ] == found.lasting
    assert {
        Stage.AWAITING_CUSTOMER: 1,
        Stage.SELECTING_SOFTWARE: 1,
    } == found.there


async def test_companies_are_counted_as_the_list_counts_them(
    database: Database,
) -> None:
    """
    Clients only, the most frequent reason first.
    """
    await given(
        database,
        standing(1, Status.ERROR, Reason.NO_DATA),
        standing(2, Status.ERROR, Reason.INTERNAL),
        standing(3, Status.ERROR, Reason.INTERNAL),
        standing(4, Status.AVAILABLE, None),
        standing(5, None, None),
        a_company("co_6", parent_id="co_00001", status=Status.ERROR),
    )

    found = await seen(database)

    assert {Status.ERROR: 3, Status.AVAILABLE: 1, None: 1} == found.statuses
    assert [(Reason.INTERNAL, 2), (Reason.NO_DATA, 1)] == list(found.reasons.items())


async def test_nothing_is_there_at_first(database: Database) -> None:
    """
    A bank that has asked nobody yet has numbers too.
    """
    found = await seen(database)

    assert 0 == sum(each.requests for each in found.funnel)
    assert ([], {}, {}, {}) == (
        found.lasting,
        found.there,
        found.statuses,
        found.reasons,
    )


async def test_the_newest_tell_how_long_it_takes(database: Database) -> None:
    """
    A sample of them: a year of requests takes no longer than a day's.
    """
    early = [
        a_request(number, created_at=NOW - timedelta(seconds=number))
        for number in range(SAMPLE + 1)
    ]
    stays = [
        move
        for number in (0, SAMPLE)
        for move in moves(
            number,
            (Stage.SENDING, 0, Event.REQUESTED),
            (Stage.AWAITING_CUSTOMER, number + 1, Event.REQUEST_SENT),
        )
    ]
    async with database.transaction() as session:
        session.add_all([*early, *stays])

    found = await seen(database)

    assert [Lasting(Stage.SENDING, 1, MINUTE, MINUTE)] == found.lasting


@pytest.mark.parametrize(
    ("share", "minutes"), [(0.5, 10), (0.95, 19), (1.0, 20), (0.01, 1)]
)
def test_a_share_is_over_within_one_of_the_times(share: float, minutes: int) -> None:
    """
    Of twenty stays, ten were over within the tenth, nineteen within the nineteenth.
    """
    times = [number * MINUTE for number in range(1, 21)]

    assert minutes * MINUTE == share_of(times, share)


async def test_how_far_earlier_requests_came_is_made_up_for(database: Database) -> None:
    """
    What was written before anybody kept it is told from the moves.
    """
    opened = (Stage.SELECTING_SOFTWARE, 1, Event.OPENED)
    chosen = (Stage.AUTHORIZING, 2, Event.SOFTWARE_SELECTED)
    await given(
        database,
        a_request(1),
        a_request(2),
        *moves(2, opened),
        a_request(3),
        *moves(3, opened, chosen),
        a_request(4),
        *moves(4, opened, (Stage.FETCHING, 2, Event.UPLOADED)),
        a_request(5, stage=Stage.COMPLETED),
    )

    async with database.engine.begin() as connection:
        await connection.run_sync(
            lambda each: command.downgrade(configuration(each), "0008")
        )
        await connection.run_sync(
            lambda each: command.upgrade(configuration(each), "head")
        )

    found = await seen(database)
    assert [5, 4, 3, 2, 1] == [each.requests for each in found.funnel]
