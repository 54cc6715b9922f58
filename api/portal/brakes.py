"""How often somebody may try to sign in: after that they have to wait."""

from collections import OrderedDict, deque
from datetime import datetime, timedelta
from typing import Final

TRIES: Final = 10
WITHIN: Final = timedelta(minutes=10)
KNOWN: Final = 10_000
"""Of this many addresses the tries are remembered, in each process."""


class Brakes:
    """Counts failed tries, by account and by where they come from."""

    def __init__(self) -> None:
        self._failures: OrderedDict[str, deque[datetime]] = OrderedDict()

    def wait(self, keys: tuple[str, ...], now: datetime) -> timedelta:
        """Return how long to wait before the next try; nothing if it may be made now."""
        return max((self._wait(key, now) for key in keys), default=timedelta())

    def failed(self, keys: tuple[str, ...], now: datetime) -> None:
        """Note a try that failed."""
        for key in keys:
            self._failures.setdefault(key, deque(maxlen=TRIES)).append(now)
            self._failures.move_to_end(key)
        while len(self._failures) > KNOWN:
            self._failures.popitem(last=False)

    def succeeded(self, key: str) -> None:
        """Forget the failures of an account whose owner is there."""
        self._failures.pop(key, None)

    def _wait(self, key: str, now: datetime) -> timedelta:
        failures = self._failures.get(key, deque())
        if len(failures) < TRIES:
            return timedelta()
        return max(failures[0] + WITHIN - now, timedelta())
