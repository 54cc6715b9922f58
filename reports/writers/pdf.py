"""
A document as PDF: a page for each sheet.

Typst sets it from a template that never changes; what is in the document goes in
as data, so that no name of a supplier can be read as markup. Only the fonts that
Typst brings are used first, so that the page looks the same everywhere.
"""

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from reports.document import Chart, Document, Facts, Kind, Sheet, Table, Value

_TEMPLATE: Final = Path(__file__).with_name("page.typ")
LONGEST_TEXT: Final = 60
NOTHING: Final = "\N{EN DASH}"
_PATTERNS: Final[Mapping[Kind, str]] = {
    Kind.INTEGER: "{:,}",
    Kind.MONEY: "{:,.0f}",
    Kind.RATE: "{:,.4f}",
    Kind.DAYS: "{:,.0f}",
    Kind.SHARE: "{:.1%}",
    Kind.RATIO: "{:.2f}",
    Kind.DATE: "{:%d %b %Y}",
    Kind.MONTH: "{:%b %y}",
}


def write_pdf(document: Document, path: Path) -> None:
    """Write the document."""
    import typst  # noqa: PLC0415 - 80 MB that only this form needs

    content = {
        "title": document.title,
        "subtitle": shortened(document.subtitle),
        "as_of": f"{document.as_of:%d %b %Y}",
        "pages": [_page(sheet) for sheet in document.sheets],
    }
    packed = typst.compile(
        str(_TEMPLATE),
        format="pdf",
        sys_inputs={"document": json.dumps(content, ensure_ascii=False)},
        timestamp=document.as_of.replace(microsecond=0),  # Typst takes no fractions
    )
    path.write_bytes(packed)


def _page(sheet: Sheet) -> dict[str, Any]:
    tables = {b.key: b for b in sheet.blocks if isinstance(b, Table)}
    drawn = {chart.table for chart in sheet.charts}
    return {
        "title": sheet.title,
        "facts": [
            {"label": fact.label, "value": shown(fact.value, fact.kind)}
            for block in sheet.blocks
            if isinstance(block, Facts)
            for fact in block.facts
        ],
        "charts": [_chart(chart, tables[chart.table]) for chart in sheet.charts],
        "tables": [_table(t) for key, t in tables.items() if key not in drawn],
    }


def _chart(chart: Chart, table: Table) -> dict[str, Any]:
    """Give each bar its length as a part of the longest."""
    kinds = {column.key: column.kind for column in table.columns}
    (value,) = chart.values
    rows = [table.rows[number] for number in chart.rows]
    amounts = [_amount(row[value]) for row in rows]
    longest = max(amounts, default=0.0)
    return {
        "title": chart.title,
        "kind": chart.kind,
        "bars": [
            {
                "label": shown(row[chart.categories], kinds[chart.categories]),
                "value": shown(row[value], kinds[value]),
                "part": amount / longest if longest else 0.0,
            }
            for row, amount in zip(rows, amounts, strict=True)
        ],
    }


def _amount(value: Value) -> float:
    """How long a bar is; money that came back has none."""
    return max(float(value), 0.0) if isinstance(value, Decimal | int | float) else 0.0


def _table(table: Table) -> dict[str, Any]:
    return {
        "title": table.title,
        "columns": [
            {"title": column.title, "is_text": column.kind is Kind.TEXT}
            for column in table.columns
        ],
        "rows": [
            [shown(row[column.key], column.kind) for column in table.columns]
            for row in table.rows
        ],
    }


def shown(value: Value, kind: Kind) -> str:
    """Write a value for people; a dash where there is none."""
    if value is None:
        return NOTHING
    if isinstance(value, str):
        return shortened(value)
    if isinstance(value, date):
        return _PATTERNS.get(kind, _PATTERNS[Kind.DATE]).format(value)
    return _PATTERNS[kind].format(value)


def shortened(text: str) -> str:
    """Keep a page a page, whatever somebody is called."""
    printable = "".join(c if c.isprintable() else " " for c in text[: LONGEST_TEXT * 2])
    cut = len(printable) > LONGEST_TEXT or len(text) > len(printable)
    return f"{printable[: LONGEST_TEXT - 1]}…" if cut else printable
