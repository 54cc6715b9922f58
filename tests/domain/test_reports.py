"""The reports, their forms and their files, as the API shows them."""

import pytest

from domain.journey import DataType
from domain.reports import (
    FILE_KINDS,
    REPORTS,
    Format,
    ReportType,
    file_name,
    reports_of,
)


def test_every_report_is_described() -> None:
    """
    Each type of report has a line in the table, and no two forms of it are the same.
    """
    assert set(ReportType) == set(REPORTS)
    assert all(
        report.formats and len(report.formats) == len(set(report.formats))
        for report in REPORTS.values()
    )


def test_every_format_has_a_file_kind_of_its_own() -> None:
    """
    Two forms of a report never have the same file name.
    """
    assert set(Format) == set(FILE_KINDS)
    assert len(Format) == len({kind.ending for kind in FILE_KINDS.values()})


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        (ReportType.FINANCIALS, Format.XLSX),
        (ReportType.SPEND_ANALYSIS, Format.XLSX),
        (ReportType.SPEND_SUMMARY, Format.PDF),
    ],
)
def test_a_download_that_names_no_format_gets_the_first(
    report: ReportType, expected: Format
) -> None:
    """
    Reports come as workbooks, the summary as a page to print.
    """
    assert expected == REPORTS[report].default_format


@pytest.mark.parametrize(
    ("data_types", "expected"),
    [
        ([], ()),
        ([DataType.FINANCIALS], (ReportType.FINANCIALS,)),
        (
            [DataType.SPEND_ANALYSIS],
            (ReportType.SPEND_ANALYSIS, ReportType.SPEND_SUMMARY),
        ),
        (list(DataType), tuple(ReportType)),
    ],
)
def test_data_types_lead_to_reports(
    data_types: list[DataType], expected: tuple[ReportType, ...]
) -> None:
    """
    What was requested decides which reports are built, always in the same order.
    """
    assert expected == reports_of(data_types)


def test_files_are_named_for_report_and_form() -> None:
    """
    A file's name says what it is, a zip of tables too.
    """
    assert "spend_analysis.csv.zip" == file_name(ReportType.SPEND_ANALYSIS, Format.CSV)
