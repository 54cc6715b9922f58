"""Who of the bank did what: once for each deed, newest first, and nothing is lost with a name."""

from datetime import timedelta

from domain.audit import MOVES, Done
from domain.ids import Kind
from domain.journey import Actor, Event, Stage
from domain.roles import Role
from store.audit import move_key, movers, note, note_move, trail
from store.database import Database
from store.journeys import first_row
from store.tables import CompanyRow, JourneyRow, MoveRow, UserRow
from tests.activities.given import (
    COMPANY,
    JOURNEY,
    NOW,
    a_company,
    a_journey,
    given,
)

ROSA = UserRow(
    id="us_1",
    organization_id="or_1",
    email="rosa@bank.test",
    name="Rosa",
    role=Role.ADMIN,
    created_at=NOW,
)


def a_move(seq: int, event: Event, actor: Actor = Actor.BANK) -> MoveRow:
    return MoveRow(
        journey_id=JOURNEY,
        seq=seq,
        run_id="run",
        number=seq,
        at=NOW + timedelta(minutes=seq),
        actor=actor,
        event=event,
        stage=Stage.SENDING,
    )


async def one(database: Database, *rows: MoveRow) -> CompanyRow:
    company = a_company()
    await given(
        database, company, UserRow(**ROSA.model_dump()), first_row(a_journey()), *rows
    )
    return company


async def the_trail(
    database: Database, company: CompanyRow
) -> list[tuple[Done, str | None, bool]]:
    async with database.reading() as session:
        return [
            (each.what, each.who, each.known) for each in await trail(session, company)
        ]


def test_every_move_of_the_bank_has_a_name() -> None:
    """
    What the bank can do to a journey is named in the trail as in the timeline.
    """
    assert {
        Event.REQUESTED,
        Event.RESEND_ASKED,
        Event.LINK_REPLACED,
        Event.EXTENDED,
        Event.RETRIED,
        Event.SKIPPED,
        Event.CANCELLED,
    } == {*MOVES}


async def test_a_deed_is_noted_once(database: Database) -> None:
    """
    The same key is the same deed, however often it is written; without one each is its own.
    """
    company = await one(database)

    async with database.transaction() as session:
        for key in ("a", "a", None, None):
            await note(session, company, Done.EDITED, NOW, user_id="us_1", key=key)

    assert [(Done.EDITED, "Rosa", True)] * 3 == await the_trail(database, company)


async def test_a_move_knows_its_doer(database: Database) -> None:
    """
    A move of the bank is told with its time and the name of whoever asked for it.
    """
    company = await one(database, a_move(1, Event.CANCELLED))

    async with database.transaction() as session:
        journey = await session.get_one(JourneyRow, JOURNEY)
        await note_move(session, journey, 1, "us_1")
        await note_move(session, journey, 1, "us_1")

    async with database.reading() as session:
        (entry,) = await trail(session, company)
        who = await movers(session, journey)
    assert (Done.CANCELLED, "Rosa") == (entry.what, entry.who)
    assert NOW + timedelta(minutes=1) == entry.at
    assert {move_key(JOURNEY, 1): "Rosa"} == who


async def test_a_move_whose_doer_was_lost_is_not_lost(database: Database) -> None:
    """
    A crash may lose who it was; that the bank did it is in the timeline, and so in the trail.
    """
    company = await one(
        database,
        a_move(1, Event.REQUESTED),
        a_move(2, Event.OPENED, Actor.CUSTOMER),
        a_move(3, Event.EXTENDED),
    )

    assert [
        (Done.EXTENDED, None, False),
        (Done.REQUESTED, None, False),
    ] == await the_trail(database, company)


async def test_nobody_elses_move_is_noted(database: Database) -> None:
    """
    What the customer did meanwhile is not put down to the bank.
    """
    company = await one(database, a_move(1, Event.OPENED, Actor.CUSTOMER))

    async with database.transaction() as session:
        journey = await session.get_one(JourneyRow, JOURNEY)
        await note_move(session, journey, 1, "us_1")

    assert [] == await the_trail(database, company)


async def test_a_clients_trail_has_its_legal_entities(database: Database) -> None:
    """
    A client's trail tells what was done with its legal entities too; theirs is their own.
    """
    client = await one(database)
    entity = a_company("co_2", parent_id=COMPANY)
    await given(database, entity)

    async with database.transaction() as session:
        await note(session, client, Done.EDITED, NOW, user_id=None)
        await note(session, entity, Done.CATEGORIZED, NOW, user_id=None)

    assert 2 == len(await the_trail(database, client))
    assert [(Done.CATEGORIZED, None, True)] == await the_trail(database, entity)


async def test_nothing_is_noted_of_what_is_being_deleted(database: Database) -> None:
    """
    Once a company belongs to its removal, no new line keeps anything of it.
    """
    company = a_company(organization_id=f"{Kind.REMOVAL}_1")
    await given(database, company)

    async with database.transaction() as session:
        await note(session, company, Done.EDITED, NOW, user_id="us_1")

    assert [] == await the_trail(database, company)
