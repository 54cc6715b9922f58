"""JSON, CSV and PDF: the same content without a spreadsheet program."""

import csv
import io
import json
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from reports.document import Chart, ChartKind, Kind, Sheet
from reports.writers.as_csv import write_csv
from reports.writers.as_json import write_json
from reports.writers.pdf import LONGEST_TEXT, NOTHING, shown, write_pdf
from tests.reports.writers.given import document, row


def as_json(tmp_path: Path, *rows: dict[str, Any]) -> Any:
    write_json(document(*rows), tmp_path / "report.json")
    return json.loads((tmp_path / "report.json").read_bytes())


def as_csv(tmp_path: Path, *rows: dict[str, Any]) -> dict[str, list[list[str]]]:
    write_csv(document(*rows), tmp_path / "report.zip")
    with zipfile.ZipFile(tmp_path / "report.zip") as folder:
        return {
            name: list(csv.reader(io.StringIO(folder.read(name).decode(), newline="")))
            for name in folder.namelist()
        }


def test_json_says_it_without_floats(tmp_path: Path) -> None:
    """
    Money is decimal text, days are ISO dates, and both kinds of table look the same.
    """
    told = as_json(tmp_path, row('"quoted"\n\x07'), row(None, amount=Decimal("1e-10")))

    expected = {
        "id": "0001",
        "name": '"quoted"\n\x07',
        "day": "2026-07-01",
        "amount": "12.50",
        "share": 0.25,
        "number": 3,
    }
    few, rows = told["tables"]["few"]["rows"], told["tables"]["rows"]["rows"]
    assert expected == few[0] == rows[0]
    assert few == rows
    assert "0.0000000001" == rows[1]["amount"]
    assert ("-3.00", "2024-02-29") == (
        told["facts"]["about"]["owed"],
        told["facts"]["about"]["since"],
    )


def test_json_of_nothing_is_json(tmp_path: Path) -> None:
    """
    Empty tables have columns and no rows.
    """
    told = as_json(tmp_path)

    assert [] == told["tables"]["rows"]["rows"] == told["tables"]["few"]["rows"]
    assert "Amount" == told["tables"]["rows"]["columns"][3]["title"]


def test_csv_has_a_file_for_each_table(tmp_path: Path) -> None:
    """
    The header is what people read; amounts keep their cents and their sign.
    """
    files = as_csv(tmp_path, row("a"), row(None, amount=Decimal("-7.00")), row("c"))

    assert ["about.csv", "few.csv", "rows.csv"] == list(files)
    assert ["Owed", "-3.00"] in files["about.csv"]
    assert files["few.csv"] == files["rows.csv"]
    assert [
        ["Id", "Name", "Day", "Amount", "Share", "Number"],
        ["0001", "a", "2026-07-01", "12.50", "0.25", "3"],
        ["0001", "", "2026-07-01", "-7.00", "0.25", "3"],
    ] == files["rows.csv"][:3]


@pytest.mark.parametrize(
    "name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1"]
)
def test_csv_holds_no_formula(tmp_path: Path, name: str) -> None:
    """
    A text that would be taken for one gets an apostrophe, in every file.
    """
    files = as_csv(tmp_path, row(name))

    assert {f"'{name}"} == {files[key][1][1] for key in ("few.csv", "rows.csv")}


@pytest.mark.parametrize("name", ["a-b", "1+1", "x@example.com", "100 = 100"])
def test_csv_leaves_other_texts_alone(tmp_path: Path, name: str) -> None:
    """
    Only the beginning of a text makes a formula.
    """
    assert name == as_csv(tmp_path, row(name))["rows.csv"][1][1]


@pytest.mark.parametrize(
    "name", ["Tea Ltd", "#panic()", "*[$x", "n" * 10_000, "bell\x07", "名前", ""]
)
def test_a_pdf_takes_any_name_for_a_name(tmp_path: Path, name: str) -> None:
    """
    Nothing in the books is markup; whatever it is, there is a page.
    """
    report = document(row(name), row("b", amount=Decimal(-5)), name=name)
    bars = Chart("Bars", ChartKind.BAR, "few", "name", ("amount",), range(2))
    first = report.sheets[0]
    pages = (first._replace(charts=(*first.charts, bars)), Sheet("Empty"))

    write_pdf(report._replace(sheets=pages), tmp_path / "report.pdf")

    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF-")


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        (None, Kind.MONEY, NOTHING),
        (Decimal("1234567.89"), Kind.MONEY, "1,234,568"),
        (0.125, Kind.SHARE, "12.5%"),
        (3, Kind.INTEGER, "3"),
        ("x" * 100, Kind.TEXT, "x" * (LONGEST_TEXT - 1) + "…"),
    ],
)
def test_values_are_shown_for_people(value: Any, kind: Kind, expected: str) -> None:
    """
    Rounded, with separators, cut short, and a dash where there is nothing.
    """
    assert expected == shown(value, kind)
