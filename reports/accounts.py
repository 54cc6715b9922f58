"""What every account of the books is: suggested by the machine, confirmed by a person."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple

import polars as pl

from domain.datasets import Dataset, Row, Section
from domain.message import Message
from domain.taxonomy import taxonomy
from reports.books import Book
from reports.categories import AccountFacts, Suggestion, impact, suggest

Confirmed = Mapping[str, Mapping[str, str]]
NOTHING: Final = Suggestion(None, ())
_NONE: Final[Mapping[str, str]] = {}


class Status(StrEnum):
    """Who says what an account is."""

    CONFIRMED = "Confirmed"
    SUGGESTED = "Suggested"
    UNCATEGORIZED = "Uncategorized"


class Judgement(NamedTuple):
    """What an account counts as: a person's word goes before the machine's."""

    suggestion: Suggestion
    confirmed: str | None

    @classmethod
    def of(cls, facts: AccountFacts, confirmed: str | None) -> "Judgement":
        """A category that the taxonomy does not know is passed over."""
        known = confirmed if confirmed in taxonomy() else None
        return cls(suggest(facts), known)

    @property
    def category_id(self) -> str | None:
        return self.confirmed or self.suggestion.category_id

    @property
    def path(self) -> tuple[str, ...]:
        return path_of(self.category_id)

    @property
    def status(self) -> Status:
        if self.confirmed:
            return Status.CONFIRMED
        return Status.SUGGESTED if self.category_id else Status.UNCATEGORIZED

    def impact(self, balance: Decimal) -> Decimal:
        return Decimal(0) if self.confirmed else impact(balance, self.suggestion)


def path_of(category_id: str | None) -> tuple[str, ...]:
    """The names of a category's levels; () of none."""
    return taxonomy()[category_id].levels if category_id else ()


class SuggestedCategory(Message):
    """The machine's answer; one confidence from 0 to 100 for each level."""

    category_id: str | None
    path: tuple[str, ...]
    confidence: tuple[int, ...]


class AccountOut(Message):
    """One account; `path` is what counts, `impact` how much depends on the doubt."""

    id: str
    name: str
    code: str | None
    type: str
    currency: str
    balance: Decimal
    suggestion: SuggestedCategory
    confirmed: str | None
    path: tuple[str, ...]
    status: Status
    impact: Decimal


class CompanyAccounts(Message):
    """The accounts of one company, largest impact first."""

    company_id: str
    accounts: tuple[AccountOut, ...]


class AccountList(Message):
    """The accounts of all books."""

    companies: tuple[CompanyAccounts, ...]


def account_list(books: Iterable[Book], confirmed: Confirmed) -> AccountList:
    """Judge every account of all books as it stands now."""
    return AccountList(
        companies=tuple(
            CompanyAccounts(
                company_id=book.company_id,
                accounts=_accounts(book, confirmed.get(book.company_id, _NONE)),
            )
            for book in books
        )
    )


def _accounts(book: Book, confirmed: Mapping[str, str]) -> tuple[AccountOut, ...]:
    sections = sections_of(book)
    judged = (
        _account(row, sections.get(row["id"], frozenset()), confirmed.get(row["id"]))
        for row in book.frame(Dataset.ACCOUNTS).iter_rows(named=True)
    )
    return tuple(sorted(judged, key=lambda account: (-account.impact, account.id)))


def _account(
    row: Row, sections: frozenset[Section], confirmed: str | None
) -> AccountOut:
    judgement = Judgement.of(AccountFacts.of(row, sections), confirmed)
    suggestion = judgement.suggestion
    return AccountOut(
        id=row["id"],
        name=row["name"],
        code=row["code"],
        type=row["type"],
        currency=row["currency"],
        balance=row["balance"],
        suggestion=SuggestedCategory(
            category_id=suggestion.category_id,
            path=path_of(suggestion.category_id),
            confidence=suggestion.levels,
        ),
        confirmed=judgement.confirmed,
        path=judgement.path,
        status=judgement.status,
        impact=judgement.impact(row["balance"]),
    )


def sections_of(book: Book) -> Mapping[str, frozenset[Section]]:
    """In which sections of the statements each account appears."""
    found: dict[str, set[Section]] = {}
    for dataset in (Dataset.PROFIT_AND_LOSS, Dataset.BALANCE_SHEET):
        lines = book.scan(dataset).select("lines").explode("lines", empty_as_null=False)
        line = pl.col("lines").struct
        pairs = lines.select(line.field("account_id"), line.field("section"))
        for account, section in pairs.drop_nulls().unique().collect().iter_rows():
            found.setdefault(account, set()).add(section)
    return {account: frozenset(sections) for account, sections in found.items()}
