from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, text

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
    """Return how the database would answer; on PostgreSQL as it would with many rows."""
    async with database.reading() as session:
        connection = await session.connection()
        if database.engine.dialect.name == "sqlite":
            rows = await connection.exec_driver_sql(
                f"explain query plan {statement}", parameters
            )
            return "\n".join(row.detail for row in rows)
        rows = await connection.exec_driver_sql(f"explain {statement}", parameters)
        return "\n".join(rows.scalars())


@pytest.fixture
async def many(database: Database, given: Given) -> Given:
    """20,000 clients; a third of them has no status, and one in ten has a legal entity."""
    columns = {
        "id": "'co_' || {n}",
        "organization_id": f"'{given.organization_id}'",
        "parent_id": "CASE WHEN {n} % 11 = 0 THEN 'co_1' END",
        "name": "'Hoxton ' || {n} * 7919 % 20000",
        "contact_name": "'Ada'",
        "contact_email": "'ada@hoxton.test'",
        "created_at": "{at}",
        "updated_at": "{at}",
        "status": "CASE WHEN {n} % 3 > 0 THEN 'Requested' END",
        "status_at": "CASE WHEN {n} % 3 > 0 THEN {at} END",
        "reason_detail": "''",
    }
    at = COUNTED_FROM[database.engine.dialect.name]
    values = ", ".join(value.format(n="n", at=at) for value in columns.values())
    async with database.transaction() as session:
        connection = await session.connection()
        for statement in (
            f"INSERT INTO companies ({', '.join(columns)}) {COUNTING} SELECT {values} FROM c",  # noqa: S608
            "INSERT INTO search_words SELECT id, 'hox' || id, organization_id FROM companies",
            "ANALYZE",
        ):
            await connection.execute(text(statement))
    return given


COUNTING = """
    WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 20000)
"""
COUNTED_FROM = {
    "sqlite": "datetime('2026-11-01', n || ' minutes')",
    "postgresql": "timestamptz '2026-11-01' + n * interval '1 minute'",
}
READ_IN_ORDER = {
    "sqlite": "USING INDEX {index} (organization_id=?",
    "postgresql": "using {index} on companies",
}
READ_WHOLE = ("TEMP B-TREE", "SCAN companies", "Sort", "Seq Scan")


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize(("name", "value", "index"), [
    ("created_at", NOW.isoformat(), "ix_companies_created"),
    ("name", "Hoxton 5", "ix_companies_name"),
    ("status_at", NOW.isoformat(), "ix_companies_status_at"),
    ("status_at", None, "ix_companies_status_at"),
])  # fmt: skip
async def test_a_page_is_read_from_an_index_at_any_depth(  # noqa: PLR0913, PLR0917
    database: Database,
    many: Given,
    name: str,
    value: str | None,
    index: str,
    descending: bool,  # noqa: FBT001
) -> None:
    """
    The database jumps to where the last page ended, and sorts nothing.
    """
    sort: Sort = COMPANY_SORTS[name]._replace(descending=descending)
    after = Position(value, "co_5")

    with watched(database) as sent:
        async with database.reading() as session:
            await queries.companies(
                session, many.organization_id, EVERYTHING, Cut(sort, after, 50)
            )
    plans = [await plan_of(database, *each) for each in sent]

    read = READ_IN_ORDER[database.engine.dialect.name].format(index=index)
    assert plans
    for plan in plans:
        assert read in plan
        assert not [sign for sign in READ_WHOLE if sign in plan]


@pytest.mark.parametrize(
    ("name", "index"),
    [
        ("created_at", "ix_companies_created"),
        ("name", "ix_companies_name"),
        ("status_at", "ix_companies_status_at"),
    ],
)
async def test_a_common_word_fills_a_page_and_no_more(
    database: Database, many: Given, name: str, index: str
) -> None:
    """
    What most companies have in common is looked for in the order of the list, until a page is full.
    """
    wanted = EVERYTHING._replace(q="hox")

    with watched(database) as sent:
        async with database.reading() as session:
            cut = Cut(COMPANY_SORTS[name], limit=25)
            await queries.companies(session, many.organization_id, wanted, cut)
    plan = await plan_of(database, *sent[-1])

    assert READ_IN_ORDER[database.engine.dialect.name].format(index=index) in plan
    assert not [sign for sign in READ_WHOLE if sign in plan]


async def test_a_search_is_answered_from_the_words(
    database: Database, many: Given
) -> None:
    """
    A word is looked up in its index: companies without it are not read.
    """
    wanted = EVERYTHING._replace(q="hoxco_77 tea")

    with watched(database) as sent:
        async with database.reading() as session:
            await queries.companies(
                session, many.organization_id, wanted, Cut(COMPANY_SORTS["created_at"])
            )
    plan = await plan_of(database, *sent[-1])

    assert "ix_search_words_word" in plan
    assert "SCAN companies" not in plan
    assert "Seq Scan" not in plan


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
