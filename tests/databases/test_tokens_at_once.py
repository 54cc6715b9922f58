"""Tokens that two steps renew, or take back, while the software is slow to answer."""

import asyncio

import pytest

from activities.access import Access
from activities.connections import ConnectionActivities
from domain.messages import RevokeConnection
from domain.reasons import Reason, Refused
from providers.base import Tokens
from store.credentials import Credential, find_credential
from store.database import Database
from tests.activities.books import Books
from tests.activities.given import (
    CONNECTION,
    VAULT,
    a_connection,
    given,
    given_code,
    given_request,
    given_tokens,
)

REVOKE = RevokeConnection(connection_id=CONNECTION)


class SlowBooks(Books):
    """Does what it is asked for, and answers when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.let = asyncio.Event(), asyncio.Event()

    async def refresh(self, refresh_token: str) -> Tokens:
        tokens = await super().refresh(refresh_token)
        await self._wait()
        return tokens

    async def revoke(self, refresh_token: str) -> None:
        await super().revoke(refresh_token)
        await self._wait()

    async def _wait(self) -> None:
        self.asked.set()
        await self.let.wait()


@pytest.fixture
async def access(database: Database) -> Access:
    await given_request(database)
    connection = a_connection()
    await given(database, connection)
    await given_tokens(database, connection)
    return Access(database, VAULT)


async def kept(database: Database) -> Credential | None:
    async with database.reading() as session:
        return await find_credential(session, VAULT, CONNECTION)


def taking_back(database: Database, books: Books) -> ConnectionActivities:
    return ConnectionActivities(database, VAULT, {"sandbox": books})


async def test_an_answer_that_comes_late_does_not_replace_newer_tokens(
    database: Database, access: Access
) -> None:
    """
    A step that was given up for dead wakes up after another one has renewed them twice.
    """
    slow, quick = SlowBooks(), Books()
    late = asyncio.create_task(access.renewed(CONNECTION, slow, "access 1"))
    await slow.asked.wait()

    newer = await access.renewed(CONNECTION, quick, "access 1")
    newest = await access.renewed(CONNECTION, quick, newer)
    slow.let.set()

    credential = await kept(database)
    assert newest == await late
    assert credential is not None
    assert (newest, "refresh after refresh after refresh 1") == (
        credential.access,
        credential.refresh,
    )


async def test_tokens_that_were_taken_back_meanwhile_are_not_stored_again(
    database: Database, access: Access
) -> None:
    """
    Whoever renewed them has no leave any more.
    """
    slow, books = SlowBooks(), Books()
    late = asyncio.create_task(access.renewed(CONNECTION, slow, "access 1"))
    await slow.asked.wait()

    steps = taking_back(database, books)
    await steps.shut(REVOKE)
    await steps.give_back(REVOKE)
    slow.let.set()

    with pytest.raises(Refused) as refused:
        await late
    assert Reason.ACCESS_REVOKED is refused.value.reason
    assert await kept(database) is None


async def test_who_connects_anew_while_the_old_tokens_are_given_back_keeps_the_new(
    database: Database, access: Access
) -> None:
    """
    The software took its time; the customer did not wait for it.
    """
    slow = SlowBooks()
    steps = taking_back(database, slow)
    await steps.shut(REVOKE)
    giving = asyncio.create_task(steps.give_back(REVOKE))
    await slow.asked.wait()

    await given_code(database, "code 2")
    await access.token(CONNECTION, Books())
    slow.let.set()
    await giving

    credential = await kept(database)
    assert credential is not None
    assert "refresh of code 2" == credential.refresh
