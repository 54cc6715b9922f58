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
from reports.period import YEAR, Period, earlier
from reports.spend.keys import NOBODY, supplier
from reports.spend.methods import Inference, Method

NOT_SPENT: Final = ("void", "draft")
BILLS_AT_ONCE: Final = 250_000

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
    recorded, method. first_seen: of each supplier, in all of the books. card_takers:
    suppliers that were paid by credit card within a year.
    `copies` are the ids of expenses that are entered as bill and payment too.
    """

    books: tuple[Book, ...]
    period: Period
    bills: pl.DataFrame
    payments: pl.DataFrame
    expenses: pl.DataFrame
    first_seen: pl.DataFrame
    card_takers: pl.DataFrame
    copies: tuple[pl.Series, ...]

    def only_recorded(self) -> "Spend":
        """Leave out what was paid without a method on record."""
        return self._replace(
            payments=self.payments.drop_nulls("recorded"),
            expenses=self.expenses.drop_nulls("recorded"),
        )


def gather(
    books: tuple[Book, ...], period: Period, bills_at_once: int = BILLS_AT_ONCE
) -> Spend:
    """Read all documents of all books; more bills at once take more memory."""
    gathered = [_gather(book, period, bills_at_once) for book in books]
    bills, payments, expenses, seen, takers, copies = zip(*gathered, strict=True)
    return Spend(
        books,
        period,
        pl.concat(bills),
        pl.concat(payments),
        pl.concat(expenses),
        pl.concat(seen),
        pl.concat(takers),
        copies,
    )


_Gathered = tuple[
    pl.DataFrame, pl.DataFrame, pl.DataFrame, pl.DataFrame, pl.DataFrame, pl.Series
]


def _gather(book: Book, period: Period, bills_at_once: int) -> _Gathered:
    inference = Inference.of(book)
    bills = pl.concat(_bills(book, period, inference, bills_at_once))
    paid = _paid(book, Dataset.BILL_PAYMENTS, inference, period)
    spent = _paid(book, Dataset.EXPENSES, inference, period)
    expenses = spent.filter(_within(period, "paid_on"))
    copies = _copies(bills, expenses)
    return (
        bills.drop("account", "paid_at_once"),
        paid.filter(_within(period, "paid_on")).drop("id", "account"),
        expenses.filter(~pl.col("id").is_in(copies.implode())).drop("id", "account"),
        _first_seen(book),
        _card_takers(paid, spent, period),
        copies,
    )


def _within(period: Period, column: str) -> pl.Expr:
    return pl.col(column).is_between(period.start, period.end)


def _owned(book: Book) -> tuple[pl.Expr, pl.Expr]:
    return (
        pl.lit(book.number, pl.UInt16).alias("book"),
        pl.lit(book.info.currency, pl.Categorical()).alias("currency"),
    )


def _paid(
    book: Book, dataset: Dataset, inference: Inference, period: Period
) -> pl.DataFrame:
    """Payments or expenses of the period, and of the last year if that is longer."""
    is_expense = dataset is Dataset.EXPENSES
    first = min(period.start, earlier(period.end, YEAR))
    return book.gather(
        dataset,
        lambda plan: plan.filter(
            pl.col("paid_on").is_between(first, period.end)
        ).select(
            *_owned(book),
            supplier(with_name=is_expense).alias("supplier"),
            "paid_on",
            in_base("total_amount", book.info.currency).alias("amount"),
            inference.recorded().alias("recorded"),
            inference.inferred().alias("method"),
            (pl.col("id") if is_expense else pl.lit(None)).alias("id"),
            pl.col("account_id").cast(pl.Categorical()).alias("account"),
        ),
    )


def _bills(
    book: Book, period: Period, inference: Inference, at_once: int
) -> Iterator[pl.DataFrame]:
    """Meet bills and payments, a share of the bills' ids at a time."""
    count = book.scan(Dataset.BILLS).select(pl.len()).collect().item()
    shares = count // at_once + 1
    for share in range(shares):
        bills = _real_bills(book, period, _share("id", shares) == share)
        settled = _settled(book, inference, period, _share("bill_id", shares) == share)
        joined = bills.join(settled, left_on="id", right_on="bill_id", how="left")
        yield joined.select(
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


def _share(column: str, shares: int) -> pl.Expr:
    return pl.col(column).hash() % shares if shares > 1 else pl.lit(0)


def _real_bills(book: Book, period: Period, chosen: pl.Expr) -> pl.DataFrame:
    """Bills of the period that are spend: neither void nor still a draft."""
    currency = book.info.currency
    is_spend = ~pl.col("status").is_in(NOT_SPENT)
    return book.gather(
        Dataset.BILLS,
        lambda plan: plan.filter(_within(period, "issued_on"), is_spend, chosen).select(
            "id",
            supplier().alias("supplier"),
            "issued_on",
            "due_on",
            in_base("total_amount", currency).alias("amount"),
            in_base("amount_due", currency).alias("outstanding"),
        ),
    )


def _settled(
    book: Book, inference: Inference, period: Period, chosen: pl.Expr
) -> pl.DataFrame:
    """For each bill that was paid something: when, and how most of it."""
    allocation = pl.col("allocations").struct
    parts = book.gather(
        Dataset.BILL_PAYMENTS,
        lambda plan: (
            plan.filter(pl.col("paid_on") <= period.end)
            .select(
                "allocations",
                "paid_on",
                inference.inferred().alias("method"),
                pl.col("account_id").cast(pl.Categorical()).alias("account"),
            )
            .explode("allocations", empty_as_null=False)
            .select(
                "paid_on",
                "method",
                "account",
                bill_id=allocation.field("bill_id"),
                part=allocation.field("amount"),
            )
            .filter(chosen, pl.col("part") > 0)
        ),
    )
    largest = pl.col("part").arg_max()
    return parts.group_by("bill_id").agg(
        pl.col("paid_on").max().alias("settled_on"),
        pl.col("paid_on").min().alias("first_paid_on"),
        pl.col("method").get(largest),
        pl.col("account").get(largest),
    )


def _copies(bills: pl.DataFrame, expenses: pl.DataFrame) -> pl.Series:
    """
    Find expenses that the books hold as bill and payment too, one for one.

    That is how some software keeps what was paid by card: the same supplier, day
    and amount, paid at once from the same account.
    """
    same = ["supplier", "day", "amount", "account"]
    place = pl.int_range(pl.len()).over(same).alias("place")
    paid_at_once = bills.filter("paid_at_once", pl.col("supplier") != NOBODY).rename(
        {"issued_on": "day"}
    )
    return (
        expenses.rename({"paid_on": "day"})
        .with_columns(place)
        .join(paid_at_once.with_columns(place), on=[*same, "place"], how="semi")
        .get_column("id")
    )


_DATED: Final = {
    Dataset.BILLS: "issued_on",
    Dataset.BILL_PAYMENTS: "paid_on",
    Dataset.EXPENSES: "paid_on",
}


def _first_seen(book: Book) -> pl.DataFrame:
    """When each supplier first appears in the books, in whatever document."""
    days = [
        book.scan(dataset)
        .filter(
            ~pl.col("status").is_in(NOT_SPENT) if dataset is Dataset.BILLS else True
        )
        .select(
            supplier(with_name=dataset is not Dataset.BILL_PAYMENTS).alias("supplier"),
            pl.col(day).alias("first_seen"),
        )
        .group_by("supplier")
        .agg(pl.col("first_seen").min())
        for dataset, day in _DATED.items()
    ]
    seen = pl.concat(days).group_by("supplier").agg(pl.col("first_seen").min())
    number = pl.lit(book.number, pl.UInt16).alias("book")
    return seen.select(number, "supplier", "first_seen").collect(engine="streaming")


def _card_takers(
    payments: pl.DataFrame, expenses: pl.DataFrame, period: Period
) -> pl.DataFrame:
    year_ago = earlier(period.end, YEAR)
    paid = [
        frame.filter(
            pl.col("method") == Method.CREDIT_CARD,
            pl.col("amount") > 0,
            pl.col("paid_on").is_between(year_ago, period.end),
        ).select("book", "supplier", pl.lit("Yes").alias("took_credit_card"))
        for frame in (payments, expenses)
    ]
    return pl.concat(paid).unique()
