"""
The double-entry ledger: what moved on which account in which month, in cents of the base currency.

Every entry names a debit and a credit of the same amount, so the ledger cannot
be out of balance. The documents are entered first; the rest of the business
(sales, wages, tax, loan) is made to fit them, whatever their size.
"""

from collections import defaultdict
from collections.abc import Iterable
from types import MappingProxyType
from typing import Final

from sandbox.books import chart
from sandbox.books.company import Company
from sandbox.books.dice import Dice
from sandbox.books.documents import Batch, Bill, Expense, Payment, Standing
from sandbox.books.money import in_base, share
from sandbox.books.months import Period, month_of

SHARE_CAPITAL: Final = 10_000_00
LIFETIME: Final = 60  # months until equipment is worn out and the loan repaid
PERCENT_OF_A_MONTH: Final = MappingProxyType(
    {
        chart.CURRENT_ACCOUNT: 300,
        chart.DEBIT_CARD: 10,
        chart.CHEQUES: 20,
        chart.SAVINGS: 80,
        chart.PETTY_CASH: 1,
        chart.DEBTORS: 150,
        chart.PREPAYMENTS: 15,
        chart.INVENTORY: 60,
        chart.EQUIPMENT: 400,
        chart.LOAN: -200,
    }
)  # what the books open with, against one month of purchases
SETTLED_NEXT_MONTH: Final = (
    chart.DEBTORS,
    chart.CREDIT_CARD,
    chart.TAX,
    chart.PAYROLL,
)
TOPPED_UP: Final = (chart.DEBIT_CARD, chart.CHEQUES, chart.PETTY_CASH, chart.CLEARING)

Balances = defaultdict[str, int]


class Ledger:
    """Opening balances and movements by month and account; a debit is positive."""

    def __init__(self, period: Period) -> None:
        self.period = period
        self.opening: Balances = defaultdict(int)
        self.movements: dict[int, Balances] = {
            month: defaultdict(int) for month in period.months
        }

    def enter(self, month: int, debit: str, credit: str, amount: int) -> None:
        """Move an amount; a negative one goes the other way."""
        moved = self.movements[month]
        moved[debit] += amount
        moved[credit] -= amount

    def balances(self) -> dict[int, Balances]:
        """Add up what stands on each account at the end of each month."""
        standing, ends = self.opening.copy(), {}
        for month, moved in self.movements.items():
            for code, amount in moved.items():
                standing[code] += amount
            ends[month] = standing.copy()
        return ends

    def profit(self, month: int) -> int:
        """Income less expenses of one month."""
        return -sum(
            amount
            for code, amount in self.movements[month].items()
            if not chart.CHART[code].is_position
        )

    def enter_batch(self, batch: Batch) -> None:
        for bill in batch.bills:
            if bill.standing is Standing.POSTED:
                self._enter_bill(bill)
        for payment in batch.payments:
            self._enter_payment(payment)

    def _enter_bill(self, bill: Bill) -> None:
        month = month_of(bill.issued)
        for line in bill.lines:
            cost = in_base(line.amount, bill.rate)
            self.enter(month, line.account, chart.CREDITORS, cost)
        self.enter(month, chart.TAX, chart.CREDITORS, in_base(bill.tax, bill.rate))

    def _enter_payment(self, payment: Payment) -> None:
        """Take the bills off the creditors; what the rates did in between is a loss or a gain."""
        month, account = month_of(payment.paid), payment.habit.account
        settled = payment.settled_in_base
        difference = in_base(payment.amount, payment.rate) - settled
        self.enter(month, chart.CREDITORS, account, settled)
        self.enter(month, chart.EXCHANGE, account, difference)

    def enter_expense(self, expense: Expense) -> None:
        month = month_of(expense.spent)
        for line in expense.lines:
            cost = in_base(line.amount, expense.rate)
            self.enter(month, line.account, expense.habit.account, cost)

    def enter_business(self, company: Company) -> None:
        """Add what has no documents here, once all documents are entered."""
        typical = self._costs(self.period.first)
        for code, percent in PERCENT_OF_A_MONTH.items():
            self.opening[code] = share(typical, percent)
        self.opening[chart.SHARES] = -SHARE_CAPITAL
        self.opening[chart.RETAINED] = -sum(self.opening.values())
        standing = self.opening.copy()
        for month, moved in self.movements.items():
            self._settle(month, standing)
            self._run(company, month)
            for code, amount in moved.items():
                standing[code] += amount

    def _costs(self, month: int) -> int:
        return -self.profit(month)

    def _settle(self, month: int, standing: Balances) -> None:
        """Collect or pay what last month left behind; give the small accounts back what they spent."""
        for code in TOPPED_UP:
            spent = -self.movements[month][code]
            self.enter(month, code, chart.CURRENT_ACCOUNT, spent)
        for code in SETTLED_NEXT_MONTH:
            self.enter(month, chart.CURRENT_ACCOUNT, code, standing[code])

    def _run(self, company: Company, month: int) -> None:
        dice = Dice(company.seed, "business", month)
        bought = self._costs(month)
        current, loan = chart.CURRENT_ACCOUNT, -self.opening[chart.LOAN]
        wages = share(bought, dice.between(50, 60))
        wear = self.opening[chart.EQUIPMENT] // LIFETIME
        self.enter(month, chart.WAGES, current, share(wages, 80))
        self.enter(month, chart.WAGES, chart.PAYROLL, wages - share(wages, 80))
        self.enter(month, chart.DEPRECIATION, chart.WORN_OUT, wear)
        self.enter(month, chart.LOAN, current, loan // LIFETIME)
        self.enter(month, chart.INTEREST_PAID, current, loan // 250)
        self.enter(month, chart.BANK_CHARGES, current, dice.between(900, 4_900))
        self.enter(month, current, chart.INTEREST_RECEIVED, dice.between(100, 2_500))
        stock = share(self.opening[chart.INVENTORY], dice.between(-5, 5))
        self.enter(month, chart.INVENTORY, chart.STOCK_CHANGE, stock)
        margin = company.margin_percent + dice.between(-8, 8)
        self._sell(month, share(bought + wages + wear, margin), company)

    def _sell(self, month: int, net: int, company: Company) -> None:
        goods = share(net, 70)
        tax = share(net, company.country.tax_percent)
        self.enter(month, chart.DEBTORS, chart.SALES, goods)
        self.enter(month, chart.DEBTORS, chart.SERVICES, net - goods)
        self.enter(month, chart.DEBTORS, chart.TAX, tax)


def keep(
    company: Company,
    period: Period,
    batches: Iterable[Batch],
    expenses: Iterable[Expense],
) -> Ledger:
    """Write the whole ledger of a company."""
    ledger = Ledger(period)
    for batch in batches:
        ledger.enter_batch(batch)
    for expense in expenses:
        ledger.enter_expense(expense)
    ledger.enter_business(company)
    return ledger
