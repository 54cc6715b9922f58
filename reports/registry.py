"""The reports that can be built: one module each, one line each."""

from collections.abc import Mapping
from typing import Final, Protocol

from domain.reports import ReportType
from reports import financials, spend_analysis, spend_summary
from reports.books import Book
from reports.document import Document
from reports.request import BuildReports


class Builder(Protocol):
    """
    Books in, document out: a pure function.

    Listings of the document read the books again while they are written.
    """

    def __call__(self, books: tuple[Book, ...], request: BuildReports) -> Document: ...


BUILDERS: Final[Mapping[ReportType, Builder]] = {
    ReportType.FINANCIALS: financials.build,
    ReportType.SPEND_ANALYSIS: spend_analysis.build,
    ReportType.SPEND_SUMMARY: spend_summary.build,
}
