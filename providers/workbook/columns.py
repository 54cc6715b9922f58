"""
The workbook as a table: its sheets, their columns, and what each cell may hold.

The template is made from it, the reader goes by it, and the customer's instructions
repeat it. A new column is a line here and its use in the reader.
"""

from collections.abc import Iterable, Mapping
from enum import Enum, auto
from types import MappingProxyType
from typing import Final, NamedTuple

from domain.journey import DataType


class Kind(Enum):
    """What a column's cells hold."""

    ID = auto()
    TEXT = auto()
    DAY = auto()
    MONTH = auto()
    AMOUNT = auto()
    RATE = auto()
    CURRENCY = auto()
    MONTH_OF_YEAR = auto()
    CHOICE = auto()


class Column(NamedTuple):
    """
    One column: its heading, the name that the reader gives it, and its cells' kind.

    `choices` are the words that a cell may hold, each with ours; `also` are other
    ways of saying one of them.
    """

    heading: str
    name: str
    kind: Kind = Kind.TEXT
    required: bool = False
    about: str = ""
    choices: Mapping[str, str] = MappingProxyType({})
    also: Mapping[str, str] = MappingProxyType({})

    @property
    def words(self) -> Mapping[str, str]:
        """Every word that is understood, in lower case."""
        known = {**self.also, **self.choices}
        return {word.casefold(): ours for word, ours in known.items()}


class Sheet(NamedTuple):
    """One sheet of the workbook, and the data types that ask for it."""

    name: str
    about: str
    asked_by: frozenset[DataType]
    columns: tuple[Column, ...]

    def heading(self, name: str) -> str:
        """What the column of that name is called in the sheet."""
        return next(each.heading for each in self.columns if each.name == name)


INSTRUCTIONS: Final = "Instructions"
LISTS: Final = "Lists"
IGNORED: Final = frozenset({INSTRUCTIONS.casefold(), LISTS.casefold()})
"""Sheets that the template has and nobody fills in."""

_EVERY: Final = frozenset(DataType)
_SPEND: Final = frozenset({DataType.SPEND_ANALYSIS})
_FINANCIALS: Final = frozenset({DataType.FINANCIALS})

PAYMENT_METHODS: Final[Mapping[str, str]] = {
    "Cash": "cash",
    "Check": "check",
    "Credit Card": "credit_card",
    "Debit Card": "debit_card",
    "Bank Transfer": "bank_transfer",
    "Other": "other",
}
_ALSO_METHODS: Final[Mapping[str, str]] = {
    "Cheque": "check",
    "Direct Debit": "bank_transfer",
    "Wire Transfer": "bank_transfer",
    "Wire": "bank_transfer",
    "ACH": "bank_transfer",
    "BACS": "bank_transfer",
    "SEPA": "bank_transfer",
}
_ACCOUNT_STATUSES: Final[Mapping[str, str]] = {
    "Active": "active",
    "Archived": "archived",
}
_BILL_STATUSES: Final[Mapping[str, str]] = {
    "Draft": "draft",
    "Open": "open",
    "Part Paid": "partially_paid",
    "Paid": "paid",
    "Void": "void",
}
_ALSO_BILL_STATUSES: Final[Mapping[str, str]] = {
    "Partially Paid": "partially_paid",
    "Cancelled": "void",
    "Canceled": "void",
}
_SECTIONS: Final[Mapping[str, str]] = {
    "Asset": "assets",
    "Liability": "liabilities",
    "Equity": "equity",
    "Income": "income",
    "Cost of Sales": "cost_of_sales",
    "Expense": "expenses",
    "Other Income": "other_income",
    "Other Expense": "other_expenses",
}

_CURRENCY: Final = Column(
    "Currency", "currency", Kind.CURRENCY,
    about="Three letters, such as EUR. Leave it empty for the base currency.",
)  # fmt: skip
_RATE: Final = Column(
    "Exchange rate", "currency_rate", Kind.RATE,
    about="Units of the base currency for one unit of this currency, such as 0.92. Only for other currencies.",
)  # fmt: skip
_NET: Final = Column(
    "Net amount", "net_amount", Kind.AMOUNT, about="Without tax. Leave it empty to have it worked out."
)  # fmt: skip
_TAX: Final = Column(
    "Tax amount", "tax_amount", Kind.AMOUNT, about="Empty means none, or what is left of the total."
)  # fmt: skip
_METHOD: Final = Column(
    "Payment method", "method", Kind.CHOICE,
    about="How it was paid: one of the list.", choices=PAYMENT_METHODS, also=_ALSO_METHODS,
)  # fmt: skip
_PAID_FROM: Final = Column(
    "Paid from", "paid_from", about="The bank account or card that the money left, by name."
)  # fmt: skip
_SPENT_ON: Final = Column(
    "Expense account", "spent_on", about="What it was for, such as Rent or Travel, by name or code."
)  # fmt: skip
_REFERENCE: Final = Column(
    "Reference", "reference", about="A number or word of your own."
)
_NOTE: Final = Column("Note", "note")

COMPANY: Final = Sheet(
    "Company", "One row about your company.", _EVERY,
    (
        Column("Base currency", "base_currency", Kind.CURRENCY, required=True, about="The currency your books are kept in, such as EUR."),
        Column("Legal name", "legal_name"),
        Column("Registration number", "registration_number"),
        Column("Tax number", "tax_number"),
        Column("Phone", "phone"),
        Column("Year end month", "year_end_month", Kind.MONTH_OF_YEAR, about="The month your financial year ends in: 1 to 12. Empty means 12."),
    ),
)  # fmt: skip

SUPPLIERS: Final = Sheet(
    "Suppliers", "Everybody you buy from: one row each.", _SPEND,
    (
        Column("Supplier ID", "id", Kind.ID, required=True, about="Your own number or word for the supplier, each only once."),
        Column("Name", "name", required=True),
        Column("Contact name", "contact_name"),
        Column("Email", "email"),
        Column("Phone", "phone"),
        Column("Registration number", "registration_number"),
        Column("Tax number", "tax_number"),
        Column("Currency", "currency", Kind.CURRENCY, about="The currency this supplier usually charges in."),
        Column("Status", "status", Kind.CHOICE, about="Empty means Active.", choices=_ACCOUNT_STATUSES),
        Column("Address line 1", "line1"),
        Column("Address line 2", "line2"),
        Column("City", "city"),
        Column("Region", "region"),
        Column("Postal code", "postal_code"),
        Column("Country", "country"),
    ),
)  # fmt: skip

BILLS: Final = Sheet(
    "Bills", "What suppliers charged you: one row per bill; a credit note has a negative total.", _SPEND,
    (
        Column("Bill ID", "id", Kind.ID, required=True, about="Your own number or word for the bill, each only once."),
        Column("Supplier ID", "supplier_id", Kind.ID, required=True, about="As on the sheet Suppliers."),
        _REFERENCE,
        Column("Issue date", "issued_on", Kind.DAY, required=True),
        Column("Due date", "due_on", Kind.DAY),
        Column("Total amount", "total_amount", Kind.AMOUNT, required=True, about="With tax."),
        _NET,
        _TAX,
        _CURRENCY,
        _RATE,
        Column("Status", "status", Kind.CHOICE, about="Empty: worked out from the sheet Payments.", choices=_BILL_STATUSES, also=_ALSO_BILL_STATUSES),
        _SPENT_ON,
        _NOTE,
    ),
)  # fmt: skip

PAYMENTS: Final = Sheet(
    "Payments", "What you paid suppliers: one row per payment and bill.", _SPEND,
    (
        Column("Payment ID", "id", Kind.ID, about="One payment for several bills is several rows with the same ID, directly under each other."),
        Column("Supplier ID", "supplier_id", Kind.ID, required=True, about="As on the sheet Suppliers."),
        Column("Bill ID", "bill_id", Kind.ID, about="As on the sheet Bills. Leave it empty for money on account."),
        Column("Payment date", "paid_on", Kind.DAY, required=True),
        Column("Amount", "amount", Kind.AMOUNT, required=True, about="What went to this bill; negative for money that came back."),
        _CURRENCY,
        _RATE,
        _METHOD,
        _PAID_FROM,
        _REFERENCE,
        _NOTE,
    ),
)  # fmt: skip

EXPENSES: Final = Sheet(
    "Expenses", "What you paid for at once, without a bill, such as card purchases.", _SPEND,
    (
        Column("Expense ID", "id", Kind.ID, about="Your own number or word for the expense, each only once."),
        Column("Supplier ID", "supplier_id", Kind.ID, about="As on the sheet Suppliers."),
        Column("Date", "paid_on", Kind.DAY, required=True),
        Column("Total amount", "total_amount", Kind.AMOUNT, required=True, about="With tax; negative for a refund."),
        _NET,
        _TAX,
        _CURRENCY,
        _RATE,
        _METHOD,
        _PAID_FROM,
        _SPENT_ON,
        _REFERENCE,
        _NOTE,
    ),
)  # fmt: skip

ACCOUNTS: Final = Sheet(
    "Accounts", "Your chart of accounts: one row per account.", _FINANCIALS,
    (
        Column("Account code", "id", Kind.ID, required=True, about="Your own number or word for the account, each only once."),
        Column("Name", "name", required=True),
        Column("Type", "section", Kind.CHOICE, required=True, about="Where the statements show it: one of the list.", choices=_SECTIONS),
        Column("Category", "category", about="A finer word of your own, such as Bank or Fixed asset."),
        Column("Bank account", "is_bank_account", Kind.CHOICE, about="Empty means No.", choices={"Yes": "yes", "No": "no"}),
        Column("Status", "status", Kind.CHOICE, about="Empty means Active.", choices=_ACCOUNT_STATUSES),
    ),
)  # fmt: skip

MONTHLY_BALANCES: Final = Sheet(
    "Monthly Balances", "One row per account and month, in the base currency.", _FINANCIALS,
    (
        Column("Account code", "account_id", Kind.ID, required=True, about="As on the sheet Accounts."),
        Column("Month", "month", Kind.MONTH, required=True, about="Such as 2026-07."),
        Column("Amount", "amount", Kind.AMOUNT, required=True, about="Income and expenses: of that month. Assets, liabilities, equity: at its end. Positive on the side where the account grows."),
    ),
)  # fmt: skip

SHEETS: Final = (
    COMPANY,
    SUPPLIERS,
    BILLS,
    PAYMENTS,
    EXPENSES,
    ACCOUNTS,
    MONTHLY_BALANCES,
)


def sheets_for(data_types: Iterable[DataType]) -> tuple[Sheet, ...]:
    """Return the sheets that these data types ask for, in the workbook's order."""
    asked = frozenset(data_types)
    return tuple(sheet for sheet in SHEETS if sheet.asked_by & asked)
