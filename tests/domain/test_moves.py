"""The machine in motion: every state that it can reach, and any life that it may have."""

from collections.abc import Callable

import pytest
from hypothesis import given

from domain.effects import EFFECTS
from domain.journey import ROWS, Event, Row, Stage, When
from domain.moves import GUARDS, advance, follow_up, possible
from domain.state import Journey
from tests.domain import walk
from tests.domain.acts import NOW
from tests.domain.laws import MOVE_LAWS, STATE_LAWS
from tests.domain.lives import Life, lives, short_of_shrinking
from tests.domain.walk import Move


@pytest.mark.parametrize("law", STATE_LAWS)
def test_every_state_keeps_the_law(law: Callable[[Journey], bool]) -> None:
    """
    Wherever a journey with up to two legal entities can get, each law holds.
    """
    settled = [each for each in walk.journeys() if follow_up(each) is None]

    assert [] == [journey for journey in settled if not law(journey)]


@pytest.mark.parametrize("law", MOVE_LAWS)
def test_every_move_keeps_the_law(law: Callable[[Move], bool]) -> None:
    """
    Each law holds for every single move that can be made.
    """
    assert [] == [move for move in walk.moves() if not law(move)]


@short_of_shrinking(max_examples=120)
@given(lives())
def test_any_life_keeps_the_laws(life: Life) -> None:
    """
    Whatever happens in whatever order, nonsense too: it is refused, or the laws hold.
    """
    settled = [move.after for move in life if follow_up(move.after) is None]

    assert [] == [law for law in MOVE_LAWS for move in life if not law(move)]
    assert [] == [law for law in STATE_LAWS for each in settled if not law(each)]


@short_of_shrinking(max_examples=30)
@given(lives(longest=15))
def test_nothing_is_changed_in_place(life: Life) -> None:
    """
    A move leaves the journey that it started from as it was: a replay sees the same.
    """
    for move in life:
        before = move.before.model_copy(deep=True)

        at = move.after.stage_since
        assert advance(move.before, move.happened, at) == advance(
            before, move.happened, at
        )
        assert before == move.before


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_every_row_can_be_taken(row: Row) -> None:
    """
    No row is dead: some journey makes this very move.
    """
    assert any(row is _taken(move) for move in walk.moves())


def test_the_first_row_that_counts_is_taken() -> None:
    """
    Rows are read from top to bottom, and guards see what the event has changed.
    """
    for move in walk.moves():
        row = _taken(move)

        assert (row.target or move.before.stage) is move.after.stage


def test_every_stage_is_entered() -> None:
    """
    No stage is listed that no journey ever gets to.
    """
    assert set(Stage) == {journey.stage for journey in walk.journeys()}


def test_every_guard_can_be_asked() -> None:
    """
    What a row asks for is something that a journey can answer.
    """
    assert set(When) == set(GUARDS)


def test_what_is_possible_is_accepted() -> None:
    """
    An event is offered exactly where some facts would make it happen.
    """
    for journey in walk.journeys()[::4]:
        accepted = {move.happened.event for move in walk.moves_from(journey)}
        at_once = follow_up(journey)
        asked = list(Event) if at_once is None else [at_once]

        assert accepted == {event for event in asked if possible(journey, event)}


def _taken(move: Move) -> Row:
    """The row that a move took, found anew."""
    before, happened = move.before, move.happened
    effect = EFFECTS.get(happened.event)
    changed = before if effect is None else effect(before, happened, NOW)
    return next(
        row
        for row in ROWS
        if before.stage in row.sources
        and happened.event is row.event
        and all(GUARDS[when](changed) for when in row.when)
    )
