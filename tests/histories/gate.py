"""
Recorded lives, gone through again with the code as it is now.

What comes out is what no longer goes through, in sentences, and what the code did
on its way: the commands that it issued and the messages that they carried.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Final, NamedTuple

from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer

from tests.determinism import workflow_sandbox
from tests.histories.notes import Note, NoteTaker
from tests.histories.recordings import Lived, Recording
from worker import WORKFLOWS

READ: Final = 'see docs/operations.md, "Upgrading with open journeys"'


class Replay(NamedTuple):
    """What came of it."""

    complaints: list[str]
    notes: dict[str, set[Note]]
    recordings: Sequence[Recording]


async def replayed(
    recordings: Sequence[Recording], workflows: Sequence[type] = WORKFLOWS
) -> Replay:
    """Replay with production's workflows and converter, in a sandbox."""
    notes: dict[str, set[Note]] = defaultdict(set)
    replayer = Replayer(
        workflows=workflows,
        data_converter=pydantic_data_converter,
        workflow_runner=workflow_sandbox(),
        interceptors=[NoteTaker(notes)],
    )
    all_lived = [(life, lived) for life in recordings for lived in life.lived]
    histories = _one_by_one(lived for _, lived in all_lived)
    async with replayer.workflow_replay_iterator(histories) as results:
        failures = [result.replay_failure async for result in results]
    complaints = [
        _complaint(life, lived, failure)
        for (life, lived), failure in zip(all_lived, failures, strict=True)
        if failure is not None
    ]
    return Replay(complaints, notes, recordings)


async def _one_by_one(lived: Iterable[Lived]) -> AsyncIterator[WorkflowHistory]:
    for each in lived:
        yield each.for_replay()


def _complaint(recording: Recording, lived: Lived, failure: Exception) -> str:
    return (
        f"The recorded life {recording.name!r} breaks at its {lived.type} "
        f"({lived.workflow_id}): open journeys would stop there. Put the change behind "
        f"workflow.patched; {READ}. Temporal says: {failure}"
    )
