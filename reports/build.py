"""From a folder of stored books to a folder of finished reports."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from domain.reports import REPORTS, Format, ReportType, file_name
from reports.accounts import account_list
from reports.books import Book, open_books
from reports.document import Document
from reports.registry import BUILDERS
from reports.request import (
    ACCOUNTS,
    OUT,
    REQUEST,
    RESULT,
    BuildReports,
    BuiltFile,
    BuiltReports,
)
from reports.writers.as_csv import write_csv
from reports.writers.as_json import write_json
from reports.writers.pdf import write_pdf
from reports.writers.xlsx import write_xlsx

WRITERS: Final[Mapping[Format, Callable[[Document, Path], None]]] = {
    Format.XLSX: write_xlsx,
    Format.JSON: write_json,
    Format.CSV: write_csv,
    Format.PDF: write_pdf,
}


def build(folder: Path) -> BuiltReports:
    """
    Build every report that `request.json` asks for, in every form that it has.

    Safe to run twice: the same request and books give the same files.
    """
    request = BuildReports.model_validate_json((folder / REQUEST).read_bytes())
    out = folder / OUT
    out.mkdir(exist_ok=True)
    books = open_books(folder, request.books)
    files = tuple(_built(books, request, out))
    accounts = account_list(books, request.confirmed)
    (out / ACCOUNTS).write_text(accounts.model_dump_json(), encoding="utf-8")
    result = BuiltReports(as_of=request.as_of, files=files)
    (out / RESULT).write_text(result.model_dump_json(), encoding="utf-8")
    return result


def _built(
    books: tuple[Book, ...], request: BuildReports, out: Path
) -> Iterator[BuiltFile]:
    for report in request.reports:
        document = BUILDERS[report](books, request)
        for form in REPORTS[report].formats:
            yield _written(document, report, form, out)


def _written(
    document: Document, report: ReportType, form: Format, out: Path
) -> BuiltFile:
    path = out / file_name(report, form)
    WRITERS[form](document, path)
    return BuiltFile(
        report=report, format=form, name=path.name, bytes=path.stat().st_size
    )
