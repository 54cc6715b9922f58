"""Whatever a workbook holds: rows that can be stored, or problems; never anything else."""

import io
import tempfile
from collections.abc import Mapping
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Final
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from xlsxwriter import Workbook

from domain.uploads import MOST_PROBLEMS
from providers.workbook.columns import SHEETS, sheets_for
from providers.workbook.pages import pages
from tests.providers.workbook.workbooks import BOTH, GOOD, Upload, filled, tampered

GOOD_BYTES: Final = filled(GOOD | {"Accounts": [], "Monthly Balances": []}, BOTH)
SPACE: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
FEW: Final = settings(max_examples=60, deadline=None)

PLACES = st.sampled_from(
    [(sheet.name, n) for sheet in SHEETS for n in range(len(sheet.columns) + 1)]
)
VALUES = st.one_of(
    st.text(),
    st.sampled_from(
        ["=cmd", "S1", "B1", "EUR", "XYZ", "paid", "2026-07", "\x07", "x" * 10_001]
    ),
    st.sampled_from([0.0, 1.0, -1.0, 0.001, 1e30, 1e-30, 1e13]),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
    st.dates(date(1900, 1, 1)),
    st.datetimes(datetime(1900, 1, 1)),  # noqa: DTZ001  # a spreadsheet has no zones
    st.times(),
)
CELLS = st.dictionaries(st.tuples(PLACES, st.integers(0, 4)), VALUES, max_size=12)


def expect_an_outcome(content: bytes) -> None:
    """Read a workbook, and insist on rows or problems."""
    with tempfile.TemporaryDirectory() as folder:
        upload = Upload(Path(folder), content)

        outcome = upload.read(BOTH)

        assert outcome.accepted == (sum(outcome.records.values()) > 1)
        assert len(outcome.problems) <= MOST_PROBLEMS
        for dataset, records in outcome.records.items():
            assert records == sum(map(len, pages(upload.out, dataset)))


def written(cells: Mapping[tuple[tuple[str, int], int], Any]) -> bytes:
    """Write good rows, with some cells replaced, as quickly as can be."""
    packed = io.BytesIO()
    options = {"strings_to_urls": False, "strings_to_formulas": False}
    with Workbook(packed, options) as workbook:
        formats = [
            workbook.add_format({"num_format": form})
            for form in ("yyyy-mm-dd", "hh:mm")
        ]
        for sheet in sheets_for(BOTH):
            page = workbook.add_worksheet(sheet.name)
            for number, column in enumerate(sheet.columns):
                page.write(0, number, column.heading)
                for row, good in enumerate(GOOD.get(sheet.name, []), start=1):
                    write(page, row, number, good.get(column.heading), formats)
            for ((name, number), row), value in cells.items():
                if name == sheet.name:
                    write(page, row, number, value, formats)
    return packed.getvalue()


def write(page: Any, row: int, column: int, value: Any, formats: list[Any]) -> None:
    if value is not None:
        form = formats[isinstance(value, time)] if hasattr(value, "isoformat") else None
        page.write(row, column, value, form)


@FEW
@given(CELLS)
def test_any_cells_give_rows_or_problems(cells: dict[Any, Any]) -> None:
    """
    A customer may type anything anywhere.
    """
    expect_an_outcome(written(cells))


@FEW
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["n", "s", "b", "d", "e", "str", "inlineStr", "?", ""]),
            st.one_of(
                st.sampled_from(["NaN", "inf", "-1", "1e999", "99999999", "true"]),
                st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"])),
            ),
            st.integers(0, 99),
        ),
        max_size=20,
    )
)
def test_any_cells_of_the_file_itself_give_rows_or_problems(
    cells: list[tuple[str, str, int]],
) -> None:
    """
    A program may write what no spreadsheet shows: unknown types, styles and numbers.
    """
    row = "".join(
        f'<c t="{kind}" s="{style}"><v>{escape(text)}</v></c>'
        for kind, text, style in cells
    )
    sheet = f'<worksheet xmlns="{SPACE}"><sheetData><row/><row>{row}</row></sheetData></worksheet>'

    expect_an_outcome(
        tampered(GOOD_BYTES, {"xl/worksheets/sheet4.xml": sheet.encode()})
    )


@FEW
@given(
    st.lists(
        st.tuples(st.integers(0, len(GOOD_BYTES) - 1), st.integers(0, 255)), min_size=1
    )
)
def test_any_damage_gives_rows_or_problems(damage: list[tuple[int, int]]) -> None:
    """
    A file may be broken anywhere, by accident or by skill.
    """
    content = bytearray(GOOD_BYTES)
    for place, value in damage:
        content[place] = value

    expect_an_outcome(bytes(content))


@FEW
@given(st.binary(max_size=300), st.sampled_from([b"", b"PK\x03\x04", b"PK\x05\x06"]))
def test_any_bytes_give_problems(content: bytes, beginning: bytes) -> None:
    """
    A file may be anything at all.
    """
    expect_an_outcome(beginning + content)


@pytest.mark.parametrize(
    "part", ["xl/workbook.xml", "xl/styles.xml", "xl/sharedStrings.xml"]
)
def test_parts_of_another_kind_give_rows_or_problems(part: str) -> None:
    """
    A workbook's own parts may hold other XML than they should.
    """
    expect_an_outcome(tampered(GOOD_BYTES, {part: b"<other/>"}))
