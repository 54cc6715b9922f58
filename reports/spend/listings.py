"""The source rows: bills, payments and expenses as the books hold them, in batches."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Final, NamedTuple

import polars as pl

from domain.datasets import Dataset
from reports.books import Book
from reports.document import Column, Kind, Listing
from reports.money import in_base
from reports.spend.facts import NOT_SPENT, Spend
from reports.spend.methods import METHODS, Inference
from reports.spend.suppliers import NOBODY, names

COMPANY: Final = (
    Column("company_id", "Company id"),
    Column("company", "Company", width=28),
)
_PAYEE: Final = (
    Column("supplier_id", "Supplier id", width=16),
    Column("supplier", "Supplier", width=32),
)
_CURRENCY: Final = (
    Column("currency", "Currency", width=10),
    Column("currency_rate", "Currency rate", Kind.RATE),
)
_BASE: Final = Column("base_amount", "Amount in base currency", Kind.MONEY, width=18)


class Source(NamedTuple):
    """One kind of document: how it is called and which of its columns are shown."""

    key: str
    title: str
    columns: tuple[Column, ...]


SOURCES: Final[Mapping[Dataset, Source]] = {
    Dataset.BILLS: Source(
        "bills",
        "Bills",
        (
            Column("id", "Bill id"),
            Column("reference", "Reference"),
            *_PAYEE,
            Column("issued_on", "Issue date", Kind.DATE),
            Column("due_on", "Due date", Kind.DATE),
            Column("status", "Status", width=14),
            *_CURRENCY,
            Column("total_amount", "Total amount", Kind.MONEY),
            _BASE,
            Column("base_due", "Outstanding in base currency", Kind.MONEY, width=18),
        ),
    ),
    Dataset.BILL_PAYMENTS: Source(
        "bill_payments",
        "Bill Payments",
        (
            Column("id", "Payment id"),
            *_PAYEE,
            Column("paid_on", "Date", Kind.DATE),
            Column("method", "Payment method (inferred)", width=16),
            *_CURRENCY,
            Column("total_amount", "Total amount", Kind.MONEY),
            _BASE,
            Column("reference", "Reference"),
            Column("note", "Note", width=32),
        ),
    ),
    Dataset.EXPENSES: Source(
        "expenses",
        "Expenses",
        (
            Column("id", "Expense id"),
            *_PAYEE,
            Column("reference", "Reference"),
            Column("account", "Payment account"),
            Column("paid_on", "Date", Kind.DATE),
            Column("method", "Payment method (inferred)", width=16),
            *_CURRENCY,
            Column("total_amount", "Total amount", Kind.MONEY),
            _BASE,
            Column("note", "Note", width=32),
        ),
    ),
}


def listings(spend: Spend, *, with_company: bool) -> tuple[Listing, ...]:
    """All documents that the figures are made of, and no others."""
    counts = (spend.bills.height, spend.payments.height, spend.expenses.height)
    return tuple(
        Listing(
            source.key,
            source.title,
            (*(COMPANY if with_company else ()), *source.columns),
            count,
            partial(_batches, spend, dataset, with_company=with_company),
        )
        for (dataset, source), count in zip(SOURCES.items(), counts, strict=True)
    )


def _batches(
    spend: Spend, dataset: Dataset, *, with_company: bool
) -> Iterator[pl.DataFrame]:
    shown = [column.key for column in SOURCES[dataset].columns]
    chosen = [*[column.key for column in COMPANY if with_company], *shown]
    for book, copies in zip(spend.books, spend.copies, strict=True):
        prepare = _PREPARED[dataset](book, spend, copies)
        known = names(book).collect().lazy()
        for plan in book.batches(dataset):
            prepared = plan.with_columns(
                pl.lit(book.company_id).alias("company_id"),
                pl.lit(book.info.name).alias("company"),
                in_base("total_amount", book.info.currency).alias("base_amount"),
            )
            yield _named(prepare(prepared), known).select(chosen).collect()


def _named(plan: pl.LazyFrame, known: pl.LazyFrame) -> pl.LazyFrame:
    """Show a document's own name of the supplier, else the one on record."""
    joined = plan.join(
        known, left_on="supplier_id", right_on="id", how="left", maintain_order="left"
    )
    return joined.with_columns(
        pl.coalesce("supplier_name", "name", pl.lit(NOBODY)).alias("supplier")
    )


Prepare = Callable[[pl.LazyFrame], pl.LazyFrame]


class _Bills:
    """How bills are prepared for a reader."""

    def __init__(self, book: Book, spend: Spend, copies: pl.Series) -> None:
        self._currency, self._period = book.info.currency, spend.period

    def __call__(self, plan: pl.LazyFrame) -> pl.LazyFrame:
        status = pl.col("status")
        within = pl.col("issued_on").is_between(self._period.start, self._period.end)
        return plan.filter(within, ~status.is_in(NOT_SPENT)).with_columns(
            in_base("amount_due", self._currency).alias("base_due"),
            status.str.replace("_", " ").str.to_titlecase().alias("status"),
        )


class _Paid:
    """How payments and expenses are prepared, without what is in the books twice."""

    def __init__(self, book: Book, spend: Spend, copies: pl.Series) -> None:
        self._inference, self._period = Inference.of(book), spend.period
        self._copies = copies
        self._accounts = book.scan(Dataset.ACCOUNTS).select(
            account_id="id", account="name"
        )

    def __call__(self, plan: pl.LazyFrame) -> pl.LazyFrame:
        titles = {key: shown.title for key, shown in METHODS.items()}
        inferred = self._inference.inferred().cast(pl.String)
        within = pl.col("paid_on").is_between(self._period.start, self._period.end)
        prepared = plan.filter(within).with_columns(
            inferred.replace(titles).alias("method")
        )
        return self._of_kind(prepared)

    def _of_kind(self, plan: pl.LazyFrame) -> pl.LazyFrame:
        return plan.with_columns(pl.lit(None, pl.String).alias("supplier_name"))


class _Expenses(_Paid):
    """Expenses know their supplier's name and are listed with the account's."""

    def _of_kind(self, plan: pl.LazyFrame) -> pl.LazyFrame:
        accounts = self._accounts.unique("account_id", keep="first")
        return plan.filter(~pl.col("id").is_in(self._copies.implode())).join(
            accounts, on="account_id", how="left", maintain_order="left"
        )


_PREPARED: Final[Mapping[Dataset, Callable[[Book, Spend, pl.Series], Prepare]]] = {
    Dataset.BILLS: _Bills,
    Dataset.BILL_PAYMENTS: _Paid,
    Dataset.EXPENSES: _Expenses,
}
