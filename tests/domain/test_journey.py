"""The tables are whole: nothing is missing in them, and nothing is there for nothing."""

from typing import Final

import pytest

from domain.effects import EFFECTS, ENTERED
from domain.explanation import NEXT_BY_ITSELF
from domain.journey import (
    BEFORE_FETCHING,
    CLOSED,
    FACES,
    FIRST,
    LIMITS,
    LINK_ACTIONS,
    MOVES,
    OPEN,
    ROWS,
    Delivery,
    Event,
    LinkAction,
    Stage,
)
from domain.reasons import Who
from tests.domain import walk

NEVER_TAKEN: Final = {Event.REQUESTED, Event.MIRRORED}
"""The first row of a timeline, and the store's own: neither moves a journey."""


def test_every_stage_is_open_or_closed() -> None:
    """
    A journey goes on or is over, and fetching is the last thing before that.
    """
    assert set(Stage) == {*OPEN, *CLOSED}
    assert set(OPEN) == {*BEFORE_FETCHING, Stage.FETCHING}


def test_every_stage_has_a_face() -> None:
    """
    Nobody ever reads a bare stage.
    """
    assert set(Stage) == set(FACES)
    assert all(face.label and face.sentence for face in FACES.values())


@pytest.mark.parametrize("stage", OPEN)
def test_every_open_stage_has_a_limit_and_somebody_to_act(stage: Stage) -> None:
    """
    No journey can sit somewhere for ever without counting as stuck, or without a party.
    """
    assert LIMITS[stage].total_seconds() > 0
    assert FACES[stage].waits_for is not None


def test_what_is_over_waits_for_nobody() -> None:
    """
    A closed stage has neither a limit nor a party.
    """
    assert set(OPEN) == set(LIMITS)
    assert {None} == {FACES[stage].waits_for for stage in CLOSED}


def test_where_nobody_acts_it_is_said_what_comes_next() -> None:
    """
    A stage that goes on by itself says what will happen.
    """
    by_itself = {stage for stage in OPEN if FACES[stage].waits_for is Who.WAIT}

    assert by_itself == set(NEXT_BY_ITSELF)


def test_every_event_is_in_a_row() -> None:
    """
    No event is listed that can't happen.
    """
    assert set(Event) - NEVER_TAKEN == {row.event for row in ROWS}


def test_every_effect_belongs_to_a_row() -> None:
    """
    Nothing is written for an event or a stage that does not come.
    """
    targets = {way.target for ways in MOVES.values() for way in ways}

    assert set(EFFECTS) <= {row.event for row in ROWS}
    assert set(ENTERED) <= targets


def test_every_action_is_an_event() -> None:
    """
    Whatever the customer can do in the link flow, the machine knows.
    """
    assert set(LinkAction) == set(LINK_ACTIONS)
    assert set(LINK_ACTIONS.values()) <= {row.event for row in ROWS}
    assert len(LINK_ACTIONS) == len(set(LINK_ACTIONS.values()))


def test_every_delivery_has_a_first_stage() -> None:
    """
    However the link reaches the customer, the journey begins somewhere open.
    """
    assert set(Delivery) == set(FIRST)
    assert set(FIRST.values()) <= set(OPEN)


@pytest.mark.parametrize("stage", Stage)
def test_every_stage_can_be_reached(stage: Stage) -> None:
    """
    The rows lead from the first stages to each of the others.
    """
    reached = set(FIRST.values())
    for _ in Stage:
        reached |= {
            way.target
            for (source, _), ways in MOVES.items()
            if source in reached
            for way in ways
        }

    assert stage in reached


@pytest.mark.parametrize("stage", OPEN)
def test_every_open_stage_can_be_left(stage: Stage) -> None:
    """
    Wherever a journey stands, there is a way on that some journey takes.
    """
    onward = {move.after.stage for move in walk.moves() if move.before.stage is stage}

    assert onward - {stage, Stage.CANCELLED}


@pytest.mark.parametrize("stage", CLOSED)
def test_what_is_over_can_not_be_left(stage: Stage) -> None:
    """
    No row leads out of a closed stage.
    """
    ways = [ways for (source, _), ways in MOVES.items() if source is stage]

    assert all(way.target is stage for each in ways for way in each)
