"""At the edge of every step a failure becomes something that Temporal understands."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from obstore.exceptions import GenericError
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from temporalio.exceptions import ApplicationError
from temporalio.exceptions import ApplicationErrorCategory as Category
from temporalio.testing import ActivityEnvironment
from temporalio.worker import (
    ActivityInboundInterceptor,
    ActivityOutboundInterceptor,
    ExecuteActivityInput,
)

from activities.edge import TRIES_FOR_A_DEFECT, ActivityEdge
from activities.journeys import JourneyActivities
from activities.patience import TryAgain
from domain.messages import RecordMove
from domain.reasons import NOTICES, Reason, Refused, Who
from store.database import Database
from tests.activities.given import Recorder, a_journey

RETRY_EVERY = timedelta(minutes=15)
SECRET = "GB29 NWBK 6016 1331 9268 19"


class Step(ActivityInboundInterceptor):
    """A step that does one thing."""

    def __init__(self, do: Callable[[], Awaitable[Any]]) -> None:
        self.do = do

    def init(self, outbound: ActivityOutboundInterceptor) -> None:
        """Nothing goes out of it but what the edge says."""

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        return await self.do()


async def at_the_edge(do: Callable[[], Awaitable[Any]], attempt: int = 1) -> Any:
    """Do something behind the edge, in the given try."""
    edge = ActivityEdge(RETRY_EVERY).intercept_activity(Step(do))
    edge.init(ActivityOutboundInterceptor(cast("Any", None)))
    environment = ActivityEnvironment()
    environment.info = replace(environment.info, attempt=attempt)
    asked = ExecuteActivityInput(fn=do, args=(), executor=None, headers={})
    return await environment.run(edge.execute_activity, asked)


async def failure(error: Exception, attempt: int = 1) -> ApplicationError:
    """Return what Temporal sees of an error."""

    async def fail() -> None:
        raise error

    with pytest.raises(ApplicationError) as failed:
        await at_the_edge(fail, attempt)
    return failed.value


async def test_what_went_well_passes() -> None:
    """
    The edge adds nothing to an answer.
    """

    async def answer() -> str:
        return "done"

    assert "done" == await at_the_edge(answer)


@pytest.mark.parametrize("reason", Reason)
async def test_a_refusal_is_final_and_says_when_it_is_tried_again(
    reason: Reason,
) -> None:
    """
    Its type is the reason's code; only what waits is tried again by itself.
    """
    seen = await failure(Refused(reason, "row 7, field amount"))

    waits = NOTICES[reason].who is Who.WAIT
    assert (reason.value, True) == (seen.type, seen.non_retryable)
    assert ("row 7, field amount", 900.0 if waits else None) == tuple(seen.details)
    assert Category.BENIGN is seen.category


async def test_the_softwares_own_time_counts() -> None:
    """
    A quota is tried again when the software says.
    """
    seen = await failure(Refused(Reason.RATE_LIMITED, retry_after=timedelta(hours=1)))

    assert 3600.0 == seen.details[1]


async def test_another_try_comes_after_its_pause() -> None:
    """
    Or when the step's table of tries says.
    """
    paused = await failure(TryAgain("busy", timedelta(seconds=7)))
    unpaused = await failure(TryAgain("busy"))

    assert (timedelta(seconds=7), False) == (
        paused.next_retry_delay,
        paused.non_retryable,
    )
    assert unpaused.next_retry_delay is None


@pytest.mark.parametrize(
    "error",
    [
        OperationalError(SECRET, {}, Exception(SECRET)),
        NoConnectionFree(SECRET),
        GenericError(SECRET),
        ConnectionRefusedError(SECRET),
    ],
)
async def test_what_can_not_be_reached_is_tried_again_for_ever(
    error: Exception,
) -> None:
    """
    The database, its connections, the object store: their texts stay here.
    """
    seen = await failure(error, attempt=1000)

    assert ("Unreachable", False) == (seen.type, seen.non_retryable)
    assert SECRET not in str(seen)


async def test_a_database_that_is_not_there_is_tried_again(tmp_path: Path) -> None:
    """
    The real thing: a move that can't be written now is written later.
    """
    nowhere = Database(f"sqlite:///{tmp_path}/nowhere/rapport.db")
    command: RecordMove = Recorder(a_journey()).begin()

    async def record() -> None:
        await JourneyActivities(nowhere).record_move(command)

    with pytest.raises(ApplicationError) as failed:
        await at_the_edge(record)
    await nowhere.close()

    assert "Unreachable" == failed.value.type


@pytest.mark.parametrize(
    "error", [KeyError(SECRET), IntegrityError(SECRET, {}, Exception(SECRET))]
)
async def test_a_defect_may_pass_and_then_it_is_internal(error: Exception) -> None:
    """
    Its kind and its place are named, never its text: that may quote a customer's data.
    """
    first = await failure(error)
    last = await failure(error, attempt=TRIES_FOR_A_DEFECT)

    assert ("Defect", Reason.INTERNAL.value) == (first.type, last.type)
    assert ("", None) == tuple(last.details)
    assert "test_edge.py" in str(first)
    assert SECRET not in str(first)
    assert first.__cause__ is None


async def test_what_temporal_understands_already_passes() -> None:
    """
    As it is.
    """
    known = ApplicationError("as it is", type="Known")

    assert known is await failure(known)
