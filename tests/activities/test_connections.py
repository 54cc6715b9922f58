"""Access is given back, for as long as it takes."""

from datetime import timedelta

import pytest
from temporalio.testing import ActivityEnvironment

from activities.connections import ConnectionActivities
from activities.patience import TryAgain
from domain.messages import RevokeConnection
from providers.base import Throttled, Unavailable
from store.credentials import find_code, find_credential
from store.database import Database
from store.tables import ConnectionRow
from tests.activities.books import Books
from tests.activities.given import (
    CONNECTION,
    VAULT,
    Killed,
    MortalDatabase,
    a_connection,
    given,
    given_code,
    given_tokens,
)

REVOKE = RevokeConnection(connection_id=CONNECTION)


@pytest.fixture
async def connection(database: Database) -> ConnectionRow:
    row = a_connection()
    await given(database, row)
    await given_tokens(database, row)
    return row


def steps(database: Database, books: Books) -> ConnectionActivities:
    return ConnectionActivities(database, VAULT, {"sandbox": books})


async def shut(database: Database) -> None:
    await ActivityEnvironment().run(steps(database, Books()).shut, REVOKE)


async def give_back(database: Database, books: Books) -> None:
    await ActivityEnvironment().run(steps(database, books).give_back, REVOKE)


async def is_kept(database: Database) -> bool:
    async with database.reading() as session:
        return await find_credential(session, VAULT, CONNECTION) is not None


async def test_shutting_twice_keeps_the_first_time(
    database: Database, connection: ConnectionRow
) -> None:
    """
    A code that was not exchanged yet is of no use any more.
    """
    await given_code(database, "code 1")

    times = []
    for _ in range(2):
        await shut(database)
        async with database.reading() as session:
            row = await session.get_one(ConnectionRow, CONNECTION)
        times.append(row.revoked_at)

    async with database.reading() as session:
        assert await find_code(session, VAULT, CONNECTION) is None
    assert times[0] is not None
    assert times[0] == times[1]


async def test_tokens_are_forgotten_when_the_software_has_taken_them_back(
    database: Database, connection: ConnectionRow
) -> None:
    """
    Asked again, there is nothing left to do.
    """
    books = Books()
    await shut(database)

    for _ in range(2):
        await give_back(database, books)

    assert ["refresh 1"] == books.revoked
    assert not await is_kept(database)


async def test_a_crash_before_they_are_forgotten_gives_them_back_again(
    database: Database, connection: ConnectionRow
) -> None:
    """
    A dead token is fine with the software.
    """
    books, mortal = Books(), MortalDatabase(database.url, lives=1)
    await shut(database)

    with pytest.raises(Killed):
        await give_back(mortal, books)
    await mortal.close()
    await give_back(database, books)

    assert not await is_kept(database)


@pytest.mark.parametrize(
    ("trouble", "pause"),
    [
        (Unavailable("503"), None),
        (Throttled(timedelta(minutes=9)), timedelta(minutes=9)),
    ],
)
async def test_software_that_does_not_listen_is_told_again(
    database: Database,
    connection: ConnectionRow,
    trouble: Exception,
    pause: timedelta | None,
) -> None:
    """
    The tokens are kept until it has listened.
    """
    await shut(database)

    with pytest.raises(TryAgain) as again:
        await give_back(database, Books(trouble))

    assert pause == again.value.after
    assert await is_kept(database)


async def test_what_the_customer_connected_anew_meanwhile_is_not_given_back(
    database: Database, connection: ConnectionRow
) -> None:
    """
    The connection stands again, with tokens of its own.
    """
    books = Books()

    await give_back(database, books)

    assert [] == books.revoked
    assert await is_kept(database)
    assert connection.revoked_at is None
