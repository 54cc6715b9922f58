"""Reminders, expiry and abandonment: when they are due, and when they are not."""

from datetime import datetime, timedelta
from typing import Final

import pytest
from hypothesis import given

from domain.deadlines import Deadline, Due, fallen_due, missed, next_deadline
from domain.journey import BEFORE_FETCHING, Delivery, Event, Stage
from domain.reasons import Reason
from domain.state import Happened, Journey, Rules
from tests.domain import walk
from tests.domain.acts import (
    BACK,
    CANCELLED,
    FINANCIALS,
    LEFT,
    NOW,
    OPENED,
    SENT,
    failed,
    one_fetching,
    picked,
    play,
    requested,
)
from tests.domain.lives import Life, lives, short_of_shrinking

EXPIRY: Final = Deadline(Due.EXPIRY, NOW + timedelta(days=30))
MOST: Final = 6
"""Deadlines in a row: an abandonment, three reminders, and the end, which a repair may follow."""

awaiting = play(requested(FINANCIALS), SENT)
authorizing = play(awaiting, OPENED, picked(), LEFT)


def after(days: float) -> datetime:
    return NOW + timedelta(days=days)


def reminded(number: int) -> Happened:
    return Happened(event=Event.REMINDER_SENT, number=number)


def test_reminders_come_after_2_5_and_10_days() -> None:
    """
    Three reminders after the customer's last action, then only the expiry is left.
    """
    journey, seen = awaiting, []
    for number in (1, 2, 3):
        deadline = next_deadline(journey)
        assert deadline is not None
        seen.append(deadline)
        journey = play(journey, reminded(number), at=deadline.at)

    assert [Deadline(Due.REMINDER, after(days)) for days in (2, 5, 10)] == seen
    assert EXPIRY == next_deadline(journey)
    assert 3 == journey.reminders_sent


def test_an_action_of_the_customer_starts_them_anew() -> None:
    """
    Who did something yesterday is not reminded of what was due last week.
    """
    journey = play(awaiting, reminded(1), at=after(2))

    journey = play(journey, OPENED, at=after(4))

    assert Deadline(Due.REMINDER, after(6)) == next_deadline(journey)
    assert 1 == journey.reminders_sent


def test_only_the_customer_starts_them_anew() -> None:
    """
    What the bank or Rapport does is no action of the customer's.
    """
    journey = play(awaiting, Happened(event=Event.LINK_REPLACED), at=after(1))

    assert Deadline(Due.REMINDER, after(2)) == next_deadline(journey)


def test_a_burst_becomes_one() -> None:
    """
    After a week of downtime one reminder goes out, not all that were missed.
    """
    journey = play(awaiting, reminded(1), at=after(7))

    assert Deadline(Due.REMINDER, after(10)) == next_deadline(journey)


def test_a_reminder_that_failed_is_behind_us() -> None:
    """
    It is not tried for ever: the next one is due at its own time, and has its number.
    """
    gone = Happened(event=Event.REMINDER_FAILED, reason=Reason.EMAIL_FAILED)

    journey = play(awaiting, gone, at=after(2))

    assert Deadline(Due.REMINDER, after(5)) == next_deadline(journey)
    assert 0 == journey.reminders_sent


def test_while_one_goes_out_none_is_due() -> None:
    """
    A mail server that takes an hour does not get the same reminder twice.
    """
    assert EXPIRY == next_deadline(awaiting, reminding=True)


def test_nobody_is_reminded_after_the_expiry() -> None:
    """
    A reminder that would come after the end is not planned at all.
    """
    journey = awaiting.but(expires_at=after(1))

    assert Deadline(Due.EXPIRY, after(1)) == next_deadline(journey)


def test_back_after_the_expiry_nobody_is_reminded() -> None:
    """
    After a downtime beyond the end, the journey expires; late reminders are dropped.
    """
    assert Due.REMINDER is fallen_due(awaiting, after(29))
    assert Due.EXPIRY is fallen_due(awaiting, after(31))


def test_before_its_time_nothing_is_due() -> None:
    """
    What lies ahead is no reason to do anything now.
    """
    assert fallen_due(awaiting, after(1)) is None
    assert fallen_due(awaiting, after(3), reminding=True) is None
    assert fallen_due(one_fetching(), after(99)) is None


@pytest.mark.parametrize(
    "journey",
    [
        play(requested(FINANCIALS, Delivery.LINK), OPENED),
        requested(rules=Rules(reminders=())),
        requested(),
    ],
    ids=["handed over by the bank", "none are wanted", "not sent yet"],
)
def test_who_is_not_reminded(journey: Journey) -> None:
    """
    No email where the bank hands the link over, wants none, or none went out yet.
    """
    assert EXPIRY == next_deadline(journey)


def test_a_repair_is_reminded_of_too() -> None:
    """
    A customer who has to connect again is waited for like any other.
    """
    journey = play(one_fetching(), failed())

    assert Deadline(Due.REMINDER, after(2)) == next_deadline(journey)


def test_sent_away_for_too_long_is_abandoned() -> None:
    """
    An hour at the software without a word counts as abandoned, on that very trip.
    """
    lost = missed(authorizing, Due.ABANDONMENT)

    journey = play(authorizing, lost, at=NOW + timedelta(hours=1))

    assert Deadline(Due.ABANDONMENT, NOW + timedelta(hours=1)) == next_deadline(
        authorizing
    )
    assert Reason.AUTHORIZATION_ABANDONED is journey.reason


def test_who_is_not_away_abandons_nothing() -> None:
    """
    Before being sent away, and after coming back, only reminders and the end are due.
    """
    not_yet = play(awaiting, OPENED, picked())
    back = play(authorizing, BACK)

    for journey in (not_yet, back):
        assert Deadline(Due.REMINDER, after(2)) == next_deadline(journey)


def test_every_trip_has_its_own_hour() -> None:
    """
    Authorizing again starts the clock again.
    """
    again = play(authorizing, LEFT, at=NOW + timedelta(minutes=50))

    assert Deadline(Due.ABANDONMENT, NOW + timedelta(minutes=110)) == next_deadline(
        again
    )


def test_the_end_is_as_it_was_set() -> None:
    """
    An expiry that nobody met ends the journey, and an extension moves it.
    """
    extended = play(awaiting, Happened(event=Event.EXTENDED, days=5))
    quiet = extended.but(rules=Rules(reminders=()))

    assert Deadline(Due.EXPIRY, after(35)) == next_deadline(quiet)
    assert Stage.EXPIRED is play(quiet, missed(quiet, Due.EXPIRY)).stage


def test_something_is_due_exactly_before_fetching() -> None:
    """
    Fetching never expires, what is over waits for nothing, all else has an end.
    """
    for journey in walk.journeys():
        has_end = journey.stage in BEFORE_FETCHING

        assert has_end is (next_deadline(journey) is not None)


@short_of_shrinking(max_examples=60)
@given(lives())
def test_left_alone_any_journey_comes_to_rest(life: Life) -> None:
    """
    Whatever happened: no deadline lies beyond the expiry, and there are only a few to come.
    """
    for move in life:
        journey = move.after
        for _ in range(MOST):
            if deadline := next_deadline(journey):
                assert deadline.at <= journey.expires_at
                journey = _met(journey, deadline)

        assert next_deadline(journey) is None


def _met(journey: Journey, deadline: Deadline) -> Journey:
    """The journey after what was due has been done, at its time or just now if that is later."""
    if deadline.due is Due.REMINDER:
        number = journey.reminders_sent + 1
        return play(journey, reminded(number), at=deadline.at)
    return play(journey, missed(journey, deadline.due), at=deadline.at)


def test_the_end_of_it_all() -> None:
    """
    A cancelled journey has no deadlines.
    """
    assert next_deadline(play(authorizing, CANCELLED)) is None
