"""Three processes write the same rows in no particular order, and nobody gets hurt."""

import asyncio
import sys

import pytest
from sqlmodel import col, select

from store.database import Database
from store.search import words_of
from store.states import EmailState
from store.tables import CompanyRow, EmailRow, MoveRow, SearchWordRow
from tests.activities.given import a_connection, given, given_request
from tests.databases.crowd import EMAILS, MOVES, NORTH

PROCESSES = 3


async def crowded(url: str) -> list[int]:
    """Return how many emails each process was given to send."""
    processes = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.databases.crowd", url, str(seed)),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        for seed in range(PROCESSES)
    ]
    claims = []
    for process in processes:
        printed, complaint = await process.communicate()
        assert 0 == process.returncode, complaint.decode()
        claims.append(int(printed))
    return claims


@pytest.fixture
async def claims(database: Database) -> list[int]:
    await given_request(database)
    theirs = a_connection(NORTH.id, company_id=NORTH.company_id)
    await given(database, a_connection(), theirs)
    return await crowded(database.url)


@pytest.mark.timeout(180)
async def test_whatever_comes_at_once_comes_out_right(
    database: Database, claims: list[int]
) -> None:
    """
    No lock fails, no email is sent twice, no move is lost or doubled, no word is left over.
    """
    async with database.reading() as session:
        emails = (await session.exec(select(EmailRow.state))).all()
        moves = (await session.exec(select(MoveRow).order_by(col(MoveRow.seq)))).all()
        companies = (await session.exec(select(CompanyRow))).all()
        words = (await session.exec(select(SearchWordRow))).all()
    found = {company.id: set[str]() for company in companies}
    for word in words:
        found[word.company_id].add(word.word)
    numbers = [move.number for move in moves]
    assert [EmailState.HANDING_OVER] * EMAILS == list(emails)
    assert EMAILS == sum(claims)
    assert list(range(1, len(moves) + 1)) == [move.seq for move in moves]
    assert sorted(set(numbers)) == numbers
    assert MOVES[-1].journey.version == numbers[-1]
    for row in companies:
        expected = words_of(row.name, row.contact_name, row.contact_email)
        assert found[row.id] in (expected, set())
