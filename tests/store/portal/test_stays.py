"""How long journeys stood in each stage, and what is usual."""

from collections.abc import Sequence
from datetime import timedelta

from domain.journey import Actor, Event, Stage
from store.database import Database
from store.journeys import first_row
from store.portal.stays import HANDFUL, stays, usual
from store.tables import JourneyRow, MoveRow
from tests.activities.given import NOW, a_journey, given

Steps = Sequence[tuple[Stage, int]]

S = Stage


def a_life(journey_id: str, steps: Steps) -> list[JourneyRow | MoveRow]:
    """Return a journey's row, and a move to each stage after so many minutes."""
    last, _ = steps[-1]
    closed_at = NOW if last is S.COMPLETED else None
    row = first_row(
        a_journey(id=journey_id, company_id=journey_id, stage=last, closed_at=closed_at)
    )
    moves = [
        MoveRow(
            journey_id=journey_id,
            seq=seq,
            run_id="run",
            number=seq,
            at=NOW + timedelta(minutes=minutes),
            actor=Actor.CUSTOMER,
            event=Event.OPENED,
            stage=stage,
        )
        for seq, (stage, minutes) in enumerate(steps, start=1)
    ]
    return [row, *moves]


async def test_a_stay_ends_where_the_next_one_begins(database: Database) -> None:
    """
    Moves that leave a journey in its stage are a part of one stay; the last is not over.
    """
    steps = [(S.SENDING, 0), (S.SENDING, 1), (S.AWAITING_CUSTOMER, 3), (S.SENDING, 9)]
    await given(database, *a_life("jo_1", steps))

    async with database.reading() as session:
        found = await stays(session, "jo_1")

    assert [
        (1, S.SENDING, timedelta(minutes=3)),
        (3, S.AWAITING_CUSTOMER, timedelta(minutes=6)),
        (4, S.SENDING, None),
    ] == [(each.seq, each.stage, each.lasted) for each in found]


async def test_the_usual_is_the_median_of_those_completed(database: Database) -> None:
    """
    Half of the completed journeys took no longer; one that is still open says nothing.
    """
    for number in range(HANDFUL):
        life = [(S.SENDING, 0), (S.FETCHING, number + 1), (S.COMPLETED, 100)]
        await given(database, *a_life(f"jo_{number}", life))
    await given(database, *a_life("jo_open", [(S.SENDING, 0), (S.FETCHING, 10_000)]))

    async with database.reading() as session:
        found = await usual(session, "or_1")
        elsewhere = await usual(session, "or_2")

    assert timedelta(minutes=3) == found[S.SENDING]
    assert timedelta(minutes=97) == found[S.FETCHING]
    assert S.COMPLETED not in found
    assert {} == elsewhere


async def test_of_a_few_nobody_knows_what_is_usual(database: Database) -> None:
    """
    Fewer than a handful say nothing.
    """
    for number in range(HANDFUL - 1):
        life = [(S.SENDING, 0), (S.COMPLETED, 5)]
        await given(database, *a_life(f"jo_{number}", life))

    async with database.reading() as session:
        assert {} == await usual(session, "or_1")
