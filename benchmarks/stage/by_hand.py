"""
Bills as nobody writes them in a product: decoded, validated and stored by hand.

Each field is named here, once for the software and once for the file; nothing can
be resumed, nothing is noted, and what can't be understood is an exception.
"""

import asyncio
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import httpx
import msgspec
import polars as pl

AMOUNT = pl.Decimal(38, 10)
STATUSES = {
    "Draft": "draft",
    "Open": "open",
    "PartiallyPaid": "partially_paid",
    "Paid": "paid",
    "Void": "void",
}


class Line(msgspec.Struct):
    """What was bought."""

    amount: Decimal
    tax_amount: Decimal
    description: str | None = None
    account_id: str | None = None


class Bill(msgspec.Struct):
    """A bill as the sandbox writes it."""

    id: str
    issue_date: date
    status: str
    currency: str
    currency_rate: Decimal
    subtotal: Decimal
    tax: Decimal
    total: Decimal
    amount_due: Decimal
    lines: list[Line]
    number: str | None = None
    supplier_id: str | None = None
    supplier_name: str | None = None
    due_date: date | None = None
    note: str | None = None


class Page(msgspec.Struct):
    """One answer."""

    items: list[Bill]
    total: int
    has_more: bool


DECODER = msgspec.json.Decoder(Page)


async def store(http: httpx.AsyncClient, addresses: Sequence[str], folder: Path) -> int:
    """Fetch every page and write it as Parquet; return how many bills there were."""
    bills = 0
    for number, address in enumerate(addresses):
        answer = await http.get(address)
        path = folder / f"{number:05}.parquet"
        bills += await asyncio.to_thread(_write, answer.content, path)
    return bills


def _write(content: bytes, path: Path) -> int:
    bills = DECODER.decode(content).items
    _frame(bills).write_parquet(path, compression="zstd")
    return len(bills)


def _frame(bills: Sequence[Bill]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            pl.Series("id", [each.id for each in bills]),
            pl.Series("reference", [each.number for each in bills], pl.String),
            pl.Series("supplier_id", [each.supplier_id for each in bills], pl.String),
            pl.Series(
                "supplier_name", [each.supplier_name for each in bills], pl.String
            ),
            pl.Series("issued_on", [each.issue_date for each in bills]),
            pl.Series("due_on", [each.due_date for each in bills], pl.Date),
            pl.Series("status", [STATUSES[each.status] for each in bills]),
            pl.Series("currency", [each.currency for each in bills]),
            _amounts("currency_rate", [each.currency_rate for each in bills]),
            _amounts("net_amount", [each.subtotal for each in bills]),
            _amounts("tax_amount", [each.tax for each in bills]),
            _amounts("total_amount", [each.total for each in bills]),
            _amounts("amount_due", [each.amount_due for each in bills]),
            pl.Series("note", [each.note for each in bills], pl.String),
            _lines(bills),
        ]
    )


def _lines(bills: Sequence[Bill]) -> pl.Series:
    flat = [line for bill in bills for line in bill.lines]
    columns = pl.DataFrame(
        [
            pl.Series("description", [each.description for each in flat], pl.String),
            pl.Series("account_id", [each.account_id for each in flat], pl.String),
            _amounts("net_amount", [each.amount for each in flat]),
            _amounts("tax_amount", [each.tax_amount for each in flat]),
        ]
    ).to_struct("lines")
    place, cuts = 0, []
    for bill in bills:
        cuts.append(columns.slice(place, len(bill.lines)))
        place += len(bill.lines)
    return pl.Series("lines", cuts)


def _amounts(name: str, values: Sequence[Decimal]) -> pl.Series:
    return pl.Series(name, [str(value) for value in values], pl.String).cast(AMOUNT)
