"""
The documents of the books, reduced to what is counted: one row each, without texts.

Everything is in the base currency of its company. Texts are what fills memory, so
suppliers are numbered (`Categorical`), and bills meet their payments a share of
the ids at a time.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

import polars as pl

from domain.datasets import Dataset
from reports.books import Book
from reports.money import in_base
from reports.period import Period
from reports.spend.methods import Inference

NOT_SPENT: Final = ("void", "draft")
BILLS_AT_ONCE: Final = 250_000

SUPPLIER: Final = pl.Categorical()
_BY_ID, _BY_NAME = "#", "~"
_PAID_AT_ONCE: Final = (
    (pl.col("first_paid_on") == pl.col("issued_on"))
    & (pl.col("settled_on") == pl.col("issued_on"))
    & (pl.col("outstanding") <= 0)
)


class Spend(NamedTuple):
    """
    What the books hold within the period; each row knows its book, currency and supplier.

    bills: issued_on, due_on, amount, outstanding, settled_on (the latest payment),
    method (of the payment that paid most). payments and expenses: paid_on, amount,
    recorded, method. first_seen: of each supplier, in all of the books.
    `copies` are the ids of expenses that are entered as bill and payment too.
    """

    books: tuple[Book, ...]
    period: Period
    bills: pl.DataFrame
    payments: pl.DataFrame
    expenses: pl.DataFrame
    first_seen: pl.DataFrame
    copies: tuple[pl.Series, ...]

    def only_recorded(self) -> "Spend":
        """Leave out what was paid without a method on record."""
        return self._replace(
            payments=self.payments.drop_nulls("recorded"),
            expenses=self.expenses.drop_nulls("recorded"),
        )


def supplier(*, with_name: bool = True) -> pl.Expr:
    """
    Who was paid: two suppliers of one name stay apart by their id.

    Somebody without id is known by name, somebody without either is nobody known.
    """
    by_name = pl.col("supplier_name") if with_name else pl.lit(None, pl.String)
    name = pl.lit(_BY_NAME) + by_name.fill_null("")
    return pl.coalesce(pl.lit(_BY_ID) + pl.col("supplier_id"), name).cast(SUPPLIER)


def supplier_id(key: pl.Expr) -> pl.Expr:
    """The id in a supplier's key, or null."""
    text = key.cast(pl.String)
    return pl.when(text.str.starts_with(_BY_ID)).then(text.str.slice(1))


def supplier_name(key: pl.Expr) -> pl.Expr:
    """The name in the key of a supplier without id, or null."""
    text = key.cast(pl.String)
    is_named = text.str.starts_with(_BY_NAME) & (text.str.len_chars() > 1)
    return pl.when(is_named).then(text.str.slice(1))


def gather(books: tuple[Book, ...], period: Period) -> Spend:
    """Read all documents of all books once."""
    gathered = [_gather(book, period) for book in books]
    bills, payments, expenses, seen, copies = zip(*gathered, strict=True)
    return Spend(
        books,
        period,
        pl.concat(bills),
        pl.concat(payments),
        pl.concat(expenses),
        pl.concat(seen),
        copies,
    )


_Gathered = tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame, pl.DataFrame, pl.Series]


def _gather(book: Book, period: Period) -> _Gathered:
    inference = Inference.of(book)
    all_bills = pl.concat(_bills(book, period, inference))
    all_payments = paid(book, Dataset.BILL_PAYMENTS, inference).collect()
    all_expenses = paid(book, Dataset.EXPENSES, inference).collect()
    bills = all_bills.filter(_within(period, "issued_on"))
    payments = all_payments.filter(_within(period, "paid_on"))
    expenses = all_expenses.filter(_within(period, "paid_on"))
    copies = _copies(all_bills, expenses)
    return (
        bills.drop("account", "paid_at_once"),
        payments.drop("id", "account"),
        expenses.filter(~pl.col("id").is_in(copies.implode())).drop("id", "account"),
        _first_seen(all_bills, all_payments, all_expenses),
        copies,
    )


def _within(period: Period, column: str) -> pl.Expr:
    return pl.col(column).is_between(period.start, period.end)


def _owned(book: Book) -> tuple[pl.Expr, pl.Expr]:
    return (
        pl.lit(book.number, pl.UInt16).alias("book"),
        pl.lit(book.info.currency, pl.Categorical()).alias("currency"),
    )


def paid(book: Book, dataset: Dataset, inference: Inference) -> pl.LazyFrame:
    """Payments or expenses, all of them; those of bills do not name their supplier."""
    return book.scan(dataset).select(
        *_owned(book),
        supplier(with_name=dataset is Dataset.EXPENSES).alias("supplier"),
        "paid_on",
        in_base("total_amount", book.info.currency).alias("amount"),
        inference.recorded().alias("recorded"),
        inference.inferred().alias("method"),
        (pl.col("id") if dataset is Dataset.EXPENSES else pl.lit(None)).alias("id"),
        pl.col("account_id").cast(pl.Categorical()).alias("account"),
    )


def _bills(book: Book, period: Period, inference: Inference) -> Iterator[pl.DataFrame]:
    """Meet bills and payments, a share of the bills' ids at a time."""
    count = book.scan(Dataset.BILLS).select(pl.len()).collect().item()
    shares = count // BILLS_AT_ONCE + 1
    for share in range(shares):
        bills = _real_bills(book).filter(_share("id", shares) == share)
        settled = _settled(book, inference, period, shares, share)
        yield (
            bills.join(settled, left_on="id", right_on="bill_id", how="left")
            .select(
                *_owned(book),
                "supplier",
                "issued_on",
                "due_on",
                "amount",
                "outstanding",
                "settled_on",
                "method",
                "account",
                _PAID_AT_ONCE.alias("paid_at_once"),
            )
            .collect()
        )


def _share(column: str, shares: int) -> pl.Expr:
    return pl.col(column).hash() % shares if shares > 1 else pl.lit(0)


def _real_bills(book: Book) -> pl.LazyFrame:
    """Bills that are spend: neither void nor still a draft."""
    currency = book.info.currency
    return (
        book.scan(Dataset.BILLS)
        .filter(~pl.col("status").is_in(NOT_SPENT))
        .select(
            "id",
            supplier().alias("supplier"),
            "issued_on",
            "due_on",
            in_base("total_amount", currency).alias("amount"),
            in_base("amount_due", currency).alias("outstanding"),
        )
    )


def _settled(
    book: Book, inference: Inference, period: Period, shares: int, share: int
) -> pl.LazyFrame:
    """For each bill that was paid something: when, and how most of it."""
    largest = pl.col("part").arg_max()
    return (
        book.scan(Dataset.BILL_PAYMENTS)
        .filter(pl.col("paid_on") <= period.end)
        .select(
            "allocations",
            "paid_on",
            inference.inferred().alias("method"),
            pl.col("account_id").cast(pl.Categorical()).alias("account"),
        )
        .explode("allocations", empty_as_null=False)
        .with_columns(
            bill_id=pl.col("allocations").struct.field("bill_id"),
            part=pl.col("allocations").struct.field("amount"),
        )
        .drop("allocations")
        .filter(_share("bill_id", shares) == share, pl.col("part") > 0)
        .group_by("bill_id", maintain_order=True)
        .agg(
            pl.col("paid_on").max().alias("settled_on"),
            pl.col("paid_on").min().alias("first_paid_on"),
            pl.col("method").get(largest),
            pl.col("account").get(largest),
        )
    )


def _copies(bills: pl.DataFrame, expenses: pl.DataFrame) -> pl.Series:
    """
    Find expenses that the books hold as bill and payment too, one for one.

    That is how some software keeps what was paid by card: the same supplier, day
    and amount, paid at once from the same account.
    """
    same = ["supplier", "day", "amount", "account"]
    place = pl.int_range(pl.len()).over(same).alias("place")
    paid_at_once = bills.filter("paid_at_once", pl.col("supplier") != _BY_NAME).rename({"issued_on": "day"})
    return (
        expenses.rename({"paid_on": "day"})
        .with_columns(place)
        .join(paid_at_once.with_columns(place), on=[*same, "place"], how="semi")
        .get_column("id")
    )


def _first_seen(
    bills: pl.DataFrame, payments: pl.DataFrame, expenses: pl.DataFrame
) -> pl.DataFrame:
    days = [
        frame.select("book", "supplier", pl.col(day).alias("first_seen"))
        for frame, day in (
            (bills, "issued_on"),
            (payments, "paid_on"),
            (expenses, "paid_on"),
        )
    ]
    return pl.concat(days).group_by("book", "supplier").agg(pl.col("first_seen").min())


