"""Reports: which there are, and their files."""

import re
import unicodedata
from typing import Annotated, Any, Final, NamedTuple
from urllib.parse import quote

from fastapi import APIRouter, Header, Query
from fastapi.responses import Response, StreamingResponse
from sqlmodel.ext.asyncio.session import AsyncSession

from api import examples
from api.companies import find_company
from api.deps import Bank, CompanyId, Files, Reading, Store
from api.errors import ApiError, refusal
from api.openapi import documented
from api.paging import Paging, Plain
from api.schemas import Page, ReportOut
from domain.reports import FILE_KINDS, REPORTS, Format, ReportType, reports_of
from store import queries, reports
from store.keyset import Position
from store.objects import Objects
from store.reports import StoredFile
from store.tables import CompanyRow, OrganizationRow, ReportRow

router = APIRouter(prefix="/v1/companies", tags=["reports"])

LONGEST_NAME: Final = 80
_NOT_IN_A_FILE_NAME: Final = re.compile(r'[\x00-\x1f\x7f"*/:<>?\\|]+')

_FILE: Final = {
    FILE_KINDS[form].media_type: {
        "schema": {"type": "string", "format": "binary"},
        "example": f"the bytes of a file that ends in .{FILE_KINDS[form].ending}",
    }
    for form in Format
    if form is not Format.JSON
}
_JSON: Final[dict[str, Any]] = {
    FILE_KINDS[Format.JSON].media_type: {
        "schema": {"type": "object"},
        "example": {"title": "Spend analysis"},
    }
}
_DOWNLOAD: Final = {
    **documented(None, "not_found", "report_not_available", "format_not_available"),
    200: {"description": "The file, streamed.", "content": {**_FILE, **_JSON}},
    304: {"description": "The file that `If-None-Match` names is the newest."},
}


@router.get(
    "/{company_id}/reports",
    summary="The reports of a company",
    responses=documented(examples.page(examples.REPORT), "not_found", "invalid_cursor"),
)
async def list_reports(
    company_id: CompanyId,
    listing: Plain,
    bank: Bank,
    session: Reading,
    paging: Paging,
) -> Page[ReportOut]:
    """
    List the reports of the data types that were requested, and how each stands.

    Those of a client with legal entities are about all of them together; each
    entity has its own beside them.
    """
    company = await find_company(session, bank, company_id)
    after = paging.after(listing)
    items = [
        each
        for each in await _shown(session, company)
        if after is None or each.type > after.key
    ]
    return paging.page(
        items, items, listing.limit, lambda each: Position(None, each.type)
    )


@router.get(
    "/{company_id}/reports/{report}",
    summary="Download a report",
    response_class=StreamingResponse,
    responses=_DOWNLOAD,
)
async def download_report(  # noqa: PLR0913, PLR0917 (what a download depends on)
    company_id: CompanyId,
    report: ReportType,
    bank: Bank,
    database: Store,
    files: Files,
    form: Annotated[str | None, Query(alias="format", max_length=20)] = None,
    known: Annotated[str | None, Header(alias="If-None-Match")] = None,
) -> Response:
    """
    Stream the newest file of a report, `xlsx` if no format is named, `pdf` of the summary.

    While a newer one is built, or could not be built, this is the one before.
    """
    async with database.reading() as session:
        found = await find_report(session, bank, company_id, report, form)
    if known is not None and found.tag in known:
        return Response(status_code=304, headers={"ETag": found.tag})
    return await streamed(found, files)


class FoundReport(NamedTuple):
    """A file of a report, known to the store; whether it is still there shows when it is opened."""

    company: CompanyRow
    report: ReportType
    form: Format
    file: StoredFile

    @property
    def tag(self) -> str:
        """What tells this file from any other, as HTTP writes it."""
        return f'"{self.file.sha256[:32]}"'


async def find_report(
    session: AsyncSession,
    bank: OrganizationRow,
    company_id: str,
    report: ReportType,
    asked: str | None,
) -> FoundReport:
    """Return the newest file of a report; raise ApiError where there is none in that form."""
    company = await find_company(session, bank, company_id)
    form = _format(report, asked)
    file = _file(await session.get(ReportRow, (company_id, report)), form)
    return FoundReport(company, report, form, file)


async def streamed(found: FoundReport, files: Objects) -> Response:
    """Send a file piece by piece. The store may be slow: no connection is held meanwhile."""
    try:
        pieces = await files.open(found.file.key)
    except FileNotFoundError:  # swept: a newer one has taken its place just now
        raise _not_available() from None
    return StreamingResponse(
        pieces, media_type=FILE_KINDS[found.form].media_type, headers=_headers(found)
    )


async def _shown(session: AsyncSession, company: CompanyRow) -> list[ReportOut]:
    (facts,) = await queries.facts_of_companies(session, [company])
    built = {row.type: row for row in await reports.rows(session, company.id)}
    return [
        _report_out(each, built.get(each))
        for each in sorted({*reports_of(facts.data_types), *built})
    ]


def _report_out(report: ReportType, row: ReportRow | None) -> ReportOut:
    return ReportOut(
        type=report,
        title=REPORTS[report].title,
        status="missing" if row is None else row.state.value,
        updated_at=None if row is None else row.updated_at,
        formats=REPORTS[report].formats,
    )


def _format(report: ReportType, asked: str | None) -> Format:
    formats = REPORTS[report].formats
    if asked is None:
        return REPORTS[report].default_format
    if asked not in formats:
        known = ", ".join(formats)
        raise refusal(
            "format_not_available", f"This report comes in these formats: {known}."
        )
    return Format(asked)


def _file(row: ReportRow | None, wanted: Format) -> StoredFile:
    if row is None or wanted not in row.files:
        raise _not_available()
    return StoredFile.model_validate(row.files[wanted])


def _not_available() -> ApiError:
    return refusal(
        "report_not_available",
        "This report is not there yet; it is built when the data was fetched.",
    )


def _headers(found: FoundReport) -> dict[str, str]:
    """The file is the bank's own: nobody in between may keep it, and no browser may guess what it is."""
    return {
        "Content-Disposition": disposition(
            f"{found.company.name} - {REPORTS[found.report].title}",
            FILE_KINDS[found.form].ending,
        ),
        "Content-Length": str(found.file.bytes),
        "ETag": found.tag,
        "Cache-Control": "private, no-cache",
        "X-Content-Type-Options": "nosniff",
    }


def disposition(name: str, ending: str) -> str:
    """
    Return how to save a file of that name, as RFC 6266 says.

    Programs that know no other letters get it in ASCII.
    """
    tidy = " ".join(_NOT_IN_A_FILE_NAME.sub(" ", name).split())[:LONGEST_NAME]
    folded = unicodedata.normalize("NFKD", tidy).encode("ascii", "ignore").decode()
    plain = " ".join(folded.split()).strip(".- ") or "report"
    encoded = quote(f"{tidy}.{ending}", safe="")
    return f"attachment; filename=\"{plain}.{ending}\"; filename*=UTF-8''{encoded}"
