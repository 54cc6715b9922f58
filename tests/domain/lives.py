"""Any life that a journey can have: events in any order, with sensible facts and with nonsense."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from itertools import product

from hypothesis import Phase, settings
from hypothesis import strategies as st

from domain.checks import NotAllowed
from domain.journey import Actor, Delivery, Event, Structure
from domain.moves import advance, follow_up
from domain.reasons import Reason
from domain.state import Happened, Journey
from tests.domain.acts import (
    BOTH,
    FINANCIALS,
    NOW,
    OPENED,
    SPEND,
    one_fetching,
    requested,
    reviewing,
    several_fetching,
)
from tests.domain.walk import Move, moves_from

ENDINGS = (Event.CANCELLED, Event.TIME_UP)
MAKES_AN_ENTITY = (Event.ENTITY_NAMED, Event.SOFTWARE_SELECTED)

starts = st.sampled_from(
    [
        *(requested(*each) for each in product((FINANCIALS, SPEND, BOTH), Delivery)),
        one_fetching(),
        reviewing("ab"),
        several_fetching("abc"),
    ]
)
sensible = st.integers(0, 1000)
RARELY = 950
nonsense = st.builds(
    Happened,
    event=st.sampled_from([event for event in Event if event not in ENDINGS]),
    actor=st.sampled_from(Actor),
    entity_id=st.sampled_from([None, "", "cn_a", "cn_b", "cn_unknown"]),
    structure=st.sampled_from([None, *Structure]),
    name=st.sampled_from([None, "", " ", "cn_a", "CN_A ", "Zoë GmbH"]),
    software=st.sampled_from([None, "ledgerly", "bookwise"]),
    attempt=st.sampled_from([None, 0, 1, 2, 99]),
    reason=st.sampled_from([None, *Reason]),
    days=st.integers(1, 365),
    number=st.integers(0, 4),
)
hours = st.integers(0, 80)


short_of_shrinking = partial(
    settings, deadline=None, phases=set(Phase) - {Phase.shrink, Phase.explain}
)
"""A life is read as it was: to look for a shorter one takes minutes."""


class Life(tuple[Move, ...]):
    """The moves of one journey in their order; as text, no more than what happened."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Short enough to be read when a law is broken."""
        return " > ".join(f"{_told(move)}" for move in self)


def lives(longest: int = 45) -> st.SearchStrategy[Life]:
    """What happened to one journey, new or well on its way; what was refused is not in it."""
    chance = st.one_of(sensible, sensible, sensible, sensible, nonsense)
    return st.builds(
        _live,
        starts,
        st.lists(st.tuples(chance, hours), min_size=longest // 3, max_size=longest),
    )


def _live(journey: Journey, chances: Iterable[tuple[int | Happened, int]]) -> Life:
    life: list[Move] = []
    at = NOW
    for number, (chance, gap) in enumerate(chances):
        at += timedelta(hours=gap)
        with suppress(NotAllowed):
            happened = _happening(journey, chance, f"cn_{number}")
            after = advance(journey, happened, at)
            life.append(Move(journey, happened, after))
            journey = after
        while event := follow_up(journey):
            happened = Happened(event=event)
            after = advance(journey, happened, at)
            life.append(Move(journey, happened, after))
            journey = after
    return Life(life)


def _happening(journey: Journey, chance: int | Happened, fresh: str) -> Happened:
    """What makes a legal entity comes with an id of its own: the workflow sees to that."""
    if isinstance(chance, int):
        return _sensible(journey, chance)
    if chance.event in MAKES_AN_ENTITY:
        ids = {"entity_id": fresh, "company_id": f"co_{fresh}"}
        return chance.model_copy(update=ids)
    return chance


def _sensible(journey: Journey, chance: int) -> Happened:
    """Something that may happen now: rarely an ending, half of the time what leads on."""
    leads_on, choice = chance % 2, chance // 2
    moves = [
        move
        for move in moves_from(journey)
        if move.happened.event not in ENDINGS or chance > RARELY
    ]
    if leads_on:
        moves = list({move.after.stage: move for move in moves}.values())
    return moves[choice % len(moves)].happened if moves else OPENED


def _told(move: Move) -> str:
    facts = move.happened.model_dump(mode="json", exclude_defaults=True)
    return f"{facts} {move.after.stage}"
