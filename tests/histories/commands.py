"""What a history says that its workflow commanded: names in their order, without times and ids."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from tests.histories.redaction import opened

Attributes = dict[str, Any]

ANSWERS: Final = ("update: ", "update answered: ")
"""Where these stand among the others is a matter of when somebody asked."""

BY_TIME: Final = ("continue as new: ", "timer: Another sync of this company runs")
"""When and how often these come is a matter of time."""


def commands_of(history: dict[str, Any]) -> list[str]:
    """Return the commands of one run, in order."""
    return list(_commands(history))


def timers_of(history: dict[str, Any]) -> list[str]:
    """Return what its timers are for."""
    return [each for each in _commands(history) if each.startswith("timer: ")]


def _commands(history: dict[str, Any]) -> Iterator[str]:
    for event in history["events"]:
        kind = event["eventType"].removeprefix("EVENT_TYPE_")
        if kind in COMMANDS:
            word, detail = COMMANDS[kind]
            yield f"{word}: {detail(_attributes(event) | _metadata(event))}"


def _attributes(event: dict[str, Any]) -> Attributes:
    return next(
        (value for key, value in event.items() if key.endswith("Attributes")), {}
    )


def _metadata(event: dict[str, Any]) -> Attributes:
    summary = event.get("userMetadata", {}).get("summary")
    return {"summary": opened(summary) if summary else ""}


def _type_of(kind: str) -> Callable[[Attributes], str]:
    return lambda attributes: str(attributes[kind]["name"])


def _nothing(attributes: Attributes) -> str:
    return ""


def _marker(attributes: Attributes) -> str:
    """A local activity, or a patch."""
    details = attributes.get("details", {})
    said = [
        opened(payload)
        for key in SAID_BY_MARKERS
        for payload in details.get(key, {}).get("payloads", [])
    ]
    names = [str(each.get("activity_type") or each.get("id")) for each in said]
    return " ".join([attributes["markerName"], *names])


SAID_BY_MARKERS: Final = ("data", "patch-data")
"""Where a local activity and a patch say which one they are."""

COMMANDS: Final[Mapping[str, tuple[str, Callable[[Attributes], str]]]] = {
    "ACTIVITY_TASK_SCHEDULED": ("activity", _type_of("activityType")),
    "ACTIVITY_TASK_CANCEL_REQUESTED": ("activity is cancelled", _nothing),
    "MARKER_RECORDED": ("marker", _marker),
    "TIMER_STARTED": ("timer", lambda attributes: attributes["summary"]),
    "TIMER_CANCELED": ("timer is cancelled", _nothing),
    "START_CHILD_WORKFLOW_EXECUTION_INITIATED": ("child", _type_of("workflowType")),
    "SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED": (
        "signal",
        lambda attributes: attributes["signalName"],
    ),
    "REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED": ("cancel", _nothing),
    "UPSERT_WORKFLOW_SEARCH_ATTRIBUTES": (
        "search attributes",
        lambda attributes: " ".join(
            sorted(attributes["searchAttributes"]["indexedFields"])
        ),
    ),
    "WORKFLOW_EXECUTION_UPDATE_ACCEPTED": (
        "update",
        lambda attributes: attributes["acceptedRequest"]["input"]["name"],
    ),
    "WORKFLOW_EXECUTION_UPDATE_COMPLETED": ("update answered", _nothing),
    "WORKFLOW_EXECUTION_CONTINUED_AS_NEW": ("continue as new", _nothing),
    "WORKFLOW_EXECUTION_COMPLETED": ("completed", _nothing),
    "WORKFLOW_EXECUTION_CANCELED": ("cancelled", _nothing),
    "WORKFLOW_EXECUTION_FAILED": ("failed", _nothing),
}
