"""The template: complete, plain to a spreadsheet program, and readable by our own reader."""

import io
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook

from domain.journey import DataType
from providers.workbook.archive import check_archive
from providers.workbook.columns import INSTRUCTIONS, LISTS, SHEETS, Sheet, sheets_for
from providers.workbook.currencies import CURRENCIES
from providers.workbook.template import template
from tests.providers.workbook.workbooks import BOTH, FINANCIALS, SPEND, Upload

GUIDE = Path(__file__).parents[3] / "docs" / "upload.md"


def opened(*data_types: DataType) -> Any:
    return load_workbook(io.BytesIO(template(data_types)))


@pytest.mark.parametrize(
    ("data_types", "names"),
    [
        (SPEND, ["Company", "Suppliers", "Bills", "Payments", "Expenses"]),
        (FINANCIALS, ["Company", "Accounts", "Monthly Balances"]),
        (BOTH, [sheet.name for sheet in SHEETS]),
    ],
)
def test_it_has_the_sheets_that_were_asked_for(
    data_types: tuple[DataType, ...], names: list[str]
) -> None:
    """
    A customer sees what the bank asked for, after a page that explains it.
    """
    workbook = opened(*data_types)

    assert [INSTRUCTIONS, *names, LISTS] == workbook.sheetnames
    assert "hidden" == workbook[LISTS].sheet_state


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_every_sheet_is_ready_to_be_filled_in(sheet: Sheet) -> None:
    """
    Headings stay in view, each with a hint, and no row is there to be deleted first.
    """
    page = opened(*BOTH)[sheet.name]

    assert [column.heading for column in sheet.columns] == [c.value for c in page[1]]
    assert all(cell.comment and cell.font.bold for cell in page[1])
    assert "A2" == page.freeze_panes
    assert 1 == page.max_row
    assert len(sheet.columns) == len(page.data_validations.dataValidation)


def test_columns_have_the_formats_of_what_they_hold() -> None:
    """
    What is typed into a date's or an amount's column becomes one, and an id stays text.
    """
    columns = opened(*SPEND)["Bills"].column_dimensions

    assert "@" == columns["A"].number_format
    assert "yyyy-mm-dd" == columns["D"].number_format
    assert "#,##0.00##" == columns["F"].number_format


def test_lists_offer_what_the_reader_takes() -> None:
    """
    Status, method and currency are chosen, not typed.
    """
    workbook = opened(*SPEND)
    lists = {
        str(each.sqref).split(":")[0]: each.formula1
        for each in workbook["Payments"].data_validations.dataValidation
        if each.type == "list"
    }

    assert {
        "F2": f"Lists!$A$1:$A${len(CURRENCIES)}",
        "H2": '"Cash,Check,Credit Card,Debit Card,Bank Transfer,Other"',
    } == lists
    assert list(CURRENCIES) == [row[0].value for row in workbook[LISTS].rows]


def test_the_same_request_gives_the_same_bytes() -> None:
    """
    A template can be kept and compared: it does not say when or where it was made.
    """
    assert template(BOTH) == template(reversed(BOTH))


def test_it_passes_our_own_guards(tmp_path: Path) -> None:
    """
    The lists that the template refers to are not taken for formulas.
    """
    upload = Upload(tmp_path, template(BOTH))

    assert not check_archive(upload.path)


def test_an_empty_template_is_told_what_it_needs(tmp_path: Path) -> None:
    """
    Uploaded as it came, the template is refused for the currency and for having no rows.
    """
    upload = Upload(tmp_path, template(BOTH))

    problems = upload.problems(BOTH)

    assert [
        ("Company", 2, "Base currency (A)"),
        ("Bills", None, None),
        ("Monthly Balances", None, None),
    ] == [(each.sheet, each.row, each.column) for each in problems]


def test_no_organization_is_named_in_it() -> None:
    """
    One template serves every bank: it bears nobody's name.
    """
    with ZipFile(io.BytesIO(template(BOTH))) as archive:
        core = archive.read("docProps/core.xml")

    assert b"<dc:creator></dc:creator>" in core


def test_the_guide_names_every_sheet_and_column() -> None:
    """
    What a customer reads before downloading is true of what is downloaded.
    """
    guide = GUIDE.read_text()
    headings = {
        column.heading for sheet in sheets_for(BOTH) for column in sheet.columns
    }

    assert set() == {name for name in headings if name not in guide}
    assert set() == {sheet.name for sheet in SHEETS if f"**{sheet.name}**" not in guide}
