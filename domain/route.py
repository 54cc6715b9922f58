"""The part of the machine that one journey goes through: for a picture of it."""

from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise
from typing import Final, NamedTuple

from domain.journey import FIRST, ROWS, Event, Stage, Structure, When
from domain.state import Journey

DETOURS: Final = frozenset({Event.TIME_UP, Event.CANCELLED})
"""They end a journey from almost anywhere: a way that is shown only where it was taken."""

RULED_OUT: Final[Mapping[When, Callable[[Journey], bool]]] = {
    When.ASKS_STRUCTURE: lambda journey: not journey.asks_structure,
    When.SINGLE: lambda journey: journey.structure is Structure.MULTIPLE,
    When.MULTIPLE: lambda journey: journey.structure is Structure.SINGLE,
}
"""What will not be true of this journey any more."""


class Step(NamedTuple):
    """From one stage to another one."""

    source: Stage
    target: Stage


class Route(NamedTuple):
    """
    Stages in the order of the machine, and the steps that were taken between them.

    `open_ended` are those that the journey gets to only if it is about several legal
    entities, while nobody has said so yet.
    """

    stages: tuple[Stage, ...]
    open_ended: frozenset[Stage]
    taken: frozenset[Step]


def route(journey: Journey, visited: Iterable[Stage]) -> Route:
    """Return where the journey was, in the order of `visited`, and where it may still get to."""
    been = [FIRST[journey.delivery], *visited, journey.stage]
    ahead = frozenset() if not journey.open else _reached(journey)
    single = _reached(journey.but(structure=Structure.SINGLE))
    undecided = journey.structure is None
    return Route(
        stages=tuple(stage for stage in Stage if stage in {*been, *ahead}),
        open_ended=ahead - single - {*been} if undecided else frozenset(),
        taken=frozenset(
            Step(source, target)
            for source, target in pairwise(been)
            if source != target
        ),
    )


def _reached(journey: Journey) -> frozenset[Stage]:
    """Follow every row that may still count."""
    found = {FIRST[journey.delivery]}
    ways = [
        (source, row.target)
        for row in ROWS
        if row.event not in DETOURS and not _is_ruled_out(journey, row.when)
        for source in row.sources
        if row.target is not None
    ]
    while new := {target for source, target in ways if source in found} - found:
        found |= new
    return frozenset(found)


def _is_ruled_out(journey: Journey, when: tuple[When, ...]) -> bool:
    return any(guard in RULED_OUT and RULED_OUT[guard](journey) for guard in when)
