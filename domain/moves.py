"""
The rows of `domain/journey.py`, carried out.

`advance` is pure. It asks in turn: is there a row (`MOVES`), may it happen
(`CHECKS`), what does it change (`EFFECTS`), which way does it lead (`GUARDS`),
and what comes with the stage there (`ENTERED`).
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Final

from domain.checks import CHECKS, NotAllowed, refusal
from domain.effects import EFFECTS, ENTERED
from domain.journey import MOVES, Actor, Delivery, Event, Stage, Structure, Way, When
from domain.state import Happened, Journey


def begin(journey: Journey, at: datetime) -> Journey:
    """Return the journey after its first move, which its own row already shows."""
    by_link = journey.delivery is Delivery.LINK
    return journey.but(
        version=1,
        stage_since=at,
        went_out=by_link,
        status_at=at if by_link else None,
        acted_at=at if by_link else None,
        requests=0 if by_link else 1,
    )


def advance(journey: Journey, happened: Happened, at: datetime) -> Journey:
    """
    Return the journey after `happened`; raise `NotAllowed` if it can't happen now.

    `at` is the workflow's time. Nothing is changed in place.
    """
    check(journey, happened)
    changed = journey
    if happened.event in EFFECTS:
        changed = EFFECTS[happened.event](journey, happened, at)
    if happened.actor is Actor.CUSTOMER:
        changed = changed.but(acted_at=at, reminders_passed=0)
    moved = changed.but(stage=_target(changed, happened.event))
    if moved.stage in ENTERED:
        moved = ENTERED[moved.stage](moved, at)
    return _settled(journey, moved, at)


def check(journey: Journey, happened: Happened) -> None:
    """Raise `NotAllowed` if `happened` can't happen now."""
    if not _has_way(journey, happened.event):
        raise refusal(journey, happened.event)
    if happened.event in CHECKS:
        CHECKS[happened.event](journey, happened)


def possible(journey: Journey, event: Event) -> bool:
    """Whether some facts could make `event` happen now."""
    return _has_way(journey, event) and any(
        _is_allowed(journey, facts) for facts in _conceivable(journey, event)
    )


def follow_up(journey: Journey) -> Event | None:
    """What follows at once, without anybody's doing."""
    return Event.SETTLED if possible(journey, Event.SETTLED) else None


def _is_allowed(journey: Journey, happened: Happened) -> bool:
    try:
        check(journey, happened)
    except NotAllowed:
        return False
    return True


def _conceivable(journey: Journey, event: Event) -> Iterator[Happened]:
    """The best facts that `event` could come with, about no entity and about each."""
    new_name = f"other than {[entity.name for entity in journey.entities]}"
    for entity_id in (None, *(entity.id for entity in journey.entities)):
        yield Happened(
            event=event,
            entity_id=entity_id,
            structure=Structure.SINGLE,
            name=new_name,
            software="any",
            upload="any",
            attempt=journey.attempt,
        )


def _has_way(journey: Journey, event: Event) -> bool:
    ways = MOVES.get((journey.stage, event), ())
    if event in DECIDED_EARLY:
        return any(_holds(journey, way) for way in ways)
    return bool(ways)


def _holds(journey: Journey, way: Way) -> bool:
    return all(GUARDS[when](journey) for when in way.when)


def _target(changed: Journey, event: Event) -> Stage:
    ways = MOVES[changed.stage, event]
    return next(way.target for way in ways if _holds(changed, way))


def _settled(before: Journey, after: Journey, at: datetime) -> Journey:
    """Count the move; note since when stage, status and each entity's status are what they are."""
    changes: dict[str, object] = {"version": before.version + 1}
    if after.stage is not Stage.AUTHORIZING:
        changes["sent_away_at"] = None
    if (before.stage, before.parked) != (after.stage, after.parked):
        changes["stage_since"] = at
    if (before.status, before.reason) != (after.status, after.reason):
        changes["status_at"] = at if after.status else None
    known = {entity.id: (entity.status, entity.reason) for entity in before.entities}
    changes["entities"] = tuple(
        entity
        if known.get(entity.id, (None, None)) == (entity.status, entity.reason)
        else entity.but(status_at=at)
        for entity in after.entities
    )
    return after.but(**changes)


GUARDS: Final[Mapping[When, Callable[[Journey], bool]]] = {
    When.ASKS_STRUCTURE: lambda journey: journey.asks_structure,
    When.SINGLE: lambda journey: journey.structure is Structure.SINGLE,
    When.MULTIPLE: lambda journey: journey.structure is Structure.MULTIPLE,
    When.COLLECTING: lambda journey: not journey.finished,
    When.SOME_AUTHORIZED: lambda journey: any(
        each.authorized for each in journey.entities
    ),
    When.REPAIRING: lambda journey: journey.repairing,
    When.FOCUS_STANDS: lambda journey: journey.focus is not None,
    When.BROKEN: lambda journey: bool(journey.broken()),
    When.ALL_DONE: lambda journey: all(each.over for each in journey.entities),
}

DECIDED_EARLY: Final = (Event.FINISHED, Event.WENT_BACK, Event.SKIPPED, Event.SETTLED)
"""Events whose own effect can't open a way: where none is open before, they can't happen."""
