"""How far a request came: the steps of a funnel, of which each holds all that came further."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from domain.journey import Event, Stage


class Milestone(StrEnum):
    """One step from asking to having, in this order."""

    REQUESTED = "requested"
    OPENED = "opened"
    SOFTWARE_CHOSEN = "software_chosen"
    AUTHORIZED = "authorized"
    AVAILABLE = "available"


ORDER: Final = tuple(Milestone)

PASSED: Final[Mapping[Event, Milestone]] = {
    Event.OPENED: Milestone.OPENED,
    Event.SOFTWARE_SELECTED: Milestone.SOFTWARE_CHOSEN,
    Event.AUTHORIZED: Milestone.AUTHORIZED,
    Event.UPLOADED: Milestone.AUTHORIZED,  # a file needs no authorization
}


def furthest(before: Milestone, event: Event, stage: Stage) -> Milestone:
    """Return how far a request has ever come, after `event` led to `stage`."""
    passed = PASSED.get(event, before)
    if stage is Stage.COMPLETED:
        passed = Milestone.AVAILABLE
    return max(before, passed, key=ORDER.index)
