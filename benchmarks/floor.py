"""
What the reports are measured against: the source rows alone, in XlsxWriter's fast mode.

    python -m benchmarks.floor FOLDER

reads the same stored books and writes the same columns of the same rows, cell by
cell with number and date formats, in constant memory; nothing else.
"""

import sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import xlsxwriter

SHOWN = {
    "bills": (
        "id",
        "reference",
        "supplier_id",
        "supplier_name",
        "issued_on",
        "due_on",
        "status",
        "currency",
        "currency_rate",
        "total_amount",
        "net_amount",
        "amount_due",
    ),
    "bill_payments": (
        "id",
        "supplier_id",
        "account_id",
        "paid_on",
        "payment_method_id",
        "currency",
        "currency_rate",
        "total_amount",
        "total_amount",
        "reference",
        "note",
    ),
    "expenses": (
        "id",
        "supplier_id",
        "supplier_name",
        "reference",
        "account_id",
        "paid_on",
        "payment_method_id",
        "currency",
        "currency_rate",
        "total_amount",
        "net_amount",
        "note",
    ),
}


def write(books: Path, path: Path) -> None:
    workbook = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    day = workbook.add_format({"num_format": "yyyy-mm-dd"})
    money = workbook.add_format({"num_format": "#,##0.00"})
    for dataset, columns in SHOWN.items():
        sheet = workbook.add_worksheet(dataset)
        sheet.write_row(0, 0, columns)
        row = 1
        for part in sorted((books / dataset).glob("*.parquet")):
            frame = pl.read_parquet(part, columns=list(dict.fromkeys(columns)))
            for values in frame.select(
                pl.col(name).alias(str(place)) for place, name in enumerate(columns)
            ).iter_rows():
                _write_row(sheet, row, values, day, money)
                row += 1
    workbook.close()


def _write_row(
    sheet: Any, row: int, values: tuple[Any, ...], day: Any, money: Any
) -> None:
    for place, value in enumerate(values):
        match value:
            case str():
                sheet.write_string(row, place, value)
            case date():
                sheet.write_datetime(row, place, value, day)
            case Decimal():
                sheet.write_number(row, place, value, money)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    write(folder / "books" / "co_1", folder / "floor.xlsx")
