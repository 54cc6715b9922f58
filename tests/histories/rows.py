"""Which rows of the move table the recorded journeys took, read from what they made visible."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from domain.effects import EFFECTS
from domain.journey import ROWS, Event, Row
from domain.messages import RecordMove, RunJourney
from domain.moves import GUARDS, begin
from domain.state import Entity, Happened, Journey
from tests.histories.recordings import Lived
from tests.histories.redaction import opened

JOURNEY: Final = "CustomerJourney"


def rows_of(lived: Lived) -> Iterator[Row]:
    """Return the row of each move of a journey's run, in order."""
    journey = _beginning(lived)
    for command in _moves(lived):
        after = _after(journey, command)
        if command.event is not Event.REQUESTED:
            yield _taken(journey, after, command)
        journey = after


def _beginning(lived: Lived) -> Journey:
    first = lived.history["events"][0]
    start = RunJourney.model_validate(
        _argument(first["workflowExecutionStartedEventAttributes"])
    )
    at = datetime.fromisoformat(first["eventTime"])
    return start.journey if start.journey.version else begin(start.journey, at)


def _moves(lived: Lived) -> Iterator[RecordMove]:
    for event in lived.history["events"]:
        scheduled = event.get("activityTaskScheduledEventAttributes")
        if scheduled and scheduled["activityType"]["name"] == "record_move":
            yield RecordMove.model_validate(_argument(scheduled))


def _argument(attributes: dict[str, Any]) -> Any:
    (argument,) = attributes["input"]["payloads"]
    return opened(argument)


def _after(before: Journey, command: RecordMove) -> Journey:
    """The journey with all its entities, of which a command says only what changed."""
    changed = {each.id: each for each in command.entities}
    known = () if command.whole else before.entities
    left = [each for each in known if each.id not in command.removed]
    stay = [changed.pop(each.id, each) for each in left]
    return command.journey.but(entities=(*stay, *changed.values()))


def _taken(before: Journey, after: Journey, command: RecordMove) -> Row:
    """The first row whose guards hold once the event has had its effect."""
    happened = _happened(before, after, command)
    effect = EFFECTS.get(command.event)
    changed = effect(before, happened, command.at) if effect else before
    row = next(
        row
        for row in ROWS
        if before.stage in row.sources
        and row.event is command.event
        and all(GUARDS[when](changed) for when in row.when)
    )
    if (row.target or before.stage) is not after.stage:
        raise AssertionError(f"{before.stage} to {after.stage} is not {row}")
    return row


def _happened(before: Journey, after: Journey, command: RecordMove) -> Happened:
    """The event with its facts, as far as they can be told from what they led to."""
    about = _about(before, after, command.entity_id)
    return Happened(
        event=command.event,
        actor=command.actor,
        entity_id=command.entity_id,
        company_id=about.company_id if about else None,
        structure=after.structure,
        name=about.name if about else None,
        software=about.software if about else None,
        upload=about.upload if about else None,
        attempt=before.attempt,
        reason=command.reason,
        detail=command.detail,
        retry_at=about.retry_at if about else None,
    )


def _about(before: Journey, after: Journey, entity_id: str | None) -> Entity | None:
    return after.entity(entity_id) or before.entity(entity_id)
