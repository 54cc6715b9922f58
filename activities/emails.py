"""Steps that write to customers."""

import time
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import structlog
from temporalio import activity

from activities.edge import Steps
from activities.patience import Failing, TryAgain, pause_after
from domain.emails import Email, Letter
from domain.messages import EmailSent, SendEmail
from domain.reasons import Reason, Refused
from emails.message import build_message, message_id
from emails.render import render
from emails.transport import Transport, TryLater, Unconfirmed, Undeliverable
from store import emails as ledger
from store.database import Database
from store.letters import LinkUrl, letter
from store.removals import journey_stands, standing_journey
from store.states import EmailState

log = structlog.get_logger()


class EmailActivities:
    """Sends each email at most once, and says so when nobody knows whether it left."""

    def __init__(
        self,
        database: Database,
        transport: Transport,
        link_url: LinkUrl,
        *,
        sender: str,
        give_up: timedelta,
    ) -> None:
        self._database = database
        self._transport = transport
        self._link_url = link_url
        self._sender = sender
        self._give_up = give_up

    @property
    def steps(self) -> Steps:
        """What a worker does of this."""
        return (self.send_email,)

    @activity.defn
    async def send_email(self, command: SendEmail) -> EmailSent:
        """
        Hand one email to the mail server, at most once.

        Safe to run twice: `handing_over` is committed just before the message
        leaves. Who finds it there sends nothing, and answers "unconfirmed". Who
        finds `failed`, of a reminder for example, knows that it did not leave. Nobody
        writes to a company that is deleted.
        """
        async with self._database.transaction() as session:
            journey = await standing_journey(session, command.journey_id)
            if journey is None:
                return EmailSent(confirmed=False)
            row = await ledger.reserve(session, command, datetime.now(UTC))
            facts = await letter(
                session,
                journey,
                command.template,
                command.number,
                self._link_url,
            )
        match row.state:
            case EmailState.SENT:
                return EmailSent()
            case EmailState.HANDING_OVER:
                return EmailSent(confirmed=False)
        email = render(facts)
        message = self._message(command, facts, email)
        if not await self._claimed(command, email.hiding(facts.link_url)):
            return EmailSent(confirmed=False)
        failing = Failing(row.failures, timedelta(milliseconds=row.failing_for_ms))
        return await self._send(command, message, failing)

    def _message(self, command: SendEmail, facts: Letter, email: Email) -> EmailMessage:
        """Make the message before it is claimed: what can't be made was not sent."""
        domain = self._sender.rpartition("@")[2]
        return build_message(
            email,
            self._sender,
            facts.sender_name,
            message_id(command.journey_id, command.template, command.number, domain),
            datetime.now(UTC),
        )

    async def _claimed(self, command: SendEmail, email: Email) -> bool:
        async with self._database.transaction() as session:
            return await journey_stands(
                session, command.journey_id
            ) and await ledger.hand_over(session, command, email, datetime.now(UTC))

    async def _send(
        self, command: SendEmail, message: EmailMessage, failing: Failing
    ) -> EmailSent:
        started = time.monotonic()
        try:
            await self._transport.hand_over(message)
        except Unconfirmed:
            log.warning("email.unconfirmed", journey=command.journey_id)
            return EmailSent(confirmed=False)
        except Undeliverable:
            raise await self._failed(command, Reason.EMAIL_UNDELIVERABLE) from None
        except TryLater:
            await self._later(
                command, failing, timedelta(seconds=time.monotonic() - started)
            )
        await self._conclude(command, EmailState.SENT, Failing())
        return EmailSent()

    async def _later(
        self, command: SendEmail, failing: Failing, took: timedelta
    ) -> None:
        """It certainly did not leave: free it for another try, or give up."""
        pause = pause_after(failing, self._give_up)
        if pause is None:
            raise await self._failed(command, Reason.EMAIL_FAILED)
        await self._conclude(command, EmailState.RESERVED, failing.again(took, pause))
        raise TryAgain("the mail server does not take it now", pause)

    async def _failed(self, command: SendEmail, reason: Reason) -> Refused:
        await self._conclude(command, EmailState.FAILED, Failing(), reason)
        return Refused(reason)

    async def _conclude(
        self,
        command: SendEmail,
        state: EmailState,
        failing: Failing,
        reason: Reason | None = None,
    ) -> None:
        async with self._database.transaction() as session:
            await ledger.conclude(
                session,
                command,
                state,
                datetime.now(UTC),
                reason=reason,
                failures=failing.times,
                failing_for=failing.time,
            )
        log.info("email.concluded", journey=command.journey_id, state=state)
