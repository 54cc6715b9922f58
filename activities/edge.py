"""What every step gets: a log context, a pulse, and failures that Temporal understands."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any, Final

import structlog
from obstore.exceptions import BaseError as ObjectStoreError
from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory
from temporalio.worker import (
    ActivityInboundInterceptor,
    ActivityOutboundInterceptor,
    ExecuteActivityInput,
    Interceptor,
)

from activities.patience import TryAgain
from activities.pulse import Pulse
from domain.defects import Defect
from domain.reasons import NOTICES, Reason, Refused, Who
from store.database import OUT_OF_REACH

TRIES_FOR_A_DEFECT: Final = 5
"""A defect may pass (a deploy, a race); what does not pass this often stays."""

EXPECTED: Final = ApplicationErrorCategory.BENIGN
"""Part of the business: no warning with a traceback, no alarm."""

UNREACHABLE: Final = (*OUT_OF_REACH, ObjectStoreError, OSError)

Steps = Sequence[Callable[..., Awaitable[Any]]]
"""Methods that a worker can be told to do."""

log = structlog.get_logger()


class _Edge(ActivityInboundInterceptor):
    def __init__(
        self, following: ActivityInboundInterceptor, retry_every: timedelta
    ) -> None:
        super().__init__(following)
        self._retry_every = retry_every

    def init(self, outbound: ActivityOutboundInterceptor) -> None:
        self._pulse = Pulse(outbound)
        super().init(self._pulse)

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        info = activity.info()
        with structlog.contextvars.bound_contextvars(
            workflow=info.workflow_id, step=info.activity_type, attempt=info.attempt
        ):
            try:
                async with self._pulse.beating(info.heartbeat_timeout):
                    return await super().execute_activity(input)
            except Refused as refused:
                raise self._final(refused) from None
            except TryAgain as again:
                raise ApplicationError(
                    str(again),
                    type="TryAgain",
                    next_retry_delay=again.after,
                    category=EXPECTED,
                ) from None
            except UNREACHABLE as error:
                log.warning("step.unreachable", error=type(error).__name__)
                raise ApplicationError(
                    "the database or the object store can't be reached",
                    type="Unreachable",
                ) from None
            except ApplicationError:
                raise
            except Exception as defect:  # noqa: BLE001 a defect's text may hold anything: it stays here
                raise self._defect(defect, info.attempt) from None

    def _final(self, refused: Refused) -> ApplicationError:
        """Whether and when it is tried again is the table's to say, not Temporal's."""
        log.info("step.refused", reason=refused.reason)
        return ApplicationError(
            NOTICES[refused.reason].bank,
            refused.detail,
            self._retry_after(refused),
            type=refused.reason.value,
            non_retryable=True,
            category=EXPECTED,
        )

    def _defect(self, defect: Exception, attempt: int) -> ApplicationError:
        """
        Name the kind and the place, never the text: it may quote a customer's data.

        Whether one that stays is final is for the step's table of tries to say.
        """
        kind, file, line = Defect.of(defect)
        log.error("step.defect", error=kind, file=file, line=line)
        stays = attempt >= TRIES_FOR_A_DEFECT
        return ApplicationError(
            f"{kind} in {file}, line {line}",
            "",
            None,
            type=Reason.INTERNAL.value if stays else "Defect",
        )

    def _retry_after(self, refused: Refused) -> float | None:
        """In how many seconds it is tried again by itself; the workflow's clock counts."""
        if NOTICES[refused.reason].who is not Who.WAIT:
            return None
        return (refused.retry_after or self._retry_every).total_seconds()


class ActivityEdge(Interceptor):
    """Puts the edge around every step."""

    def __init__(self, retry_every: timedelta) -> None:
        self._retry_every = retry_every

    def intercept_activity(
        self, next: ActivityInboundInterceptor
    ) -> ActivityInboundInterceptor:
        return _Edge(next, self._retry_every)
