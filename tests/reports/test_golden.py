"""
One workbook of each report, cell by cell, against a file that a person has looked at.

`python -m tests.reports.test_golden` writes the files anew: read what changed before
you keep it.
"""

import json
import sys
from datetime import date, datetime, time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import pytest
from python_calamine import CalamineWorkbook

from domain.reports import Format, ReportType, file_name
from reports.build import build
from reports.request import OUT
from tests.reports.given import ask, request, sandbox_books, store_sandbox

GOLDEN: Final = Path(__file__).parent / "golden"
BILLS: Final = 24
WORKBOOKS: Final = (ReportType.FINANCIALS, ReportType.SPEND_ANALYSIS)


def cells(report: ReportType, folder: Path) -> dict[str, list[list[Any]]]:
    """Read every cell of a built workbook, sheet by sheet."""
    workbook = CalamineWorkbook.from_path(folder / OUT / file_name(report, Format.XLSX))
    return {
        name: [
            [_plain(cell) for cell in row]
            for row in workbook.get_sheet_by_name(name).to_python()
        ]
        for name in workbook.sheet_names
    }


def _plain(cell: Any) -> Any:
    match cell:
        case datetime() | date() | time():
            return cell.isoformat()
        case float():
            return round(cell, 9)
    return cell


def make(folder: Path) -> Path:
    """Build all reports of a company with few bills."""
    store_sandbox(folder, "co_1", sandbox_books("Golden Kettle", BILLS))
    # All accounts are confirmed: better suggestions are no other report.
    confirmed = {"co_1": kept("confirmed")}
    build(ask(folder, request(*ReportType, months=24, confirmed=confirmed)))
    return folder


def summary(folder: Path) -> Any:
    """The summary is a page; what it says is in its JSON."""
    name = file_name(ReportType.SPEND_SUMMARY, Format.JSON)
    return json.loads((folder / OUT / name).read_bytes())


def kept(name: str) -> Any:
    return json.loads((GOLDEN / f"{name}.json").read_bytes())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reports, built once."""
    return make(tmp_path_factory.mktemp("golden"))


@pytest.mark.parametrize("report", WORKBOOKS)
def test_every_cell_is_as_it_was(folder: Path, report: ReportType) -> None:
    """
    Another library reads the same sheets, rows and values as when it was checked.
    """
    expected = kept(report)

    found = cells(report, folder)

    assert list(expected) == list(found)
    for sheet, rows in expected.items():
        assert rows == found[sheet], sheet


def test_the_summary_says_what_it_said(folder: Path) -> None:
    """
    Headlines, methods, months and the suppliers to approach.
    """
    assert kept(ReportType.SPEND_SUMMARY) == summary(folder)


def write(name: str, content: Any) -> None:
    """Keep one row on a line, so that a difference can be read."""
    if "tables" in content:
        text = json.dumps(content, indent=1, ensure_ascii=False)
    else:
        sheets = (
            f"{json.dumps(sheet)}: [\n"
            + ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
            + "\n]"
            for sheet, rows in content.items()
        )
        text = "{\n" + ",\n".join(sheets) + "\n}"
    (GOLDEN / f"{name}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.stdout.write("writing the golden files anew\n")
    with TemporaryDirectory() as made:
        place = make(Path(made))
        for each in WORKBOOKS:
            write(each, cells(each, place))
        write(ReportType.SPEND_SUMMARY, summary(place))
