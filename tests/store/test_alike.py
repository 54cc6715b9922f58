"""Both databases keep and find the same: every test here runs on each of them."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import StatementError

from domain.ids import Kind
from domain.journey import Status
from domain.messages import SyncState
from store import queries
from store.database import Database
from store.keyset import Cut, Sort
from store.queries import COMPANY_SORTS, CompanyFilter
from store.tables import CompanyRow, OrganizationRow
from tests.activities.given import a_bank, a_company
from tests.activities.given import given as stored
from tests.api.given import NOW, Given, open_bank

EVERYTHING = CompanyFilter(NOW)
NAMES = ["_x", "10", "9", "B", "Z", "a", "a b", "a-b", "ab", "zz", "É", "ä", "株", "🫖"]


@pytest.fixture
async def given(database: Database) -> Given:
    return (await open_bank(database, "Meridian Bank", "k")).given


async def read_through(database: Database, given: Given, sort: Sort) -> list[Any]:
    """Return what a list is sorted by, page by page, three at a time."""
    found: list[CompanyRow] = []
    while True:
        after = sort.place(found[-1]) if found else None
        async with database.reading() as session:
            rows = await queries.companies(
                session, given.organization_id, EVERYTHING, Cut(sort, after, 3)
            )
        found += rows[:3]
        if len(rows) <= 3:
            return [getattr(row, sort.column.key) for row in found]


@pytest.mark.parametrize("descending", [False, True])
async def test_names_are_sorted_by_their_characters_numbers(
    database: Database,
    given: Given,
    descending: bool,  # noqa: FBT001
) -> None:
    """
    Whatever the language of the machine; and no page skips or repeats a row.
    """
    for name in [*NAMES[::2], *NAMES[1::2]]:
        await given.company(name=name)
    sort = COMPANY_SORTS["name"]._replace(descending=descending)

    names = await read_through(database, given, sort)

    assert sorted(NAMES, reverse=descending) == names


async def test_postgresql_compares_texts_as_sqlite_does(database: Database) -> None:
    """
    The columns say so themselves; the database they are in may be set up for any language.
    """
    if database.engine.dialect.name == "postgresql":
        query = """
            SELECT table_name || '.' || column_name FROM information_schema.columns
            WHERE collation_name = 'C' AND table_schema = 'public'
        """
        async with database.reading() as session:
            connection = await session.connection()
            found = set((await connection.execute(text(query))).scalars())

        assert {"companies.name", "company_users.email", "search_words.word"} <= found


@pytest.mark.parametrize("descending", [False, True])
async def test_times_are_sorted_to_the_microsecond_and_those_without_come_last(
    database: Database,
    given: Given,
    descending: bool,  # noqa: FBT001
) -> None:
    """
    In both directions.
    """
    times = [NOW + timedelta(microseconds=number) for number in range(4)]
    for time in [times[2], None, times[0], times[3], None, times[1], None, None]:
        await given.company(status_at=time)
    sort = COMPANY_SORTS["status_at"]._replace(descending=descending)

    found = await read_through(database, given, sort)

    assert [*sorted(times, reverse=descending), *[None] * 4] == found


async def test_a_time_is_kept_whatever_zone_it_was_said_in(database: Database) -> None:
    """
    It comes back in UTC; one without a zone is refused.
    """
    nepal = timezone(timedelta(hours=5, minutes=45))
    said = datetime(2026, 3, 29, 1, 30, 0, 123456, tzinfo=nepal)
    await stored(database, a_company(created_at=said))

    async with database.reading() as session:
        kept = (await session.get_one(CompanyRow, "co_1")).created_at
    with pytest.raises(StatementError, match="zone"):
        await stored(database, a_company("co_2", created_at=datetime(2026, 1, 1)))  # noqa: DTZ001

    assert (said, UTC, 123456) == (kept, kept.tzinfo, kept.microsecond)


async def test_lists_and_maps_come_back_as_they_were(database: Database) -> None:
    """
    With their order, their accents, and nothing where there was nothing.
    """
    bank = a_bank()
    bank.reminders_days, bank.software = [10, 2], None
    bank.stage_limits = {"sending": 1, "é": 2, "authorizing": 3}
    await stored(database, OrganizationRow(**bank.model_dump()))

    async with database.reading() as session:
        kept = await session.get_one(OrganizationRow, bank.id)

    assert ([10, 2], None) == (kept.reminders_days, kept.software)
    assert list(bank.stage_limits.items()) == list(kept.stage_limits.items())


async def test_a_word_of_ours_is_stored_as_it_is_said(
    database: Database, given: Given
) -> None:
    """
    By its value, not by the name that it has in Python.
    """
    company = await given.company(status=Status.REQUESTED)
    await given.sync(company, state=SyncState.RUNNING)

    query = (
        "SELECT status, state FROM companies JOIN syncs ON company_id = companies.id"
    )
    async with database.reading() as session:
        connection = await session.connection()
        (row,) = (await connection.execute(text(query))).all()

    assert (Status.REQUESTED.value, SyncState.RUNNING.value) == tuple(row)


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ("strasse", ["Straße 1"]),
        ("ÉCOLE", ["École"]),
        ("eco", ["École"]),
        ("100%", ["100% Tea"]),
        ("株式", ["株式会社"]),
        ("tea 1", ["100% Tea"]),
        ("_", []),
        ("%", []),
        ("\x00", []),
        ("🫖", ["🫖 Tea"]),
    ],
)
async def test_the_same_words_find_the_same(
    database: Database, given: Given, asked: str, names: list[str]
) -> None:
    """
    Signs that mean something to one database mean nothing here.
    """
    for name in ("Straße 1", "École", "100% Tea", "株式会社", "🫖 Tea"):
        await given.company(name=name, contact_name="", contact_email="")

    async with database.reading() as session:
        rows = await queries.companies(
            session,
            given.organization_id,
            EVERYTHING._replace(q=asked),
            Cut(COMPANY_SORTS["name"]),
        )

    assert names == [row.name for row in rows]


async def test_colleagues_are_listed_in_the_same_order(
    database: Database, given: Given
) -> None:
    """
    By their addresses' characters, too.
    """
    users = ["B@b.test", "_a@b.test", "a-b@b.test", "a@b.test", "ab@b.test"]
    company = await given.company(users=users[::-1], id=given.new_id(Kind.COMPANY))

    async with database.reading() as session:
        (facts,) = await queries.facts_of_companies(session, [company])

    assert sorted(users) == facts.users
