"""Leave to read: nothing that the software gave is lost, whenever the process dies."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from activities.access import Access
from domain.datasets import Dataset
from domain.reasons import Reason, Refused
from providers.base import Provider, Unavailable
from providers.sandbox import Sandbox
from store.credentials import Credential, find_code, find_credential
from store.database import Database
from store.tables import ConnectionRow
from tests.activities.books import Books
from tests.activities.given import (
    CONNECTION,
    NOW,
    VAULT,
    Killed,
    MortalDatabase,
    a_connection,
    given,
    given_code,
    given_request,
    given_tokens,
)

Network = Callable[[int], AbstractAsyncContextManager[Provider]]

REDIRECT = "http://rapport.test/link/return/sandbox"


@pytest.fixture
async def connection(database: Database) -> ConnectionRow:
    await given_request(database)
    row = a_connection()
    await given(database, row)
    return row


async def kept(
    database: Database, connection_id: str = CONNECTION
) -> Credential | None:
    async with database.reading() as session:
        return await find_credential(session, VAULT, connection_id)


async def has_code(database: Database) -> bool:
    async with database.reading() as session:
        return await find_code(session, VAULT, CONNECTION) is not None


def soon() -> datetime:
    return datetime.now(UTC) + timedelta(seconds=10)


async def test_a_code_becomes_tokens_once(
    database: Database, connection: ConnectionRow
) -> None:
    """
    The next step finds the tokens.
    """
    await given_code(database, "code 1")
    books, access = Books(), Access(database, VAULT)

    tokens = [await access.token(CONNECTION, books) for _ in range(2)]

    credential = await kept(database)
    assert ["access of code 1"] * 2 == tokens
    assert ["code 1"] == books.exchanged
    assert credential is not None
    assert "refresh of code 1" == credential.refresh
    assert not await has_code(database)


async def test_without_code_and_tokens_there_is_no_leave(
    database: Database, connection: ConnectionRow
) -> None:
    """
    The customer has to connect again.
    """
    access = Access(database, VAULT)

    for asking in (
        access.token(CONNECTION, Books()),
        access.token("cn_gone", Books()),
        access.renewed(CONNECTION, Books(), "access"),
    ):
        with pytest.raises(Refused) as refused:
            await asking
        assert Reason.ACCESS_REVOKED is refused.value.reason


async def test_tokens_that_run_out_soon_are_renewed_and_stored_before_they_are_used(
    database: Database, connection: ConnectionRow
) -> None:
    """
    Whoever gets an access token finds its refresh token in the store.
    """
    await given_tokens(database, connection, expires_at=soon())
    books = Books()

    token = await Access(database, VAULT).token(CONNECTION, books)

    credential = await kept(database)
    assert credential is not None
    assert ("access after refresh 1", "refresh after refresh 1") == (
        token,
        credential.refresh,
    )
    assert token == credential.access


async def test_a_crash_before_the_new_tokens_are_stored_asks_with_the_old_ones_again(
    database: Database, connection: ConnectionRow
) -> None:
    """
    Nobody has used the new ones, so the software gives the same answer.
    """
    await given_tokens(database, connection, expires_at=soon())
    books = Books(Unavailable("the answer got lost"))
    access = Access(database, VAULT)

    with pytest.raises(Unavailable):
        await access.token(CONNECTION, books)
    token = await access.token(CONNECTION, books)

    assert ["refresh 1"] == books.refreshed
    assert "access after refresh 1" == token


async def test_a_crash_after_they_are_stored_uses_them(
    database: Database, connection: ConnectionRow
) -> None:
    """
    The spent refresh token is not used again.
    """
    await given_tokens(database, connection, expires_at=soon())
    books, mortal = Books(), MortalDatabase(database.url, lives=1)

    with pytest.raises(Killed):
        await Access(mortal, VAULT).token(CONNECTION, books)
    await mortal.close()
    token = await Access(database, VAULT).token(CONNECTION, books)

    assert ["refresh 1"] == books.refreshed
    assert "access after refresh 1" == token


async def test_a_refused_token_is_renewed_once(
    database: Database, connection: ConnectionRow
) -> None:
    """
    Unless somebody has renewed it meanwhile.
    """
    await given_tokens(database, connection)
    books, access = Books(), Access(database, VAULT)

    new = await access.renewed(CONNECTION, books, "access 1")
    same = await access.renewed(CONNECTION, books, "access 1")

    assert "access after refresh 1" == new == same
    assert ["refresh 1"] == books.refreshed


async def test_another_organisation_than_before_is_refused_and_given_back(
    database: Database, connection: ConnectionRow
) -> None:
    """
    The tokens of the right one stay; the code is used up.
    """
    await given_tokens(database, connection)
    await given_code(database, "code 2")
    books = Books()
    books.organisation = "org 2"

    with pytest.raises(Refused) as refused:
        await Access(database, VAULT).token(CONNECTION, books)

    credential = await kept(database)
    assert Reason.WRONG_ORGANISATION is refused.value.reason
    assert ["refresh of code 2"] == books.revoked
    assert credential is not None
    assert "org 1" == credential.organisation
    assert not await has_code(database)


async def test_a_wrong_organisation_that_can_not_be_given_back_now_is_still_wrong(
    database: Database, connection: ConnectionRow
) -> None:
    """
    The next try comes to the same answer, and reads nothing with older tokens meanwhile.
    """
    await given_tokens(database, connection)
    await given_code(database, "code 2")
    books = Books(None, Unavailable("503"))
    books.organisation = "org 2"
    access = Access(database, VAULT)

    with pytest.raises(Unavailable):
        await access.token(CONNECTION, books)
    with pytest.raises(Refused) as refused:
        await access.token(CONNECTION, books)

    assert Reason.WRONG_ORGANISATION is refused.value.reason


async def test_a_connection_that_was_shut_is_closed_until_the_customer_connects_anew(
    database: Database, connection: ConnectionRow
) -> None:
    """
    A code that comes later opens it, also with another organisation.
    """
    await given(database, a_connection("cn_2", revoked_at=NOW))
    shut = a_connection("cn_2")
    await given_tokens(database, shut)
    books, access = Books(), Access(database, VAULT)
    books.organisation = "org 2"

    with pytest.raises(Refused) as refused:
        await access.token("cn_2", books)
    await given_code(database, "code 3", "cn_2")
    token = await access.token("cn_2", books)

    async with database.reading() as session:
        row = await session.get_one(ConnectionRow, "cn_2")
    assert Reason.ACCESS_REVOKED is refused.value.reason
    assert "access of code 3" == token
    assert row.revoked_at is None


class Lossy(httpx.AsyncBaseTransport):
    """A network that loses the answers to its first calls: the software has done its part."""

    def __init__(self, network: httpx.AsyncClient, losses: int) -> None:
        self.network, self.losses = network, losses

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self.network.send(
            self.network.build_request(
                request.method,
                request.url,
                headers=request.headers,
                content=await request.aread(),
            )
        )
        if self.losses:
            self.losses -= 1
            raise httpx.ReadError("the answer got lost")
        return answer


@pytest.fixture
def lossy(books: httpx.AsyncClient) -> Network:
    """The real provider, the real sandbox, and a network that loses answers."""

    @asynccontextmanager
    async def opened(losses: int) -> AsyncIterator[Provider]:
        async with httpx.AsyncClient(transport=Lossy(books, losses)) as http:
            yield Sandbox(http, "http://sandbox.test", "rapport", "sandbox-secret")

    return opened


async def approval(books: httpx.AsyncClient) -> str:
    form = {
        "response_type": "code",
        "client_id": "rapport",
        "product": "ledgerly",
        "company": "Hoxton Tea",
        "state": "s",
        "redirect_uri": REDIRECT,
        "decision": "approve",
        "scenario": "default",
    }
    answer = await books.post("/oauth/authorize", data=form)
    code: str = httpx.URL(answer.headers["location"]).params["code"]
    return code


async def test_one_lost_answer_is_asked_for_again(
    database: Database,
    connection: ConnectionRow,
    books: httpx.AsyncClient,
    lossy: Network,
) -> None:
    """
    Of the code's exchange, and of the rotation of tokens: the books can be read afterwards.
    """
    await given_code(database, await approval(books))
    access = Access(database, VAULT)

    async with lossy(1) as provider:
        with pytest.raises(Unavailable):
            await access.token(CONNECTION, provider)
        first = await access.token(CONNECTION, provider)
        await provider.read_page(first, Dataset.ACCOUNTS, None)
    async with lossy(1) as provider:
        with pytest.raises(Unavailable):
            await access.renewed(CONNECTION, provider, first)
        second = await access.renewed(CONNECTION, provider, first)
        page = await provider.read_page(second, Dataset.ACCOUNTS, None)

    assert first != second
    assert page.rows
