"""
Recorded lives as files: the histories of every workflow that took part, with their ids.

A recording is never written over. A life that is lived again and gives other commands
is a new file beside the older ones: both have to replay, because journeys that began
under the older code may still be open.
"""

import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple, Self

from temporalio.client import WorkflowHistory

from tests.histories.commands import commands_of

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
        """What its workflows commanded, each in its order; in whatever order they are listed."""
        return sorted((each.type, *commands_of(each.history)) for each in self.lived)

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
        text = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
        with (folder / (self.name + ENDING)).open("xb") as file:
            file.write(gzip.compress(text.encode(), mtime=0))


def recordings(folder: Path = FOLDER) -> list[Recording]:
    """Return all there are."""
    return [Recording.load(file) for file in sorted(folder.glob(f"*{ENDING}"))]


def keep(life: str, lived: Sequence[Lived], folder: Path = FOLDER) -> str | None:
    """Save a life unless one with the same commands is there; return the new file's name."""
    before = [each for each in recordings(folder) if each.life == life]
    name = f"{life}.{len(before) + 1}" if before else life
    recording = Recording(name, tuple(lived))
    if any(each.commands == recording.commands for each in before):
        return None
    recording.save(folder)
    return name
