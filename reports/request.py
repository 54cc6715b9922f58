"""What goes into the process that builds reports, and what it answers: files in a folder."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Final

from pydantic import AwareDatetime, Field

from domain.message import Message
from domain.reports import Format, ReportType

REQUEST: Final = "request.json"
BOOKS: Final = "books"
OUT: Final = "out"
RESULT: Final = "result.json"
DONE: Final = "done"
ACCOUNTS: Final = "accounts.json"
MONTHS: Final = 12


class CompanyBooks(Message):
    """
    One company whose snapshot lies in `books/{company_id}/{dataset}/*.parquet`.

    `name` is how the bank calls it; the client itself is no legal entity.
    """

    company_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
    name: str
    is_entity: bool = False


class BuildReports(Message):
    """
    Build reports of one company, or of a client together with its legal entities.

    `as_of` is when the books were read. The period is the last `months` full
    months before it and the current one; suppliers below `threshold`, in the base
    currency, are left out where one supplier is a row. `confirmed` are the categories
    that people chose: by company, then by account, the category's id. `consolidated`:
    the books are those of several legal entities, and rows say whose they are.
    """

    reports: tuple[ReportType, ...]
    as_of: AwareDatetime
    books: Annotated[tuple[CompanyBooks, ...], Field(min_length=1)]
    months: Annotated[int, Field(ge=1, le=120)] = MONTHS
    threshold: Annotated[Decimal, Field(ge=0)] = Decimal(0)
    confirmed: Mapping[str, Mapping[str, str]] = {}
    consolidated: bool = False


class BuiltFile(Message):
    """One finished file: its name in the folder `out`, its size and what it is."""

    report: ReportType
    format: Format
    name: str
    bytes: int


class BuiltReports(Message):
    """What was built; the last thing that is written."""

    as_of: datetime
    files: tuple[BuiltFile, ...]


def folder_of(folder: Path, company_id: str, dataset: str) -> Path:
    """Where the parts of one dataset lie."""
    return folder / BOOKS / company_id / dataset


def environment(cores: int) -> Mapping[str, str]:
    """
    What the process is started with.

    A core stays free for its caller, and memory goes back soon after it is free.
    """
    return {
        "POLARS_MAX_THREADS": str(max(cores - 1, 1)),
        "_RJEM_MALLOC_CONF": "dirty_decay_ms:10,muzzy_decay_ms:0",
    }
