"""What is known about an account, and what is suggested for it."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Final, NamedTuple

from domain.datasets import AccountType, Row, Section

CERTAIN: Final = 100


class AccountFacts(NamedTuple):
    """
    An account as the software describes it.

    `balance` is positive on the side where the account's type grows; `sections` are
    those of the statements in which the account is printed.
    """

    id: str
    name: str
    currency: str
    balance: Decimal
    type: AccountType = "unknown"
    code: str | None = None
    description: str | None = None
    category: str | None = None
    is_bank_account: bool = False
    sections: frozenset[Section] = frozenset()

    @classmethod
    def of(cls, account: Row, sections: Iterable[Section] = ()) -> "AccountFacts":
        """Take what matters from a canonical row."""
        known = {name: account[name] for name in cls._fields if name in account}
        return cls(**known, sections=frozenset(sections))


class Suggestion(NamedTuple):
    """
    Where an account probably belongs.

    `levels` has a confidence from 0 to 100 for each level of the category; it never
    rises with depth. Nothing is suggested where nothing is known.
    """

    category_id: str | None
    levels: tuple[int, ...]

    @property
    def confidence(self) -> int:
        """Of the deepest level."""
        return self.levels[-1] if self.levels else 0


def impact(balance: Decimal, suggestion: Suggestion) -> Decimal:
    """How much money is in doubt: what a person should look at first."""
    return abs(balance) * (CERTAIN - suggestion.confidence) / CERTAIN
