"""How long each kind of step may take and how often it is tried, so that a workflow reads as prose."""

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError, FailureError
from temporalio.workflow import ActivityConfig, LocalActivityConfig

with workflow.unsafe.imports_passed_through():
    from domain.reasons import Reason

TIRELESS: Final = RetryPolicy(
    initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30)
)
"""Tried for ever, also through a defect: the journey waits for the release that mends it."""

PATIENT: Final = RetryPolicy(
    initial_interval=timedelta(seconds=1),
    maximum_interval=timedelta(seconds=30),
    non_retryable_error_types=[Reason.INTERNAL],
)
"""Tried for ever, but for a defect that stays; what gives up does so inside the step."""


class Step(NamedTuple):
    """How long one try may take, how long it may be silent, how it is tried again, and until when."""

    one_try: timedelta
    silence: timedelta | None = None
    tries: RetryPolicy = PATIENT
    altogether: timedelta | None = None

    def __call__(self, summary: str) -> ActivityConfig:
        """Return the settings of one activity; `summary` is its line in the Temporal UI."""
        return ActivityConfig(
            start_to_close_timeout=self.one_try,
            schedule_to_close_timeout=self.altogether,
            heartbeat_timeout=self.silence,
            retry_policy=self.tries,
            summary=summary,
        )


def at_once(summary: str) -> LocalActivityConfig:
    """
    Return the settings of a step that runs inside the workflow's own task.

    Only for one that is quick, and that does no harm if its task is lost and what
    follows turns out otherwise: a move of a journey is none.
    """
    return LocalActivityConfig(
        start_to_close_timeout=timedelta(seconds=10),
        retry_policy=TIRELESS,
        summary=summary,
    )


SILENCE: Final = timedelta(seconds=20)
"""A worker that says nothing for so long is taken for dead, and its step goes to another one."""

RECORD: Final = Step(timedelta(seconds=10), tries=TIRELESS)
EMAIL: Final = Step(timedelta(minutes=2), SILENCE)
READ: Final = Step(timedelta(hours=12), SILENCE)
BUILD: Final = Step(timedelta(hours=2), SILENCE)
PUBLISH: Final = Step(timedelta(minutes=5), SILENCE)
REVOKE: Final = Step(
    timedelta(minutes=1),
    SILENCE,
    tries=RetryPolicy(maximum_interval=timedelta(hours=1)),
)
BULK: Final = Step(timedelta(minutes=30), SILENCE, tries=TIRELESS)
TELL: Final = REVOKE._replace(
    tries=RetryPolicy(backoff_coefficient=4, maximum_interval=timedelta(hours=6))
)
REMOVE: Final = Step(timedelta(minutes=30), SILENCE, tries=TIRELESS)
SWEEP: Final = Step(
    timedelta(seconds=50), SILENCE, tries=RetryPolicy(maximum_attempts=2)
)

WRITTEN_WITHIN: Final = timedelta(seconds=30)
"""Whoever is taken for dead by then, or was in the middle of an upload, writes nothing after it."""

BETWEEN_RUNS: Final = timedelta(seconds=1)
"""So long nothing has happened before a journey goes on in a new run."""

OTHER_SYNC_POLLS: Final = tuple(
    timedelta(seconds=seconds) for seconds in (1, 5, 15, 60, 300)
)
"""How long to wait before looking again whether another sync of the company has ended."""


class Trouble(NamedTuple):
    """Why a step ended without success, and when it may be tried again by itself."""

    reason: Reason
    detail: str = ""
    retry_at: datetime | None = None


def trouble_of(error: FailureError) -> Trouble:
    """Read back what `activities.edge` wrote; whatever else failed is `internal`."""
    cause = error.cause if isinstance(error, ActivityError) else error
    if isinstance(cause, ApplicationError) and cause.type in list(Reason):
        detail, seconds = cause.details
        retry_at = workflow.now() + timedelta(seconds=seconds) if seconds else None
        return Trouble(Reason(cause.type), detail, retry_at)
    return Trouble(Reason.INTERNAL)
