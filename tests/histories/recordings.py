"""
Recorded lives as files: the histories of every workflow that took part, with their ids.

A recording is never written over. A life that is lived again and gives other commands
is a new file beside the older ones: both have to replay, because journeys that began
under the older code may still be open.
"""

import gzip
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple, Self

from temporalio.client import WorkflowHistory

from tests.histories.commands import ANSWERS, BY_TIME, commands_of

FOLDER: Final = Path(__file__).parent / "recorded"
ENDING: Final = ".json.gz"


class Lived(NamedTuple):
    """One workflow's history."""

    workflow_id: str
    history: dict[str, Any]

    @property
    def type(self) -> str:
        """The workflow's type, as Temporal knows it."""
        started = self.history["events"][0]["workflowExecutionStartedEventAttributes"]
        return str(started["workflowType"]["name"])

    def for_replay(self) -> WorkflowHistory:
        """Return it as a Replayer takes it."""
        return WorkflowHistory.from_json(self.workflow_id, self.history)


class Recording(NamedTuple):
    """One life as it was recorded once."""

    name: str
    lived: tuple[Lived, ...]

    @property
    def life(self) -> str:
        """The life's name, whichever of its recordings this is."""
        return self.name.partition(".")[0]

    @property
    def commands(self) -> list[tuple[str, ...]]:
        """
        What its workflows commanded, each in its order; in whatever order they are listed.

        Where something in it is a matter of time, neither order nor number counts.
        """
        runs = [(each.type, *_in_order(each.history)) for each in self.lived]
        if any(command in BY_TIME for run in runs for command in run):
            runs = [(run[0], *sorted(set(run[1:]))) for run in _by_type(runs)]
        return sorted(runs)

    @classmethod
    def load(cls, file: Path) -> Self:
        """Read a file."""
        said = json.loads(gzip.decompress(file.read_bytes()))
        lived = tuple(Lived(each["id"], each["history"]) for each in said)
        return cls(file.name.removesuffix(ENDING), lived)

    def save(self, folder: Path) -> None:
        """Write a file that looks the same whenever it is written."""
        said = [
            {"id": each.workflow_id, "history": each.history} for each in self.lived
        ]
        text = json.dumps(
            said, ensure_ascii=False, sort_keys=True, separators=(",", ":")
        )
        with (folder / (self.name + ENDING)).open("xb") as file:
            file.write(gzip.compress(text.encode(), mtime=0))


def _in_order(history: dict[str, Any]) -> list[str]:
    """Commands in order, and after them the answers to those who asked."""
    return sorted(commands_of(history), key=lambda each: each.startswith(ANSWERS))


def _by_type(runs: Iterable[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """All runs of a type as one."""
    together: dict[str, list[str]] = defaultdict(list)
    for workflow_type, *commands in runs:
        together[workflow_type] += commands
    return [(workflow_type, *commands) for workflow_type, commands in together.items()]


def recordings(folder: Path = FOLDER) -> list[Recording]:
    """Return all there are."""
    return sorted(Recording.load(file) for file in folder.glob(f"*{ENDING}"))


def keep(life: str, lived: Sequence[Lived], folder: Path = FOLDER) -> str | None:
    """Save a life unless one with the same commands is there; return the new file's name."""
    before = [each for each in recordings(folder) if each.life == life]
    name = f"{life}.{len(before) + 1}" if before else life
    recording = Recording(name, tuple(lived))
    if any(each.commands == recording.commands for each in before):
        return None
    recording.save(folder)
    return name
