"""Workbooks, read back with another library."""

import re
import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from python_calamine import CalamineWorkbook

from reports.document import Column, Document, Kind
from reports.writers.sheet_xml import LONGEST_TEXT, letters
from reports.writers.xlsx import pages_of, write_xlsx
from tests.reports.writers.given import document, listing, row


def written(tmp_path: Path, report: Document) -> Path:
    path = tmp_path / "report.xlsx"
    write_xlsx(report, path)
    return path


def read(path: Path, sheet: str) -> list[list[Any]]:
    return CalamineWorkbook.from_path(path).get_sheet_by_name(sheet).to_python()


def test_rows_come_back_as_what_they_are(tmp_path: Path) -> None:
    """
    Ids stay texts, amounts numbers, days days; what is empty stays empty.
    """
    rows = [row("Tea & <Sons>"), row(None, day=None, amount=None, share=None)]

    path = written(tmp_path, document(*rows, row("third")))

    assert [
        ["Id", "Name", "Day", "Amount", "Share", "Number"],
        ["0001", "Tea & <Sons>", date(2026, 7, 1), 12.5, 0.25, 3.0],
        ["0001", "", "", "", "", 3.0],
        ["0001", "third", date(2026, 7, 1), 12.5, 0.25, 3.0],
    ] == read(path, "Rows")


def test_another_reader_sees_the_same(tmp_path: Path) -> None:
    """
    Formats, frozen header and filter are there for whoever opens it.
    """
    path = written(tmp_path, document(row("a"), row("b")))

    book = load_workbook(path)
    sheet = book["Rows"]

    assert ["Page", "Rows"] == book.sheetnames
    assert ("A2", "A1:F3") == (sheet.freeze_panes, sheet.auto_filter.ref)
    assert ["@", "@", "yyyy-mm-dd"] == [
        sheet.cell(2, n).number_format for n in (1, 2, 3)
    ]
    assert "#,##0.00" in sheet["D2"].number_format
    assert (1, "landscape") == (len(book["Page"]._charts), sheet.page_setup.orientation)  # noqa: SLF001
    assert (sheet["D2"].value, sheet["B3"].value) == (12.5, "b")


@pytest.mark.parametrize(
    "name",
    ["=1+1", "+1", "-1", "@SUM(A1)", "=cmd|'/c calc'!A1", "\t=1", "{=1}", "http://x.example"],
)  # fmt: skip
def test_no_text_becomes_a_formula(tmp_path: Path, name: str) -> None:
    """
    What begins like a formula is a text, in listings, tables, facts and titles.
    """
    path = written(tmp_path, document(row(name), name=name))

    with zipfile.ZipFile(path) as parts:
        sheets = [parts.read(n) for n in parts.namelist() if "worksheets/sheet" in n]
    assert not any(b"<f>" in xml or b"<hyperlink" in xml for xml in sheets)
    assert name == read(path, "Rows")[1][1]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("bell\x07 and null\x00", "bell and null"),
        ("\ufffe\uffff", ""),
        ("two\nlines", "two\nlines"),
        ("  edges  ", "  edges  "),
        ("_x000D_", "_x000D_"),
        ("名前 🫖", "名前 🫖"),
        ("]]>", "]]>"),
        ("n" * 10_000, "n" * 10_000),
        ("n" * 40_000, "n" * LONGEST_TEXT),
    ],
)
def test_bad_texts_are_made_harmless(tmp_path: Path, name: str, expected: str) -> None:
    """
    What XML or a cell can't hold is left out; all else comes back as it was.
    """
    path = written(tmp_path, document(row(name)))

    sheet = load_workbook(path)["Rows"]

    assert expected == (_unescaped(sheet["B2"].value) or "")


def _unescaped(text: str | None) -> str | None:
    """Undo what openpyxl leaves to its caller."""
    return text and re.sub("_x005F_", "_", text)


@pytest.mark.parametrize(
    ("day", "serial"),
    [
        (date(1900, 1, 1), "1"),
        (date(1900, 2, 28), "59"),
        (date(1900, 3, 1), "61"),
        (date(2024, 2, 29), "45351"),
        (date(2200, 12, 31), "109939"),
    ],
)
def test_days_are_counted_as_spreadsheets_count(
    tmp_path: Path, day: date, serial: str
) -> None:
    """
    From 1900 to 2200, with the leap day that 1900 never had.
    """
    path = written(tmp_path, document(row("a", day=day)))

    assert serial == _cells(path)["C2"]


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        (Decimal("100000000000000.01"), "100000000000000.01"),
        (Decimal("-0.0000000001"), "-0.0000000001"),
        (Decimal(100), "100"),
        (Decimal(0), "0"),
    ],
)
def test_amounts_are_written_digit_for_digit(
    tmp_path: Path, amount: Decimal, expected: str
) -> None:
    """
    No float comes between the books and the file.
    """
    path = written(tmp_path, document(row("a", amount=amount)))

    assert expected == _cells(path)["D2"]


def _cells(path: Path) -> dict[str, str]:
    """Read the raw numbers of the second sheet."""
    main = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    with zipfile.ZipFile(path) as parts:
        tree = ET.fromstring(parts.read("xl/worksheets/sheet2.xml"))  # noqa: S314
    return {
        cell.get("r", ""): value.text or ""
        for cell in tree.iter(f"{main}c")
        for value in cell.iter(f"{main}v")
    }


def test_what_does_not_fit_goes_on_in_a_second_sheet() -> None:
    """
    A sheet ends at 1,048,576 rows; the next has the same name and a number.
    """
    many = listing()._replace(length=2_500_000)

    pages = list(pages_of("Bills", many))

    assert ["Bills", "Bills (2)", "Bills (3)"] == [title for title, _ in pages]
    assert 2_500_000 == sum(len(rows) for _, rows in pages)
    assert all(len(rows) + 2 <= 1_048_576 for _, rows in pages)


def test_an_empty_listing_has_a_sheet_all_the_same(tmp_path: Path) -> None:
    """
    Its header says that there is nothing, and nothing else does.
    """
    path = written(tmp_path, document())

    assert [["Id", "Name", "Day", "Amount", "Share", "Number"]] == read(path, "Rows")


@given(st.lists(st.text(max_size=30), max_size=7))
@settings(max_examples=15, deadline=None)
def test_any_texts_make_a_workbook_that_opens(
    tmp_path_factory: pytest.TempPathFactory, names: list[str]
) -> None:
    """
    Whatever people are called, as many rows come out as went in.
    """
    folder = tmp_path_factory.mktemp("workbook")

    path = written(folder, document(*map(row, names)))

    assert 1 + len(names) == len(read(path, "Rows"))


def test_the_same_document_gives_the_same_file(tmp_path: Path) -> None:
    """
    A second run leaves the same bytes behind.
    """
    report = document(row("a"), row("b"))

    first = written(tmp_path, report).read_bytes()
    second = written(tmp_path, report).read_bytes()

    assert first == second


def test_sections_stand_above_the_header(tmp_path: Path) -> None:
    """
    Columns that belong together have a name in common, over the first of them.
    """
    columns = (
        Column("id", "Id", section="Who"),
        Column("name", "Name", section="Who"),
        Column("amount", "Amount", Kind.MONEY, section="How much"),
    )
    report = document()
    sheet = report.sheets[1]._replace(listing=_only(columns))

    path = written(tmp_path, report._replace(sheets=(sheet,)))

    assert [["Who", "", "How much"], ["Id", "Name", "Amount"], ["0001", "a", 12.5]] == (
        read(path, "Rows")
    )


def _only(columns: tuple[Column, ...]) -> Any:
    full = listing(row("a"))
    keys = [column.key for column in columns]
    batches = [frame.select(keys) for frame in full.batches()]
    return full._replace(columns=columns, batches=lambda: iter(batches))


@pytest.mark.parametrize(
    ("place", "expected"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")]
)
def test_columns_are_called_as_spreadsheets_call_them(
    place: int, expected: str
) -> None:
    """
    After Z comes AA.
    """
    assert expected == letters(place)
