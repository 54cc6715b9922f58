"""What a company's accounts are: the machine's suggestions, confirmed or corrected by people."""

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from api.accounts import account_out
from api.companies import find_company
from api.deps import CompanyId, Configured, Store
from api.errors import refusal
from api.paging import Pager
from api.portal.acting import Doing
from api.portal.leafing import place_of
from api.portal.live import Drawing, Piece, following
from api.portal.people import Categorizer, Downloader, Person, SignedOut
from api.portal.route import PortalRoute
from api.portal.view import Notice, answer, draw, said, with_query, within
from domain.reports import REPORTS
from domain.roles import Permission
from domain.taxonomy import in_words, taxonomy
from settings import Settings
from store.accounts import BY_IMPACT
from store.database import Database
from store.keyset import Cut
from store.portal.accounts import AccountsSight, accounts_sight

router = APIRouter(route_class=PortalRoute, include_in_schema=False)

ROWS: Final = 25
SECTIONS: Final = ("built", "doubts", "confirmed")


class Wanted(BaseModel):
    """Which accounts; `seen` is a digest of what the page shows already."""

    q: Annotated[str, Field(max_length=200)] = ""
    cursor: Annotated[str | None, Field(max_length=1000)] = None
    seen: Annotated[str, Field(max_length=40)] = ""

    def address(self, company_id: str, **changes: Any) -> str:
        """Return the page's address, with these changes."""
        given = {"q": self.q.strip(), "cursor": self.cursor, **changes}
        return with_query(f"/companies/{company_id}/accounts", **given)


@cache
def labels() -> Mapping[str, str]:
    """Return every category by what it is called on a page: its levels, in plain words."""
    return {in_words(each.levels): each.id for each in taxonomy().values()}


@router.get("/companies/{company_id}/accounts")
async def show(  # noqa: PLR0913, PLR0917 (what the page depends on)
    request: Request,
    company_id: CompanyId,
    wanted: Annotated[Wanted, Query()],
    person: Downloader,
    database: Store,
    settings: Configured,
) -> Response:
    """Show the accounts, those first of which most depends on a doubt."""
    sight = await _sight(database, settings, person, company_id, wanted)
    drawing = _drawn(sight, person, wanted, settings)
    changes = f"/companies/{company_id}/accounts/changes"
    return answer(
        request,
        "accounts.html",
        person,
        company=sight.company,
        client=sight.client,
        wanted=wanted,
        sections=drawing.around.html,
        labels=labels() if person.may(Permission.CATEGORIZE) else (),
        changes=with_query(
            changes, q=wanted.q, cursor=wanted.cursor, seen=drawing.digest
        ),
    )


@router.get("/companies/{company_id}/accounts/changes")
async def changes(
    request: Request,
    company_id: CompanyId,
    wanted: Annotated[Wanted, Query()],
    database: Store,
    settings: Configured,
) -> Response:
    """Send what changes on that page, while it is open and they may still see it."""

    async def draw_for(person: Person) -> Drawing:
        if not person.may(Permission.DOWNLOAD):
            raise SignedOut
        sight = await _sight(database, settings, person, company_id, wanted)
        return _drawn(sight, person, wanted, settings)

    return await following(request, wanted.seen, draw_for)


@router.post("/companies/{company_id}/accounts/confirm")
async def confirm(
    request: Request, company_id: CompanyId, person: Categorizer, doing: Doing
) -> Response:
    """Say what an account is, by a category's id or by what it is called."""
    form = await request.form(max_files=0, max_fields=10)
    named = str(form.get("category", "")).strip()
    category_id = labels().get(named, named)
    if category_id not in taxonomy():
        raise refusal(
            "unknown_category", "There is no such category; choose one from the list."
        )
    account = await doing.bookkeeper(person).confirm(
        company_id, str(form.get("account", "")), category_id
    )
    notice = Notice(
        f"{account.name} is {in_words(account.path)}. "
        "The reports that depend on it are built again."
    )
    return said(request, notice, _back(form, company_id))


@router.post("/companies/{company_id}/accounts/undo")
async def undo(
    request: Request, company_id: CompanyId, person: Categorizer, doing: Doing
) -> Response:
    """Leave an account to the machine again."""
    form = await request.form(max_files=0, max_fields=10)
    await doing.bookkeeper(person).undo(company_id, str(form.get("account", "")))
    notice = Notice(
        "The suggestion counts again. The reports that depend on it are built again."
    )
    return said(request, notice, _back(form, company_id))


def _back(form: Any, company_id: str) -> str:
    return within(str(form.get("back", "")), f"/companies/{company_id}/accounts")


async def _sight(
    database: Database,
    settings: Settings,
    person: Person,
    company_id: str,
    wanted: Wanted,
) -> AccountsSight:
    after = place_of(_pager(settings, company_id, wanted), wanted.cursor)
    cut = Cut(BY_IMPACT, after, ROWS)
    async with database.reading() as session:
        company = await find_company(session, person.organization, company_id)
        return await accounts_sight(session, company, wanted.q.strip() or None, cut)


def _drawn(
    sight: AccountsSight, person: Person, wanted: Wanted, settings: Settings
) -> Drawing:
    pager = _pager(settings, sight.company.id, wanted)
    more = len(sight.accounts) > ROWS
    last = sight.accounts[ROWS - 1].position if more else None
    facts = {
        "sight": sight,
        "company": sight.company,
        "accounts": [account_out(each) for each in sight.accounts[:ROWS]],
        "confirmed": [account_out(each) for each in sight.confirmed],
        "next_page": last
        and wanted.address(sight.company.id, cursor=pager.cursor(last)),
        "first_page": wanted.cursor and wanted.address(sight.company.id, cursor=None),
        "wanted": wanted,
        "back": wanted.address(sight.company.id),
        "REPORTS": REPORTS,
    }
    pieces = [
        Piece(name, draw(f"accounts/{name}.html", person, **facts)) for name in SECTIONS
    ]
    around = draw("sections.html", person, pieces=pieces)
    return Drawing(Piece("sections", around), pieces)


def _pager(settings: Settings, company_id: str, wanted: Wanted) -> Pager:
    secret = settings.secret.get_secret_value().encode()
    return Pager(secret, f"accounts {company_id} {wanted.q.strip()}")
