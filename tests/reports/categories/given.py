"""Accounts that the tests of categories ask about."""

from decimal import Decimal
from typing import Unpack

from typing_extensions import TypedDict

from domain.datasets import AccountType, Section
from reports.categories import AccountFacts, suggest


class Known(TypedDict, total=False):
    """What else may be known of an account."""

    type: AccountType
    currency: str
    balance: Decimal
    code: str
    description: str
    category: str
    is_bank_account: bool
    sections: frozenset[Section]


def an_account(name: str, **known: Unpack[Known]) -> AccountFacts:
    """An account with a name and whatever else is known."""
    start = AccountFacts("1", name, "GBP", Decimal(0))
    return start._replace(**known)


def place_of(name: str, **known: Unpack[Known]) -> str | None:
    """The category that is suggested for an account."""
    return suggest(an_account(name, **known)).category_id
