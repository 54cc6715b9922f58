"""The ledger that keeps an email from leaving twice."""

from datetime import timedelta

import pytest

from domain.emails import Template
from domain.messages import SendEmail
from domain.reasons import Reason
from store import emails
from store.database import Database
from store.states import EmailState
from store.tables import EmailRow
from tests.activities.given import CONTACT, JOURNEY, NOW, WRITTEN, given

COMMAND = SendEmail(journey_id=JOURNEY, template=Template.REMINDER, number=2)
LATER = NOW + timedelta(minutes=1)


async def claimed(database: Database) -> bool:
    async with database.transaction() as session:
        return await emails.hand_over(session, COMMAND, WRITTEN, LATER)


def a_row(state: EmailState) -> EmailRow:
    return EmailRow(
        journey_id=JOURNEY, template=Template.REMINDER, number=2, state=state, at=NOW
    )


async def the_row(database: Database) -> EmailRow:
    async with database.transaction() as session:
        return await emails.reserve(session, COMMAND, LATER)


async def test_a_row_is_reserved_once(database: Database) -> None:
    """
    Whoever comes second finds it.
    """
    first, second = await the_row(database), await the_row(database)

    assert (EmailState.RESERVED, LATER) == (first.state, first.at)
    assert first == second


@pytest.mark.parametrize(
    ("state", "may"),
    [
        (EmailState.RESERVED, True),
        (EmailState.FAILED, True),
        (EmailState.HANDING_OVER, False),
        (EmailState.SENT, False),
    ],
)
async def test_only_what_did_not_leave_can_be_claimed(
    database: Database,
    state: EmailState,
    may: bool,  # noqa: FBT001
) -> None:
    """
    By one of many, and with the address that it goes to.
    """
    await given(database, a_row(state))

    claims = [await claimed(database), await claimed(database)]

    assert [may, False] == claims
    assert (CONTACT if may else "") == (await the_row(database)).to


async def test_an_outcome_is_noted_for_the_try_that_was_claimed(
    database: Database,
) -> None:
    """
    Not for one that somebody else has concluded.
    """
    await given(database, a_row(EmailState.HANDING_OVER))

    for state, reason in (
        (EmailState.FAILED, Reason.EMAIL_FAILED),
        (EmailState.SENT, None),
    ):
        async with database.transaction() as session:
            await emails.conclude(session, COMMAND, state, LATER, reason=reason)

    row = await the_row(database)
    assert (EmailState.FAILED, Reason.EMAIL_FAILED) == (row.state, row.reason)
