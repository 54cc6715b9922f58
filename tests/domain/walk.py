"""
Every state that a journey with up to two legal entities can be in, and every way between them.

Walked once, breadth first, with each event and the facts that make a difference.
Counters and times don't: two journeys that differ only in those are the same.
"""

from collections import deque
from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache
from itertools import product
from string import ascii_lowercase
from typing import Final, NamedTuple

from domain.checks import NotAllowed
from domain.journey import Actor, Delivery, Event, Structure
from domain.moves import advance, follow_up
from domain.reasons import Reason
from domain.state import Happened, Journey
from tests.domain.acts import FINANCIALS, NOW, SPEND, requested

MOST_ENTITIES: Final = 2
TROUBLES: Final = (Reason.ACCESS_REVOKED, Reason.INTERNAL)
"""One for the customer to mend, one for somebody else: the machine asks for no more."""
BY_CUSTOMER: Final = frozenset(
    {
        Event.OPENED,
        Event.STRUCTURE_CHOSEN,
        Event.ENTITY_NAMED,
        Event.SOFTWARE_SELECTED,
        Event.AUTHORIZATION_STARTED,
        Event.AUTHORIZED,
        Event.UPLOADED,
        Event.AUTHORIZATION_DECLINED,
        Event.ENTITY_ADDED,
        Event.ENTITY_REMOVED,
        Event.FINISHED,
        Event.EXITED,
        Event.WENT_BACK,
    }
)


class Move(NamedTuple):
    """One step of the walk."""

    before: Journey
    happened: Happened
    after: Journey


@cache
def moves() -> Sequence[Move]:
    """Return every move that some journey can make, once."""
    found: list[Move] = []
    starts = [requested(*each) for each in product((FINANCIALS, SPEND), Delivery)]
    known = {_key(journey) for journey in starts}
    to_visit = deque(starts)
    while to_visit:
        for move in moves_from(to_visit.popleft()):
            if len(move.after.entities) > MOST_ENTITIES:
                continue
            found.append(move)
            key = _key(move.after)
            if key not in known:
                known.add(key)
                to_visit.append(move.after)
    return found


@cache
def journeys() -> Sequence[Journey]:
    """Return one journey for each state."""
    by_key = {
        _key(journey): journey
        for move in moves()
        for journey in (move.before, move.after)
    }
    return list(by_key.values())


def happenings(journey: Journey) -> Iterator[Happened]:
    """Each event with each of the facts that make a difference to `journey`."""
    at_once = follow_up(journey)
    for event in Event if at_once is None else [at_once]:
        actor = Actor.CUSTOMER if event in BY_CUSTOMER else Actor.RAPPORT
        for facts in _facts(journey, event):
            yield Happened(event=event, actor=actor).model_copy(update=facts)


def moves_from(journey: Journey) -> Iterator[Move]:
    """Every move that `journey` can make now."""
    for happened in happenings(journey):
        with suppress(NotAllowed):
            yield Move(journey, happened, advance(journey, happened, NOW))


def _facts(journey: Journey, event: Event) -> Iterator[Mapping[str, object]]:
    trip = {"entity_id": journey.focus, "attempt": journey.attempt}
    known = [entity.id for entity in journey.entities]
    fresh = next(each for each in _IDS if each not in known)
    match event:
        case Event.STRUCTURE_CHOSEN:
            yield from ({"structure": structure} for structure in Structure)
        case Event.ENTITY_NAMED:
            yield {"entity_id": fresh, "company_id": "co" + fresh[2:], "name": fresh}
        case Event.SOFTWARE_SELECTED:
            yield {"entity_id": fresh, "software": "ledgerly"}
        case Event.UPLOADED:
            yield {"entity_id": fresh, "upload": "a file"}
        case (
            Event.AUTHORIZED
            | Event.AUTHORIZATION_DECLINED
            | Event.AUTHORIZATION_ABANDONED
        ):
            yield {**trip, "reason": _REASONS.get(event)}
        case Event.REQUEST_FAILED:
            yield {"reason": Reason.EMAIL_UNDELIVERABLE}
        case Event.ENTITY_FAILED:
            for entity_id, reason in product(known, TROUBLES):
                yield {"entity_id": entity_id, "reason": reason}
        case Event.ENTITY_DONE | Event.ENTITY_REMOVED | Event.SKIPPED:
            yield from ({"entity_id": entity_id} for entity_id in known)
        case _:
            yield {}


_IDS: Final = [f"cn_{letter}" for letter in ascii_lowercase]

_REASONS: Final = {
    Event.AUTHORIZATION_DECLINED: Reason.AUTHORIZATION_DECLINED,
    Event.AUTHORIZATION_ABANDONED: Reason.AUTHORIZATION_ABANDONED,
}


def _key(journey: Journey) -> Hashable:
    asked = (journey.data_types, journey.delivery, journey.stage)
    if not journey.open:
        return asked
    entities = [
        (each.id, each.stage, each.authorized, each.reason) for each in journey.entities
    ]
    return (
        asked,
        (journey.structure, journey.finished, journey.went_out),
        (
            journey.trouble,
            journey.unsent,
            journey.unbuilt,
            journey.sent_away_at is None,
        ),
        (journey.focus, *entities),
    )
