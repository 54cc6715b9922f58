"""
How often a step is tried against somebody else's server, and for how long.

A give-up counts failing time only: what the failed calls took, and the pauses
after them. Time in which Rapport or Temporal was down is not in it, and a good
answer sets it back to zero.
"""

from datetime import timedelta
from typing import Final, NamedTuple

FIRST_PAUSE: Final = timedelta(seconds=1)
LONGEST_PAUSE: Final = timedelta(minutes=5)
LONGEST_WAIT_IN_PLACE: Final = timedelta(minutes=5)
"""A Retry-After of up to this is waited for in place; a longer one is a reason."""


class Failing(NamedTuple):
    """How often in a row it has failed, and for how long altogether."""

    times: int = 0
    time: timedelta = timedelta()

    def again(self, took: timedelta, pause: timedelta) -> "Failing":
        """Return this after one more failure and the pause that follows."""
        return Failing(self.times + 1, self.time + took + pause)


class TryAgain(Exception):
    """Not yet: worth another try `after` a pause, or when the step's table of tries says."""

    def __init__(self, message: str, after: timedelta | None = None) -> None:
        super().__init__(message)
        self.after = after


def pause_after(failing: Failing, give_up: timedelta) -> timedelta | None:
    """Return how long to wait before the next try, or None when it is time to give up."""
    left = give_up - failing.time
    if left <= timedelta():
        return None
    pause: timedelta = FIRST_PAUSE * 2 ** min(failing.times, 10)
    return min(pause, LONGEST_PAUSE, left)
