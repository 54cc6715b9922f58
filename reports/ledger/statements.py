"""Profit and loss and balance sheet by month, each line under the levels of its category."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple

from domain.datasets import Dataset
from domain.taxonomy import taxonomy
from reports.document import Column, Kind, Look, Table, Value, Weight
from reports.ledger.entries import ROOTS, SIGNS, Entry, Ledger
from reports.ledger.figures import LINES, PROFIT, Figures

TITLES: Final[Mapping[Dataset, str]] = {
    Dataset.PROFIT_AND_LOSS: "Profit and loss",
    Dataset.BALANCE_SHEET: "Balance sheet",
}
_RESULTS: Final = ("gross_profit", "operating_profit", "net_profit")
_STRONG_LEVELS: Final = 2

Amounts = Mapping[date, Decimal]


class Placed(NamedTuple):
    """One row of a statement."""

    title: str
    amounts: Mapping[date, Decimal | None]
    look: Look
    account_id: str | None = None


def statement(ledger: Ledger, kind: Dataset) -> Table:
    """Lay a statement out, with what it adds up to and what the software prints."""
    months = ledger.months(kind)
    entries = list(ledger.of(kind))
    placed: list[Placed] = []
    for root in ROOTS[kind]:
        placed += _branch((root,), entries)
    placed += _endings(ledger, kind, months)
    ending = f" ({ledger.currency})" if ledger.currency else ""
    return Table(
        f"{kind}_{ledger.currency}" if ledger.currency else str(kind),
        TITLES[kind] + ending,
        (
            Column("line", "Line", width=44),
            Column("account_id", "Account id", width=16),
            *(Column(f"{m:%Y-%m}", f"{m:%b %Y}", Kind.MONEY, width=14) for m in months),
            *([_TOTAL] if kind is PROFIT else []),
        ),
        [_row(each, months, kind) for each in placed],
        tuple(each.look for each in placed),
    )


_TOTAL: Final = Column("total", "Total", Kind.MONEY)


def _row(placed: Placed, months: Sequence[date], kind: Dataset) -> dict[str, Value]:
    amounts = {f"{month:%Y-%m}": placed.amounts.get(month) for month in months}
    known = [amount for amount in amounts.values() if amount is not None]
    total = {"total": sum(known, Decimal(0)) if known else None}
    return {
        "line": placed.title,
        "account_id": placed.account_id,
        **amounts,
        **(total if kind is PROFIT else {}),
    }


def _branch(path: tuple[str, ...], entries: Sequence[Entry]) -> list[Placed]:
    """A category with its sum, then its own accounts, then its finer categories."""
    own_id = ".".join(path)
    within = [e for e in entries if (e.category_id + ".").startswith(own_id + ".")]
    depth = len(path) - 1
    if not within:
        return []
    weight = Weight.SUBTOTAL if depth < _STRONG_LEVELS else Weight.HEADING
    placed = [Placed(spaced(path[-1]), _sums(within), Look(weight, depth))]
    placed += _accounts([e for e in within if e.category_id == own_id], depth + 1)
    for child in _children(path, within):
        placed += _branch(child, within)
    return placed


def _children(path: tuple[str, ...], entries: Iterable[Entry]) -> list[tuple[str, ...]]:
    """The next levels that hold anything, in the order of the taxonomy."""
    order = {each: place for place, each in enumerate(taxonomy())}
    found: dict[tuple[str, ...], int] = {}
    for entry in entries:
        levels = tuple(entry.category_id.split("."))
        if len(levels) > len(path):
            child = levels[: len(path) + 1]
            place = order[entry.category_id]
            found[child] = min(place, found.get(child, place))
    return sorted(found, key=lambda child: found[child])


def _accounts(entries: Iterable[Entry], depth: int) -> list[Placed]:
    grouped: dict[tuple[str, str | None, str], list[Entry]] = defaultdict(list)
    for entry in entries:
        key = (entry.book.company_id, entry.account_id, entry.name)
        grouped[key].append(entry)
    return [
        Placed(name, _sums(some), Look(indent=depth), account_id)
        for (_, account_id, name), some in grouped.items()
    ]


def _sums(entries: Iterable[Entry]) -> Amounts:
    sums: dict[date, Decimal] = defaultdict(Decimal)
    for entry in entries:
        sums[entry.month] += entry.shown
    return sums


def _endings(ledger: Ledger, kind: Dataset, months: Sequence[date]) -> list[Placed]:
    total = Look(Weight.TOTAL)
    if kind is PROFIT:
        figures = {month: Figures(ledger, (month,)) for month in months}
        return [
            Placed(
                LINES[key].title,
                {month: LINES[key].work_out(each) for month, each in figures.items()},
                total,
            )
            for key in _RESULTS
        ]
    signed: dict[date, Decimal] = defaultdict(Decimal)
    owed: dict[date, Decimal] = defaultdict(Decimal)
    for entry in ledger.of(kind):
        signed[entry.month] += entry.signed
        if SIGNS[entry.root] < 0:
            owed[entry.month] += entry.shown
    zero = {month: signed.get(month, Decimal(0)) for month in months}
    return [
        Placed("Liabilities and equity", owed, total),
        Placed("Assets less liabilities and equity", zero, Look()),
    ]


def spaced(name: str) -> str:
    """Write the name of a category for people: "CostOfSales" is "Cost of sales"."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).split(" ")
    return " ".join([words[0], *(word.lower() for word in words[1:])])
