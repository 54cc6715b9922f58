"""
How money left: the payment methods, and how one is inferred.

The first that answers: the method on record, words in the name of the account
that was paid from, words in the payment's note or reference. The words are in
`methods.csv`, where a bookkeeper can add to them; words without a method answer
nothing, as in "checking account".
"""

import csv
import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

import polars as pl

from domain.datasets import Dataset
from reports.books import Book

_WORDS: Final = Path(__file__).with_suffix(".csv")


class Method(StrEnum):
    """The standard payment methods, in the order of the report."""

    CREDIT_CARD = "credit_card"
    DEBIT_CARD = "debit_card"
    BANK_TRANSFER = "bank_transfer"
    CASH = "cash"
    CHECK = "check"
    OTHER = "other"
    UNKNOWN = "unknown"


class Group(StrEnum):
    """What a bank wants to know first of a method."""

    CARD = "Card"
    NON_CARD = "Non-Card"
    UNKNOWN = "Unknown"


class Shown(NamedTuple):
    """How a method is called, and where it is counted."""

    title: str
    group: Group


METHODS: Final[Mapping[Method, Shown]] = {
    Method.CREDIT_CARD: Shown("Credit Card", Group.CARD),
    Method.DEBIT_CARD: Shown("Debit Card", Group.CARD),
    Method.BANK_TRANSFER: Shown("Bank Transfer", Group.NON_CARD),
    Method.CASH: Shown("Cash", Group.NON_CARD),
    Method.CHECK: Shown("Check", Group.NON_CARD),
    Method.OTHER: Shown("Other", Group.NON_CARD),
    Method.UNKNOWN: Shown("Unknown", Group.UNKNOWN),
}
METHOD: Final = pl.Enum([method.value for method in METHODS])

_NOTES: Final = ("note", "reference")
_KNOWN: Final = frozenset(METHODS) - {Method.UNKNOWN}


class Words(NamedTuple):
    """Words by the method that they speak of; "" where they speak of none."""

    pattern: str
    methods: Mapping[str, str]

    @classmethod
    def of(cls, rules: Iterable[tuple[str, str]]) -> "Words":
        """The first place in a text answers, there the longest words; plurals count too."""
        methods = dict(rules)
        longest = sorted(methods, key=lambda words: (-len(words), words))
        either = "|".join(map(re.escape, longest))
        return cls(rf"(?i)\b({either})s?\b", methods)

    def method(self, text: pl.Expr) -> pl.Expr:
        """The method that a text speaks of, or null."""
        found = text.str.extract(self.pattern).str.to_lowercase()
        named = found.replace_strict(self.methods, default=None, return_dtype=pl.String)
        return pl.when(named != "").then(named).cast(METHOD)


@cache
def words(*, names: bool) -> Words:
    """The words for names of accounts and methods, or those for what people note."""
    with _WORDS.open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    fitting = (line for line in lines if names or line["where"] == "anywhere")
    return Words.of((line["words"], line["method"]) for line in fitting)


def recorded(book: Book) -> Mapping[str, str]:
    """What each payment method on record is; one without a type may tell by its name."""
    by_type = pl.when(pl.col("type").is_in(list(_KNOWN))).then("type").cast(METHOD)
    by_name = words(names=True).method(pl.col("name"))
    return _answers(book, Dataset.PAYMENT_METHODS, pl.coalesce(by_type, by_name))


def named(book: Book) -> Mapping[str, str]:
    """What the names of accounts say."""
    by_name = words(names=True).method(pl.col("name"))
    return _answers(book, Dataset.ACCOUNTS, by_name)


def _answers(book: Book, dataset: Dataset, answer: pl.Expr) -> Mapping[str, str]:
    found = book.frame(dataset).select("id", answer=answer.cast(pl.String))
    return dict(found.drop_nulls().iter_rows())


class Inference(NamedTuple):
    """What one company's books say about methods, before a payment is looked at."""

    by_record: Mapping[str, str]
    by_account: Mapping[str, str]

    @classmethod
    def of(cls, book: Book) -> "Inference":
        return cls(recorded(book), named(book))

    def recorded(self) -> pl.Expr:
        """The method on record, or null; of payments and of expenses alike."""
        return _look_up("payment_method_id", self.by_record)

    def inferred(self) -> pl.Expr:
        """The first answer; Unknown where there is none."""
        notes = [words(names=False).method(pl.col(name)) for name in _NOTES]
        unknown = pl.lit(Method.UNKNOWN, METHOD)
        by_account = _look_up("account_id", self.by_account)
        return pl.coalesce(self.recorded(), by_account, *notes, unknown)


def _look_up(column: str, answers: Mapping[str, str]) -> pl.Expr:
    if not answers:
        return pl.lit(None, METHOD)
    return pl.col(column).replace_strict(answers, default=None, return_dtype=METHOD)
