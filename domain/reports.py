"""
What a bank can download: the reports, what each is built from, and the forms it comes in.

A report is one line of `REPORTS`; how it is made is a module of the same name in
the package `reports`.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final, NamedTuple

from domain.journey import DataType


class ReportType(StrEnum):
    """One document built from a company's books."""

    FINANCIALS = "financials"
    SPEND_ANALYSIS = "spend_analysis"
    SPEND_SUMMARY = "spend_summary"


class Format(StrEnum):
    """A form that a report comes in; what a download asks for."""

    XLSX = "xlsx"
    JSON = "json"
    CSV = "csv"
    PDF = "pdf"


class FileKind(NamedTuple):
    """How a file of one format is named and announced."""

    ending: str
    media_type: str


class Report(NamedTuple):
    """
    What is known of a report before it is built.

    `data_type` is what has to be requested to get it. A download that names no
    format gets the first of `formats`.
    """

    title: str
    data_type: DataType
    formats: tuple[Format, ...]

    @property
    def default_format(self) -> Format:
        return self.formats[0]


_TABLES: Final = (Format.XLSX, Format.JSON, Format.CSV)

REPORTS: Final[Mapping[ReportType, Report]] = {
    ReportType.FINANCIALS: Report("Financials", DataType.FINANCIALS, _TABLES),
    ReportType.SPEND_ANALYSIS: Report(
        "Spend analysis", DataType.SPEND_ANALYSIS, _TABLES
    ),
    ReportType.SPEND_SUMMARY: Report(
        "Spend summary", DataType.SPEND_ANALYSIS, (Format.PDF, Format.JSON)
    ),
}

FILE_KINDS: Final[Mapping[Format, FileKind]] = {
    Format.XLSX: FileKind(
        "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    ),
    Format.JSON: FileKind("json", "application/json"),
    Format.CSV: FileKind("csv.zip", "application/zip"),
    Format.PDF: FileKind("pdf", "application/pdf"),
}


def reports_of(data_types: Iterable[DataType]) -> tuple[ReportType, ...]:
    """Every report that can be built once these data types are there, in order."""
    wanted = frozenset(data_types)
    return tuple(name for name, report in REPORTS.items() if report.data_type in wanted)


def file_name(report: ReportType, form: Format) -> str:
    """How the built file is called, e.g. "spend_analysis.csv.zip"."""
    return f"{report}.{FILE_KINDS[form].ending}"
