"""What the tests of reports are given: stored books of the sandbox, or rows made by hand."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from domain.datasets import Dataset, Row
from domain.reports import ReportType
from providers.sandbox import Place, parse_page
from reports.books import open_books
from reports.document import Document, Table
from reports.registry import BUILDERS
from reports.request import REQUEST, BuildReports, CompanyBooks, folder_of
from sandbox.books.library import Books
from sandbox.books.months import Period
from sandbox.data import SHELVES
from store.frames import to_frame

PAGE: Final = 5_000
AS_OF: Final = datetime(2026, 7, 15, 9, 30, tzinfo=UTC)
SHELF: Final[Mapping[Dataset, str]] = {
    Dataset.COMPANY_INFO: "organisation",
    Dataset.ACCOUNTS: "accounts",
    Dataset.PROFIT_AND_LOSS: "profit-and-loss",
    Dataset.BALANCE_SHEET: "balance-sheet",
    Dataset.SUPPLIERS: "suppliers",
    Dataset.BILLS: "bills",
    Dataset.BILL_PAYMENTS: "bill-payments",
    Dataset.EXPENSES: "expenses",
    Dataset.PAYMENT_METHODS: "payment-methods",
}


def store(folder: Path, company_id: str, rows: Mapping[Dataset, Sequence[Row]]) -> None:
    """Store one part of each dataset, as a snapshot does."""
    for dataset, some in rows.items():
        store_part(folder, company_id, dataset, 0, some)


def store_part(
    folder: Path, company_id: str, dataset: Dataset, number: int, rows: Sequence[Row]
) -> None:
    target = folder_of(folder, company_id, dataset)
    target.mkdir(parents=True, exist_ok=True)
    frame = to_frame(dataset, rows)
    frame.write_parquet(target / f"{number:05}-part.parquet", compression="zstd")


def ask(folder: Path, request: BuildReports) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / REQUEST).write_text(request.model_dump_json(), encoding="utf-8")
    return folder


def sandbox_books(name: str, bills: int | None = None) -> Books:
    """Open the sandbox's books of the two years before July 2026."""
    return Books(name, Period.before(AS_OF.date()), bills)


def store_sandbox(folder: Path, company_id: str, books: Books) -> None:
    """Store everything that the sandbox would tell of a company, page by page."""
    for dataset in Dataset:
        for number, rows in enumerate(pages(books, dataset)):
            store_part(folder, company_id, dataset, number, rows)


def pages(books: Books, dataset: Dataset) -> Iterator[list[Row]]:
    """Read a dataset as the provider does."""
    shelf = SHELVES[SHELF[dataset]](books)
    for start in range(0, shelf.total, PAGE):
        stop = min(start + PAGE, shelf.total)
        body = {
            "items": shelf.read(start, stop),
            "total": shelf.total,
            "has_more": False,
        }
        yield parse_page(dataset, Place(), json.dumps(body).encode()).rows


def company_info(**changes: Any) -> Row:
    row: dict[str, Any] = {
        "id": "org",
        "name": "Tea Ltd",
        "legal_name": "Tea Limited",
        "registration_number": "12345678",
        "tax_number": "GB123",
        "base_currency": "GBP",
        "year_end_month": 12,
        "phone": "+44 20 1234",
        "web_links": [{"type": "Website", "url": "https://tea.example"}],
        "addresses": [address()],
    }
    return {**row, **changes}


def address(**changes: Any) -> Row:
    row: dict[str, Any] = {
        "type": None,
        "line1": "1 High Street",
        "line2": None,
        "city": "London",
        "region": None,
        "postal_code": "N1",
        "country": "GB",
    }
    return {**row, **changes}


def account(id: str, name: str, type: str = "asset", **changes: Any) -> Row:
    row: dict[str, Any] = {
        "id": id,
        "code": None,
        "name": name,
        "description": None,
        "type": type,
        "category": None,
        "currency": "GBP",
        "balance": Decimal(0),
        "is_bank_account": False,
        "status": "active",
    }
    return {**row, **changes}


def supplier(id: str, name: str, **changes: Any) -> Row:
    row: dict[str, Any] = {
        "id": id,
        "name": name,
        "contact_name": None,
        "email": None,
        "phone": None,
        "registration_number": None,
        "tax_number": None,
        "currency": None,
        "status": "active",
        "addresses": [],
    }
    return {**row, **changes}


def bill(id: str, total: str, **changes: Any) -> Row:
    row: dict[str, Any] = {
        "id": id,
        "reference": None,
        "supplier_id": "s1",
        "supplier_name": None,
        "issued_on": date(2026, 3, 1),
        "due_on": date(2026, 3, 31),
        "status": "open",
        "currency": "GBP",
        "currency_rate": Decimal(1),
        "net_amount": Decimal(total),
        "tax_amount": Decimal(0),
        "total_amount": Decimal(total),
        "amount_due": Decimal(0),
        "note": None,
        "lines": [],
    }
    return {**row, **changes}


def payment(id: str, total: str, *bills: tuple[str, str], **changes: Any) -> Row:
    row: dict[str, Any] = {
        "id": id,
        "reference": None,
        "supplier_id": "s1",
        "account_id": None,
        "payment_method_id": None,
        "paid_on": date(2026, 4, 1),
        "currency": "GBP",
        "currency_rate": Decimal(1),
        "total_amount": Decimal(total),
        "note": None,
        "allocations": [
            {"bill_id": bill_id, "amount": Decimal(amount)} for bill_id, amount in bills
        ],
    }
    return {**row, **changes}


def expense(id: str, total: str, **changes: Any) -> Row:
    row: dict[str, Any] = {
        "id": id,
        "reference": None,
        "supplier_id": "s1",
        "supplier_name": None,
        "account_id": None,
        "payment_method_id": None,
        "paid_on": date(2026, 4, 1),
        "currency": "GBP",
        "currency_rate": Decimal(1),
        "net_amount": Decimal(total),
        "tax_amount": Decimal(0),
        "total_amount": Decimal(total),
        "note": None,
        "lines": [],
    }
    return {**row, **changes}


def method(id: str, name: str, type: str = "unknown") -> Row:
    return {"id": id, "name": name, "type": type, "status": "active"}


def request(*reports: ReportType, **changes: Any) -> BuildReports:
    """Ask for reports of Tea Ltd, as of the middle of July 2026."""
    values: dict[str, Any] = {
        "reports": reports or (ReportType.SPEND_ANALYSIS,),
        "as_of": AS_OF,
        "books": (CompanyBooks(company_id="co_1", name="Tea Ltd"),),
    }
    return BuildReports(**{**values, **changes})


def document(
    folder: Path, rows: Mapping[Dataset, Sequence[Row]], asked: BuildReports
) -> Document:
    """Store one company's rows and build the first report that is asked for."""
    info = {Dataset.COMPANY_INFO: [company_info()]}
    store(folder, "co_1", {**info, **rows})
    return built(folder, asked)


def built(folder: Path, asked: BuildReports) -> Document:
    return BUILDERS[asked.reports[0]](open_books(folder, asked.books), asked)


def rows_of(document: Document, key: str) -> list[dict[str, Any]]:
    """Give all rows of a table or a listing."""
    (found,) = (table for table in document.tables() if table.key == key)
    if isinstance(found, Table):
        return [dict(row) for row in found.rows]
    return [row for frame in found.batches() for row in frame.to_dicts()]


def facts_of(document: Document, key: str) -> dict[str, Any]:
    (found,) = (block for block in document.facts() if block.key == key)
    return {fact.key: fact.value for fact in found.facts}
