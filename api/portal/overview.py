"""The overview: how far requests come, how long that takes, where the companies stand."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, BeforeValidator

from api.deps import Now, Store
from api.portal.charts import Part, axis, share, stacked, within
from api.portal.people import Viewer
from api.portal.route import PortalRoute
from api.portal.view import answer, with_query
from api.portal.words import REASONS, STATUSES
from domain.journey import FACES, OPEN, Status
from domain.milestones import Milestone
from domain.reasons import NOTICES, Who
from store.portal.overview import SAMPLE, Overview, Reached, overview

router = APIRouter(route_class=PortalRoute, include_in_schema=False)

PATH: Final = "/overview"
PERIODS: Final[Mapping[int, str]] = {
    30: "30 days",
    90: "90 days",
    365: "A year",
}

STEPS: Final[Mapping[Milestone, str]] = {
    Milestone.REQUESTED: "Requested",
    Milestone.OPENED: "Opened",
    Milestone.SOFTWARE_CHOSEN: "Software chosen",
    Milestone.AUTHORIZED: "Authorized",
    Milestone.AVAILABLE: "Available",
}


UNITS: Final = (
    ("d", timedelta(days=1)),
    ("h", timedelta(hours=1)),
    ("min", timedelta(minutes=1)),
    ("s", timedelta(seconds=1)),
)
TENTHS_UP_TO: Final = 10


class Period(BaseModel):
    """Of how many days up to now."""

    days: Annotated[Literal[30, 90, 365], BeforeValidator(int)] = 90


@router.get(PATH)
async def show(
    request: Request,
    period: Annotated[Period, Query()],
    person: Viewer,
    database: Store,
    now: Now,
) -> Response:
    """Show the numbers of a period, and of now."""
    since = now - timedelta(days=period.days)
    async with database.reading() as session:
        seen = await overview(session, person.organization.id, since)
    return answer(
        request,
        "overview.html",
        person,
        days=period.days,
        periods=PERIODS,
        since=since,
        requests=seen.funnel[0].requests,
        funnel=list(_funnel(seen.funnel)),
        stages=list(_stages(seen)),
        axis=axis(),
        sample=SAMPLE,
        statuses=list(_statuses(seen)),
        reasons=list(_reasons(seen)),
        companies=sum(seen.statuses.values()),
    )


def _funnel(funnel: Sequence[Reached]) -> Iterator[dict[str, Any]]:
    everybody = max(funnel[0].requests, 1)
    for reached in funnel:
        parts = [
            Part("single", reached.single / everybody),
            Part("several", reached.several / everybody),
            Part("undecided", reached.undecided / everybody),
        ]
        yield {
            "label": STEPS[reached.milestone],
            "reached": reached,
            "share": reached.requests / everybody,
            "bar": stacked(parts),
        }


def _stages(seen: Overview) -> Iterator[dict[str, Any]]:
    """Each stage in which requests stood in the period, or stand now."""
    lasting = {each.stage: each for each in seen.lasting}
    for stage in OPEN:
        there, past = seen.there.get(stage, 0), lasting.get(stage)
        if there or past:
            yield {
                "label": FACES[stage].label,
                "bar": within(past.median, past.most) if past else "",
                "median": brief(past.median) if past else "none yet",
                "most": brief(past.most) if past else "none yet",
                "there": there,
                "url": with_query("/", stage=stage, user="all"),
            }


def brief(time: timedelta) -> str:
    """Return a duration in its largest unit, to a tenth where that says something."""
    for unit, size in UNITS:
        amount = time / size
        if amount >= 1:
            return f"{amount:.{0 if amount >= TENTHS_UP_TO else 1}f} {unit}"
    return "under 1 s"


def _statuses(seen: Overview) -> Iterator[dict[str, Any]]:
    """Nothing requested has no filter to lead to."""
    everybody = max(sum(seen.statuses.values()), 1)
    for status in (Status.AVAILABLE, Status.REQUESTED, Status.ERROR, None):
        companies = seen.statuses.get(status, 0)
        badge = STATUSES[status]
        yield {
            "badge": badge,
            "companies": companies,
            "bar": share(companies / everybody, badge.tone),
            "url": with_query("/", status=status, user="all") if status else None,
        }


def _reasons(seen: Overview) -> Iterator[dict[str, Any]]:
    most = max(seen.reasons.values(), default=1)
    for reason, companies in seen.reasons.items():
        yield {
            "label": REASONS[reason],
            "who": WHOSE[NOTICES[reason].who],
            "companies": companies,
            "bar": share(companies / most, "bad"),
            "url": with_query("/", reason=reason, user="all"),
        }


WHOSE: Final[Mapping[Who, str]] = {
    Who.CUSTOMER: "The customer can act",
    Who.BANK: "You can act",
    Who.OPERATOR: "An operator has to act",
    Who.WAIT: "It is tried again by itself",
}
