"""The columns of measured spend: said once for suppliers and for payment methods."""

from typing import Final

from reports.document import Column, Kind

BILLS: Final = (
    Column("bills", "Number of bills", Kind.INTEGER, "Bills"),
    Column("bills_outstanding", "Bills outstanding", Kind.INTEGER, "Bills"),
    Column("bills_amount", "Bills amount", Kind.MONEY, "Bills"),
    Column("bills_outstanding_amount", "Outstanding amount", Kind.MONEY, "Bills"),
    Column("bills_outstanding_share", "% outstanding (by amount)", Kind.SHARE, "Bills"),
    Column("bills_late", "Bills paid late", Kind.INTEGER, "Bills"),
    Column("bills_late_amount", "Paid late amount", Kind.MONEY, "Bills"),
    Column("bills_late_share", "% paid late (by amount)", Kind.SHARE, "Bills"),
)
PAYMENTS: Final = (
    Column("payments", "Number of payments", Kind.INTEGER, "Payments"),
    Column("payments_amount", "Payments amount", Kind.MONEY, "Payments"),
    Column("payments_average", "Average payment", Kind.MONEY, "Payments"),
)
TERMS: Final = (
    Column("payment_terms", "Average payment terms (days)", Kind.DAYS, "Terms"),
)
SETTLEMENT: Final = (
    Column("settlement_period", "Average settlement (days)", Kind.DAYS, "Terms"),
)
EXPENSES: Final = (
    Column("expenses", "Number of expenses", Kind.INTEGER, "Expenses"),
    Column("expenses_amount", "Expenses amount", Kind.MONEY, "Expenses"),
)

CURRENCY: Final = Column("currency", "Currency", width=10)

METHOD: Final = (
    Column("method", "Payment method", width=20),
    Column("group", "Group", width=12),
    CURRENCY,
    Column("suppliers", "Number of suppliers", Kind.INTEGER, "Suppliers"),
    Column("suppliers_share", "% of all suppliers", Kind.SHARE, "Suppliers"),
    Column("bills_share", "% of all bills (by number)", Kind.SHARE, "Total"),
    Column("bills_amount_share", "% of all bills (by amount)", Kind.SHARE, "Total"),
    Column("spend", "Total spend", Kind.MONEY, "Total"),
    *BILLS,
    *PAYMENTS,
    *TERMS,
    *SETTLEMENT,
    Column("expenses_share", "% of all expenses (by number)", Kind.SHARE, "Expenses"),
    Column(
        "expenses_amount_share",
        "% of all expenses (by amount)",
        Kind.SHARE,
        "Expenses",
    ),
    *EXPENSES,
)

SUPPLIER: Final = (
    Column("name", "Supplier", section="Supplier", width=32),
    Column(
        "as_recorded", "Most common method (recorded)", section="Supplier", width=18
    ),
    Column("inferred", "Most common method (inferred)", section="Supplier", width=18),
    Column(
        "took_credit_card",
        "Has accepted credit card (last 12 months)",
        section="Supplier",
        width=18,
    ),
    Column("first_seen", "First seen", Kind.DATE, "Supplier"),
    Column("currency", "Currency", section="Total", width=10),
    Column("spend", "Total spend", Kind.MONEY, "Total"),
    *BILLS,
    Column("last_bill_on", "Most recent bill", Kind.DATE, "Bills"),
    *PAYMENTS,
    *TERMS,
    Column("common_terms", "Common payment terms (days)", Kind.INTEGER, "Terms"),
    *SETTLEMENT,
    *EXPENSES,
    Column("last_expense_on", "Most recent expense", Kind.DATE, "Expenses"),
    Column("supplier_id", "Supplier id", section="Supplier details", width=16),
    Column("contact_name", "Contact", section="Supplier details"),
    Column("phone", "Phone", section="Supplier details", width=18),
    Column("email", "Email", section="Supplier details", width=32),
    Column("address", "Addresses", section="Supplier details", width=44),
    Column("tax_number", "Tax number", section="Supplier details", width=18),
)
