"""What has happened to a journey and is not recorded yet, in order."""

from collections import deque

from temporalio import workflow
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from domain.checks import NotAllowed, refusal
    from domain.moves import advance, check, follow_up
    from domain.state import Happened, Journey


class Inbox:
    """
    A queue that knows what the journey will be when it is empty.

    So a request is judged by what will be true when its turn comes, and whoever
    asked knows the version to wait for.
    """

    def __init__(self, expected: Journey, *first: Happened) -> None:
        self._expected = expected
        self._queue = deque(first)

    def __bool__(self) -> bool:
        return bool(self._queue)

    @property
    def expected(self) -> Journey:
        """The journey as it will be."""
        return self._expected

    def insist(self, happened: Happened) -> None:
        """Refuse, for an Update's validator, what can't happen: it leaves no trace."""
        try:
            if not self._expected.open:
                raise refusal(self._expected, happened.event)
            check(self._expected, happened)
        except NotAllowed as refused:
            raise ApplicationError(refused.detail, type=refused.code) from refused

    def put(self, happened: Happened) -> int:
        """Queue it with what follows at once; return the version that shows all of it."""
        self._append(happened)
        while event := follow_up(self._expected):
            self._append(Happened(event=event))
        return self._expected.version

    def put_if_possible(self, happened: Happened) -> None:
        """For what nobody waits for: too late is no harm."""
        try:
            self.put(happened)
        except NotAllowed:
            workflow.logger.info(
                "journey.too_late", extra={"event": str(happened.event)}
            )

    def take(self) -> Happened:
        """Return the next event."""
        return self._queue.popleft()

    def _append(self, happened: Happened) -> None:
        self._expected = advance(self._expected, happened, workflow.now())
        self._queue.append(happened)
