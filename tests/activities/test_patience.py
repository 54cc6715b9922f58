"""How often a step is tried against somebody else's server, and for how long."""

from datetime import timedelta

import pytest

from activities.patience import LONGEST_PAUSE, Failing, pause_after

HALF_AN_HOUR = timedelta(minutes=30)


def pauses(give_up: timedelta, took: timedelta = timedelta()) -> list[timedelta]:
    """Return all pauses until it is given up."""
    failing, found = Failing(), []
    while (pause := pause_after(failing, give_up)) is not None:
        found.append(pause)
        failing = failing.again(took, pause)
    return found


def test_pauses_double_up_to_five_minutes() -> None:
    """
    Beginning with a second.
    """
    found = [pause.total_seconds() for pause in pauses(HALF_AN_HOUR)]

    assert [1, 2, 4, 8, 16, 32, 64, 128, 256, 300] == found[:10]


@pytest.mark.parametrize(
    "give_up", [timedelta(seconds=20), HALF_AN_HOUR, timedelta(hours=6)]
)
def test_the_last_try_is_when_time_is_up(give_up: timedelta) -> None:
    """
    The pauses add up to the give-up, no more and no less.
    """
    found = pauses(give_up)

    assert give_up == sum(found, timedelta())
    assert LONGEST_PAUSE >= max(found)


def test_what_the_failed_calls_took_counts_too() -> None:
    """
    A server that keeps us waiting is given up as soon as one that refuses at once.
    """
    assert 2 == len(pauses(timedelta(minutes=1), took=timedelta(seconds=50)))
