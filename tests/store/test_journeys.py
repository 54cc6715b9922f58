"""A journey goes into rows and comes back as it was."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import event
from sqlmodel import select

from domain.journey import Actor, EntityStage, Event, Stage, Status, Structure
from domain.reasons import Reason
from domain.state import Rules
from store import journeys, sweeps
from store.companies import restate
from store.database import Database
from store.tables import CompanyRow, ConnectionRow, JourneyRow
from tests.activities.given import (
    COMPANY,
    JOURNEY,
    NOW,
    Recorder,
    a_bank,
    a_company,
    a_journey,
    a_sync,
    an_entity,
    given,
    given_request,
)

MINUTE = timedelta(minutes=1)
SPEND: dict[str, Any] = {
    "data_types": ("spend_analysis",),
    "structure": Structure.MULTIPLE,
    "stage": Stage.REVIEWING_ENTITIES,
    "version": 5,
    "went_out": True,
}


async def write(database: Database, *commands: Any) -> list[bool]:
    written = []
    for command in commands:
        async with database.transaction() as session:
            written.append(await journeys.write_move(session, command))
    return written


async def companies(database: Database) -> set[str]:
    async with database.reading() as session:
        return set((await session.exec(select(CompanyRow.id))).all())


async def test_a_journey_comes_back_as_it_was(database: Database) -> None:
    """
    With its rules and its legal entities, in the order in which they were made.
    """
    journey = a_journey(
        **SPEND,
        rules=Rules(reminders=(timedelta(days=3),)),
        entities=(
            an_entity(
                "cn_1",
                software="ledgerly",
                stage=EntityStage.FAILED,
                trouble=Reason.INVALID_DATA,
                failed_at=NOW,
                authorized=True,
            ),
            an_entity("cn_2", company_id="co_south", name="South"),
        ),
    )
    await given(database, a_bank(), a_company(), journeys.first_row(journey))

    command = Recorder(journey).move(Event.EXTENDED, days=2)
    written = await write(database, command)
    async with database.reading() as session:
        found = await journeys.load(session, JOURNEY)
        unknown = await journeys.load(session, "jo_unknown")
        run_id = await sweeps.last_run(session, JOURNEY)
        nobody = await sweeps.last_run(session, "jo_unknown")

    expected = command.journey.but(entities=command.entities)
    assert [True] == written
    assert expected == found
    assert ("run 1", None, None) == (run_id, nobody, unknown)


async def test_a_run_that_says_everything_leaves_nothing_else(
    database: Database,
) -> None:
    """
    After a reset: connections and companies of moves that were taken back are gone.
    """
    await given_request(database)
    north = a_journey(
        **SPEND, entities=(an_entity(company_id="co_n", name="N", authorized=True),)
    )
    await write(database, Recorder(north).move(Event.EXTENDED, days=1))
    before = await companies(database)

    taken_back = a_journey(stage=Stage.AWAITING_CUSTOMER, version=2)
    again = Recorder(taken_back, "run 2").move(Event.EXTENDED, days=1)
    await write(database, again.model_copy(update={"whole": True}))

    async with database.reading() as session:
        connections = (await session.exec(select(ConnectionRow.id))).all()
    assert {COMPANY, "co_n"} == before
    assert {COMPANY} == await companies(database)
    assert [] == list(connections)


async def test_what_is_not_authorized_any_more_has_no_company(
    database: Database,
) -> None:
    """
    Its connection stays: the customer is asked again.
    """
    await given_request(database)
    entity = an_entity(company_id="co_n", name="N", authorized=True)
    first = Recorder(a_journey(**SPEND, entities=(entity,)))
    await write(database, first.move(Event.EXTENDED, days=1))

    asked_again = {**SPEND, "stage": Stage.SELECTING_SOFTWARE}
    taken_back = a_journey(**asked_again, entities=(entity.but(authorized=False),))
    again = Recorder(taken_back, "run 2").move(Event.EXTENDED, days=1)
    await write(database, again.model_copy(update={"whole": True}))

    async with database.reading() as session:
        connections = (await session.exec(select(ConnectionRow.id))).all()
    assert {COMPANY} == await companies(database)
    assert ["cn_1"] == list(connections)


async def test_who_goes_on_after_a_refresh_failed_is_waited_for_again(
    database: Database,
) -> None:
    """
    What the customer does makes the client Requested, though the journey itself gives nothing new.
    """
    await given_request(database)
    asked = a_journey(
        stage=Stage.SELECTING_SOFTWARE, went_out=True, status_at=NOW, version=3
    )
    workflow = Recorder(asked)
    await write(database, workflow.move(Event.EXTENDED, days=1))
    failed = a_sync(reason=Reason.ACCESS_REVOKED, finished_at=NOW + MINUTE)
    await given(database, failed)
    statuses = []
    for actor in (Actor.BANK, Actor.CUSTOMER):
        async with database.transaction() as session:
            await restate(session, COMPANY, NOW)
        move = workflow.move(Event.OPENED, at=NOW + 2 * MINUTE, actor=actor)
        await write(database, move.model_copy(update={"actor": actor}))
        async with database.reading() as session:
            company = await session.get_one(CompanyRow, COMPANY)
        statuses.append((company.status, company.status_at))

    assert [
        (Status.ERROR, NOW + MINUTE),
        (Status.REQUESTED, NOW + 2 * MINUTE),
    ] == statuses


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """Collect the statements that are sent to the database."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    yield sent
    event.remove(database.engine.sync_engine, "before_cursor_execute", note)


async def said_again(database: Database, count: int) -> int:
    """Return how many statements it takes to say of so many entities that they are as they were."""
    entities = tuple(
        an_entity(
            f"cn_{number:03}", company_id=f"co_{number:03}", name=f"N {number}",
            authorized=True, stage=EntityStage.DONE, status_at=NOW, failed_at=NOW,
        )
        for number in range(count)
    )  # fmt: skip
    journey = a_journey(**SPEND, entities=entities)
    first = Recorder(journey, f"{count} at first").move(Event.EXTENDED, days=1)
    again = Recorder(journey, f"{count} again").move(Event.EXTENDED, days=1)
    await write(database, first)
    with counted(database) as sent:
        await write(database, again.model_copy(update={"whole": True}))
    return len(sent)


async def test_a_new_run_writes_only_what_changed(database: Database) -> None:
    """
    It takes as many statements for fifty legal entities that are as they were as for one.
    """
    await given_request(database)

    for_one = await said_again(database, 1)
    for_fifty = await said_again(database, 50)

    assert for_one == for_fifty < 30


async def test_a_new_run_brings_back_what_the_run_before_it_took_away(
    database: Database,
) -> None:
    """
    A cancellation that was reset: the legal entity has its company again.
    """
    await given_request(database)
    fetching = an_entity(
        company_id="co_n", name="N", authorized=True, stage=EntityStage.FETCHING,
        status_at=NOW,
    )  # fmt: skip
    journey = a_journey(**SPEND, entities=(fetching,))
    await write(
        database,
        Recorder(journey).move(Event.EXTENDED, days=1),
        Recorder(journey, "run 2").move(Event.CANCELLED),
    )
    cancelled = await companies(database)

    again = Recorder(journey, "run 3").move(Event.EXTENDED, days=1)
    await write(database, again.model_copy(update={"whole": True}))

    assert {COMPANY} == cancelled
    assert {COMPANY, "co_n"} == await companies(database)


async def test_what_the_bank_calls_a_legal_entity_stays(database: Database) -> None:
    """
    The journey's next moves leave it; a new name that the customer gives counts again.
    """
    await given_request(database)
    entity = an_entity(company_id="co_n", name="North", authorized=True)
    workflow = Recorder(a_journey(**SPEND, entities=(entity,)))
    await write(database, workflow.move(Event.EXTENDED, days=1))
    async with database.transaction() as session:
        (await session.get_one(CompanyRow, "co_n")).name = "North Ltd"

    names = []
    for name in ("North", "Northern"):
        workflow.journey = workflow.journey.with_entity("cn_1", name=name, software="x")
        await write(database, workflow.move(Event.EXTENDED, days=1))
        async with database.reading() as session:
            names.append((await session.get_one(CompanyRow, "co_n")).name)

    assert ["North Ltd", "Northern"] == names


async def test_authorized_at_is_when_it_was_authorized_first(
    database: Database,
) -> None:
    """
    A repair does not change it.
    """
    await given_request(database)
    entity = an_entity(stage=EntityStage.FETCHING, authorized=True)
    workflow = Recorder(a_journey(**SPEND, entities=(entity,)))
    later = NOW + timedelta(days=1)

    await write(
        database,
        workflow.move(Event.EXTENDED, days=1),
        workflow.move(Event.EXTENDED, at=later, days=1),
    )

    async with database.reading() as session:
        (row,) = (await session.exec(select(ConnectionRow))).all()
    assert NOW == row.authorized_at


async def test_a_first_row_shows_a_journey_before_it_begins(
    database: Database,
) -> None:
    """
    At version 0; no run has written it.
    """
    journey = await given_request(database)

    async with database.reading() as session:
        row = await session.get_one(JourneyRow, JOURNEY)
        found = await journeys.from_row(session, row)

    assert (journey, None) == (found, row.run_id)
