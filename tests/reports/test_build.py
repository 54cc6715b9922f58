"""The process: a folder of books in, a folder of reports out."""

import json
import subprocess
import sys
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest

from domain.datasets import Dataset
from domain.defects import Defect
from domain.reports import FILE_KINDS, REPORTS, ReportType, file_name
from reports.__main__ import main
from reports.build import WRITERS, build
from reports.registry import BUILDERS
from reports.request import ACCOUNTS, DONE, OUT, RESULT, BuildReports, BuiltReports
from tests.reports.given import (
    account,
    ask,
    bill,
    request,
    sandbox_books,
    store,
    store_sandbox,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small company's books and a request for all reports."""
    store_sandbox(tmp_path, "co_1", sandbox_books("Hoxton Tea Company", 40))
    return ask(tmp_path, request(*ReportType))


def test_every_report_and_form_can_be_made() -> None:
    """
    The registry and the writers know all that the table of reports names.
    """
    assert set(REPORTS) == set(BUILDERS)
    assert set(FILE_KINDS) == set(WRITERS)


def test_the_process_leaves_every_file_behind(folder: Path) -> None:
    """
    Each report in each of its forms, the accounts, and a result that names them all.
    """
    ended = subprocess.run(
        [sys.executable, "-m", "reports", str(folder)], check=False, capture_output=True
    )

    told = BuiltReports.model_validate_json((folder / OUT / RESULT).read_bytes())
    expected = {
        file_name(report, form): (folder / OUT / file_name(report, form)).stat().st_size
        for report in ReportType
        for form in REPORTS[report].formats
    }
    assert (0, b"", b"") == (ended.returncode, ended.stdout, ended.stderr)
    assert expected == {file.name: file.bytes for file in told.files}
    assert {*expected, ACCOUNTS, RESULT} == {
        path.name for path in (folder / OUT).iterdir()
    }


def test_a_second_run_gives_the_same_files(folder: Path) -> None:
    """
    An attempt that is repeated changes nothing: files are the same to the last byte.
    """
    build(folder)
    first = {path.name: path.read_bytes() for path in (folder / OUT).iterdir()}

    build(folder)

    second = {path.name: path.read_bytes() for path in (folder / OUT).iterdir()}
    assert first == second


def test_a_defect_is_told_without_figures(tmp_path: Path) -> None:
    """
    Standard error has one line: the kind of error and its place, nothing of the books.
    """
    rate = {"currency_rate": Decimal(999999999999999)}
    rows = {Dataset.BILLS: [bill("secret", "999999999999999", **rate)]}
    store(tmp_path, "co_1", rows)
    ask(tmp_path, request())

    ended = subprocess.run(
        [sys.executable, "-m", "reports", str(tmp_path)],
        check=False,
        capture_output=True,
    )

    assert 1 == ended.returncode
    assert ended.stderr.startswith(b"ComputeError at ")
    assert 1 == ended.stderr.count(b"\n")
    assert b"9999" not in ended.stderr
    assert not (tmp_path / OUT / RESULT).exists()


def test_an_error_without_place_is_still_told() -> None:
    """
    Even what has no traceback has a kind.
    """
    assert "ValueError at ?" == str(Defect.of(ValueError("12.50")))


def test_one_process_builds_many_folders(folder: Path, tmp_path: Path) -> None:
    """
    Each line of input is a folder, each line of output what came of it.
    """
    orders = f"{folder}\n{tmp_path / 'missing'}\n{folder}\n"

    ended = subprocess.run(
        [sys.executable, "-m", "reports"],
        input=orders,
        check=False,
        capture_output=True,
        text=True,
    )

    first, missing, again = ended.stdout.splitlines()
    assert (DONE, DONE) == (first, again)
    assert missing.startswith("FileNotFoundError at ")
    assert (0, "") == (ended.returncode, ended.stderr)
    assert (folder / OUT / RESULT).exists()


def test_main_builds_what_it_is_pointed_at(folder: Path) -> None:
    """
    The command takes one folder.
    """
    main([str(folder)])

    assert (folder / OUT / RESULT).exists()


def test_accounts_are_listed_by_impact(tmp_path: Path) -> None:
    """
    What is doubtful and large comes first; what a person confirmed has no impact.
    """
    accounts = [
        account("a", "Qwrtp", "unknown", balance=Decimal(100)),
        account("b", "Zxcvb", "unknown", balance=Decimal(-900)),
        account("c", "Wages", "expense", balance=Decimal(5000)),
    ]
    store(tmp_path, "co_1", {Dataset.ACCOUNTS: accounts})
    confirmed = {
        "co_1": {"c": "Expense.Operating.Personnel.EmployeeWages", "a": "gone"}
    }
    ask(tmp_path, request(confirmed=confirmed))

    build(tmp_path)

    told = json.loads((tmp_path / OUT / ACCOUNTS).read_bytes())
    (company,) = told["companies"]
    assert ["b", "a", "c"] == [each["id"] for each in company["accounts"]]
    assert (
        "Confirmed",
        "0",
        ["Expense", "Operating", "Personnel", "EmployeeWages"],
    ) == (tuple(company["accounts"][2][key] for key in ("status", "impact", "path")))
    assert None is company["accounts"][1]["confirmed"]


def test_csv_and_json_hold_the_same_rows(folder: Path) -> None:
    """
    Every table of the JSON is a file of the zip, with as many rows.
    """
    build(folder)

    out = folder / OUT
    told = json.loads((out / "spend_analysis.json").read_bytes())["tables"]
    with zipfile.ZipFile(out / "spend_analysis.csv.zip") as files:
        lines = {name: files.read(f"{name}.csv").count(b"\n") for name in told}
    assert {name: len(table["rows"]) + 1 for name, table in told.items()} == lines


def test_a_request_survives_its_file() -> None:
    """
    Written and read again it is the same request.
    """
    asked = request(confirmed={"co_1": {"a": "Asset"}}, threshold=Decimal("10.50"))

    assert asked == BuildReports.model_validate_json(asked.model_dump_json())
