"""The chart of accounts: one table, the same for every company."""

from types import MappingProxyType
from typing import Final, NamedTuple

CURRENT_ACCOUNT: Final = "1000"
DEBIT_CARD: Final = "1010"
CHEQUES: Final = "1020"
SAVINGS: Final = "1030"
PETTY_CASH: Final = "1040"
CLEARING: Final = "1090"
DEBTORS: Final = "1100"
PREPAYMENTS: Final = "1150"
INVENTORY: Final = "1200"
EQUIPMENT: Final = "1500"
WORN_OUT: Final = "1510"
CREDITORS: Final = "2000"
CREDIT_CARD: Final = "2100"
TAX: Final = "2200"
PAYROLL: Final = "2210"
LOAN: Final = "2500"
SHARES: Final = "3000"
RETAINED: Final = "3100"
THIS_YEAR: Final = "3200"
SALES: Final = "4000"
SERVICES: Final = "4010"
INTEREST_RECEIVED: Final = "4900"
MATERIALS: Final = "5000"
SUBCONTRACTORS: Final = "5010"
FREIGHT: Final = "5020"
STOCK_CHANGE: Final = "5030"
WAGES: Final = "6000"
RENT: Final = "6100"
UTILITIES: Final = "6110"
INSURANCE: Final = "6120"
OFFICE: Final = "6200"
SUBSCRIPTIONS: Final = "6210"
TELEPHONE: Final = "6220"
TRAVEL: Final = "6300"
MEALS: Final = "6310"
MOTOR: Final = "6320"
MARKETING: Final = "6400"
PROFESSIONAL: Final = "6500"
REPAIRS: Final = "6510"
BANK_CHARGES: Final = "6600"
DEPRECIATION: Final = "6700"
INTEREST_PAID: Final = "7000"
EXCHANGE: Final = "7100"
SUSPENSE: Final = "9990"

STATEMENT_OF_POSITION: Final = frozenset({"Asset", "Liability", "Equity"})
GROWS_BY_DEBIT: Final = frozenset({"Asset", "Expense"})


class Account(NamedTuple):
    """One line of the chart; `section` is where the statements show it."""

    code: str
    name: str
    type: str
    category: str
    section: str
    status: str = "Active"

    @property
    def is_bank_account(self) -> bool:
        return self.category == "Bank"

    @property
    def is_position(self) -> bool:
        """Whether it stands in the balance sheet; the others make the profit."""
        return self.type in STATEMENT_OF_POSITION

    @property
    def sign(self) -> int:
        """What turns a debit balance into the account's own, positive side."""
        return 1 if self.type in GROWS_BY_DEBIT else -1


_TABLE: Final = (
    Account(CURRENT_ACCOUNT, "Business current account", "Asset", "Bank", "Assets"),
    Account(DEBIT_CARD, "Debit card account", "Asset", "Bank", "Assets"),
    Account(CHEQUES, "Cheque account", "Asset", "Bank", "Assets"),
    Account(SAVINGS, "Savings account", "Asset", "Bank", "Assets"),
    Account(PETTY_CASH, "Petty cash", "Asset", "Cash", "Assets"),
    Account(CLEARING, "Payments clearing", "Asset", "Other current asset", "Assets"),
    Account(DEBTORS, "Trade debtors", "Asset", "Accounts receivable", "Assets"),
    Account(PREPAYMENTS, "Prepayments", "Asset", "Prepaid expenses", "Assets"),
    Account(INVENTORY, "Inventory", "Asset", "Inventory", "Assets"),
    Account(EQUIPMENT, "Plant and equipment", "Asset", "Fixed asset", "Assets"),
    Account(WORN_OUT, "Accumulated depreciation", "Asset", "Fixed asset", "Assets"),
    Account(CREDITORS, "Trade creditors", "Liability", "Accounts payable", "Liabilities"),
    Account(CREDIT_CARD, "Corporate credit card", "Liability", "Credit card", "Liabilities"),
    Account(TAX, "Sales tax control", "Liability", "Tax", "Liabilities"),
    Account(PAYROLL, "Payroll liabilities", "Liability", "Payroll", "Liabilities"),
    Account(LOAN, "Bank loan", "Liability", "Long-term loan", "Liabilities"),
    Account(SHARES, "Share capital", "Equity", "Share capital", "Equity"),
    Account(RETAINED, "Retained earnings", "Equity", "Retained earnings", "Equity"),
    Account(THIS_YEAR, "Current year earnings", "Equity", "Current year earnings", "Equity"),
    Account(SALES, "Sales of goods", "Income", "Revenue", "Income"),
    Account(SERVICES, "Services and repairs", "Income", "Revenue", "Income"),
    Account(INTEREST_RECEIVED, "Interest received", "Income", "Other income", "OtherIncome"),
    Account(MATERIALS, "Materials purchased", "Expense", "Cost of goods sold", "CostOfSales"),
    Account(SUBCONTRACTORS, "Subcontractors", "Expense", "Cost of goods sold", "CostOfSales"),
    Account(FREIGHT, "Freight and delivery", "Expense", "Cost of goods sold", "CostOfSales"),
    Account(STOCK_CHANGE, "Change in inventory", "Expense", "Cost of goods sold", "CostOfSales"),
    Account(WAGES, "Wages and salaries", "Expense", "Payroll", "Expenses"),
    Account(RENT, "Rent and rates", "Expense", "Premises", "Expenses"),
    Account(UTILITIES, "Heat, light and water", "Expense", "Utilities", "Expenses"),
    Account(INSURANCE, "Insurance", "Expense", "Insurance", "Expenses"),
    Account(OFFICE, "Office supplies", "Expense", "Office", "Expenses"),
    Account(SUBSCRIPTIONS, "Software and subscriptions", "Expense", "IT", "Expenses"),
    Account(TELEPHONE, "Telephone and internet", "Expense", "Utilities", "Expenses"),
    Account(TRAVEL, "Travel and accommodation", "Expense", "Travel", "Expenses"),
    Account(MEALS, "Meals and entertainment", "Expense", "Entertainment", "Expenses"),
    Account(MOTOR, "Motor and fuel", "Expense", "Vehicles", "Expenses"),
    Account(MARKETING, "Advertising and marketing", "Expense", "Marketing", "Expenses"),
    Account(PROFESSIONAL, "Legal and professional fees", "Expense", "Professional fees", "Expenses"),
    Account(REPAIRS, "Repairs and maintenance", "Expense", "Repairs", "Expenses"),
    Account(BANK_CHARGES, "Bank charges", "Expense", "Bank charges", "Expenses"),
    Account(DEPRECIATION, "Depreciation", "Expense", "Depreciation", "Expenses"),
    Account(INTEREST_PAID, "Interest paid", "Expense", "Interest", "OtherExpenses"),
    Account(EXCHANGE, "Exchange gains and losses", "Expense", "Exchange differences", "OtherExpenses"),
    Account(SUSPENSE, "Suspense (old)", "Asset", "Other current asset", "Assets", status="Archived"),
)  # fmt: skip

CHART: Final = MappingProxyType({account.code: account for account in _TABLE})


def account_id(code: str) -> str:
    return f"acc-{code}"
