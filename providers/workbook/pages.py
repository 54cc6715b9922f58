"""
Pages: where the reader leaves canonical rows, for those who store them page by page.

One file per dataset, one page a line, as JSON. What is read back passed the same
definition of a row as the pages of any provider.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from types import GenericAlias, TracebackType
from typing import Any, BinaryIO, Final

from pydantic import TypeAdapter

from domain.datasets import ROWS, Dataset, Row

PAGE: Final = 5_000


def pages(out: Path, dataset: Dataset) -> Iterator[list[Row]]:
    """
    Give the rows of a dataset as the reader left them, at most `PAGE` at a time.

    The same workbook gives the same pages. Keeps a core busy: go on in a thread.
    """
    with _file(out, dataset).open("rb") as file:
        for line in file:
            yield _definition(dataset).validate_json(line)


class Pages(AbstractContextManager["Pages"]):
    """Writes rows of several datasets, and holds no more than a page of each."""

    def __init__(self, out: Path, datasets: Iterable[Dataset]) -> None:
        self._files: dict[Dataset, BinaryIO] = {}
        self._waiting: dict[Dataset, list[Row]] = {}
        self._written: Counter[Dataset] = Counter()
        self._open = ExitStack()
        for dataset in datasets:
            file = _file(out, dataset).open("wb")
            self._files[dataset] = self._open.enter_context(file)
            self._waiting[dataset] = []

    def add(self, dataset: Dataset, row: Row) -> None:
        waiting = self._waiting[dataset]
        waiting.append(row)
        if len(waiting) == PAGE:
            self._write(dataset)

    def records(self) -> Mapping[Dataset, int]:
        """Count the rows of every dataset, also of one that has none."""
        return {
            dataset: self._written[dataset] + len(waiting)
            for dataset, waiting in self._waiting.items()
        }

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with self._open:
            for dataset, waiting in self._waiting.items():
                if waiting and error is None:
                    self._write(dataset)

    def _write(self, dataset: Dataset) -> None:
        page = _definition(dataset).validate_python(self._waiting[dataset])
        line = json.dumps(page, default=_plain, separators=(",", ":"))
        self._files[dataset].write(f"{line}\n".encode())
        self._written[dataset] += len(page)
        self._waiting[dataset].clear()


def _plain(value: Decimal | date) -> str:
    """Write a number with all its zeros, as the definition of an amount asks for."""
    return f"{value:f}" if isinstance(value, Decimal) else value.isoformat()


def _file(out: Path, dataset: Dataset) -> Path:
    return out / f"{dataset}.jsonl"


@cache
def _definition(dataset: Dataset) -> TypeAdapter[Any]:
    rows: Any = GenericAlias(list, (ROWS[dataset],))
    return TypeAdapter(rows)
