"""What opens a customer's books: codes and tokens, always sealed."""

from datetime import datetime
from typing import NamedTuple

from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from store.tables import AuthorizationCodeRow, ConnectionRow, CredentialRow
from store.vault import Vault
from store.writes import put


class Code(NamedTuple):
    """What a customer brought back, and the address that it was brought to."""

    code: str
    redirect_uri: str


class Credential(NamedTuple):
    """A connection's tokens, and the organisation that they open."""

    access: str
    refresh: str
    expires_at: datetime
    organisation: str


class Leave(NamedTuple):
    """All that opens a connection's books."""

    connection: ConnectionRow
    code: Code | None
    credential: Credential | None


async def find_leave(
    session: AsyncSession, vault: Vault, connection_id: str
) -> Leave | None:
    """Return a connection with its code and tokens, in one statement: each page asks for it."""
    codes, credentials = AuthorizationCodeRow, CredentialRow
    statement = (
        select(ConnectionRow, codes, credentials)
        .outerjoin(codes, col(codes.connection_id) == col(ConnectionRow.id))
        .outerjoin(credentials, col(credentials.connection_id) == col(ConnectionRow.id))
        .where(ConnectionRow.id == connection_id)
    )
    found = (await session.exec(statement)).first()
    if found is None:
        return None
    connection, code, credential = found
    return Leave(connection, _opened_code(vault, code), _opened(vault, credential))


async def keep_code(
    session: AsyncSession, vault: Vault, connection_id: str, code: Code, at: datetime
) -> None:
    """Store what the customer brought back; a newer code takes the place of an older one."""
    row = AuthorizationCodeRow(
        connection_id=connection_id,
        code=vault.seal(code.code),
        redirect_uri=code.redirect_uri,
        at=at,
    )
    await put(session, row)


async def find_code(
    session: AsyncSession, vault: Vault, connection_id: str, *, lock: bool = False
) -> Code | None:
    """Return the code that was not exchanged yet; locked, it stays until the transaction ends."""
    row = await session.get(AuthorizationCodeRow, connection_id, with_for_update=lock)
    return _opened_code(vault, row)


def _opened_code(vault: Vault, row: AuthorizationCodeRow | None) -> Code | None:
    return None if row is None else Code(vault.open(row.code), row.redirect_uri)


async def drop_code(session: AsyncSession, connection_id: str) -> None:
    """Forget a code that was exchanged or is of no use."""
    await session.exec(
        delete(AuthorizationCodeRow).where(
            col(AuthorizationCodeRow.connection_id) == connection_id
        )
    )


async def find_credential(
    session: AsyncSession, vault: Vault, connection_id: str, *, lock: bool = False
) -> Credential | None:
    """Return a connection's tokens; locked, they stay until the transaction ends."""
    row = await session.get(CredentialRow, connection_id, with_for_update=lock)
    return _opened(vault, row)


def _opened(vault: Vault, row: CredentialRow | None) -> Credential | None:
    if row is None:
        return None
    return Credential(
        vault.open(row.access),
        vault.open(row.refresh),
        row.expires_at,
        row.organisation,
    )


async def keep_credential(
    session: AsyncSession,
    vault: Vault,
    connection: ConnectionRow,
    credential: Credential,
) -> None:
    """Store tokens before anyone may use them."""
    row = CredentialRow(
        connection_id=connection.id,
        software=connection.software or "",
        access=vault.seal(credential.access),
        refresh=vault.seal(credential.refresh),
        expires_at=credential.expires_at,
        organisation=credential.organisation,
    )
    await put(session, row)


async def drop_credential(session: AsyncSession, connection_id: str) -> None:
    """Forget a connection's tokens."""
    await session.exec(
        delete(CredentialRow).where(col(CredentialRow.connection_id) == connection_id)
    )


async def known_organisation(
    session: AsyncSession, connection: ConnectionRow
) -> str | None:
    """
    Return the organisation that this company has shared before in the same software.

    Its own connection's first, then that of the company's newest one that still
    stands; a connection that was revoked binds nobody any more.
    """
    statement = (
        select(CredentialRow.organisation)
        .join(ConnectionRow, col(ConnectionRow.id) == col(CredentialRow.connection_id))
        .where(
            ConnectionRow.company_id == connection.company_id,
            CredentialRow.software == connection.software,
            col(ConnectionRow.revoked_at).is_(None),
        )
        .order_by(
            (col(ConnectionRow.id) == connection.id).desc(),
            col(ConnectionRow.id).desc(),
        )
        .limit(1)
    )
    return (await session.exec(statement)).first()
