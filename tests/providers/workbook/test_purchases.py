"""Suppliers, bills, payments and expenses: from a filled template to canonical rows."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from domain.datasets import ROWS, Dataset, Row
from domain.uploads import MOST_PROBLEMS
from tests.providers.workbook.workbooks import (
    BASE,
    BILL,
    DAY,
    EXPENSE,
    GOOD,
    PAYMENT,
    SUPPLIER,
    Sheets,
    Upload,
    changed,
    filled,
)

Place = tuple[str | None, int | None, str | None]


def books(tmp_path: Path, **sheets: list[dict[str, Any]]) -> dict[Dataset, list[Row]]:
    return Upload(tmp_path, filled(GOOD | sheets)).books()


def complaints(tmp_path: Path, workbook: bytes) -> list[tuple[Place, str]]:
    return [
        ((each.sheet, each.row, each.column), each.message)
        for each in Upload(tmp_path, workbook).problems()
    ]


def one_complaint(tmp_path: Path, sheets: Sheets) -> tuple[Place, str]:
    (complaint,) = complaints(tmp_path, filled(sheets))
    return complaint


def test_every_cell_finds_its_field(tmp_path: Path) -> None:
    """
    What the customer fills in is what the bank will read, field by field.
    """
    supplier = SUPPLIER | {
        "Contact name": "Ann", "Email": "ann@acme.example", "Phone": 4420,
        "Registration number": "R1", "Tax number": "T1", "Currency": "GBP",
        "Status": "Archived", "Address line 1": "1 High St", "City": "Hoxton",
        "Postal code": 1234, "Country": "GB",
    }  # fmt: skip
    bill = BILL | {
        "Reference": "INV-1", "Due date": "2026-08-30", "Net amount": 100,
        "Tax amount": 20, "Currency": "GBP", "Exchange rate": 1.17,
        "Expense account": "Rent", "Note": "July",
    }  # fmt: skip

    read = books(tmp_path, Suppliers=[supplier], Bills=[bill], Payments=[])

    assert {
        "id": "S1", "name": "Acme", "contact_name": "Ann", "email": "ann@acme.example",
        "phone": "4420", "registration_number": "R1", "tax_number": "T1",
        "currency": "GBP", "status": "archived",
        "addresses": [{
            "type": None, "line1": "1 High St", "line2": None, "city": "Hoxton",
            "region": None, "postal_code": "1234", "country": "GB",
        }],
    } == read[Dataset.SUPPLIERS][0]  # fmt: skip
    rent = read[Dataset.ACCOUNTS][0]
    assert {
        "id": "B1", "reference": "INV-1", "supplier_id": "S1", "supplier_name": "Acme",
        "issued_on": DAY, "due_on": DAY.replace(month=8, day=30), "status": "open",
        "currency": "GBP", "currency_rate": Decimal("1.17"),
        "net_amount": Decimal(100), "tax_amount": Decimal(20),
        "total_amount": Decimal(120), "amount_due": Decimal(120), "note": "July",
        "lines": [{
            "description": "July", "account_id": rent["id"],
            "net_amount": Decimal(100), "tax_amount": Decimal(20),
        }],
    } == read[Dataset.BILLS][0]  # fmt: skip
    assert ("Rent", "expense", "EUR") == (rent["name"], rent["type"], rent["currency"])


def test_every_row_has_the_fields_of_its_dataset(tmp_path: Path) -> None:
    """
    Each dataset that was asked for is there, with rows like those of any software.
    """
    payment = PAYMENT | {"Payment method": "Cheque", "Paid from": "Main card"}
    expense = EXPENSE | {"Supplier ID": "S1", "Payment method": "Cash"}

    read = books(tmp_path, Payments=[payment], Expenses=[expense])

    assert set() == {name for name, rows in read.items() if not rows}
    for name, rows in read.items():
        assert set(ROWS[name].__annotations__) == set(rows[0])
    assert "Acme" == read[Dataset.EXPENSES][0]["supplier_name"]
    assert [("cash", "Cash"), ("check", "Check")] == [
        (each["id"], each["name"]) for each in read[Dataset.PAYMENT_METHODS]
    ]
    account = read[Dataset.BILL_PAYMENTS][0]["account_id"]
    assert ["Main card"] == [
        each["name"] for each in read[Dataset.ACCOUNTS] if each["id"] == account
    ]


def test_names_that_look_like_commands_stay_names(tmp_path: Path) -> None:
    """
    A supplier may be called anything: only a formula is a formula.
    """
    names = ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "x" * 10_000]
    suppliers = [
        {"Supplier ID": f"S/{n}", "Name": name} for n, name in enumerate(names)
    ]

    read = books(tmp_path, Suppliers=suppliers, Bills=[], Payments=[])

    assert names == [each["name"] for each in read[Dataset.SUPPLIERS]]
    assert "S/0" == read[Dataset.SUPPLIERS][0]["id"]


@pytest.mark.parametrize(
    ("cells", "amounts"),
    [
        ({}, (120, 0, 120)),
        ({"Tax amount": 20}, (100, 20, 120)),
        ({"Net amount": 100}, (100, 20, 120)),
        ({"Net amount": 0}, (0, 120, 120)),
        ({"Net amount": 100, "Tax amount": 20}, (100, 20, 120)),
    ],
)
def test_what_is_left_out_of_an_amount_is_worked_out(
    tmp_path: Path, cells: dict[str, Any], amounts: tuple[int, int, int]
) -> None:
    """
    Total is net plus tax, whichever of the two the customer gives.
    """
    (bill,) = books(tmp_path, Bills=[BILL | cells])[Dataset.BILLS]

    assert amounts == (bill["net_amount"], bill["tax_amount"], bill["total_amount"])


@pytest.mark.parametrize(
    ("total", "paid", "word", "standing"),
    [
        (120, [], None, ("open", 120)),
        (120, [20, 50], None, ("partially_paid", 50)),
        (120, [20, 100], None, ("paid", 0)),
        (120, [120], "Open", ("paid", 0)),
        (120, [], "Paid", ("paid", 0)),
        (120, [], "Part Paid", ("open", 120)),
        (120, [], "Void", ("void", 0)),
        (120, [], "Draft", ("draft", 120)),
        (-120, [-20], None, ("partially_paid", -100)),
        (-120, [-120], None, ("paid", 0)),
        (0, [], None, ("paid", 0)),
        (120, [120, -120], None, ("open", 120)),
    ],
)
def test_what_is_due_follows_from_the_payments(
    tmp_path: Path,
    total: int,
    paid: list[int],
    word: str | None,
    standing: tuple[str, int],
) -> None:
    """
    Part payments, refunds and credit notes add up; a draft, void or paid bill is one by word.
    """
    bill = BILL | {"Total amount": total, "Status": word}
    payments = [
        PAYMENT | {"Payment ID": f"P{n}", "Amount": amount}
        for n, amount in enumerate(paid)
    ]

    (read,) = books(tmp_path, Bills=[bill], Payments=payments)[Dataset.BILLS]

    assert standing == (read["status"], read["amount_due"])


def test_one_payment_can_settle_several_bills(tmp_path: Path) -> None:
    """
    Rows with one id under each other are one payment, with what went where and what did not.
    """
    second = BILL | {"Bill ID": "B2", "Total amount": 30}
    on_account = {key: PAYMENT[key] for key in PAYMENT if key != "Bill ID"}
    payments = [
        PAYMENT,
        PAYMENT | {"Bill ID": "B2", "Amount": 30},
        on_account | {"Amount": 1},
    ]

    read = books(tmp_path, Bills=[BILL, second], Payments=payments)

    (payment,) = read[Dataset.BILL_PAYMENTS]
    assert 151 == payment["total_amount"]
    assert [("B1", 120), ("B2", 30)] == [
        (each["bill_id"], each["amount"]) for each in payment["allocations"]
    ]
    assert ["paid", "paid"] == [each["status"] for each in read[Dataset.BILLS]]


def test_ids_may_be_left_out_where_nothing_refers_to_them(tmp_path: Path) -> None:
    """
    A payment or an expense without id goes by its row, in every upload the same.
    """
    payment = {key: PAYMENT[key] for key in PAYMENT if key != "Payment ID"}
    expense = {key: EXPENSE[key] for key in EXPENSE if key != "Expense ID"}

    read = books(tmp_path, Payments=[payment], Expenses=[expense, expense])

    assert ["Payments!2"] == [each["id"] for each in read[Dataset.BILL_PAYMENTS]]
    assert ["Expenses!2", "Expenses!3"] == [
        each["id"] for each in read[Dataset.EXPENSES]
    ]


def test_the_same_workbook_gives_the_same_books(tmp_path: Path) -> None:
    """
    Reading twice, over what the first time left, changes nothing: ids come from names.
    """
    sheets = {
        "Expenses": [EXPENSE | {"Paid from": "Amex", "Expense account": "Travel"}]
    }

    first, second = books(tmp_path, **sheets), books(tmp_path, **sheets)

    assert first == second
    assert ["Amex", "Travel"] == [each["name"] for each in first[Dataset.ACCOUNTS]]


def test_a_customer_may_move_columns_and_leave_rows_empty(tmp_path: Path) -> None:
    """
    The order of columns, gaps between rows and other capitals don't matter.
    """

    def rearrange(workbook: Workbook) -> None:
        sheet = workbook["Suppliers"]
        sheet.move_range("A1:B2", cols=20)
        sheet["U1"] = " supplier id "
        sheet.move_range("A2:V2", rows=3)
        sheet.delete_cols(1, 2)
        workbook[
            "Bills"
        ].title = "Sheet"  # the program takes no name that differs in capitals
        workbook["Sheet"].title = "BILLS "

    read = Upload(tmp_path, changed(filled(GOOD), rearrange)).books()

    assert [("S1", "Acme")] == [
        (each["id"], each["name"]) for each in read[Dataset.SUPPLIERS]
    ]


REFUSED: dict[str, tuple[Sheets, Place, str]] = {
    "no currency": (
        GOOD | {"Company": []},
        ("Company", 2, "Base currency (A)"), "needed",
    ),
    "two companies": (
        GOOD | {"Company": [*BASE["Company"], *BASE["Company"]]},
        ("Company", 3, "Base currency (A)"), "one row only",
    ),
    "no rows": (
        GOOD | {"Bills": [], "Payments": [], "Expenses": []},
        ("Bills", None, None), "No rows",
    ),
    "a supplier twice": (
        GOOD | {"Suppliers": [SUPPLIER, SUPPLIER]},
        ("Suppliers", 3, "Supplier ID (A)"), "row 2",
    ),
    "a bill twice": (
        GOOD | {"Bills": [BILL, BILL]},
        ("Bills", 3, "Bill ID (A)"), "row 2",
    ),
    "an expense twice": (
        GOOD | {"Expenses": [EXPENSE, EXPENSE]},
        ("Expenses", 3, "Expense ID (A)"), "row 2",
    ),
    "a bill of nobody": (
        GOOD | {"Bills": [BILL | {"Supplier ID": "S/2"}], "Payments": []},
        ("Bills", 2, "Supplier ID (B)"), "sheet Suppliers",
    ),
    "an expense at nobody": (
        GOOD | {"Expenses": [EXPENSE | {"Supplier ID": "S2"}]},
        ("Expenses", 2, "Supplier ID (B)"), "sheet Suppliers",
    ),
    "a payment for no bill": (
        GOOD | {"Payments": [PAYMENT | {"Bill ID": "B2"}]},
        ("Payments", 2, "Bill ID (C)"), "sheet Bills",
    ),
    "a payment to another supplier": (
        GOOD | {
            "Suppliers": [SUPPLIER, SUPPLIER | {"Supplier ID": "S2"}],
            "Payments": [PAYMENT | {"Supplier ID": "S2"}],
        },
        ("Payments", 2, "Supplier ID (B)"), "another supplier's",
    ),
    "a payment in another currency": (
        GOOD | {"Payments": [PAYMENT | {"Currency": "USD", "Exchange rate": 0.9}]},
        ("Payments", 2, "Currency (F)"), "another currency",
    ),
    "a payment beyond the bill": (
        GOOD | {"Payments": [PAYMENT | {"Amount": 120.01}]},
        ("Payments", 2, "Amount (E)"), "more than its total",
    ),
    "a payment of a credit note": (
        GOOD | {"Bills": [BILL | {"Total amount": -120}]},
        ("Payments", 2, "Amount (E)"), "more than its total",
    ),
    "a payment for a bill twice": (
        GOOD | {"Payments": [PAYMENT | {"Amount": 60}, PAYMENT | {"Amount": 60}]},
        ("Payments", 3, "Payment ID (A)"), "same as in row 2",
    ),
    "a payment on two days": (
        GOOD | {
            "Payments": [
                PAYMENT | {"Bill ID": None, "Amount": 1},
                PAYMENT | {"Payment date": "2026-08-01"},
            ]
        },
        ("Payments", 3, "Payment date (D)"), "differs from row 2",
    ),
    "a payment in two places": (
        GOOD | {
            "Payments": [
                PAYMENT,
                PAYMENT | {"Payment ID": "P2", "Bill ID": None},
                PAYMENT | {"Bill ID": None},
            ]
        },
        ("Payments", 4, "Payment ID (A)"), "row 2",
    ),
    "amounts that differ": (
        GOOD | {"Bills": [BILL | {"Net amount": 100, "Tax amount": 19.99}]},
        ("Bills", 2, "Total amount (F)"), "don't add up",
    ),
    "another currency without rate": (
        GOOD | {"Expenses": [EXPENSE | {"Currency": "USD"}]},
        ("Expenses", 2, "Exchange rate (H)"), "needed",
    ),
    "the base currency with a rate": (
        GOOD | {"Expenses": [EXPENSE | {"Exchange rate": 1.5}]},
        ("Expenses", 2, "Exchange rate (H)"), "leave it empty",
    ),
    "an unknown currency": (
        GOOD | {"Expenses": [EXPENSE | {"Currency": "XYZ"}]},
        ("Expenses", 2, "Currency (G)"), "ISO 4217",
    ),
    "an amount as text": (
        GOOD | {"Expenses": [EXPENSE | {"Total amount": "9,50"}]},
        ("Expenses", 2, "Total amount (D)"), "found text",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_does_not_fit_is_told_with_its_place(tmp_path: Path, name: str) -> None:
    """
    Each mistake gives one problem, at the cell to mend, saying what was expected.
    """
    sheets, place, sentence = REFUSED[name]

    told, message = one_complaint(tmp_path, sheets)

    assert place == told
    assert sentence in message


def rename(sheet: str, cell: str, value: str | None) -> Callable[[Workbook], None]:
    def write(workbook: Workbook) -> None:
        workbook[sheet][cell] = value

    return write


def remove(workbook: Workbook) -> None:
    del workbook["Bills"]


def add(workbook: Workbook) -> None:
    workbook.create_sheet("Empty")
    workbook.create_sheet("x" * 31)["A1"] = "mine"


CHANGED: dict[str, tuple[Callable[[Workbook], None], list[Place]]] = {
    "a sheet is missing": (remove, [("Bills", None, None)]),
    "a sheet is unknown": (add, [("x" * 31, None, None)]),
    "a column is missing": (
        rename("Bills", "A1", None),
        [("Bills", 1, "Bill ID"), ("Bills", 2, "A")],
    ),
    "a column is unknown": (rename("Bills", "N1", "Mood"), [("Bills", 1, "N")]),
    "a column comes twice": (rename("Bills", "N1", "Note"), [("Bills", 1, "N")]),
    "a value has no heading": (rename("Bills", "N2", "?"), [("Bills", 2, "N")]),
}


@pytest.mark.parametrize("name", CHANGED)
def test_another_workbook_than_the_template_is_told(tmp_path: Path, name: str) -> None:
    """
    Sheets and columns are those of the template; what refers to a lost one is not blamed.
    """
    change, places = CHANGED[name]

    told = complaints(tmp_path, changed(filled(GOOD), change))

    assert places == [place for place, _ in told]


def test_all_problems_come_at_once_from_top_to_bottom(tmp_path: Path) -> None:
    """
    One upload tells everything, sheet by sheet, so that it can be mended in one go.
    """
    sheets = GOOD | {
        "Suppliers": [{"Supplier ID": "S1", "Name": None}],
        "Bills": [BILL | {"Issue date": "31/07/2026", "Total amount": 1e30}],
        "Payments": [PAYMENT | {"Bill ID": "B9", "Payment method": "Barter"}],
    }

    told = [place for place, _ in complaints(tmp_path, filled(sheets))]

    assert [
        ("Suppliers", 2, "Name (B)"),
        ("Bills", 2, "Issue date (D)"),
        ("Bills", 2, "Total amount (F)"),
        ("Payments", 2, "Payment method (H)"),
        ("Payments", 2, "Bill ID (C)"),
    ] == told


def test_problems_beyond_the_most_are_counted(tmp_path: Path) -> None:
    """
    Nobody reads ten thousand lines: the rest is a number.
    """
    expenses = [{"Date": DAY, "Total amount": "x"}] * (MOST_PROBLEMS + 5)
    upload = Upload(tmp_path, filled(GOOD | {"Expenses": expenses}))

    outcome = upload.read()

    assert MOST_PROBLEMS == len(outcome.problems)
    assert 5 == outcome.untold
    assert not outcome.accepted


def test_a_payment_can_not_outgrow_what_is_kept(tmp_path: Path) -> None:
    """
    A sum has the digits of its summands and more: it is told before it can't be stored.
    """
    bills = [
        BILL | {"Bill ID": f"B{n}", "Total amount": 9_999_999_999_999}
        for n in range(101)
    ]
    payments = [
        PAYMENT | {"Bill ID": f"B{n}", "Amount": 9_999_999_999_999} for n in range(101)
    ]

    told, message = one_complaint(
        tmp_path, GOOD | {"Bills": bills, "Payments": payments}
    )

    assert ("Payments", 2, "Amount (E)") == told
    assert "too much" in message


def test_no_problem_repeats_what_the_customer_wrote(tmp_path: Path) -> None:
    """
    Figures and names stay in the file: a problem can be logged.
    """
    secret = "Sesame Ltd"
    sheets = {
        **BASE,
        "Suppliers": [{"Supplier ID": secret, "Name": True, "Status": secret}],
        "Bills": [dict.fromkeys(BILL, secret)],
        "Payments": [dict.fromkeys(PAYMENT, secret)],
        "Expenses": [dict.fromkeys(EXPENSE, secret)],
    }

    outcome = Upload(tmp_path, filled(sheets)).read()

    assert len(outcome.problems) > 5
    assert secret not in outcome.model_dump_json()
