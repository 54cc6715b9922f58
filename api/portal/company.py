"""The page of one company: where it stands, everything that belongs to it, its reports."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response

from api.answers import AsSeen, Seen, company_out, connection_out, journey_out, sync_out
from api.companies import find_company
from api.deps import CompanyId, Files, Reading, Store
from api.portal.acting import Doing
from api.portal.acts import offered
from api.portal.live import Drawing, Piece, following
from api.portal.people import Downloader, Person, Refresher, Viewer
from api.portal.route import PortalRoute
from api.portal.view import Notice, answer, draw, said
from api.routes.reports import download_report
from domain.explanation import explain
from domain.reports import REPORTS, ReportType
from store.portal.company import CompanySight, company_sight

router = APIRouter(route_class=PortalRoute, include_in_schema=False)

SECTIONS: Final = (
    "standing",
    "reports",
    "entities",
    "journeys",
    "syncs",
    "connections",
    "history",
)


@router.get("/companies/{company_id}")
async def show(
    request: Request,
    company_id: CompanyId,
    person: Viewer,
    database: Store,
    seen: AsSeen,
) -> Response:
    """Show one company."""
    async with database.reading() as session:
        row = await find_company(session, person.organization, company_id)
        sight = await company_sight(session, row)
    drawing = _drawn(sight, person, seen)
    return answer(
        request,
        "company.html",
        person,
        company=row,
        client=sight.client,
        sections=drawing.around.html,
        changes=f"/companies/{company_id}/changes?seen={drawing.digest}",
    )


@router.get("/companies/{company_id}/changes")
async def changes(
    request: Request,
    company_id: CompanyId,
    database: Store,
    seen: AsSeen,
    digest: Annotated[str, Query(alias="seen", max_length=40)] = "",
) -> Response:
    """Send what changes on that page, while it is open."""

    async def draw_for(person: Person) -> Drawing:
        async with database.reading() as session:
            row = await find_company(session, person.organization, company_id)
            sight = await company_sight(session, row)
        return _drawn(sight, person, seen._replace(now=request.app.state.clock()))

    return await following(request, digest, draw_for)


@router.post("/companies/{company_id}/refresh")
async def refresh(
    request: Request, company_id: CompanyId, person: Refresher, doing: Doing
) -> Response:
    """Read the books again."""
    await doing.refresher(person).refresh(company_id)
    notice = Notice("The books are being read again.")
    return said(request, notice, f"/companies/{company_id}")


@router.get("/companies/{company_id}/reports/{report}")
async def download(  # noqa: PLR0913, PLR0917 (what a download depends on)
    company_id: CompanyId,
    report: ReportType,
    person: Downloader,
    session: Reading,
    files: Files,
    form: Annotated[str | None, Query(alias="format", max_length=20)] = None,
) -> Response:
    """Stream a report, as `/v1` does."""
    return await download_report(
        company_id, report, person.organization, session, files, form
    )


def _drawn(sight: CompanySight, person: Person, seen: Seen) -> Drawing:
    shown = sight.relationship
    facts = {
        "sight": sight,
        "shown": shown,
        "company": company_out(shown.facts),
        "explanation": explain(shown.journey)
        if shown.journey and shown.journey.open
        else None,
        "journeys": [journey_out(each, seen) for each in sight.journeys],
        "connections": [connection_out(each) for each in sight.connections],
        "syncs": [sync_out(each) for each in sight.syncs],
        "offers": offered(person, shown),
        "REPORTS": REPORTS,
    }
    pieces = [
        Piece(name, draw(f"company/{name}.html", person, **facts)) for name in SECTIONS
    ]
    around = draw("sections.html", person, pieces=pieces)
    return Drawing(Piece("sections", around), pieces)
