"""Leave to read: codes become tokens, tokens are renewed before they run out."""

from datetime import UTC, datetime, timedelta
from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.reasons import Reason, Refused
from providers.base import Grant, Provider, Tokens
from store.credentials import (
    Code,
    Credential,
    Leave,
    drop_code,
    find_credential,
    find_leave,
    keep_credential,
    known_organisation,
)
from store.database import Database
from store.tables import ConnectionRow
from store.vault import Vault

MARGIN: Final = timedelta(seconds=30)
"""A token that runs out sooner is renewed before it is used."""


class Access:
    """
    Gives the access token of a connection.

    One step at a time per connection asks for it: a company has one sync at a
    time. Whatever the software gives is stored before it is used, so that a
    crash in between asks for the same again.
    """

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    async def token(self, connection_id: str, provider: Provider) -> str:
        """Return an access token that is good for a while; raise `Refused` without leave."""
        connection, code, credential = await self._leave(connection_id)
        if code is not None:
            return await self._exchanged(connection, provider, code)
        if credential is None or connection.revoked_at is not None:
            raise Refused(Reason.ACCESS_REVOKED)
        if credential.expires_at - datetime.now(UTC) > MARGIN:
            return credential.access
        return await self._renewed(connection, provider, credential)

    async def renewed(
        self, connection_id: str, provider: Provider, refused: str
    ) -> str:
        """Return another token than the one that was refused."""
        connection, _, credential = await self._leave(connection_id)
        if credential is None:
            raise Refused(Reason.ACCESS_REVOKED)
        if credential.access != refused:
            return credential.access
        return await self._renewed(connection, provider, credential)

    async def _leave(self, connection_id: str) -> Leave:
        """Return what there is; of a connection that the customer has removed there is nothing."""
        async with self._database.reading() as session:
            leave = await find_leave(session, self._vault, connection_id)
        if leave is None:
            raise Refused(Reason.ACCESS_REVOKED)
        return leave

    async def _exchanged(
        self, connection: ConnectionRow, provider: Provider, code: Code
    ) -> str:
        """
        Turn the customer's code into tokens, of the organisation that was shared before.

        The code is dropped last: until then a crash leads to the same grant again.
        """
        grant = await provider.exchange(code.code, code.redirect_uri)
        async with self._database.reading() as session:
            known = await known_organisation(session, connection)
        if known not in (None, grant.organisation):
            await provider.revoke(grant.tokens.refresh)
            async with self._database.transaction() as session:
                await drop_code(session, connection.id)
            raise Refused(Reason.WRONG_ORGANISATION)
        async with self._database.transaction() as session:
            row = await _locked(session, connection.id)
            row.revoked_at = None
            session.add(row)
            await keep_credential(session, self._vault, row, _credential(grant))
            await drop_code(session, row.id)
        return grant.tokens.access

    async def _renewed(
        self, connection: ConnectionRow, provider: Provider, credential: Credential
    ) -> str:
        """
        Trade the tokens in for new ones.

        What is stored by then and is not what was traded in is newer: it stays, and
        so does it when somebody has taken the leave back meanwhile.
        """
        tokens: Tokens = await provider.refresh(credential.refresh)
        async with self._database.transaction() as session:
            row = await _locked(session, connection.id)
            stored = await find_credential(session, self._vault, row.id)
            if stored is None:
                raise Refused(Reason.ACCESS_REVOKED)
            if stored.refresh != credential.refresh:
                return stored.access
            renewed = Credential(*tokens, credential.organisation)
            await keep_credential(session, self._vault, row, renewed)
        return tokens.access


async def _locked(session: AsyncSession, connection_id: str) -> ConnectionRow:
    """Lock a connection: who has it may write its tokens, unless the customer has removed it."""
    row = await session.get(ConnectionRow, connection_id, with_for_update=True)
    if row is None:
        raise Refused(Reason.ACCESS_REVOKED)
    return row


def _credential(grant: Grant) -> Credential:
    return Credential(*grant.tokens, grant.organisation)
