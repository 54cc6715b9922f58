"""Why customers leave: chosen from a list, and told to the bank."""

from domain.journey import LinkAction
from domain.leaving import LEAVINGS, Leaving
from domain.messages import Act
from tests.domain.acts import FINANCIALS, OPENED, SENT, play, requested


def test_every_reason_has_its_words() -> None:
    """
    For the customer and for the bank.
    """
    assert set(Leaving) == set(LEAVINGS)


def test_the_bank_reads_why() -> None:
    """
    The reason stands beside the notice that the customer left.
    """
    left = Act(action=LinkAction.EXIT, reason=Leaving.SOFTWARE_NOT_LISTED).happened()

    journey = play(requested(FINANCIALS), SENT, OPENED, left)

    assert "Their accounting software is not in the list." == journey.reason_detail


def test_a_reason_is_not_asked_for() -> None:
    """
    Who gives none has left all the same.
    """
    left = Act(action=LinkAction.EXIT).happened()

    journey = play(requested(FINANCIALS), SENT, OPENED, left)

    assert "" == journey.reason_detail
