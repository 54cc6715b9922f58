"""Reading a workbook: from a file to canonical rows, or to all that is wrong with it."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from domain.datasets import DATASETS, CompanyInfo, Dataset, Row
from domain.journey import DataType
from domain.uploads import Outcome
from providers.workbook.archive import check_archive
from providers.workbook.chart import Chart
from providers.workbook.columns import (
    ACCOUNTS,
    BILLS,
    COMPANY,
    EXPENSES,
    MONTHLY_BALANCES,
    PAYMENTS,
    Sheet,
)
from providers.workbook.complaints import Complaints, Unreadable
from providers.workbook.currencies import CURRENCIES
from providers.workbook.pages import Pages
from providers.workbook.purchases import Purchases
from providers.workbook.statements import DECEMBER, Statements
from providers.workbook.tables import Record, Tables

ORGANISATION: Final = "upload"
"""The id of a company whose books no software keeps."""

_NOT_ALL_EMPTY: Final[Mapping[DataType, tuple[Sheet, ...]]] = {
    DataType.SPEND_ANALYSIS: (BILLS, PAYMENTS, EXPENSES),
    DataType.FINANCIALS: (MONTHLY_BALANCES,),
}


def read_workbook(
    path: Path, out: Path, data_types: Iterable[DataType], company_name: str
) -> Outcome:
    """
    Read what the data types ask for, and leave canonical rows in the folder `out`.

    Needs memory and time as the file likes: not for a process that others wait for.
    Safe to run twice.
    """
    asked = frozenset(data_types)
    try:
        complaints = check_archive(path)
        reading = _Reading(Tables(path, asked, complaints), complaints, asked)
        return reading.run(out, company_name)
    except Unreadable as unreadable:
        return Outcome(problems=(unreadable.problem,))


class _Reading:
    """One workbook on its way to rows."""

    def __init__(
        self, tables: Tables, complaints: Complaints, asked: frozenset[DataType]
    ) -> None:
        self._tables, self._complaints = tables, complaints
        self._asked = asked

    def run(self, out: Path, company_name: str) -> Outcome:
        datasets = {each for asked in self._asked for each in DATASETS[asked]}
        with Pages(out, sorted(datasets)) as pages:
            self._read(pages, company_name)
            records = pages.records()
        self._insist_on_rows()
        if self._complaints:
            return self._complaints.outcome()
        return Outcome(records=records)

    def _read(self, pages: Pages, company_name: str) -> None:
        company = self._company(company_name)
        base, year_end = company["base_currency"], company["year_end_month"] or DECEMBER
        self._add(pages, Dataset.COMPANY_INFO, [company])
        chart = Chart(base)
        if DataType.FINANCIALS in self._asked:
            self._read_statements(pages, chart, base, year_end)
        if DataType.SPEND_ANALYSIS in self._asked:
            self._read_purchases(pages, chart, base)
        self._add(pages, Dataset.ACCOUNTS, chart)

    def _read_statements(
        self, pages: Pages, chart: Chart, base: str, year_end: int
    ) -> None:
        chart.read(self._tables[ACCOUNTS])
        statements = Statements(self._tables, chart, base, year_end)
        statements.read()
        self._add(pages, Dataset.PROFIT_AND_LOSS, statements.profits())
        self._add(pages, Dataset.BALANCE_SHEET, statements.positions())

    def _read_purchases(self, pages: Pages, chart: Chart, base: str) -> None:
        purchases = Purchases(self._tables, chart, base)
        self._add(pages, Dataset.SUPPLIERS, purchases.suppliers())
        self._add(pages, Dataset.BILL_PAYMENTS, purchases.payments())
        self._add(pages, Dataset.BILLS, purchases.bills())
        self._add(pages, Dataset.EXPENSES, purchases.expenses())
        self._add(pages, Dataset.PAYMENT_METHODS, purchases.methods())

    def _insist_on_rows(self) -> None:
        """Without rows there is nothing to report on."""
        for asked in sorted(self._asked):
            tables = [self._tables[sheet] for sheet in _NOT_ALL_EMPTY[asked]]
            if all(table.is_whole and not table.filled for table in tables):
                names = ", ".join(table.name for table in tables)
                tables[0].complain(
                    f"No rows: there is nothing to report on in {names}."
                )

    def _add(self, pages: Pages, dataset: Dataset, rows: Iterable[Any]) -> None:
        """Go through all rows for what is wrong; keep them while nothing is."""
        for row in rows:
            if not self._complaints:
                pages.add(dataset, row)

    def _company(self, name: str) -> CompanyInfo:
        """Read the one row about the company, or complain and go on with any currency."""
        table = self._tables[COMPANY]
        records = list(table.records())
        if table.is_whole and not records:
            table.complain("This is needed.", 2, "base_currency")
        for record in records[1:]:
            record.complain("base_currency", "Expected one row only.")
        return _company_info(name, records[0] if records else None)


def _company_info(name: str, record: Record | None) -> CompanyInfo:
    found: Row = record.values if record else {}
    return CompanyInfo(
        id=ORGANISATION,
        name=name,
        legal_name=found.get("legal_name"),
        registration_number=found.get("registration_number"),
        tax_number=found.get("tax_number"),
        base_currency=found.get("base_currency") or CURRENCIES[0],
        year_end_month=found.get("year_end_month"),
        phone=found.get("phone"),
        web_links=[],
        addresses=[],
    )
