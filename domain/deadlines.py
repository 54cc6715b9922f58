"""What comes next if nobody does anything: reminder, expiry, abandonment."""

from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple

from domain.journey import BEFORE_FETCHING, Delivery, Event, Stage
from domain.reasons import Reason
from domain.state import Happened, Journey


class Due(StrEnum):
    """What a deadline brings."""

    REMINDER = "reminder"
    EXPIRY = "expiry"
    ABANDONMENT = "abandonment"


class Deadline(NamedTuple):
    """What happens at that time, by itself."""

    due: Due
    at: datetime


REMINDED: Final = tuple(
    stage for stage in BEFORE_FETCHING if stage is not Stage.SENDING
)


def next_deadline(journey: Journey, *, reminding: bool = False) -> Deadline | None:
    """
    Return the earliest deadline of `journey`, passed or not; None where nothing falls due.

    `reminding`: a reminder is going out at this moment, so none is due.
    """
    reminder = None if reminding else _reminder(journey)
    deadlines = [
        deadline
        for deadline in (_abandonment(journey), reminder, _expiry(journey))
        if deadline is not None
    ]
    return min(deadlines, key=lambda deadline: deadline.at, default=None)


def fallen_due(
    journey: Journey, now: datetime, *, reminding: bool = False
) -> Due | None:
    """
    Return what has to be done now, late or not; None where nothing has.

    Once the time is up nobody is reminded any more, however long a reminder was due.
    """
    too_late = journey.expires_at <= now
    deadline = next_deadline(journey, reminding=reminding or too_late)
    return deadline.due if deadline is not None and deadline.at <= now else None


def missed(journey: Journey, due: Due) -> Happened:
    """What a deadline that nobody met makes of the journey."""
    if due is Due.EXPIRY:
        return Happened(event=Event.TIME_UP)
    return Happened(
        event=Event.AUTHORIZATION_ABANDONED,
        entity_id=journey.focus,
        attempt=journey.attempt,
        reason=Reason.AUTHORIZATION_ABANDONED,
    )


def _expiry(journey: Journey) -> Deadline | None:
    if journey.stage not in BEFORE_FETCHING:
        return None
    return Deadline(Due.EXPIRY, journey.expires_at)


def _reminder(journey: Journey) -> Deadline | None:
    waits = journey.stage in REMINDED and journey.delivery is Delivery.EMAIL
    left = journey.rules.reminders[journey.reminders_passed :]
    if not waits or not left or journey.acted_at is None:
        return None
    at = journey.acted_at + left[0]
    return Deadline(Due.REMINDER, at) if at < journey.expires_at else None


def _abandonment(journey: Journey) -> Deadline | None:
    if journey.stage is not Stage.AUTHORIZING or journey.sent_away_at is None:
        return None
    return Deadline(
        Due.ABANDONMENT, journey.sent_away_at + journey.rules.authorization_timeout
    )
