"""Workbooks as customers send them: the template filled in, and files that were tampered with."""

import io
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook, load_workbook

from domain.datasets import DATASETS, Dataset, Row
from domain.journey import DataType
from domain.uploads import Outcome, Problem
from providers.workbook.pages import pages
from providers.workbook.reading import read_workbook
from providers.workbook.template import template

SPEND = (DataType.SPEND_ANALYSIS,)
FINANCIALS = (DataType.FINANCIALS,)
BOTH = tuple(DataType)
COMPANY = "Hoxton Tea Company"
DAY = date(2026, 7, 31)

Cells = dict[str, Any]
Sheets = dict[str, list[Cells]]
"""Rows by sheet; each row is its cells by heading."""

BASE: Sheets = {"Company": [{"Base currency": "EUR"}]}
SUPPLIER: Cells = {"Supplier ID": "S1", "Name": "Acme"}
BILL: Cells = {
    "Bill ID": "B1",
    "Supplier ID": "S1",
    "Issue date": DAY,
    "Total amount": 120,
}
PAYMENT: Cells = {
    "Payment ID": "P1",
    "Supplier ID": "S1",
    "Bill ID": "B1",
    "Payment date": DAY,
    "Amount": 120,
}
EXPENSE: Cells = {"Expense ID": "E1", "Date": DAY, "Total amount": 9.5}
GOOD: Sheets = {
    **BASE,
    "Suppliers": [SUPPLIER],
    "Bills": [BILL],
    "Payments": [PAYMENT],
    "Expenses": [EXPENSE],
}


def filled(sheets: Sheets, data_types: Sequence[DataType] = SPEND) -> bytes:
    """Fill in the template, as a customer would with another program than ours."""

    def write(workbook: Any) -> None:
        for name, rows in sheets.items():
            sheet = workbook[name]
            columns = {cell.value: cell.column for cell in sheet[1]}
            for number, row in enumerate(rows, start=2):
                for heading, value in row.items():
                    sheet.cell(number, columns[heading], value).data_type = _type(value)

    return changed(template(data_types), write)


def _type(value: Any) -> str:
    """Keep a text that begins with "=" a text."""
    match value:
        case bool():
            return "b"
        case str():
            return "s"
        case date():
            return "d"
    return "n"


def changed(workbook: bytes, change: Callable[[Any], object]) -> bytes:
    """Open a workbook, change it and save it."""
    opened = load_workbook(io.BytesIO(workbook))
    change(opened)
    return saved(opened)


def saved(workbook: Workbook) -> bytes:
    packed = io.BytesIO()
    workbook.save(packed)
    return packed.getvalue()


def tampered(
    workbook: bytes, parts: Mapping[str, bytes | Callable[[bytes], bytes]]
) -> bytes:
    """Change or add parts of the archive itself."""
    packed = io.BytesIO()
    with (
        ZipFile(io.BytesIO(workbook)) as old,
        ZipFile(packed, "w", ZIP_DEFLATED) as new,
    ):
        contents = {name: old.read(name) for name in old.namelist()}
        for name, part in parts.items():
            contents[name] = part if isinstance(part, bytes) else part(contents[name])
        for name, content in contents.items():
            new.writestr(name, content)
    return packed.getvalue()


class Upload:
    """A workbook on disk, and what reading it came to."""

    def __init__(self, folder: Path, workbook: bytes) -> None:
        self.path = folder / "upload.xlsx"
        self.out = folder / "out"
        self.out.mkdir(exist_ok=True)
        self.path.write_bytes(workbook)

    def read(self, data_types: Sequence[DataType] = SPEND) -> Outcome:
        return read_workbook(self.path, self.out, data_types, COMPANY)

    def problems(self, data_types: Sequence[DataType] = SPEND) -> list[Problem]:
        return list(self.read(data_types).problems)

    def books(self, data_types: Sequence[DataType] = SPEND) -> dict[Dataset, list[Row]]:
        """Read a workbook that has to be good, and give all its rows."""
        outcome = self.read(data_types)
        assert () == outcome.problems
        datasets = {each for asked in data_types for each in DATASETS[asked]}
        return {
            each: [row for page in pages(self.out, each) for row in page]
            for each in datasets
        }
