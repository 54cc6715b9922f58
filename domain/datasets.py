"""
The accounting data that Rapport understands: nine datasets, one shape of row for each.

Whatever the software calls things, a provider hands over these rows, snapshots
keep them and reports read them. A row that passes here can be stored exactly:

* money is a `Decimal` of up to 15 digits before and 10 after the point, never a
  float, in the currency (ISO 4217) named beside it; `currency_rate` turns it into
  the company's base currency: base = amount x rate. A rate is positive, of up to 7
  digits before the point, so that no sum of converted amounts overflows;
* days are calendar days of the company's books, from 1900 to 2200; a month is
  written "2026-07";
* texts hold up to 10,000 characters; ids are the software's own, always text;
* `None` means that the software does not say.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Final, Literal

from pydantic import Field, GetPydanticSchema
from pydantic_core import CoreSchema, core_schema
from typing_extensions import TypedDict

from domain.journey import DataType
from domain.message import Message


class Dataset(StrEnum):
    """One kind of record in a company's books."""

    COMPANY_INFO = "company_info"
    ACCOUNTS = "accounts"
    PROFIT_AND_LOSS = "profit_and_loss"
    BALANCE_SHEET = "balance_sheet"
    SUPPLIERS = "suppliers"
    BILLS = "bills"
    BILL_PAYMENTS = "bill_payments"
    EXPENSES = "expenses"
    PAYMENT_METHODS = "payment_methods"


DATASETS: Final[Mapping[DataType, tuple[Dataset, ...]]] = {
    DataType.FINANCIALS: (
        Dataset.COMPANY_INFO,
        Dataset.ACCOUNTS,
        Dataset.PROFIT_AND_LOSS,
        Dataset.BALANCE_SHEET,
    ),
    DataType.SPEND_ANALYSIS: (
        Dataset.COMPANY_INFO,
        Dataset.SUPPLIERS,
        Dataset.ACCOUNTS,
        Dataset.BILLS,
        Dataset.BILL_PAYMENTS,
        Dataset.EXPENSES,
        Dataset.PAYMENT_METHODS,
    ),
}


class Part(Message):
    """
    Where one stored page of a dataset is: a reference that may cross a process.

    `sha256` is of the stored bytes and part of the object's name, so that a part
    can't change once something refers to it.
    """

    dataset: Dataset
    number: int
    rows: int
    bytes: int
    sha256: str


def _read_from_text(pattern: str, schema: CoreSchema) -> GetPydanticSchema:
    """
    In JSON, look at the text before it becomes a value.

    Pydantic takes "1700006400" for a day, and asking each Decimal for its digits
    costs a third more time than a pattern.
    """
    text = core_schema.str_schema(pattern=pattern, coerce_numbers_to_str=True)
    return GetPydanticSchema(
        lambda source, handler: core_schema.json_or_python_schema(
            core_schema.chain_schema([text, schema]), handler(source)
        )
    )


_FIRST_DAY: Final = date(1900, 1, 1)
_LAST_DAY: Final = date(2200, 12, 31)
WHOLE_DIGITS: Final = 15
DECIMAL_PLACES: Final = 10
RATE_DIGITS: Final = 7

Text = Annotated[str, Field(max_length=10_000)]
Key = Annotated[str, Field(min_length=1, max_length=10_000)]
Currency = Annotated[str, Field(pattern="^[A-Z]{3}$")]
Month = Annotated[str, Field(pattern="^(19|2[01])[0-9]{2}-(0[1-9]|1[0-2])$")]
MonthOfYear = Annotated[int, Field(strict=True, ge=1, le=12)]
Flag = Annotated[bool, Field(strict=True)]
Amount = Annotated[
    Decimal,
    Field(max_digits=WHOLE_DIGITS + DECIMAL_PLACES, decimal_places=DECIMAL_PLACES),
    _read_from_text(
        rf"^-?[0-9]{{1,{WHOLE_DIGITS}}}(\.[0-9]{{1,{DECIMAL_PLACES}}})?$",
        core_schema.decimal_schema(),
    ),
]
Rate = Annotated[
    Decimal,
    Field(gt=0, max_digits=RATE_DIGITS + DECIMAL_PLACES, decimal_places=DECIMAL_PLACES),
    _read_from_text(
        rf"^[0-9]{{1,{RATE_DIGITS}}}(\.[0-9]{{1,{DECIMAL_PLACES}}})?$",
        core_schema.decimal_schema(gt=0),
    ),
]
Day = Annotated[
    date,
    Field(strict=True, ge=_FIRST_DAY, le=_LAST_DAY),
    _read_from_text(
        r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
        core_schema.date_schema(ge=_FIRST_DAY, le=_LAST_DAY),
    ),
]

AccountType = Literal["asset", "liability", "equity", "income", "expense", "unknown"]
AccountStatus = Literal["active", "archived", "unknown"]
BillStatus = Literal["draft", "open", "partially_paid", "paid", "void", "unknown"]
PaymentMethodType = Literal[
    "cash", "check", "credit_card", "debit_card", "bank_transfer", "other", "unknown"
]
Section = Literal[
    "income",
    "cost_of_sales",
    "expenses",
    "other_income",
    "other_expenses",
    "assets",
    "liabilities",
    "equity",
]


class Address(TypedDict):
    """Where somebody is, as the software has it; `type` is its own word."""

    type: Text | None
    line1: Text | None
    line2: Text | None
    city: Text | None
    region: Text | None
    postal_code: Text | None
    country: Text | None


class WebLink(TypedDict):
    """A page about somebody; `type` is the software's own word."""

    type: Text | None
    url: Text


class CompanyInfo(TypedDict):
    """Whose books these are: one row."""

    id: Key
    name: Text
    legal_name: Text | None
    registration_number: Text | None
    tax_number: Text | None
    base_currency: Currency
    year_end_month: MonthOfYear | None
    phone: Text | None
    web_links: list[WebLink]
    addresses: list[Address]


class Account(TypedDict):
    """
    One account of the ledger.

    `category` is the software's own wording. `balance` is positive on the side
    where the account's type grows: an overdrawn bank is a negative asset.
    """

    id: Key
    code: Text | None
    name: Text
    description: Text | None
    type: AccountType
    category: Text | None
    currency: Currency
    balance: Amount
    is_bank_account: Flag
    status: AccountStatus


class StatementLine(TypedDict):
    """
    What a statement prints for one account, on the positive side of its section.

    A line without account is computed by the software.
    """

    section: Section
    account_id: Key | None
    account_name: Text
    amount: Amount


class ProfitAndLoss(TypedDict):
    """
    What the company earned and spent in one month, with the totals as printed.

    Income and costs are both positive; a profit is the one less the other.
    """

    month: Month
    currency: Currency
    lines: list[StatementLine]
    income: Amount | None
    cost_of_sales: Amount | None
    gross_profit: Amount | None
    expenses: Amount | None
    operating_profit: Amount | None
    other_income: Amount | None
    other_expenses: Amount | None
    net_profit: Amount | None


class BalanceSheet(TypedDict):
    """
    What the company owned and owed at the end of one month, with the totals as printed.

    Assets less liabilities is equity.
    """

    month: Month
    currency: Currency
    lines: list[StatementLine]
    assets: Amount | None
    liabilities: Amount | None
    equity: Amount | None


class Supplier(TypedDict):
    """Somebody whom the company buys from."""

    id: Key
    name: Text
    contact_name: Text | None
    email: Text | None
    phone: Text | None
    registration_number: Text | None
    tax_number: Text | None
    currency: Currency | None
    status: AccountStatus
    addresses: list[Address]


class Line(TypedDict):
    """What was bought, by the account that it was booked to."""

    description: Text | None
    account_id: Key | None
    net_amount: Amount
    tax_amount: Amount


class Bill(TypedDict):
    """
    What a supplier charges.

    total = net + tax; `amount_due` is what is still to pay of it.
    """

    id: Key
    reference: Text | None
    supplier_id: Key | None
    supplier_name: Text | None
    issued_on: Day
    due_on: Day | None
    status: BillStatus
    currency: Currency
    currency_rate: Rate
    net_amount: Amount
    tax_amount: Amount
    total_amount: Amount
    amount_due: Amount
    note: Text | None
    lines: list[Line]


class Allocation(TypedDict):
    """How much of a payment went to which bill."""

    bill_id: Key
    amount: Amount


class BillPayment(TypedDict):
    """
    Money that went to a supplier for bills.

    What is not allocated is on account; a refund is negative.
    """

    id: Key
    reference: Text | None
    supplier_id: Key | None
    account_id: Key | None
    payment_method_id: Key | None
    paid_on: Day
    currency: Currency
    currency_rate: Rate
    total_amount: Amount
    note: Text | None
    allocations: list[Allocation]


class Expense(TypedDict):
    """
    Something paid for at once, without a bill.

    `account_id` is where the money came from; amounts are negative for a refund.
    """

    id: Key
    reference: Text | None
    supplier_id: Key | None
    supplier_name: Text | None
    account_id: Key | None
    payment_method_id: Key | None
    paid_on: Day
    currency: Currency
    currency_rate: Rate
    net_amount: Amount
    tax_amount: Amount
    total_amount: Amount
    note: Text | None
    lines: list[Line]


class PaymentMethod(TypedDict):
    """A way to pay, as the company's books name it."""

    id: Key
    name: Text
    type: PaymentMethodType
    status: AccountStatus


Row = Mapping[str, Any]
"""One canonical row, where code treats all datasets alike."""

ROWS: Final[Mapping[Dataset, type]] = {
    Dataset.COMPANY_INFO: CompanyInfo,
    Dataset.ACCOUNTS: Account,
    Dataset.PROFIT_AND_LOSS: ProfitAndLoss,
    Dataset.BALANCE_SHEET: BalanceSheet,
    Dataset.SUPPLIERS: Supplier,
    Dataset.BILLS: Bill,
    Dataset.BILL_PAYMENTS: BillPayment,
    Dataset.EXPENSES: Expense,
    Dataset.PAYMENT_METHODS: PaymentMethod,
}
