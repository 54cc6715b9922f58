"""What opens a customer's books is sealed, and replaced as a whole."""

from datetime import timedelta

import pytest
from sqlmodel import select

from store.credentials import (
    Credential,
    drop_credential,
    find_code,
    find_credential,
    find_leave,
    keep_credential,
    known_organisation,
)
from store.database import Database
from store.tables import AuthorizationCodeRow, ConnectionRow, CredentialRow
from tests.activities.given import (
    CONNECTION,
    NOW,
    VAULT,
    a_connection,
    given,
    given_code,
    given_tokens,
)


async def test_a_newer_code_takes_the_place_of_an_older_one(
    database: Database,
) -> None:
    """
    One per connection; it can't be read in the database.
    """
    for code in ("code 1", "code 2"):
        await given_code(database, code)

    async with database.reading() as session:
        found = await find_code(session, VAULT, CONNECTION)
        (row,) = (await session.exec(select(AuthorizationCodeRow))).all()
    assert found is not None
    assert "code 2" == found.code
    assert b"code" not in row.code


async def test_new_tokens_take_the_place_of_the_old_ones(database: Database) -> None:
    """
    Both at once, with the time until which they are good; dropped, they are gone.
    """
    newer = Credential("access 2", "refresh 2", NOW + timedelta(hours=1), "org 1")
    connection = a_connection()
    await given_tokens(database, connection)

    async with database.transaction() as session:
        await keep_credential(session, VAULT, connection, newer)
    async with database.transaction() as session:
        found = await find_credential(session, VAULT, CONNECTION)
        row = await session.get_one(CredentialRow, CONNECTION)
        await drop_credential(session, CONNECTION)
    async with database.reading() as session:
        gone = await find_credential(session, VAULT, CONNECTION)

    assert newer == found
    assert b"access" not in row.access
    assert gone is None


async def test_all_that_opens_the_books_is_found_at_once(database: Database) -> None:
    """
    A connection, with a code or tokens where there are any.
    """
    connection, other = a_connection(), a_connection("cn_other")
    await given(database, connection, other)
    await given_code(database, "code 1")
    await given_tokens(database, connection)

    async with database.reading() as session:
        leave = await find_leave(session, VAULT, CONNECTION)
        bare = await find_leave(session, VAULT, other.id)
        code = await find_code(session, VAULT, CONNECTION)
        credential = await find_credential(session, VAULT, CONNECTION)
        nobody = await find_leave(session, VAULT, "cn_gone")

    assert leave is not None
    assert bare is not None
    assert (CONNECTION, code, credential) == (leave.connection.id, *leave[1:])
    assert (other.id, None, None) == (bare.connection.id, *bare[1:])
    assert nobody is None


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ([], None),
        ([a_connection("cn_0")], "of cn_0"),
        ([a_connection("cn_0"), a_connection("cn_1")], "of cn_1"),
        ([a_connection("cn_0", software="bookwise")], None),
        ([a_connection("cn_0", revoked_at=NOW)], None),
        ([a_connection("cn_0", company_id="co_9")], None),
        ([a_connection("cn_9"), a_connection("cn_5")], "of cn_5"),
    ],
)
async def test_the_organisation_that_was_shared_before(
    database: Database, others: list[ConnectionRow], expected: str | None
) -> None:
    """
    By this connection, else by the company's newest in the same software that still stands.
    """
    for other in others:
        row = ConnectionRow.model_validate(other)
        await given(database, row)
        await given_tokens(database, row, organisation=f"of {row.id}")

    async with database.reading() as session:
        known = await known_organisation(session, a_connection("cn_5"))

    assert expected == known
