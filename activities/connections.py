"""Steps that give access back."""

from collections.abc import Mapping
from datetime import UTC, datetime

import structlog
from temporalio import activity

from activities.edge import Steps
from activities.patience import TryAgain
from domain.messages import RevokeConnection
from providers import SOFTWARE_BY_KEY
from providers.base import Provider, Throttled, Unavailable
from store.credentials import drop_code, drop_credential, find_credential
from store.database import Database
from store.tables import ConnectionRow, CredentialRow
from store.vault import Vault

log = structlog.get_logger()


class ConnectionActivities:
    """Shuts a connection, here and at the provider."""

    def __init__(
        self, database: Database, vault: Vault, providers: Mapping[str, Provider]
    ) -> None:
        self._database = database
        self._vault = vault
        self._providers = providers

    @property
    def steps(self) -> Steps:
        """What a worker does of this."""
        return (self.shut, self.give_back)

    @activity.defn
    async def shut(self, command: RevokeConnection) -> None:
        """
        Read these books no more.

        Safe to run twice: the first time stays.
        """
        async with self._database.transaction() as session:
            row = await session.get(
                ConnectionRow, command.connection_id, with_for_update=True
            )
            if row is None:  # its company was deleted meanwhile
                return
            row.revoked_at = row.revoked_at or datetime.now(UTC)
            session.add(row)
            await drop_code(session, row.id)
        log.info("connection.shut", connection=command.connection_id)

    @activity.defn
    async def give_back(self, command: RevokeConnection) -> None:
        """
        Tell the provider, then forget the tokens.

        Safe to run twice: a token that is dead already is fine with the provider,
        and a customer who has connected anew meanwhile keeps the new ones.
        """
        async with self._database.reading() as session:
            row = await session.get(ConnectionRow, command.connection_id)
            stored = await session.get(CredentialRow, command.connection_id)
            credential = await find_credential(
                session, self._vault, command.connection_id
            )
        if row is None or row.revoked_at is None:
            return
        if stored is None or credential is None:
            return
        provider = self._providers[SOFTWARE_BY_KEY[stored.software].provider]
        try:
            await provider.revoke(credential.refresh)
        except Unavailable:
            raise TryAgain("the accounting software does not answer") from None
        except Throttled as throttled:
            raise TryAgain(str(throttled), throttled.retry_after) from None
        async with self._database.transaction() as session:
            known = await session.get(ConnectionRow, row.id, with_for_update=True)
            if known is None or known.revoked_at is not None:
                await drop_credential(session, row.id)
        log.info("connection.given_back", connection=command.connection_id)
