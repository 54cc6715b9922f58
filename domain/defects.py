"""
What may be said of a defect: its kind and its places, never its text.

The text of an exception may quote what it met: a customer's name, a figure, a key.
"""

import re
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple, Self

PLACE: Final = re.compile(r"\w+ at [\w.]+:\d+")
"""How a defect is told in a line; whatever is told otherwise may be anything."""

NOWHERE: Final = "?"


class Defect(NamedTuple):
    """What kind of error it was, and the innermost place in which it arose."""

    kind: str
    file: str
    line: int | None

    @classmethod
    def of(cls, error: BaseException) -> Self:
        """Look at an error; one that was never raised has no place."""
        frames = traceback.extract_tb(error.__traceback__)
        kind = type(error).__name__
        if not frames:
            return cls(kind, NOWHERE, None)
        return cls(kind, Path(frames[-1].filename).name, frames[-1].lineno)

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{self.kind} at {place}"


def family(error: BaseException) -> Iterator[BaseException]:
    """Return an error after whatever brought it about, each once."""
    waiting, found = [error], list[BaseException]()
    while waiting:
        each = waiting.pop()
        if each in found:
            continue
        found.append(each)
        if isinstance(each, BaseExceptionGroup):
            waiting += each.exceptions
        before = None if each.__suppress_context__ else each.__context__
        waiting += filter(None, [each.__cause__ or before])
    return reversed(found)


def trail(error: BaseException) -> str:
    """Say by which places an error came, and those that brought it about, in a line each."""
    return "\n".join(line for each in family(error) for line in _lines(each))


def _lines(error: BaseException) -> Iterator[str]:
    yield type(error).__name__
    for frame in traceback.extract_tb(error.__traceback__):
        yield f"  {frame.filename}:{frame.lineno} in {frame.name}"
