"""What a customer sees of each stage: which page, under which title, how far along."""

from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final, NamedTuple

from domain.journey import DataType, EntityStage, LinkAction, Stage, Structure


class Step(NamedTuple):
    """A stage as a page. `status` is the HTTP status that it is shown with."""

    template: str
    title: str
    status: int = 200


STEPS: Final[Mapping[Stage, Step]] = {
    Stage.SENDING: Step("welcome.html", "Share your data"),
    Stage.AWAITING_CUSTOMER: Step("welcome.html", "Share your data"),
    Stage.CHOOSING_STRUCTURE: Step("structure.html", "One company or several?"),
    Stage.NAMING_ENTITY: Step("name.html", "Name a company"),
    Stage.SELECTING_SOFTWARE: Step("software.html", "Choose your accounting software"),
    Stage.AUTHORIZING: Step("consent.html", "Give your permission"),
    Stage.REVIEWING_ENTITIES: Step("entities.html", "Your companies"),
    Stage.FETCHING: Step("fetching.html", "Your data is being read"),
    Stage.COMPLETED: Step("completed.html", "All done"),
    Stage.EXPIRED: Step("expired.html", "This link has ended", 410),
    Stage.CANCELLED: Step("cancelled.html", "This request was withdrawn", 410),
}

UPLOAD: Final = Step("upload.html", "Upload your books")
LEFT: Final = Step("left.html", "See you later")

UNKNOWN: Final = Step("unknown.html", "This link does not work", 404)
TROUBLE: Final = Step("trouble.html", "Something went wrong", 503)

GONE: Final[Mapping[str, Step]] = {
    "link_expired": STEPS[Stage.EXPIRED],
    "link_replaced": Step("replaced.html", "There is a newer link", 410),
    "journey_cancelled": STEPS[Stage.CANCELLED],
}


class Milestone(NamedTuple):
    """A part of the way, and the stages that it takes."""

    label: str
    stages: frozenset[Stage]


_START: Final = Milestone("Start", frozenset({Stage.SENDING, Stage.AWAITING_CUSTOMER}))
_COMPANIES: Final = Milestone("Companies", frozenset({Stage.CHOOSING_STRUCTURE}))
_SOFTWARE: Final = Milestone("Software", frozenset({Stage.SELECTING_SOFTWARE}))
_PERMISSION: Final = Milestone("Permission", frozenset({Stage.AUTHORIZING}))
_FINISH: Final = Milestone("Finish", frozenset({Stage.FETCHING, Stage.COMPLETED}))
_EACH_COMPANY: Final = Milestone(
    "Companies",
    frozenset(
        {
            Stage.CHOOSING_STRUCTURE,
            Stage.NAMING_ENTITY,
            Stage.SELECTING_SOFTWARE,
            Stage.AUTHORIZING,
            Stage.REVIEWING_ENTITIES,
        }
    ),
)

DIRECT: Final = (_START, _SOFTWARE, _PERMISSION, _FINISH)
ASKED: Final = (_START, _COMPANIES, _SOFTWARE, _PERMISSION, _FINISH)
SEVERAL: Final = (_START, _EACH_COMPANY, _FINISH)


def way(
    data_types: Iterable[DataType], structure: Structure | None
) -> tuple[Milestone, ...]:
    """Return the milestones of a customer's way; only spend analysis alone asks how many."""
    if structure is Structure.MULTIPLE:
        return SEVERAL
    return ASKED if set(data_types) == {DataType.SPEND_ANALYSIS} else DIRECT


class EntityFace(NamedTuple):
    """How a legal entity looks in the list of them."""

    label: str
    tone: str
    removable: bool = True


ENTITY_FACES: Final[Mapping[EntityStage, EntityFace]] = {
    EntityStage.SELECTING_SOFTWARE: EntityFace("Not connected yet", "open"),
    EntityStage.AUTHORIZING: EntityFace("Not connected yet", "open"),
    EntityStage.FETCHING: EntityFace("Connected, being read", "going"),
    EntityStage.DONE: EntityFace("Connected and read", "done", removable=False),
    EntityStage.FAILED: EntityFace("Needs attention", "trouble"),
    EntityStage.SKIPPED: EntityFace("Left out", "open", removable=False),
}


class Problem(NamedTuple):
    """Why the page is shown again. `field` is the id of what has to be changed."""

    text: str
    field: str | None = None


INVALID: Final[Mapping[str, Problem]] = {
    LinkAction.CHOOSE_STRUCTURE: Problem("Choose one of the two.", "structure"),
    LinkAction.NAME_ENTITY: Problem("Enter a name of up to 100 characters.", "name"),
    LinkAction.SELECT_SOFTWARE: Problem(
        "Choose your software from the list.", "software"
    ),
    LinkAction.AUTHORIZE: Problem("Tick the box to give your permission.", "consent"),
    LinkAction.EXIT: Problem("Choose a reason from the list, or none."),
}

PROBLEMS: Final[Mapping[str, Problem]] = {
    "action_not_allowed": Problem(
        "That has been done already, perhaps in another tab. This is where you are now."
    ),
    "name_taken": Problem("You have added a company with this name already.", "name"),
    "no_entity": Problem("Connect at least one company first."),
    "entity_done": Problem("The books of this company are read already, so it stays."),
    "unknown_entity": Problem("This company is no longer in the list."),
    "feature_disabled": Problem(
        "No file can be uploaded here. Please choose your software from the list."
    ),
}


def problem(status: int, code: str, action: str, detail: str) -> Problem:
    """Return the kindest sentence there is for a refusal."""
    invalid = INVALID.get(action) if status == HTTPStatus.UNPROCESSABLE_ENTITY else None
    return PROBLEMS.get(code) or invalid or Problem(detail)


class Field(NamedTuple):
    """A field of a form, what its text means, and what it means that there is none."""

    name: str
    meaning: Callable[[str], Any] = str
    absent: Any = None


def ticked(text: str) -> bool:
    """Read a box; one that is not ticked is not sent."""
    return text == "true"


FIELDS: Final[Mapping[str, Field]] = {
    LinkAction.CHOOSE_STRUCTURE: Field("structure"),
    LinkAction.NAME_ENTITY: Field("name"),
    LinkAction.SELECT_SOFTWARE: Field("software"),
    LinkAction.AUTHORIZE: Field("consent", ticked, absent=False),
    LinkAction.REMOVE_ENTITY: Field("entity"),
    LinkAction.EXIT: Field("reason"),
}
