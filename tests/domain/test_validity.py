"""A link is good until there is a newer one, or its journey ends without an answer."""

import pytest

from domain.journey import OPEN, Stage
from domain.links import Link
from domain.state import Journey
from domain.validity import (
    EXPIRED,
    REPLACED,
    WITHDRAWN,
    Ended,
    new_link_helps,
    why_ended,
)
from tests.domain.acts import requested


def under_its_second_link(stage: Stage) -> Journey:
    return requested().but(stage=stage, link_number=2)


def link(journey: Journey, number: int) -> Link:
    return Link(journey.id, number)


@pytest.mark.parametrize("stage", OPEN)
def test_the_newest_link_of_an_open_journey_is_good(stage: Stage) -> None:
    """
    It leads there; the one before has been replaced, and a new one would help its holder.
    """
    journey = under_its_second_link(stage)
    old, new = link(journey, 1), link(journey, 2)

    assert (None, False) == (why_ended(journey, new), new_link_helps(journey, new))
    assert (REPLACED, True) == (why_ended(journey, old), new_link_helps(journey, old))


@pytest.mark.parametrize(
    ("stage", "number", "ended", "helps"),
    [
        (Stage.COMPLETED, 2, None, False),
        (Stage.COMPLETED, 1, REPLACED, False),
        (Stage.EXPIRED, 2, EXPIRED, True),
        (Stage.EXPIRED, 1, REPLACED, True),
        (Stage.CANCELLED, 2, WITHDRAWN, False),
        (Stage.CANCELLED, 1, WITHDRAWN, False),
    ],
)
def test_a_journey_that_is_over_says_how_it_ended(
    stage: Stage, number: int, ended: Ended | None, *, helps: bool
) -> None:
    """
    Only what was shared can still be looked at, and only what expired can be asked for anew.
    """
    journey = under_its_second_link(stage)
    known = link(journey, number)

    assert (ended, helps) == (why_ended(journey, known), new_link_helps(journey, known))
