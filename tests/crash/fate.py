"""Where a worker is told to die: at one moment of one workflow's step, once."""

import json
from collections import Counter
from enum import StrEnum
from pathlib import Path
from typing import Final, NamedTuple

VARIABLE: Final = "FATE"
"""The environment variable that names the file of fate."""


class What(StrEnum):
    """What a step has just done, or is about to do."""

    BEGINS = "is about to write to the store"
    COMMITTED = "has written to the store"
    SENT = "has handed an email to the mail server"
    PUTS = "is about to put an object"
    PUT = "has put an object"
    PUBLISHES = "is about to put the manifest"
    PUBLISHED = "has put the manifest"


class Moment(NamedTuple):
    """The `number`-th time that a try of `step` does `what`."""

    step: str
    what: What
    number: int = 1


RESERVED: Final = Moment("send_email", What.COMMITTED)
HANDING_OVER: Final = Moment("send_email", What.COMMITTED, 2)
SENT: Final = Moment("send_email", What.SENT)
MOVE_DECIDED: Final = Moment("record_move", What.BEGINS)
MOVE_VISIBLE: Final = Moment("record_move", What.COMMITTED)
PAGE_STORED: Final = Moment("read_books", What.PUT)
FIRST_DATASET_READ: Final = Moment("read_books", What.PUTS, 2)
ALL_READ: Final = Moment("publish_sync", What.PUBLISHES)
PUBLISHED: Final = Moment("publish_sync", What.PUBLISHED)
NEXT_ENTITY: Final = Moment("read_books", What.BEGINS)


class Fate:
    """A file that says which moment of which workflow is the last one."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._seen: Counter[tuple[bytes, What]] = Counter()

    def decide(self, workflow_id: str, moment: Moment) -> None:
        """Let whoever comes there die of it; the file is gone once that has happened."""
        half = self._file.with_suffix(".half")
        half.write_text(json.dumps([workflow_id, *moment]))
        half.rename(self._file)

    @property
    def open(self) -> bool:
        """Nobody has come there yet."""
        return self._file.exists()

    def is_now(self, workflow_id: str, step: str, token: bytes, what: What) -> bool:
        """Count what a try, named by its token, does; say once if this is the moment."""
        self._seen[token, what] += 1
        now = [workflow_id, *Moment(step, what, self._seen[token, what])]
        if not self.open or json.loads(self._file.read_text()) != now:
            return False
        self._file.unlink()
        return True
