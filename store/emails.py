"""How far each email is: what keeps it from leaving twice."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.emails import Email
from domain.messages import SendEmail
from domain.reasons import Reason
from store.states import EmailState
from store.tables import EmailRow, LetterRow
from store.writes import insert_new, put

DID_NOT_LEAVE: Final = (EmailState.RESERVED, EmailState.FAILED)
"""What may be sent, or sent again: it certainly is not on its way."""


async def reserve(session: AsyncSession, command: SendEmail, at: datetime) -> EmailRow:
    """Return the row of this email; make it if nobody has."""
    row = EmailRow(
        journey_id=command.journey_id,
        template=command.template,
        number=command.number,
        state=EmailState.RESERVED,
        at=at,
    )
    await insert_new(session, row)
    key = (command.journey_id, command.template, command.number)
    return await session.get_one(EmailRow, key)


async def hand_over(
    session: AsyncSession, command: SendEmail, email: Email, at: datetime
) -> bool:
    """
    Claim the one try that may send it now; False where somebody else has it.

    `email` is kept as it is, so it must not hold the customer's link any more.
    """
    statement = (
        update(EmailRow)
        .where(*_is(command), col(EmailRow.state).in_(DID_NOT_LEAVE))
        .values(state=EmailState.HANDING_OVER, to=email.to, at=at)
    )
    result = await session.exec(statement)
    if not getattr(result, "rowcount", 0):
        return False
    letter = LetterRow(
        journey_id=command.journey_id,
        template=command.template,
        number=command.number,
        to_name=email.to_name,
        subject=email.subject,
        html=email.html,
        text=email.text,
    )
    await put(session, letter)
    return True


async def conclude(  # noqa: PLR0913 the columns that an outcome sets
    session: AsyncSession,
    command: SendEmail,
    state: EmailState,
    at: datetime,
    *,
    reason: Reason | None = None,
    failures: int = 0,
    failing_for: timedelta = timedelta(),
) -> None:
    """Note what came of the try that was claimed."""
    statement = (
        update(EmailRow)
        .where(*_is(command), col(EmailRow.state) == EmailState.HANDING_OVER)
        .values(
            state=state,
            at=at,
            reason=reason,
            failures=failures,
            failing_for_ms=int(failing_for.total_seconds() * 1000),
        )
    )
    await session.exec(statement)


def _is(command: SendEmail) -> tuple[ColumnElement[bool], ...]:
    return (
        col(EmailRow.journey_id) == command.journey_id,
        col(EmailRow.template) == command.template,
        col(EmailRow.number) == command.number,
    )
