"""
The stored books of one company, as plans that read no more than they are asked for.

`COLUMNS` is all that the reports read of a snapshot; a test holds it against the
shapes in `domain.datasets`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any, Final, NamedTuple

import polars as pl
from polars.datatypes import DataTypeClass

from domain.datasets import DECIMAL_PLACES, Dataset
from reports.repeats import superseded
from reports.request import CompanyBooks, folder_of

AT_ONCE: Final = 800_000
"""Bytes of parts, as they are stored, that are read together: some 20,000 bills."""

MONEY: Final = pl.Decimal(38, DECIMAL_PLACES)

_PLACE: Final = " place"
"""No column of a snapshot has such a name."""

_ADDRESS: Final = pl.Struct(
    dict.fromkeys(
        ("type", "line1", "line2", "city", "region", "postal_code", "country"),
        pl.String,
    )
)
_LINES: Final = pl.List(
    pl.Struct(
        {
            "section": pl.String,
            "account_id": pl.String,
            "account_name": pl.String,
            "amount": MONEY,
        }
    )
)
_PAID: Final[Mapping[str, pl.DataType | DataTypeClass]] = {
    "id": pl.String,
    "reference": pl.String,
    "supplier_id": pl.String,
    "account_id": pl.String,
    "payment_method_id": pl.String,
    "paid_on": pl.Date,
    "currency": pl.String,
    "currency_rate": MONEY,
    "total_amount": MONEY,
    "note": pl.String,
}

COLUMNS: Final[Mapping[Dataset, Mapping[str, pl.DataType | DataTypeClass]]] = {
    Dataset.COMPANY_INFO: {
        "name": pl.String,
        "legal_name": pl.String,
        "registration_number": pl.String,
        "tax_number": pl.String,
        "base_currency": pl.String,
        "year_end_month": pl.Int64,
        "phone": pl.String,
        "web_links": pl.List(pl.Struct({"type": pl.String, "url": pl.String})),
        "addresses": pl.List(_ADDRESS),
    },
    Dataset.ACCOUNTS: {
        "id": pl.String,
        "code": pl.String,
        "name": pl.String,
        "description": pl.String,
        "type": pl.String,
        "category": pl.String,
        "currency": pl.String,
        "balance": MONEY,
        "is_bank_account": pl.Boolean,
    },
    Dataset.PROFIT_AND_LOSS: {
        "month": pl.String,
        "currency": pl.String,
        "lines": _LINES,
        "income": MONEY,
        "net_profit": MONEY,
    },
    Dataset.BALANCE_SHEET: {
        "month": pl.String,
        "currency": pl.String,
        "lines": _LINES,
        "assets": MONEY,
        "liabilities": MONEY,
        "equity": MONEY,
    },
    Dataset.SUPPLIERS: {
        "id": pl.String,
        "name": pl.String,
        "contact_name": pl.String,
        "email": pl.String,
        "phone": pl.String,
        "tax_number": pl.String,
        "addresses": pl.List(_ADDRESS),
    },
    Dataset.BILLS: {
        "id": pl.String,
        "reference": pl.String,
        "supplier_id": pl.String,
        "supplier_name": pl.String,
        "issued_on": pl.Date,
        "due_on": pl.Date,
        "status": pl.String,
        "currency": pl.String,
        "currency_rate": MONEY,
        "total_amount": MONEY,
        "amount_due": MONEY,
    },
    Dataset.BILL_PAYMENTS: {
        **_PAID,
        "allocations": pl.List(pl.Struct({"bill_id": pl.String, "amount": MONEY})),
    },
    Dataset.EXPENSES: {**_PAID, "supplier_name": pl.String},
    Dataset.PAYMENT_METHODS: {"id": pl.String, "name": pl.String, "type": pl.String},
}


class Info(NamedTuple):
    """Whose books these are; `currency` is empty where the software does not say."""

    name: str
    currency: str
    row: Mapping[str, Any]


class Book:
    """One company's snapshot on disk; nothing is read before it is needed."""

    def __init__(self, folder: Path, company: CompanyBooks, number: int = 0) -> None:
        self._folder, self.company, self.number = folder, company, number
        self._superseded: dict[Dataset, Mapping[Path, pl.Series]] = {}

    @property
    def company_id(self) -> str:
        return self.company.company_id

    @cached_property
    def info(self) -> Info:
        rows = self.frame(Dataset.COMPANY_INFO).head(1).to_dicts()
        row = rows[0] if rows else {}
        return Info(self.company.name, row.get("base_currency") or "", row)

    def scan(self, dataset: Dataset) -> pl.LazyFrame:
        """Plan to read a whole dataset, in the software's order, every record once."""
        return self._plan(dataset, self._parts(dataset))

    def frame(self, dataset: Dataset) -> pl.DataFrame:
        """Read a whole dataset that is small whatever the books."""
        return self.scan(dataset).collect()

    def batches(
        self, dataset: Dataset, at_once: int = AT_ONCE
    ) -> Iterator[pl.LazyFrame]:
        """Plan to read a dataset some parts at a time: as many as have so many bytes."""
        batch: list[Path] = []
        size = 0
        for part in self._parts(dataset):
            batch.append(part)
            size += part.stat().st_size
            if size >= at_once:
                yield self._plan(dataset, batch)
                batch, size = [], 0
        if batch:
            yield self._plan(dataset, batch)

    def gather(
        self, dataset: Dataset, prepare: Callable[[pl.LazyFrame], pl.LazyFrame]
    ) -> pl.DataFrame:
        """Read a large dataset a few parts at a time, keeping only what is prepared."""
        empty = self._plan(dataset, [])
        return pl.concat(
            prepare(plan).collect() for plan in chain([empty], self.batches(dataset))
        )

    def _plan(self, dataset: Dataset, parts: Sequence[Path]) -> pl.LazyFrame:
        columns = COLUMNS[dataset]
        if not parts:
            return pl.LazyFrame(schema=columns)
        left_out = self._left_out(dataset)
        if left_out.keys().isdisjoint(parts):
            return pl.scan_parquet(list(parts), glob=False).select(columns.keys())
        plans = [_without(part, left_out.get(part)) for part in parts]
        return pl.concat(plan.select(columns.keys()) for plan in plans)

    def _left_out(self, dataset: Dataset) -> Mapping[Path, pl.Series]:
        """Say which rows a later page has again; statements say themselves which month counts."""
        if "id" not in COLUMNS[dataset]:
            return {}
        if dataset not in self._superseded:
            self._superseded[dataset] = superseded(self._parts(dataset), "id")
        return self._superseded[dataset]

    def _parts(self, dataset: Dataset) -> list[Path]:
        folder = folder_of(self._folder, self.company_id, dataset)
        return sorted(folder.glob("*.parquet"))


def _without(part: Path, places: pl.Series | None) -> pl.LazyFrame:
    plan = pl.scan_parquet(part, glob=False, row_index_name=_PLACE)
    return (
        plan if places is None else plan.filter(~pl.col(_PLACE).is_in(places.implode()))
    )


def open_books(folder: Path, companies: tuple[CompanyBooks, ...]) -> tuple[Book, ...]:
    """Every company's books, numbered in the order of the request."""
    return tuple(Book(folder, each, place) for place, each in enumerate(companies))
