from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from domain.ids import Kind
from domain.journey import Status
from domain.messages import SyncState
from store import queries
from store.database import Database
from store.keyset import Cut, Position, Sort
from store.queries import (
    COMPANY_SORTS,
    JOURNEYS_NEWEST_FIRST,
    CompanyFilter,
    JourneyFilter,
)
from tests.api.given import NOW, Given, open_bank

EVERYTHING = CompanyFilter(NOW)


@pytest.fixture
async def given(database: Database) -> Given:
    return (await open_bank(database, "Meridian Bank", "k")).given


@contextmanager
def watched(database: Database) -> Iterator[list[tuple[str, Any]]]:
    """Collect the statements that are sent to the database."""
    sent: list[tuple[str, Any]] = []

    def note(
        _connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any
    ) -> None:
        if statement.startswith("SELECT"):
            sent.append((statement, parameters))

    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    yield sent
    event.remove(database.engine.sync_engine, "before_cursor_execute", note)


async def listed(database: Database, given: Given, limit: int) -> list[str]:
    """Show a page of companies as the API does."""
    async with database.reading() as session:
        cut = Cut(COMPANY_SORTS["created_at"], None, limit)
        rows = await queries.companies(session, given.organization_id, EVERYTHING, cut)
        facts = await queries.facts_of_companies(session, rows[:limit])
        return [each.row.id for each in facts]


async def test_a_list_takes_the_same_number_of_queries_at_any_size(
    database: Database, given: Given
) -> None:
    """
    Users, journeys, data types and refreshes come for all companies at once.
    """
    for number in range(20):
        company = await given.company(
            users=[f"{number}@bank.test"], status=Status.REQUESTED
        )
        await given.connection(await given.journey(company))
        await given.sync(company, state=SyncState.RUNNING)

    with watched(database) as for_one:
        one = await listed(database, given, 1)
    with watched(database) as for_twenty:
        twenty = await listed(database, given, 20)

    assert (1, 20) == (len(one), len(twenty))
    assert len(for_one) == len(for_twenty) < 10


async def plan_of(database: Database, statement: str, parameters: Any) -> str:
    async with database.reading() as session:
        connection = await session.connection()
        rows = await connection.exec_driver_sql(
            f"explain query plan {statement}", parameters
        )
        return "\n".join(row.detail for row in rows)


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize(("name", "index"), [
    ("created_at", "ix_companies_created"),
    ("name", "ix_companies_name"),
    ("status_at", "ix_companies_status_at"),
])  # fmt: skip
async def test_a_page_is_read_from_an_index_at_any_depth(
    database: Database,
    given: Given,
    name: str,
    index: str,
    descending: bool,  # noqa: FBT001
) -> None:
    """
    The database jumps to where the last page ended, and sorts nothing.
    """
    sort: Sort = COMPANY_SORTS[name]._replace(descending=descending)
    value = "Hoxton" if name == "name" else NOW.isoformat()
    after = Position(value, given.new_id(Kind.COMPANY))

    with watched(database) as sent:
        async with database.reading() as session:
            await queries.companies(
                session, given.organization_id, EVERYTHING, Cut(sort, after, 50)
            )
    plans = [await plan_of(database, *each) for each in sent]

    for plan in plans:
        assert f"USING INDEX {index} (organization_id=? AND parent_id=?" in plan
        assert "TEMP B-TREE" not in plan
        assert "SCAN" not in plan


async def test_a_search_is_answered_from_the_words(
    database: Database, given: Given
) -> None:
    """
    A word is looked up in its index: companies without it are not read.
    """
    wanted = EVERYTHING._replace(q="hox tea")

    with watched(database) as sent:
        async with database.reading() as session:
            await queries.companies(
                session, given.organization_id, wanted, Cut(COMPANY_SORTS["created_at"])
            )
    plan = await plan_of(database, *sent[-1])

    assert "ix_search_words_word (organization_id=? AND word>? AND word<?)" in plan


async def test_stuck_is_true_from_the_limit_on(
    database: Database, given: Given
) -> None:
    """
    A journey counts as stuck after its limit, not at it; one that is over never does.
    """
    company = await given.company()
    await given.over(company)
    journey = await given.journey(company, stuck_after=NOW)

    async def stuck(at: timedelta) -> list[str]:
        async with database.reading() as session:
            wanted = JourneyFilter(NOW + at, stuck=True)
            cut = Cut(JOURNEYS_NEWEST_FIRST)
            rows = await queries.journeys(session, given.organization_id, wanted, cut)
            return [row.id for row in rows]

    assert [] == await stuck(timedelta(0))
    assert [journey.id] == await stuck(timedelta(microseconds=1))
