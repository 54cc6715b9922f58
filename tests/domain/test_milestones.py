"""How far a request came."""

import pytest

from domain.journey import Event, Stage
from domain.milestones import ORDER, PASSED, Milestone, furthest


@pytest.mark.parametrize(
    ("event", "stage", "reached"),
    [
        (Event.REQUESTED, Stage.SENDING, Milestone.REQUESTED),
        (Event.OPENED, Stage.SELECTING_SOFTWARE, Milestone.OPENED),
        (Event.SOFTWARE_SELECTED, Stage.AUTHORIZING, Milestone.SOFTWARE_CHOSEN),
        (Event.UPLOADED, Stage.FETCHING, Milestone.AUTHORIZED),
        (Event.ENTITY_DONE, Stage.COMPLETED, Milestone.AVAILABLE),
    ],
)
def test_a_move_leads_to_a_milestone(
    event: Event, stage: Stage, reached: Milestone
) -> None:
    """
    By what happened, or because everything is there.
    """
    assert reached is furthest(Milestone.REQUESTED, event, stage)


@pytest.mark.parametrize("before", Milestone)
@pytest.mark.parametrize("event", Event)
def test_nothing_leads_back(before: Milestone, event: Event) -> None:
    """
    Who went back, or opened the link again, has been further all the same.
    """
    after = furthest(before, event, Stage.SELECTING_SOFTWARE)

    assert ORDER.index(after) >= ORDER.index(before)
    assert after in {before, PASSED.get(event, before)}
