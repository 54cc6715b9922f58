"""Many requests at once: which and how many first, and only then is it begun."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Final, NamedTuple

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, TypeAdapter, ValidationError
from sqlmodel.ext.asyncio.session import AsyncSession

from api.bulk import Multitude
from api.deps import Configured, Now, Store, Temporal
from api.errors import refusal
from api.fields import Days, Explanation
from api.portal.acting import once_per_form
from api.portal.crowd import (
    DEEDS,
    NEW,
    PATH,
    Intended,
)
from api.portal.leafing import Leafing
from api.portal.people import Mender, Person
from api.portal.route import PortalRoute
from api.portal.view import answer, moved
from domain.bulk import FACES, MOST, WHY_NOT, BulkAction, Demand, obstacle
from domain.explanation import explain
from settings import Settings
from store.portal import stuck
from store.portal.stuck import LONGEST_FIRST

router = APIRouter(route_class=PortalRoute, include_in_schema=False)

ROWS: Final = 50
USUAL_DAYS: Final = "14"

_DAYS: Final[TypeAdapter[int]] = TypeAdapter(Days)
_REASON: Final[TypeAdapter[str]] = TypeAdapter(Explanation)


class Filled(BaseModel):
    """What the form says beside which requests are meant, and what is wrong with it."""

    days: str = USUAL_DAYS
    reason: str = ""
    problem: str | None = None

    def demand(self, action: BulkAction) -> "Demand | Filled":
        """Return what is asked, or the form with what is wrong."""
        try:
            return Demand(
                action=action,
                days=_days(self.days) if action is BulkAction.EXTEND else 0,
                reason=_REASON.validate_python(self.reason)
                if action is BulkAction.CANCEL
                else "",
            )
        except (ValidationError, ValueError):
            return self.model_copy(update={"problem": PROBLEMS[action]})


PROBLEMS: Final[Mapping[BulkAction, str]] = {
    BulkAction.EXTEND: "Say by how many days: a whole number from 1 to 365.",
    BulkAction.CANCEL: "Say why they end, in up to 500 characters on one line.",
}


def _days(typed: str) -> int:
    return _DAYS.validate_python(int(typed))


class Page(NamedTuple):
    """What every page of this module depends on."""

    request: Request
    session: AsyncSession
    settings: Settings
    person: Person
    now: datetime


@router.get(NEW)
async def intend(  # noqa: PLR0913, PLR0917 (what the page depends on)
    request: Request,
    intended: Annotated[Intended, Query()],
    person: Mender,
    database: Store,
    settings: Configured,
    now: Now,
) -> Response:
    """Show which requests are meant, how many, and which of them it can't be done to."""
    async with database.reading() as session:
        page = Page(request, session, settings, person, now)
        return await _intended(page, intended, Filled())


@router.post(DEEDS)
async def begin(  # noqa: PLR0913, PLR0917 (what a deed is made of)
    request: Request,
    person: Mender,
    database: Store,
    settings: Configured,
    temporal: Temporal,
    now: Now,
) -> Response:
    """Write it down and begin, once however often the form is sent."""
    form = await request.form(max_files=0, max_fields=100)
    given = {
        name: str(form.get(name, "")) for name in ("action", "stage", "reason", "by")
    }
    ticked = [str(each) for each in form.getlist("journey")]
    try:
        intended = Intended.model_validate(
            {**given, "journey": ticked, "by": given["by"] or None}
        )
    except ValidationError:
        raise refusal("invalid_request", "Say which requests are meant.") from None
    filled = Filled(days=str(form.get("days", "")), reason=str(form.get("why", "")))
    demand = filled.demand(intended.action)
    if isinstance(demand, Filled):
        async with database.reading() as session:
            page = Page(request, session, settings, person, now)
            return await _intended(page, intended, demand)
    once = await once_per_form(request, person, database, now)
    crowd = Multitude(person.organization, temporal, once, now, person.user.id)
    begun = await crowd.ask(demand, intended.which(person, now))
    return moved(request, f"{DEEDS}/{begun.id}")


async def _intended(page: Page, intended: Intended, filled: Filled) -> Response:
    by = intended.by or page.now
    which = intended.which(page.person, by)
    counts = await stuck.obstacles(page.session, which, intended.action)
    leafing = Leafing(
        page.settings,
        page.person,
        intended.here(by, cursor=None),
        LONGEST_FIRST,
        intended.cursor,
        ROWS,
    )
    rows, found = await stuck.listed(page.session, which, leafing.cut)
    cursor = leafing.next_cursor(found)
    return answer(
        page.request,
        "bulk.html",
        page.person,
        422 if filled.problem else 200,
        intended=intended,
        group=which.group,
        by=by,
        face=FACES[intended.action],
        filled=filled,
        once=secrets.token_urlsafe(),
        total=sum(counts.values()),
        can=counts.get(None, 0),
        why_not=[(WHY_NOT[why], number) for why, number in counts.items() if why],
        rows=[(each, _why_not(each, intended.action)) for each in rows],
        next_url=intended.here(by, cursor=cursor) if cursor else None,
        back=PATH,
        most=MOST,
        Action=BulkAction,
        explain=explain,
    )


def _why_not(shown: stuck.Shown, action: BulkAction) -> str | None:
    why = obstacle(shown.journey, action)
    return WHY_NOT[why] if why else None
