"""Deleting a company, watching how far that is, and the receipt that stays."""

import unicodedata
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Request, Response

from api.companies import find_company
from api.deps import Catalogue, CompanyId, Configured, Store
from api.portal.acting import Doing
from api.portal.leafing import Leafing
from api.portal.live import Drawing, Piece, following
from api.portal.people import Deleter, Person, SignedOut
from api.portal.route import PortalRoute
from api.portal.view import answer, draw, moved
from api.removals import REMOVAL_ID, find_removal, insist_on_client, removal_out
from domain.removals import STEPS, Progress, Thing, counted
from domain.roles import Permission
from domain.software import Software
from store import queries, receipts, removals
from store.database import Database
from store.receipts import NEWEST_FIRST, Receipt
from store.tables import UserRow

router = APIRouter(route_class=PortalRoute, include_in_schema=False)

REMOVALS: Final = "/removals"
ROWS: Final = 50
SECTIONS: Final = ("standing", "removed", "steps", "left")
RemovalId = Annotated[str, Path(pattern=REMOVAL_ID)]


@router.get("/companies/{company_id}/delete")
async def ask(
    request: Request, company_id: CompanyId, person: Deleter, database: Store
) -> Response:
    """Ask once more, and say what goes."""
    return await _asked(request, company_id, person, database)


@router.post("/companies/{company_id}/delete")
async def delete(
    request: Request,
    company_id: CompanyId,
    person: Deleter,
    database: Store,
    doing: Doing,
) -> Response:
    """Delete the company whose name was typed, and lead to where it can be watched."""
    async with database.reading() as session:
        known = await receipts.of_company(session, person.organization.id, company_id)
        row = (
            await find_company(session, person.organization, company_id)
            if known is None
            else None
        )
    if row is not None:
        typed = str((await request.form(max_files=0, max_fields=5)).get("name", ""))
        if _as_shown(typed) != _as_shown(row.name):
            return await _asked(request, company_id, person, database, typed)
    removal = await doing.remover(person).remove(company_id)
    return moved(request, f"{REMOVALS}/{removal.id}")


@router.get(REMOVALS)
async def past(
    request: Request,
    person: Deleter,
    database: Store,
    settings: Configured,
    cursor: Annotated[str | None, Query(max_length=1000)] = None,
) -> Response:
    """Show what was deleted, newest first; it names nobody."""
    leafing = Leafing(settings, person, REMOVALS, NEWEST_FIRST, cursor, ROWS)
    async with database.reading() as session:
        rows = await receipts.newest(session, person.organization.id, leafing.cut)
    return answer(
        request,
        "removals.html",
        person,
        removals=[(row, _counts(row.found)) for row in rows[:ROWS]],
        next_cursor=leafing.next_cursor(rows),
    )


@router.get(f"{REMOVALS}/{{removal_id}}")
async def show(
    request: Request,
    removal_id: RemovalId,
    person: Deleter,
    database: Store,
    software: Catalogue,
) -> Response:
    """Show how far a removal is, and in the end its receipt."""
    drawing = await _drawing(database, person, removal_id, software)
    return answer(
        request,
        "removal.html",
        person,
        sections=drawing.around.html,
        changes=f"{REMOVALS}/{removal_id}/changes?seen={drawing.digest}",
    )


@router.get(f"{REMOVALS}/{{removal_id}}/changes")
async def changes(
    request: Request,
    removal_id: RemovalId,
    database: Store,
    software: Catalogue,
    digest: Annotated[str, Query(alias="seen", max_length=40)] = "",
) -> Response:
    """Send what changes on that page, while it is open."""

    async def draw_for(person: Person) -> Drawing:
        if not person.may(Permission.DELETE):
            raise SignedOut
        return await _drawing(database, person, removal_id, software)

    return await following(request, digest, draw_for)


async def _asked(
    request: Request,
    company_id: str,
    person: Person,
    database: Database,
    typed: str | None = None,
) -> Response:
    async with database.reading() as session:
        row = await find_company(session, person.organization, company_id)
        insist_on_client(row)
        found = await removals.stock(session, row.id)
        journey_id = await queries.open_journey(session, row.id)
    return answer(
        request,
        "removal_asked.html",
        person,
        HTTPStatus.OK if typed is None else HTTPStatus.UNPROCESSABLE_ENTITY,
        company=row,
        counts=_counts(found),
        is_open=journey_id is not None,
        typed=typed,
    )


async def _drawing(
    database: Database, person: Person, removal_id: str, software: tuple[Software, ...]
) -> Drawing:
    async with database.reading() as session:
        receipt = await find_removal(session, person.organization, removal_id)
        who = await session.get(UserRow, receipt.row.user_id or "")
    names = {each.key: each.name for each in software}
    return _drawn(receipt, person, who, names)


def _drawn(
    receipt: Receipt, person: Person, who: UserRow | None, software: dict[str, str]
) -> Drawing:
    facts = {
        "removal": removal_out(receipt),
        "who": who,
        "counts": _counts(receipt.row.found),
        "faces": STEPS,
        "software": software,
        "Progress": Progress,
    }
    pieces = [
        Piece(name, draw(f"removal/{name}.html", person, **facts)) for name in SECTIONS
    ]
    around = draw("sections.html", person, pieces=pieces)
    return Drawing(Piece("sections", around), pieces)


def _counts(found: dict[str, int] | dict[Thing, int]) -> list[str]:
    """Return what there was, in words; what there was nothing of is left out."""
    numbers = {Thing(name): number for name, number in found.items()}
    return [counted(each, numbers[each]) for each in Thing if numbers.get(each)]


def _as_shown(name: str) -> str:
    """Return a name as people compare it: what can't be seen makes no difference."""
    return " ".join(unicodedata.normalize("NFC", name).split())
