"""Where things stand in a workbook: pages of facts, tables and charts, and listings."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import groupby
from typing import Any, Final, NamedTuple

import polars as pl
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from reports.document import (
    Chart,
    ChartKind,
    Column,
    Document,
    Facts,
    Kind,
    Listing,
    Look,
    Sheet,
    Table,
    Value,
)
from reports.writers.sheet_xml import clean
from reports.writers.style import SERIES, TO_THE_LEFT, Style

A4: Final = 9
FIRST_BLOCK: Final = 3  # below title and subtitle
TITLE_HEIGHT: Final = 26
LINE_HEIGHT: Final = 14
NARROW: Final = 6  # columns
PAGE_WIDTH: Final = 240  # characters, printed small but legible
CHART_SIZE: Final = (620, 300)
CHART_ROWS: Final = 17
LABEL_WIDTH: Final = 36
VALUE_WIDTH: Final = 80
LONGEST_NAME: Final = 60
_SHAPES: Final[Mapping[ChartKind, str]] = {
    ChartKind.COLUMN: "column",
    ChartKind.BAR: "bar",
    ChartKind.LINE: "line",
}


class Placed(NamedTuple):
    """A table on a page, with the row of its header."""

    table: Table
    header: int


class Layout:
    """Adds one sheet after the other to a workbook."""

    def __init__(
        self, workbook: xlsxwriter.Workbook, document: Document, style: Style
    ) -> None:
        self._workbook, self._document, self._style = workbook, document, style

    def add_listing(self, title: str, listing: Listing, rows: int) -> int:
        """Prepare a sheet with one row that shows the formats; return the header's row."""
        sheet = self._add_sheet(title)
        header = self._bands(sheet, listing.columns)
        self._header(sheet, header, listing.columns)
        for place, column in enumerate(listing.columns):
            sheet.set_column(place, place, column.characters)
            sheet.write_blank(header + 1, place, None, self._style.cell(column.kind))
        sheet.freeze_panes(header + 1, 0)
        sheet.autofilter(header, 0, header + max(rows, 1), len(listing.columns) - 1)
        sheet.repeat_rows(0, header)
        _fit(sheet, sum(column.characters for column in listing.columns))
        return header

    def add_page(self, page: Sheet) -> None:
        """Write facts and tables below each other, and the charts beside the narrow ones."""
        sheet = self._add_sheet(page.title)
        sheet.hide_gridlines(2)
        sheet.set_row(0, TITLE_HEIGHT)
        title = f"{self._document.title}: {page.title}"
        sheet.write_string(0, 0, title, self._style.title)
        sheet.write_string(1, 0, _clean(self._document.subtitle), self._style.subtitle)
        row = beside = FIRST_BLOCK
        placed: dict[str, Placed] = {}
        for block in page.blocks:
            if isinstance(block, Table):
                placed[block.key] = Placed(block, row + 1)
                row = self._table(sheet, row, block)
                beside = row if len(block.columns) > NARROW else beside
            else:
                row = self._facts(sheet, row, block)
        self._widths(sheet, page)
        self._panes(sheet, page, placed)
        place = max([_columns(b) for b in page.blocks if _columns(b) <= NARROW] or [0])
        for number, chart in enumerate(page.charts):
            where = (beside + number * CHART_ROWS, place + 1)
            self._chart(sheet, where, chart, placed[chart.table])

    def _panes(
        self, sheet: Worksheet, page: Sheet, placed: Mapping[str, Placed]
    ) -> None:
        """Keep the header in sight: the table's where there is one alone."""
        if len(placed) != len(page.blocks) or len(placed) != 1:
            sheet.freeze_panes(2, 1)
            return
        ((table, header),) = placed.values()
        last = header + max(len(table.rows), 1)
        sheet.freeze_panes(header + 1, 1)
        sheet.repeat_rows(header)
        if not table.looks:
            sheet.autofilter(header, 0, last, len(table.columns) - 1)

    def _add_sheet(self, title: str) -> Worksheet:
        sheet: Worksheet = self._workbook.add_worksheet(title)
        sheet.set_landscape()
        sheet.set_paper(A4)
        sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
        name = _clean(self._document.subtitle)[:LONGEST_NAME].replace("&", "&&")
        sheet.set_footer(f"&L&8{name}&C&8{self._document.title}&R&8&P / &N")
        return sheet

    def _bands(self, sheet: Worksheet, columns: Sequence[Column]) -> int:
        """Write the sections above the header, if there are any; return the header's row."""
        if not any(column.section for column in columns):
            return 0
        place = 0
        sections = groupby(columns, key=lambda column: column.section)
        for number, (section, members) in enumerate(sections):
            band = self._style.band(number)
            for offset, _ in enumerate(members):
                sheet.write_string(0, place + offset, "" if offset else section, band)
            place += offset + 1
        return 1

    def _header(self, sheet: Worksheet, row: int, columns: Sequence[Column]) -> None:
        lines = max(-(-len(each.title) // each.characters) for each in columns)
        sheet.set_row(row, LINE_HEIGHT * min(lines + 1, 4))
        for place, column in enumerate(columns):
            is_left = column.kind in TO_THE_LEFT
            form = self._style.header if is_left else self._style.header_right
            sheet.write_string(row, place, column.title, form)

    def _table(self, sheet: Worksheet, row: int, table: Table) -> int:
        sheet.write_string(row, 0, table.title, self._style.block)
        self._header(sheet, row + 1, table.columns)
        looks = table.looks or (Look(),) * len(table.rows)
        for number, (values, look) in enumerate(
            zip(table.rows, looks, strict=True), start=row + 2
        ):
            for place, column in enumerate(table.columns):
                # Only the first text says how deep a row stands.
                seen = look if place == 0 else look._replace(indent=0)
                form = self._style.cell(column.kind, seen)
                _write(sheet, number, place, values[column.key], form)
        return row + len(table.rows) + 3

    def _facts(self, sheet: Worksheet, row: int, facts: Facts) -> int:
        sheet.write_string(row, 0, facts.title, self._style.block)
        for number, fact in enumerate(facts.facts, start=row + 1):
            sheet.write_string(number, 0, fact.label, self._style.label)
            _write(sheet, number, 1, fact.value, self._style.value(fact.kind))
        return row + len(facts.facts) + 2

    def _widths(self, sheet: Worksheet, page: Sheet) -> None:
        """Make every column as wide as the widest that stands in it."""
        widths: dict[int, int] = {0: LABEL_WIDTH}
        for block in page.blocks:
            wanted = block.columns if isinstance(block, Table) else ()
            for place, column in enumerate(wanted):
                widths[place] = max(widths.get(place, 0), column.characters)
        if len(widths) == 1:
            widths[1] = VALUE_WIDTH
        for place, width in widths.items():
            sheet.set_column(place, place, width)
        _fit(sheet, sum(widths.values()), whole=bool(page.charts))

    def _chart(
        self, sheet: Worksheet, where: tuple[int, int], chart: Chart, placed: Placed
    ) -> None:
        picture: Any = self._workbook.add_chart({"type": _SHAPES[chart.kind]})
        first = placed.header + 1 + chart.rows.start
        last = placed.header + chart.rows.stop
        places = {
            column.key: place for place, column in enumerate(placed.table.columns)
        }
        category = places[chart.categories]
        for number, value in enumerate(chart.values):
            place = places[value]
            picture.add_series(
                {
                    "name": placed.table.columns[place].title,
                    "categories": [sheet.name, first, category, last, category],
                    "values": [sheet.name, first, place, last, place],
                    **_drawn(chart.kind, SERIES[number]),
                }
            )
        picture.set_title({"name": chart.title, "name_font": {"size": 12}})
        picture.set_legend({"none": len(chart.values) == 1, "position": "bottom"})
        kinds = {each.key: each.kind for each in placed.table.columns}
        _axes(picture, chart.kind, kinds[chart.categories])
        picture.set_size({"width": CHART_SIZE[0], "height": CHART_SIZE[1]})
        sheet.insert_chart(*where, picture, {"description": chart.title})


def _drawn(kind: ChartKind, colour: str) -> Mapping[str, Any]:
    """How a series looks."""
    if kind is ChartKind.LINE:
        marker = {"type": "circle", "size": 5, "fill": {"color": colour}}
        return {"line": {"width": 2.25, "color": colour}, "marker": marker}
    return {"fill": {"color": colour}, "gap": 60}


def _axes(picture: Any, kind: ChartKind, categories: Kind) -> None:
    """Show amounts without cents; a bar chart begins with the largest."""
    gridlines = {"visible": True, "line": {"color": "#E4E7EB"}}
    numbers = {"num_format": "#,##0", "major_gridlines": gridlines}
    if kind is ChartKind.BAR:
        picture.set_y_axis({"reverse": True})
        picture.set_x_axis(numbers)
        return
    is_months = categories is Kind.MONTH
    picture.set_x_axis({"num_format": "mmm yy", "date_axis": True} if is_months else {})
    picture.set_y_axis(numbers)


def _fit(sheet: Worksheet, characters: int, *, whole: bool = False) -> None:
    """
    Print on as many pages side by side as it takes to stay legible, each with the names.

    What has charts is never cut across: it is one page high.
    """
    sheet.fit_to_pages(-(-characters // PAGE_WIDTH), 1 if whole else 0)
    sheet.repeat_columns(0)


def _columns(block: Facts | Table) -> int:
    return len(block.columns) if isinstance(block, Table) else 2


def _write(sheet: Worksheet, row: int, place: int, value: Value, form: Format) -> None:
    """Write a value as what it is; a text is never read as a formula."""
    match value:
        case None:
            sheet.write_blank(row, place, None, form)
        case str():
            sheet.write_string(row, place, _clean(value), form)
        case int() | float() | Decimal():
            sheet.write_number(row, place, value, form)
        case _:
            sheet.write_datetime(row, place, value, form)


def _clean(text: str) -> str:
    return str(pl.select(clean(pl.lit(text))).item())
