"""Whether the statements hold together: each check passed or failed, and by how much."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple

from domain.datasets import Dataset
from reports.accounts import Status
from reports.document import Column, Kind, Look, Table, Weight
from reports.ledger.entries import SECTIONS, Ledger
from reports.ledger.figures import PROFIT, Figures, Years, less
from reports.ledger.statements import TITLES
from reports.period import months_between

TOLERANCE: Final = Decimal("0.01")
ZERO: Final = Decimal(0)
_OF_THIS_YEAR: Final = re.compile(
    r"(current|this) (financial )?year('s)? (earnings|profit|result)"
    r"|(profit|net income|result|earnings) (of|for) the (financial )?(year|period)"
    r"|^net (income|profit)$|jahresüberschuss|résultat de l'exercice",
    re.IGNORECASE,
)


class Outcome(StrEnum):
    """What a check says."""

    PASSED = "Passed"
    FAILED = "Failed"
    NOT_CHECKED = "Not checked"


class Check(NamedTuple):
    """One check of one company: the largest difference and when it was."""

    title: str
    company: str
    currency: str
    outcome: Outcome
    difference: Decimal | None = None
    month: date | None = None
    note: str | None = None


_COLUMNS: Final = (
    Column("title", "Check", width=44),
    Column("company", "Company", width=28),
    Column("currency", "Currency", width=10),
    Column("outcome", "Result", width=14),
    Column("difference", "Difference", Kind.MONEY),
    Column("month", "Month", Kind.MONTH),
    Column("note", "Note", width=60),
)


def check_table(ledgers: Iterable[Ledger]) -> Table:
    """Check the books of every company."""
    checks = [
        check
        for ledger in ledgers
        for book in ledger.books
        for check in _checks(_only(ledger, book.company_id), book.info.name)
    ]
    weights = {Outcome.FAILED: Weight.HEADING}
    looks = tuple(Look(weights.get(each.outcome, Weight.LINE)) for each in checks)
    return Table(
        "checks", "Checks", _COLUMNS, [each._asdict() for each in checks], looks
    )


def _only(ledger: Ledger, company_id: str) -> Ledger:
    return ledger._replace(
        books=tuple(b for b in ledger.books if b.company_id == company_id),
        entries=tuple(e for e in ledger.entries if e.book.company_id == company_id),
        printed=tuple(p for p in ledger.printed if p.book.company_id == company_id),
    )


def _checks(ledger: Ledger, company: str) -> Iterator[Check]:
    for title, differences in (
        ("Assets less liabilities equal equity", _balance(ledger)),
        ("Profit and loss adds up to the printed net profit", _profits(ledger)),
        ("Balance sheet adds up to the printed totals", _positions(ledger)),
        ("Profit of the year agrees with equity", _earned(ledger)),
    ):
        yield _worst(title, company, ledger.currency, differences)
    yield _categories(ledger, company)
    yield _months(ledger, company)


def _worst(
    title: str, company: str, currency: str, differences: dict[date, Decimal]
) -> Check:
    """Tell the largest difference; without anything to compare there is no answer."""
    if not differences:
        return Check(title, company, currency, Outcome.NOT_CHECKED)
    month = max(differences, key=lambda each: (abs(differences[each]), each))
    worst = differences[month]
    passed = abs(worst) <= TOLERANCE
    outcome = Outcome.PASSED if passed else Outcome.FAILED
    return Check(title, company, currency, outcome, worst, month)


def _balance(ledger: Ledger) -> dict[date, Decimal]:
    sums = dict.fromkeys(ledger.months(Dataset.BALANCE_SHEET), ZERO)
    for entry in ledger.of(Dataset.BALANCE_SHEET):
        sums[entry.month] += entry.signed
    return sums


def _profits(ledger: Ledger) -> dict[date, Decimal]:
    sums = dict.fromkeys(ledger.months(PROFIT), ZERO)
    for entry in ledger.of(PROFIT):
        sums[entry.month] += entry.signed
    return {
        each.month: sums[each.month] - printed
        for each in ledger.printed
        if each.statement is PROFIT
        and (printed := each.totals.get("net_profit")) is not None
    }


def _positions(ledger: Ledger) -> dict[date, Decimal]:
    """The largest difference between a section's lines and its total, by month."""
    sums: dict[tuple[date, str], Decimal] = defaultdict(Decimal)
    for entry in ledger.of(Dataset.BALANCE_SHEET):
        sums[entry.month, entry.section] += SECTIONS[entry.section][0] * entry.signed
    found: dict[date, Decimal] = {}
    for each in ledger.printed:
        for section in _PRINTED:
            total = each.totals.get(section)
            if each.statement is PROFIT or total is None:
                continue
            difference = sums[each.month, section] - total
            found[each.month] = max(found.get(each.month, ZERO), difference, key=abs)
    return found


_PRINTED: Final = ("assets", "liabilities", "equity")


def _earned(ledger: Ledger) -> dict[date, Decimal]:
    """Compare what equity calls this year's profit with the months that made it."""
    months = Years.of(ledger).this
    earned = Figures(ledger, months).earned("Income")
    spent = Figures(ledger, months).earned("Expense")
    profit = less(earned, spent)
    standing = [
        entry.shown
        for entry in ledger.of(Dataset.BALANCE_SHEET)
        if entry.month in months[-1:]
        and entry.section == "equity"
        and _OF_THIS_YEAR.search(entry.name)
    ]
    if profit is None or not standing:
        return {}
    return {months[-1]: sum(standing, ZERO) - profit}


def _categories(ledger: Ledger, company: str) -> Check:
    unknown = {
        (entry.account_id, entry.name): entry.name
        for entry in ledger.entries
        if entry.status is Status.UNCATEGORIZED
    }
    return _told(
        "Every account has a category",
        company,
        ledger,
        f"{len(unknown)} without" if unknown else None,
        has_something=bool(ledger.entries),
    )


def _months(ledger: Ledger, company: str) -> Check:
    missing: set[date] = set()
    for statement in TITLES:
        there = ledger.months(statement)
        if there:
            missing |= set(months_between(there[0], there[-1])) - set(there)
    note = ", ".join(f"{month:%b %Y}" for month in sorted(missing)) or None
    return _told(
        "No month is missing",
        company,
        ledger,
        note,
        has_something=bool(ledger.printed),
    )


def _told(
    title: str, company: str, ledger: Ledger, fault: str | None, *, has_something: bool
) -> Check:
    outcome = Outcome.FAILED if fault else Outcome.PASSED
    if not has_something:
        outcome = Outcome.NOT_CHECKED
    return Check(title, company, ledger.currency, outcome, note=fault)
