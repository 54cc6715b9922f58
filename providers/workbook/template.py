"""The empty workbook that a customer downloads and fills in."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from io import BytesIO
from typing import Any, Final

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from domain.journey import DataType
from providers.workbook.cells import FIRST_YEAR, LAST_YEAR, LONGEST_ID
from providers.workbook.columns import (
    INSTRUCTIONS,
    LISTS,
    Column,
    Kind,
    Sheet,
    sheets_for,
)
from providers.workbook.currencies import CURRENCIES

_LAST_ROW: Final = 1_048_575
_LONGEST_HINT: Final = 255
_LINE: Final = 15  # points
_WIDEST: Final = 76  # characters of a line in the instructions
_FONT: Final = {"font_name": "Calibri", "font_size": 11, "valign": "top"}
_INK: Final = "#1F3A5F"
_SOFT: Final = "#6B7F99"
_PALE: Final = "#EEF2F7"
_HEADING: Final = _FONT | {
    "bold": True,
    "font_color": "#FFFFFF",
    "bg_color": _SOFT,
    "valign": "vcenter",
    "bottom": 1,
}

_FORMATS: Final[Mapping[str, Mapping[str, Any]]] = {
    "title": _FONT | {"bold": True, "font_size": 18, "font_color": _INK},
    "text": _FONT | {"text_wrap": True},
    "step": _FONT,
    "strong": _FONT | {"bold": True, "font_color": _INK},
    "section": _FONT | {"bold": True, "font_color": _INK, "bg_color": _PALE},
    "optional": _HEADING,
    "required": _HEADING | {"bg_color": _INK},
}
_NUMBER_FORMATS: Final[Mapping[Kind, str]] = {
    Kind.ID: "@",
    Kind.TEXT: "@",
    Kind.DAY: "yyyy-mm-dd",
    Kind.MONTH: "@",
    Kind.AMOUNT: "#,##0.00##",
    Kind.RATE: "0.00########",
    Kind.CURRENCY: "@",
    Kind.MONTH_OF_YEAR: "0",
    Kind.CHOICE: "@",
}
_WIDTHS: Final[Mapping[Kind, int]] = {
    Kind.ID: 16,
    Kind.TEXT: 24,
    Kind.DAY: 14,
    Kind.MONTH: 12,
    Kind.AMOUNT: 16,
    Kind.RATE: 15,
    Kind.CURRENCY: 15,
    Kind.MONTH_OF_YEAR: 17,
    Kind.CHOICE: 18,
}
_EXPECTED: Final[Mapping[Kind, str]] = {
    Kind.ID: f"Your own number or word, up to {LONGEST_ID} characters",
    Kind.TEXT: "Text",
    Kind.DAY: "A date",
    Kind.MONTH: "A month, such as 2026-07",
    Kind.AMOUNT: "A number with up to 4 decimals",
    Kind.RATE: "A number above zero, with up to 10 decimals",
    Kind.CURRENCY: "A currency of ISO 4217, such as EUR",
    Kind.MONTH_OF_YEAR: "A number from 1 to 12",
}
_ALLOWED: Final[Mapping[Kind, Mapping[str, Any]]] = {
    Kind.ID: {"validate": "length", "criteria": "<=", "value": LONGEST_ID},
    Kind.DAY: {
        "validate": "date",
        "criteria": "between",
        "minimum": date(FIRST_YEAR, 1, 1),
        "maximum": date(LAST_YEAR, 12, 31),
    },
    Kind.AMOUNT: {
        "validate": "decimal",
        "criteria": "between",
        "minimum": -(10**13),
        "maximum": 10**13,
    },
    Kind.RATE: {"validate": "decimal", "criteria": ">", "value": 0},
    Kind.CURRENCY: {
        "validate": "list",
        "source": f"={LISTS}!$A$1:$A${len(CURRENCIES)}",
    },
    Kind.MONTH_OF_YEAR: {
        "validate": "integer",
        "criteria": "between",
        "minimum": 1,
        "maximum": 12,
    },
}
_STEPS: Final = (
    "Fill in the other sheets: one row for each supplier, bill and so on, from row 2 on.",
    "Dark headings must be filled in. The others may stay empty.",
    "Leave the names of sheets and headings as they are. The order of columns does not matter.",
    "Write values, not formulas. Paste with “values only” when you copy from another workbook.",
    "Save it as .xlsx, without a password or macros, and upload it. Up to 10 MB are taken.",
    "Should anything not fit, you are told all of it at once, with sheet, row and column.",
)


def template(data_types: Iterable[DataType]) -> bytes:
    """Make the workbook for what a bank asks for: always the same bytes for the same."""
    sheets = sheets_for(data_types)
    packed = BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
    }
    with Workbook(packed, options) as workbook:
        workbook.set_properties({"title": "Upload", "created": datetime(2026, 1, 1)})  # noqa: DTZ001  # written as it is
        styles = {
            name: workbook.add_format(dict(style)) for name, style in _FORMATS.items()
        }
        _write_instructions(workbook.add_worksheet(INSTRUCTIONS), styles, sheets)
        for sheet in sheets:
            _write_sheet(workbook, workbook.add_worksheet(sheet.name), styles, sheet)
        lists = workbook.add_worksheet(LISTS)
        lists.write_column(0, 0, CURRENCIES)
        lists.hide()
    return packed.getvalue()


def _write_sheet(
    workbook: Workbook, page: Worksheet, styles: Mapping[str, Format], sheet: Sheet
) -> None:
    page.freeze_panes(1, 0)
    page.set_row(0, 22)
    page.set_landscape()
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)
    page.set_tab_color(_INK)
    for index, column in enumerate(sheet.columns):
        width = max(_WIDTHS[column.kind], len(column.heading) + 3)
        style = {**_FONT, "num_format": _NUMBER_FORMATS[column.kind]}
        page.set_column(index, index, width, workbook.add_format(style))
        page.write(0, index, column.heading, styles[_importance(column)])
        page.write_comment(0, index, _hint(column), {"x_scale": 2, "author": ""})
        _allow(page, index, column)


def _allow(page: Worksheet, index: int, column: Column) -> None:
    """Let the spreadsheet program itself refuse what the reader would refuse."""
    if column.choices:
        allowed: Mapping[str, Any] = {
            "validate": "list",
            "source": list(column.choices),
        }
    else:
        allowed = _ALLOWED.get(column.kind, {"validate": "any"})
    hint = {
        "input_title": column.heading,
        "input_message": _hint(column)[:_LONGEST_HINT],
        "error_title": "This does not fit",
        "error_message": f"{_expected(column)}."[:_LONGEST_HINT],
    }
    page.data_validation(1, index, _LAST_ROW, index, {**allowed, **hint})


def _write_instructions(
    page: Worksheet, styles: Mapping[str, Format], sheets: tuple[Sheet, ...]
) -> None:
    page.hide_gridlines(2)
    page.set_landscape()
    page.fit_to_pages(1, 0)
    for index, width in enumerate((24, 11, 50, _WIDEST)):
        page.set_column(index, index, width)
    page.write(0, 0, "How to fill in this workbook", styles["title"])
    page.set_row(0, 30)
    row = 2
    for number, step in enumerate(_STEPS, start=1):
        page.write(row, 0, f"{number}. {step}", styles["step"])
        row += 1
    for sheet in sheets:
        row = _describe(page, styles, sheet, row + 1)


def _describe(
    page: Worksheet, styles: Mapping[str, Format], sheet: Sheet, row: int
) -> int:
    """Explain one sheet, from a row on; answers the row after."""
    heads = (sheet.name, "", sheet.about, "")
    for index, text in enumerate(heads):
        page.write(row, index, text, styles["section"])
    for column in sheet.columns:
        row += 1
        texts = (column.heading, _importance(column), _expected(column), column.about)
        if max(map(len, texts)) > _WIDEST:
            page.set_row(row, 2 * _LINE)
        for index, text in enumerate(texts):
            page.write(row, index, text, styles["text" if index else "strong"])
    return row + 1


def _importance(column: Column) -> str:
    return "required" if column.required else "optional"


def _expected(column: Column) -> str:
    if column.choices:
        return f"One of: {', '.join(column.choices)}"
    return _EXPECTED[column.kind]


def _hint(column: Column) -> str:
    sentences = (_importance(column).capitalize(), _expected(column), column.about)
    return ". ".join(each.rstrip(".") for each in sentences if each) + "."
