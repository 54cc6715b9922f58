"""The page of one company: where it stands, everything that belongs to it, its reports."""

from collections.abc import Sequence
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response

from api.accounts import account_out
from api.answers import AsSeen, Seen, company_out, connection_out, journey_out, sync_out
from api.companies import find_company
from api.deps import Catalogue, CompanyId, ConnectionId, Files, Now, Store
from api.portal.acting import Doing
from api.portal.acts import offered
from api.portal.live import Drawing, Piece, following
from api.portal.people import Downloader, Mender, Person, Refresher, Viewer
from api.portal.route import PortalRoute
from api.portal.view import Notice, answer, draw, said, with_query
from api.portal.wanted import Unfolded
from api.routes.reports import find_report, streamed
from domain.audit import Done
from domain.explanation import explain
from domain.reports import REPORTS, ReportType
from domain.software import Software
from store.audit import note
from store.portal.company import CompanySight, company_sight

router = APIRouter(route_class=PortalRoute, include_in_schema=False)

SECTIONS: Final = (
    "standing",
    "reports",
    "accounts",
    "journeys",
    "history",
    "entities",
    "connections",
    "syncs",
    "trail",
)


@router.get("/companies/{company_id}")
async def show(  # noqa: PLR0913, PLR0917 (what the page depends on)
    request: Request,
    company_id: CompanyId,
    wanted: Annotated[Unfolded, Query()],
    person: Viewer,
    database: Store,
    seen: AsSeen,
    software: Catalogue,
) -> Response:
    """Show one company."""
    every = wanted.entities is not None
    async with database.reading() as session:
        row = await find_company(session, person.organization, company_id)
        sight = await company_sight(session, row, every=every)
    drawing = _drawn(sight, person, seen, software)
    changes = f"/companies/{company_id}/changes"
    return answer(
        request,
        "company.html",
        person,
        company=row,
        client=sight.client,
        sections=drawing.around.html,
        changes=with_query(changes, entities=wanted.entities, seen=drawing.digest),
    )


@router.get("/companies/{company_id}/changes")
async def changes(  # noqa: PLR0913, PLR0917 (what the page depends on)
    request: Request,
    company_id: CompanyId,
    wanted: Annotated[Unfolded, Query()],
    database: Store,
    seen: AsSeen,
    software: Catalogue,
) -> Response:
    """Send what changes on that page, while it is open."""
    every = wanted.entities is not None

    async def draw_for(person: Person) -> Drawing:
        async with database.reading() as session:
            row = await find_company(session, person.organization, company_id)
            sight = await company_sight(session, row, every=every)
        now = seen._replace(now=request.app.state.clock())
        return _drawn(sight, person, now, software)

    return await following(request, wanted.seen, draw_for)


@router.post("/companies/{company_id}/refresh")
async def refresh(
    request: Request, company_id: CompanyId, person: Refresher, doing: Doing
) -> Response:
    """Read the books again."""
    await doing.refresher(person).refresh(company_id)
    notice = Notice("The books are being read again.")
    return said(request, notice, f"/companies/{company_id}")


@router.post("/connections/{connection_id}/revoke")
async def revoke(
    request: Request, connection_id: ConnectionId, person: Mender, doing: Doing
) -> Response:
    """Give access back: here at once, at the software as soon as it listens."""
    row = await doing.revoker(person).revoke(connection_id)
    notice = Notice(f"The connection of {row.name} is revoked.")
    return said(request, notice, f"/companies/{row.client_id}")


@router.get("/companies/{company_id}/reports/{report}")
async def download(  # noqa: PLR0913, PLR0917 (what a download depends on)
    company_id: CompanyId,
    report: ReportType,
    person: Downloader,
    files: Files,
    database: Store,
    now: Now,
    form: Annotated[str | None, Query(alias="format", max_length=20)] = None,
) -> Response:
    """Stream a report, as `/v1` does; who took it is noted first."""
    async with database.reading() as session:
        found = await find_report(
            session, person.organization, company_id, report, form
        )
    async with database.transaction() as writing:
        await note(
            writing,
            found.company,
            Done.DOWNLOADED,
            now,
            user_id=person.user.id,
            detail=REPORTS[report].title,
        )
    return await streamed(found, files)


def _drawn(
    sight: CompanySight, person: Person, seen: Seen, software: Sequence[Software]
) -> Drawing:
    shown = sight.relationship
    open_one = shown.journey if shown.journey and shown.journey.open else None
    facts = {
        "sight": sight,
        "shown": shown,
        "company": company_out(shown.facts),
        "explanation": explain(open_one) if open_one else None,
        "journeys": [journey_out(each, seen) for each in sight.journeys],
        "connections": [connection_out(each) for each in sight.connections],
        "syncs": [sync_out(each) for each in sight.syncs],
        "doubts": [account_out(each) for each in sight.doubts],
        "offers": offered(person, shown),
        "software": {each.key: each.name for each in software},
        "back": f"/companies/{shown.row.id}",
        "REPORTS": REPORTS,
    }
    pieces = [
        Piece(name, draw(f"company/{name}.html", person, **facts)) for name in SECTIONS
    ]
    around = draw("sections.html", person, pieces=pieces)
    return Drawing(Piece("sections", around), pieces)
