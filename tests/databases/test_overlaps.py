"""Whatever two processes write at once comes out as if one had waited for the other."""

import asyncio

import pytest
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.emails import Template
from domain.journey import Event, Stage, Status
from domain.messages import (
    RecordMove,
    SendEmail,
    SyncState,
)
from store import emails, questions, sweeps
from store.bootstrap import ensure_organization
from store.companies import join_legal_entity, leave_legal_entities, restate
from store.credentials import Code, find_code, keep_code
from store.database import Database
from store.journeys import write_move
from store.search import index_company, words_of
from store.states import EmailState
from store.tables import (
    CompanyRow,
    MoveRow,
    OrganizationRow,
    SearchWordRow,
)
from tests.activities.given import (
    COMPANY,
    CONNECTION,
    CONTACT,
    JOURNEY,
    NOW,
    VAULT,
    WRITTEN,
    Recorder,
    a_company,
    a_connection,
    a_sync,
    an_entity,
    given,
    given_request,
)
from tests.databases.overlap import all_of, overlap

EMAIL = SendEmail(journey_id=JOURNEY, template=Template.REQUEST, number=1)


async def moved(database: Database, one: RecordMove, other: RecordMove) -> list[bool]:
    return list(
        await overlap(
            database, lambda s: write_move(s, one), lambda s: write_move(s, other)
        )
    )


async def test_one_move_by_two_workers_is_one_row(database: Database) -> None:
    """
    The step runs twice at the same time: one of both writes.
    """
    first = Recorder(await given_request(database)).begin()

    written = await moved(database, first, first)

    assert [True, False] == written
    assert [1] == [row.seq for row in await all_of(database, MoveRow)]


@pytest.mark.parametrize(("swapped", "written"), [(False, 2), (True, 1)])
async def test_moves_at_once_are_numbered_without_a_gap(
    database: Database,
    swapped: bool,  # noqa: FBT001
    written: int,
) -> None:
    """
    In either order; an older one that comes after a newer one is dropped.
    """
    workflow = Recorder(await given_request(database))
    moves = [workflow.begin(), workflow.move(Event.REQUEST_SENT)]

    one, other = reversed(moves) if swapped else moves
    await moved(database, one, other)

    rows = await all_of(database, MoveRow)
    assert list(range(1, written + 1)) == sorted(row.seq for row in rows)
    assert Stage.AWAITING_CUSTOMER in {row.stage for row in rows}


async def test_an_older_run_does_not_slip_in_with_a_newer_one(
    database: Database,
) -> None:
    """
    Once the newer run has written, the older one's late move is dropped.
    """
    journey = await given_request(database)
    old, new = Recorder(journey, "run 1"), Recorder(journey, "run 2")
    async with database.transaction() as session:
        await write_move(session, old.begin())

    written = await moved(database, new.begin(), old.move(Event.REQUEST_SENT))

    assert [True, False] == written


async def test_an_email_is_handed_over_by_one(database: Database) -> None:
    """
    Both reserve it; one may send it.
    """
    await given_request(database)

    async def claim(session: AsyncSession) -> bool:
        row = await emails.reserve(session, EMAIL, NOW)
        assert row.state in (EmailState.RESERVED, EmailState.HANDING_OVER)
        return await emails.hand_over(session, EMAIL, WRITTEN, NOW)

    assert (True, False) == await overlap(database, claim, claim)


async def test_a_company_that_was_read_before_it_was_locked_is_read_again(
    database: Database,
) -> None:
    """
    What another one has written meanwhile is not taken for what is there already.
    """
    shared = a_sync(state=SyncState.SUCCEEDED)
    await given(database, a_company(status=Status.AVAILABLE), shared)

    async def spoil(session: AsyncSession) -> None:
        row = await session.get_one(CompanyRow, COMPANY)
        row.status = Status.REQUESTED
        session.add(row)
        await session.flush()

    async def again(session: AsyncSession) -> None:
        await session.get_one(CompanyRow, COMPANY)
        await restate(session, COMPANY, NOW)

    await overlap(database, spoil, again)

    async with database.reading() as session:
        row = await session.get_one(CompanyRow, COMPANY)
    assert Status.AVAILABLE is row.status


async def test_a_legal_entity_that_leaves_takes_all_its_words_along(
    database: Database,
) -> None:
    """
    Though somebody edits it at that very moment.
    """
    north = a_company("co_north", parent_id=COMPANY)
    await given(database, a_company(), north, a_connection(company_id="co_north"))

    async def edit(session: AsyncSession) -> None:
        row = await session.get(CompanyRow, "co_north", with_for_update=True)
        assert row is not None
        row.name = "Norden"
        await session.flush()
        await index_company(session, row)

    await overlap(
        database, edit, lambda s: leave_legal_entities(s, COMPANY, [CONNECTION])
    )

    assert [] == await all_of(database, SearchWordRow)


async def test_a_legal_entity_that_two_bring_joins_once(database: Database) -> None:
    """
    It is found by its name, whoever wrote it.
    """
    journey = await given_request(database)
    north = an_entity(company_id="co_north", name="North")

    async def join(session: AsyncSession) -> None:
        await join_legal_entity(session, journey, north, NOW)

    await overlap(database, join, join)

    words = {row.word for row in await all_of(database, SearchWordRow)}
    assert words_of("North", "Ada Okafor", CONTACT) == words


async def test_codes_and_questions_that_come_at_once_take_each_others_place(
    database: Database,
) -> None:
    """
    There is one of each, the later one.
    """

    async def write(session: AsyncSession, name: str) -> None:
        await keep_code(session, VAULT, CONNECTION, Code(name, "http://r.test"), NOW)
        await questions.remember(session, JOURNEY, "q", name, NOW)

    await overlap(database, lambda s: write(s, "1"), lambda s: write(s, "2"))

    async with database.reading() as session:
        code = await find_code(session, VAULT, CONNECTION)
        asked = await questions.recall(session, JOURNEY, "q", NOW)
    assert (Code("2", "http://r.test"), "2") == (code, asked)


async def test_two_that_look_after_journeys_look_at_all(database: Database) -> None:
    """
    Neither stands in the other's way.
    """
    await given_request(database)

    async def look(session: AsyncSession) -> list[str]:
        return await sweeps.to_check(session, NOW, 10)

    assert ([JOURNEY], [JOURNEY]) == await overlap(database, look, look)


async def test_an_organization_that_two_set_up_is_one(database: Database) -> None:
    """
    `rapport migrate` may run in several places at once.
    """
    others = [Database(database.url) for _ in range(3)]

    ids = await asyncio.gather(
        *(ensure_organization(each, name="Meridian Bank", key="k") for each in others)
    )

    for other in others:
        await other.close()
    (row,) = await all_of(database, OrganizationRow)
    assert {row.id} == set(ids)


async def test_what_is_read_is_of_one_moment(database: Database) -> None:
    """
    What is committed between two questions of one reader shows in neither answer.
    """
    await given(database, a_company())

    async with database.reading() as session:
        before = list((await session.exec(select(CompanyRow.id))).all())
        await asyncio.create_task(given(database, a_company("co_2")))
        after = list((await session.exec(select(CompanyRow.id))).all())

    assert before == after == [COMPANY]
