"""The chart of accounts: those that the customer lists, and those that rows only name."""

import hashlib
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

from domain.datasets import Account, AccountType, Section
from providers.workbook.tables import Record, Table

NOTHING: Final = Decimal(0)

TYPES: Final[Mapping[Section, AccountType]] = {
    "assets": "asset",
    "liabilities": "liability",
    "equity": "equity",
    "income": "income",
    "other_income": "income",
    "cost_of_sales": "expense",
    "expenses": "expense",
    "other_expenses": "expense",
}


class Chart:
    """
    Accounts by id: a listed one's is its code, a named one's comes from its name.

    So a name keeps its id in the next upload, and what was confirmed about it.
    """

    def __init__(self, currency: str) -> None:
        self._currency = currency
        self._accounts: dict[str, Account] = {}
        self._sections: dict[str, Section] = {}
        self._ids: dict[str, str] = {}

    def __iter__(self) -> Iterator[Account]:
        return iter(self._accounts.values())

    def read(self, table: Table) -> None:
        """Take the accounts that the customer lists."""
        rows: dict[str, int] = {}
        for record in table.records():
            if record.id in rows:
                row = rows[record.id]
                record.complain("id", f"This code is that of row {row}, too.")
            else:
                rows[record.id] = record.row
                self._list(record.id, record)

    def section(self, key: str) -> Section | None:
        """Say where the statements show a listed account."""
        return self._sections.get(key)

    def name(self, key: str) -> str:
        """Say what a listed account is called."""
        return self._accounts[key]["name"]

    def settle(self, key: str, balance: Decimal) -> None:
        """Note what stands on a listed account now."""
        self._accounts[key]["balance"] = balance

    def named(self, name: str | None, kind: AccountType) -> str | None:
        """Return the id of the account that a row names, a new one if need be."""
        if name is None:
            return None
        known = self._ids.get(name.casefold())
        if known is not None:
            return known
        digest = hashlib.sha256(name.casefold().encode()).hexdigest()
        key = f"account-{digest[:16]}"
        self._add(key, name, kind)
        return key

    def _list(self, key: str, record: Record) -> None:
        # Of an unsound record nothing is kept in the end; its code is, to be referred to.
        section: Section = record["section"] or "assets"
        self._sections[key] = section
        account = self._add(key, record["name"] or key, TYPES[section])
        account["code"] = key
        account["category"] = record["category"]
        account["is_bank_account"] = record["is_bank_account"] == "yes"
        account["status"] = record["status"] or "active"
        self._ids.setdefault(key.casefold(), key)

    def _add(self, key: str, name: str, kind: AccountType) -> Account:
        account = Account(
            id=key,
            code=None,
            name=name,
            description=None,
            type=kind,
            category=None,
            currency=self._currency,
            balance=NOTHING,
            is_bank_account=False,
            status="active",
        )
        self._accounts[key] = account
        self._ids.setdefault(name.casefold(), key)
        return account
