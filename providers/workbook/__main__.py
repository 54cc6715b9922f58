"""
The process that reads one workbook: within limits, and silent about what it reads.

Asked on standard input (`ReadWorkbook`); the answer is a file in the folder it was
given. What it prints is where it failed, never with which value.
"""

import math
import resource
import sys
from contextlib import suppress
from types import TracebackType

from domain.defects import Defect
from providers.workbook.process import RESULT, TOO_LARGE, ReadWorkbook
from providers.workbook.reading import read_workbook


def main() -> int:
    question = ReadWorkbook.model_validate_json(sys.stdin.buffer.read())
    sys.excepthook = _say_where
    _limit(question)
    try:
        outcome = read_workbook(
            question.path, question.out, question.data_types, question.company_name
        )
    except MemoryError:
        return TOO_LARGE
    (question.out / RESULT).write_text(outcome.model_dump_json())
    return 0


def _limit(question: ReadWorkbook) -> None:
    """Take no more than was allowed, even when nobody is left to watch; leave no core."""
    seconds = math.ceil(question.time_limit.total_seconds())
    for kind, most in (
        (resource.RLIMIT_AS, question.memory_limit),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hardest = resource.getrlimit(kind)
        least = most if hardest == resource.RLIM_INFINITY else min(most, hardest)
        with suppress(ValueError):  # macOS has no such limit of memory
            resource.setrlimit(kind, (least, least))


def _say_where(
    kind: type[BaseException],
    error: BaseException,
    places: TracebackType | None,
) -> None:
    print(Defect.of(error.with_traceback(places)))  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
