"""A journey: why it stands where it stands, what happened, and what can be done."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Annotated, Any, Final, NamedTuple

from fastapi import APIRouter, Query, Request, Response

from api.answers import AsSeen, Seen, journey_out
from api.deps import Catalogue, JourneyId, Store
from api.journeys import find_journey
from api.portal.live import Drawing, Piece, following
from api.portal.mends import Situation, mends_for
from api.portal.people import Person, Viewer
from api.portal.picture import Standing, pictures
from api.portal.route import PortalRoute
from api.portal.view import answer, draw, with_query
from api.portal.wanted import Unfolded
from api.portal.words import ENTITY_STAGES, described
from api.schemas import EntityOut, JourneyOut
from domain.journey import Actor, EntityStage, Stage
from domain.route import route
from domain.software import Software
from domain.state import Journey
from store.audit import move_key
from store.portal.journey import JourneySight, journey_sight
from store.portal.stays import Stay
from store.tables import MoveRow

router = APIRouter(route_class=PortalRoute, include_in_schema=False)

SECTIONS: Final = (
    "standing",
    "mending",
    "picture",
    "entities",
    "emails",
    "timeline",
)
FEW: Final = 30
"""Legal entities that are shown unless somebody asks for all of them."""

NEEDING_MOST: Final = (
    EntityStage.FAILED,
    EntityStage.AUTHORIZING,
    EntityStage.SELECTING_SOFTWARE,
    EntityStage.FETCHING,
    EntityStage.SKIPPED,
    EntityStage.DONE,
)
A_PROGRAM: Final = "A program with your key"


class Happening(NamedTuple):
    """
    One line of the timeline.

    `came`: how long it stood in the stage to which this led, and `usually` how long that takes.
    """

    move: MoveRow
    who: str | None
    came: Stay | None
    usually: timedelta | None


@router.get("/journeys/{journey_id}")
async def show(  # noqa: PLR0913, PLR0917 (what the page depends on)
    request: Request,
    journey_id: JourneyId,
    wanted: Annotated[Unfolded, Query()],
    person: Viewer,
    database: Store,
    seen: AsSeen,
    software: Catalogue,
) -> Response:
    """Show one journey."""
    async with database.reading() as session:
        row = await find_journey(session, person.organization, journey_id)
        sight = await journey_sight(session, row)
    drawing = _drawn(sight, person, seen, wanted, software)
    changes = f"/journeys/{journey_id}/changes"
    return answer(
        request,
        "journey.html",
        person,
        company=sight.company.row,
        sections=drawing.around.html,
        changes=with_query(changes, entities=wanted.entities, seen=drawing.digest),
    )


@router.get("/journeys/{journey_id}/changes")
async def changes(  # noqa: PLR0913, PLR0917 (what the page depends on)
    request: Request,
    journey_id: JourneyId,
    wanted: Annotated[Unfolded, Query()],
    database: Store,
    seen: AsSeen,
    software: Catalogue,
) -> Response:
    """Send what changes on that page, while it is open."""

    async def draw_for(person: Person) -> Drawing:
        async with database.reading() as session:
            row = await find_journey(session, person.organization, journey_id)
            sight = await journey_sight(session, row)
        now = seen._replace(now=request.app.state.clock())
        return _drawn(sight, person, now, wanted, software)

    return await following(request, wanted.seen, draw_for)


def _drawn(
    sight: JourneySight,
    person: Person,
    seen: Seen,
    wanted: Unfolded,
    software: Sequence[Software],
) -> Drawing:
    journey = journey_out(sight.facts, seen)
    situation = Situation(person, sight.facts.journey, journey, sight.company)
    facts = {
        "sight": sight,
        "journey": journey,
        "names": {each.id: each.name for each in journey.entities},
        "software": {each.key: each.name for each in software},
        "usually": sight.usual.get(journey.stage)
        if journey.closed_at is None
        else None,
        "happened": _happened(sight),
        "entities": _entities(journey, wanted),
        "tally": _tally(journey),
        "company": sight.company.row,
        "mends": mends_for(situation),
        **_picture(sight, journey),
    }
    pieces = [
        Piece(name, draw(f"journey/{name}.html", person, **facts)) for name in SECTIONS
    ]
    around = draw("sections.html", person, pieces=pieces)
    return Drawing(Piece("sections", around), pieces)


def _happened(sight: JourneySight) -> list[Happening]:
    came = {stay.seq: stay for stay in sight.stays}
    return [
        Happening(
            move, _who(sight, move), came.get(move.seq), sight.usual.get(move.stage)
        )
        for move in sight.moves
    ]


def _who(sight: JourneySight, move: MoveRow) -> str | None:
    key = move_key(move.journey_id, move.seq)
    if move.actor is not Actor.BANK or key not in sight.movers:
        return None
    return sight.movers[key] or A_PROGRAM


def _entities(journey: JourneyOut, wanted: Unfolded) -> list[EntityOut]:
    """Those first that keep the journey from its end."""
    needing = sorted(journey.entities, key=lambda each: NEEDING_MOST.index(each.stage))
    return needing if wanted.entities else needing[:FEW]


def _tally(journey: JourneyOut) -> str:
    counted = Counter(each.stage for each in journey.entities)
    return ", ".join(
        f"{counted[stage]:,} {ENTITY_STAGES[stage].label.lower()}"
        for stage in NEEDING_MOST
        if counted[stage]
    )


def _picture(sight: JourneySight, journey: JourneyOut) -> Mapping[str, Any]:
    spent: defaultdict[Stage, timedelta] = defaultdict(timedelta)
    for stay in sight.stays:
        if stay.lasted is not None:
            spent[stay.stage] += stay.lasted
    way = route(sight.facts.journey, [stay.stage for stay in sight.stays])
    standing = _standing(sight.facts.journey, stuck=journey.stuck)
    return {
        "pictures": pictures(way, spent, standing),
        "said": described(way, standing.stage, standing.note),
    }


def _standing(journey: Journey, *, stuck: bool) -> Standing:
    """What waits for somebody of the bank or an operator is parked; it is stuck, too."""
    if not journey.open:
        return Standing(journey.stage, None, journey.stage is Stage.COMPLETED)
    if journey.parked:
        return Standing(journey.stage, "Parked", well=False)
    return Standing(journey.stage, "Stuck" if stuck else "Now", well=not stuck)
