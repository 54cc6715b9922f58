"""How a payment method is inferred: record, account, note, in this order."""

from pathlib import Path

import polars as pl
import pytest

from domain.datasets import Dataset
from reports.spend.methods import METHODS, Method, words
from tests.reports.given import (
    account,
    document,
    expense,
    method,
    request,
    rows_of,
)


def inferred(text: str, *, names: bool = True) -> str | None:
    answer = words(names=names).method(pl.lit(text)).cast(pl.String)
    found: str | None = pl.select(answer).item()
    return found


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Corporate Credit Card", Method.CREDIT_CARD),
        ("AMEX 1009", Method.CREDIT_CARD),
        ("Visa Debit 4421", Method.DEBIT_CARD),
        ("Company debit card", Method.DEBIT_CARD),
        ("Card", Method.CREDIT_CARD),
        ("Petty cash", Method.CASH),
        ("Cash at bank", None),
        ("Checking account", None),
        ("Check", Method.CHECK),
        ("Chèque", Method.CHECK),
        ("CARTE DE CRÉDIT", Method.CREDIT_CARD),
        ("Kreditkarte Firma", Method.CREDIT_CARD),
        ("Überweisung", Method.BANK_TRANSFER),
        ("BACS payments", Method.BANK_TRANSFER),
        ("Direct debit", Method.BANK_TRANSFER),
        ("Scorecard", None),
        ("Cashmere imports", None),
        ("Business current account", None),
        ("", None),
    ],
)
def test_names_tell_a_method(name: str, expected: Method | None) -> None:
    """
    Whole words count, the longest first, in the languages of the customers.
    """
    assert expected == inferred(name)


@pytest.mark.parametrize(
    ("note", "expected"),
    [
        ("Bank transfer 100234", Method.BANK_TRANSFER),
        ("Cheque no. 5521", Method.CHECK),
        ("paid by visa", Method.CREDIT_CARD),
        ("business cards printed", None),
        ("1,000 cards", None),
    ],
)
def test_notes_tell_a_method_more_carefully(note: str, expected: Method | None) -> None:
    """
    A word that means a payment in a name may mean the goods in a note.
    """
    assert expected == inferred(note, names=False)


@pytest.mark.parametrize(
    ("payment", "expected"),
    [
        ({"payment_method_id": "m1", "account_id": "a1", "note": "cheque"}, "Cash"),
        ({"payment_method_id": "m2", "account_id": "a1", "note": "cheque"}, "Check"),
        ({"payment_method_id": "m3", "account_id": "a1"}, "Credit Card"),
        ({"payment_method_id": "gone", "account_id": "a1"}, "Credit Card"),
        ({"account_id": "a2", "note": "Bank transfer", "reference": "cheque"}, "Bank Transfer"),
        ({"account_id": "a2", "reference": "Chq 12"}, "Check"),
        ({"account_id": "gone"}, "Unknown"),
    ],
)  # fmt: skip
def test_the_first_that_answers_counts(
    tmp_path: Path, payment: dict[str, str], expected: str
) -> None:
    """
    The method on record, then the account's name, then note and reference, then Unknown.
    """
    books = {
        Dataset.ACCOUNTS: [account("a1", "Credit card"), account("a2", "Bank")],
        Dataset.PAYMENT_METHODS: [
            method("m1", "Till", "cash"),
            method("m2", "Cheque"),
            method("m3", "Something"),
        ],
        Dataset.EXPENSES: [expense("e1", "10", **payment)],
    }

    report = document(tmp_path, books, request())

    assert [expected] == [row["method"] for row in rows_of(report, "expenses")]


def test_every_method_is_shown() -> None:
    """
    The table of methods holds them all.
    """
    assert set(Method) == set(METHODS)
