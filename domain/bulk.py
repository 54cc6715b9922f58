"""The same thing asked of many journeys: what can be asked, and what can come of it."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple

from pydantic import Field

from domain.checks import NotAllowed
from domain.journey import Actor, Event
from domain.message import Message
from domain.messages import Ask, Cancel, Extend
from domain.moves import check
from domain.state import Happened, Journey

MOST: Final = 10_000
"""So many journeys in one deed; those that have been stuck longest come first."""

LONGEST_EXTENSION: Final = 365
"""Days."""


class BulkAction(StrEnum):
    """What can be asked of many journeys at once."""

    RESEND = "resend"
    EXTEND = "extend"
    RETRY = "retry"
    CANCEL = "cancel"


EVENTS: Final[Mapping[BulkAction, Event]] = {
    BulkAction.RESEND: Event.RESEND_ASKED,
    BulkAction.EXTEND: Event.EXTENDED,
    BulkAction.RETRY: Event.RETRIED,
    BulkAction.CANCEL: Event.CANCELLED,
}


class Face(NamedTuple):
    """An action as people read it: on its button, and when it is done."""

    label: str
    done: str


FACES: Final[Mapping[BulkAction, Face]] = {
    BulkAction.RESEND: Face("Send the email again", "Its email is on its way again"),
    BulkAction.EXTEND: Face("Give more time", "It has more time"),
    BulkAction.RETRY: Face("Try again", "It is tried again"),
    BulkAction.CANCEL: Face("Cancel", "It is cancelled"),
}


class Demand(Message):
    """What somebody of the bank asks; `days` is for an extension, `reason` for an end."""

    action: BulkAction
    days: int = Field(0, ge=0, le=LONGEST_EXTENSION)
    reason: str = ""

    def question(self) -> Ask | Extend | Cancel:
        """Return what a journey's Update takes."""
        match self.action:
            case BulkAction.EXTEND:
                return Extend(days=self.days, actor=Actor.BANK)
            case BulkAction.CANCEL:
                return Cancel(reason=self.reason, actor=Actor.BANK)
            case _:
                return Ask(actor=Actor.BANK)

    def happened(self) -> Happened:
        """Return the event that is asked for."""
        asked = self.question()
        if isinstance(asked, Ask):
            return asked.happened(EVENTS[self.action])
        return asked.happened()


class Outcome(StrEnum):
    """What came of asking one journey: done, or the code of why not."""

    DONE = "done"
    CLOSED = "journey_closed"
    AUTHORIZED = "already_authorized"
    NOT_EMAILED = "not_emailed"
    WAITS_FOR_CUSTOMER = "waits_for_customer"
    NOTHING_TO_RETRY = "nothing_to_retry"
    NOT_ALLOWED = "action_not_allowed"
    NO_ANSWER = "no_answer"
    DEFECT = "defect"
    STOPPED = "stopped"


WHY_NOT: Final[Mapping[Outcome, str]] = {
    Outcome.CLOSED: "It had ended by then",
    Outcome.AUTHORIZED: "The customer has shared access already",
    Outcome.NOT_EMAILED: "No email goes out for it: its link is passed on by hand",
    Outcome.WAITS_FOR_CUSTOMER: "Only the customer can go on there",
    Outcome.NOTHING_TO_RETRY: "Nothing has failed there",
    Outcome.NOT_ALLOWED: "It can't be done at that stage",
    Outcome.NO_ANSWER: "Its workflow did not answer; it may still happen",
    Outcome.DEFECT: "Something went wrong on our side; an operator has to look at it",
    Outcome.STOPPED: "It was stopped before this one's turn came",
}


def outcome_of(code: str | None) -> Outcome:
    """Return what a workflow's refusal means; what it did not mean to say is a defect."""
    return Outcome(code) if code in list(Outcome) else Outcome.DEFECT


def obstacle(journey: Journey, action: BulkAction) -> Outcome | None:
    """Return why `action` can't be done to `journey` now; None where it can."""
    try:
        check(journey, Happened(event=EVENTS[action], actor=Actor.BANK))
    except NotAllowed as refused:
        return outcome_of(refused.code)
    return None


class RunBulk(Message):
    """Ask each journey of a deed; which ones, and for what, is in the store."""

    deed_id: str
    organization_id: str
    action: BulkAction
    total: int

    @property
    def workflow_id(self) -> str:
        """A deed is done once."""
        return f"bulk-{self.deed_id}"


class TakeSome(Message):
    """Ask the next few journeys of a deed."""

    deed_id: str


class BulkProgress(Message):
    """How far a deed is: how many journeys did it, did not, and were not asked yet."""

    done: int = 0
    undone: int = 0
    left: int = 0
