"""What is stuck, in groups, and of how many something could be asked."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from domain.bulk import BulkAction, obstacle
from domain.journey import Delivery, EntityStage, Stage
from domain.reasons import Reason
from domain.state import Journey
from store.database import Database
from store.journeys import first_row
from store.keyset import Cut
from store.portal import stuck
from store.portal.stuck import FIRST, LONGEST_FIRST, Crowd, Group, Which
from store.tables import JourneyRow, Table
from tests.activities.given import NOW, a_company, a_connection, a_journey, given

HOUR = timedelta(hours=1)
ALL = Which("or_1", NOW)
REFUSED = Group(Stage.SENDING, Reason.EMAIL_UNDELIVERABLE)
READING = Group(Stage.FETCHING, Reason.INTERNAL)
UNSENT: dict[str, Any] = {
    "stage": Stage.SENDING,
    "unsent": True,
    "trouble": Reason.EMAIL_UNDELIVERABLE,
    "reason": Reason.EMAIL_UNDELIVERABLE,
}


def standing(number: int, **changes: Any) -> JourneyRow:
    """Return a journey that has been stuck for so many hours."""
    id_, company = f"jo_{number:03}", f"co_{number:03}"
    row = first_row(a_journey(id=id_, company_id=company))
    since = NOW - number * HOUR
    values = {"stage_since": since, "stuck_after": since, **changes}
    for name, value in values.items():
        setattr(row, name, value)
    return row


def failed(journey_id: str, number: int, trouble: Reason | None) -> Table:
    return a_connection(
        f"cn_{journey_id}_{number}",
        journey_id=journey_id,
        stage=EntityStage.FAILED,
        trouble=trouble,
    )


async def crowds(database: Database, which: Which = ALL) -> list[Crowd]:
    async with database.reading() as session:
        return await stuck.crowds(session, which)


async def every(database: Database, which: Which) -> Sequence[Journey]:
    async with database.reading() as session:
        rows, _ = await stuck.listed(session, which, Cut(LONGEST_FIRST, limit=500))
    return [row.journey for row in rows]


async def test_what_is_stuck_comes_in_groups_longest_first(database: Database) -> None:
    """
    By stage and reason; what is over, not due yet, or another bank's is none of it.
    """
    await given(
        database,
        standing(1, **UNSENT),
        standing(5, **UNSENT),
        standing(9, stage=Stage.AWAITING_CUSTOMER),
        standing(11, stuck_after=NOW + HOUR),
        standing(12, stage=Stage.COMPLETED, stuck_after=None),
        standing(13, organization_id="or_2"),
    )

    found = await crowds(database)

    assert [
        (Group(Stage.AWAITING_CUSTOMER, None), 1, NOW - 9 * HOUR),
        (REFUSED, 2, NOW - 5 * HOUR),
    ] == [(each.group, each.size, each.since) for each in found]


async def test_a_few_of_every_group_are_shown_with_their_company(
    database: Database,
) -> None:
    """
    The longest first; what a company is called now, or was when it was asked.
    """
    await given(
        database,
        *(standing(number, **UNSENT) for number in range(1, FIRST + 3)),
        standing(20, stage=Stage.AWAITING_CUSTOMER),
        a_company(f"co_{FIRST + 2:03}", name="Renamed"),
    )

    async with database.reading() as session:
        found = await stuck.first_of_each(session, ALL)

    assert {REFUSED, Group(Stage.AWAITING_CUSTOMER, None)} == set(found)
    assert FIRST == len(found[REFUSED])
    assert ("jo_007", "Renamed") == (
        found[REFUSED][0].journey.id,
        found[REFUSED][0].company,
    )
    assert "Hoxton Tea" == found[REFUSED][1].company


async def test_what_could_be_asked_is_what_each_would_answer(
    database: Database,
) -> None:
    """
    One of each kind is asked, and it answers for all that are like it.
    """
    reading: dict[str, Any] = {"stage": Stage.FETCHING, "reason": Reason.INTERNAL}
    await given(
        database,
        standing(1, **UNSENT),
        standing(2, **UNSENT),
        standing(3, **{**UNSENT, "delivery": Delivery.LINK}),
        standing(4, **reading, finished=True),
        failed("jo_004", 1, Reason.INTERNAL),
        standing(5, **reading, finished=True),
        failed("jo_005", 1, Reason.NO_DATA),
        standing(6, **reading, finished=True),
        failed("jo_006", 1, None),
        failed("jo_006", 2, Reason.NO_DATA),
        standing(7, **reading, unbuilt=True, finished=True),
        standing(8, stage=Stage.FETCHING),
        standing(9, stage=Stage.SELECTING_SOFTWARE, reason=Reason.AUTHORIZATION_EXITED),
    )

    found = await crowds(database)

    assert 9 == sum(crowd.size for crowd in found)
    for crowd in found:
        journeys = await every(database, ALL._replace(group=crowd.group))
        for action in BulkAction:
            can = [each for each in journeys if obstacle(each, action) is None]
            assert len(can) == crowd.possible[action], (crowd.group, action)
    reading_now = next(each for each in found if each.group == READING)
    assert (3, 0) == (
        reading_now.possible[BulkAction.RETRY],
        reading_now.possible[BulkAction.RESEND],
    )


async def test_why_not_is_counted(database: Database) -> None:
    """
    For a group, and for those that somebody ticked, stuck or not.
    """
    await given(
        database,
        standing(1, **UNSENT),
        standing(2, **{**UNSENT, "delivery": Delivery.LINK}),
        standing(3, stage=Stage.COMPLETED, stuck_after=None, closed_at=NOW),
        standing(4, organization_id="or_2"),
    )
    ticked = ALL._replace(journey_ids=["jo_002", "jo_003", "jo_004"])

    async with database.reading() as session:
        of_group = await stuck.obstacles(
            session, ALL._replace(group=REFUSED), BulkAction.RESEND
        )
        of_ticked = await stuck.obstacles(session, ticked, BulkAction.RESEND)

    assert {None: 1, "not_emailed": 1} == of_group
    assert {"not_emailed": 1, "journey_closed": 1} == of_ticked


async def test_pages_and_ids_go_from_the_longest_on(database: Database) -> None:
    """
    Each once, in one order, and no more than asked for.
    """
    numbers = range(1, 25)
    await given(database, *(standing(number, **UNSENT) for number in numbers))
    which, seen, cut = ALL._replace(group=REFUSED), [], Cut(LONGEST_FIRST, limit=10)

    async with database.reading() as session:
        while True:
            rows, found = await stuck.listed(session, which, cut)
            seen += [row.journey.id for row in rows]
            if len(found) <= cut.limit:
                break
            cut = cut._replace(after=LONGEST_FIRST.place(found[cut.limit - 1]))
        ids = await stuck.ids(session, which, 3)
        few = await stuck.count(session, "or_1", NOW, 7)
        exact = await stuck.count(session, "or_1", NOW, 100)

    assert [f"jo_{number:03}" for number in reversed(numbers)] == seen
    assert seen[:3] == list(ids)
    assert (7, 24) == (few, exact)


async def test_who_got_stuck_since_is_not_meant(database: Database) -> None:
    """
    A group is as it was by a certain time.
    """
    await given(database, standing(1, **UNSENT), standing(3, **UNSENT))

    before = await every(database, Which("or_1", NOW - 2 * HOUR, REFUSED))

    assert ["jo_003"] == [journey.id for journey in before]


async def test_a_thousand_are_grouped_in_a_few_queries(database: Database) -> None:
    """
    However many there are, no more than one of each kind is read whole.
    """
    rows = [standing(number, **UNSENT) for number in range(1000)]
    async with database.transaction() as session:
        session.add_all(rows)

    async with database.reading() as session:
        kinds = await stuck.kinds(session, ALL)

    assert [(REFUSED, 999)] == [(each.group, each.size) for each in kinds]
    assert Counter({"jo_001": 1}) == Counter(each.journey.id for each in kinds)
