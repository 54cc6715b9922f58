"""How a workbook looks: one palette, one format for each kind of cell and weight of row."""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

import xlsxwriter
from xlsxwriter.format import Format

from reports.document import Kind, Look, Weight

FONT: Final = "Calibri"
INK: Final = "#1F2933"
ACCENT: Final = "#1F4E79"
PALE: Final = "#E8EEF4"
LINE: Final = "#C5D0DB"
SERIES: Final = ("#1F4E79", "#E08E2B", "#2F6F62", "#6B4E8A")
BANDS: Final = ("#1F4E79", "#2F6F62", "#6B4E8A", "#8A5A2B", "#4A5A6A", "#7A3E48")

NUMBER_FORMATS: Final[Mapping[Kind, str]] = {
    Kind.TEXT: "@",
    Kind.INTEGER: "#,##0",
    Kind.MONEY: "#,##0.00;[Red]-#,##0.00",
    Kind.RATE: "0.0000######",
    Kind.DAYS: "0.0",
    Kind.SHARE: "0.0%",
    Kind.RATIO: "0.00",
    Kind.DATE: "yyyy-mm-dd",
    Kind.MONTH: "mmm yyyy",
}
TO_THE_LEFT: Final = (Kind.TEXT, Kind.DATE, Kind.MONTH)
_WEIGHTS: Final[Mapping[Weight, Mapping[str, Any]]] = {
    Weight.LINE: {},
    Weight.HEADING: {"bold": True, "font_color": ACCENT},
    Weight.SUBTOTAL: {"bold": True, "top": 1, "top_color": LINE, "bg_color": PALE},
    Weight.TOTAL: {"bold": True, "top": 1, "bottom": 6, "bg_color": PALE},
}
_TEXT: Final = {"font_name": FONT, "font_size": 10, "font_color": INK, "valign": "top"}


PLAIN: Final = Look()


class Style:
    """The formats of one workbook, each made once."""

    def __init__(self, workbook: xlsxwriter.Workbook) -> None:
        self._add = workbook.add_format
        self.cell = cache(self._cell)
        self.band = cache(self._band)
        self.title = self._make(bold=True, font_size=16, font_color=ACCENT)
        self.subtitle = self._make(font_color="#52606D")
        self.block = self._make(bold=True, font_size=12, font_color=ACCENT)
        self.label = self._make(font_color="#52606D", text_wrap=True)
        self.header = self._make(
            bold=True,
            font_color="#FFFFFF",
            bg_color=ACCENT,
            text_wrap=True,
            valign="vcenter",
        )
        self.header_right = self._make(
            bold=True,
            font_color="#FFFFFF",
            bg_color=ACCENT,
            text_wrap=True,
            valign="vcenter",
            align="right",
        )

    def value(self, kind: Kind) -> Format:
        """A fact's value: to the left, whatever it is."""
        shown = NUMBER_FORMATS[kind]
        return self._make(num_format=shown, align="left")

    def _cell(self, kind: Kind, look: Look = PLAIN) -> Format:
        indent = {"indent": look.indent} if kind is Kind.TEXT and look.indent else {}
        align = {"align": "left"} if kind in TO_THE_LEFT else {}
        return self._make(
            num_format=NUMBER_FORMATS[kind],
            **_WEIGHTS[look.weight],
            **indent,
            **align,
        )

    def _band(self, number: int) -> Format:
        colour = BANDS[number % len(BANDS)]
        return self._make(bold=True, font_color="#FFFFFF", bg_color=colour)

    def _make(self, **properties: Any) -> Format:
        return self._add({**_TEXT, **properties})
