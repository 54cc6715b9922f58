"""
What may not happen now, though the table has a row for it: each with a code and a way out.
"""

import unicodedata
from collections.abc import Callable, Mapping
from typing import Final

from domain.journey import Delivery, EntityStage, Event, Stage
from domain.reasons import NOTICES, Who
from domain.state import Entity, Happened, Journey


class NotAllowed(Exception):
    """The event can't happen now. `code` is for programs, the text for people."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


def _can_resend(journey: Journey, happened: Happened) -> None:
    if journey.delivery is Delivery.LINK:
        raise NotAllowed(
            "not_emailed",
            "This journey's link was handed over by the bank; make a fresh link instead.",
        )


def _can_retry(journey: Journey, happened: Happened) -> None:
    if journey.unsent or journey.unbuilt or journey.retryable():
        return
    for_customer = journey.reason is not None and (
        NOTICES[journey.reason].who is Who.CUSTOMER
    )
    if for_customer or journey.broken():
        raise NotAllowed(
            "waits_for_customer",
            "Only the customer can go on here; resend the email instead.",
        )
    raise NotAllowed(
        "nothing_to_retry", "Nothing has failed, so there is nothing to try again."
    )


def _is_new_name(journey: Journey, happened: Happened) -> None:
    name = _folded(happened.name or "")
    if not name:
        raise NotAllowed("incomplete", "Say what the legal entity is called.")
    others = [each for each in journey.entities if each.id != journey.focus]
    if name in [_folded(each.name) for each in others]:
        raise NotAllowed(
            "name_taken", "Another legal entity has this name already; give it its own."
        )


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).strip().casefold()


def _can_remove(journey: Journey, happened: Happened) -> None:
    entity = _known(journey, happened)
    if entity.stage is EntityStage.DONE:
        raise NotAllowed(
            "entity_done", "This legal entity's books are read already; it stays."
        )


def _can_skip(journey: Journey, happened: Happened) -> None:
    entity = _known(journey, happened)
    left = [each for each in journey.entities if each.stage is not EntityStage.SKIPPED]
    if entity.over:
        raise NotAllowed(
            "entity_done", "There is nothing left to skip for this legal entity."
        )
    if len(left) == 1:
        raise NotAllowed(
            "no_entity", "This is the last legal entity; cancel the journey instead."
        )


def _known(journey: Journey, happened: Happened) -> Entity:
    entity = journey.entity(happened.entity_id)
    if entity is None:
        raise NotAllowed(
            "unknown_entity", "This journey has no legal entity with that id."
        )
    return entity


def _is_being_read(journey: Journey, happened: Happened) -> None:
    """What waits for the customer, or is over, has nothing to read: the news comes too late."""
    entity = _known(journey, happened)
    failed = entity.stage is EntityStage.FAILED and not entity.failed_for(Who.CUSTOMER)
    if not failed and not entity.being_read:
        raise NotAllowed(
            "not_being_read", "Nobody is reading this legal entity's books now."
        )


def _is_consolidating(journey: Journey, happened: Happened) -> None:
    if not journey.consolidating:
        raise NotAllowed(
            "not_consolidating", "Nobody is building the consolidated reports now."
        )


def _is_present_trip(journey: Journey, happened: Happened) -> None:
    trip = (happened.entity_id, happened.attempt)
    if journey.sent_away_at is None or trip != (journey.focus, journey.attempt):
        raise NotAllowed(
            "state_void", "This authorization was replaced or used; start it again."
        )


def _chooses_structure(journey: Journey, happened: Happened) -> None:
    if happened.structure is None:
        raise NotAllowed("incomplete", "Say whether it is one legal entity or several.")


def _names_software(journey: Journey, happened: Happened) -> None:
    if not happened.software:
        raise NotAllowed("incomplete", "Say which accounting software it is.")


def _names_file(journey: Journey, happened: Happened) -> None:
    if not happened.upload:
        raise NotAllowed("incomplete", "Say which file was uploaded.")


CHECKS: Final[Mapping[Event, Callable[[Journey, Happened], None]]] = {
    Event.RESEND_ASKED: _can_resend,
    Event.RETRIED: _can_retry,
    Event.STRUCTURE_CHOSEN: _chooses_structure,
    Event.ENTITY_NAMED: _is_new_name,
    Event.SOFTWARE_SELECTED: _names_software,
    Event.UPLOADED: _names_file,
    Event.ENTITY_REMOVED: _can_remove,
    Event.SKIPPED: _can_skip,
    Event.AUTHORIZED: _is_present_trip,
    Event.AUTHORIZATION_DECLINED: _is_present_trip,
    Event.AUTHORIZATION_ABANDONED: _is_present_trip,
    Event.ENTITY_DONE: _is_being_read,
    Event.ENTITY_FAILED: _is_being_read,
    Event.CONSOLIDATED: _is_consolidating,
    Event.CONSOLIDATION_FAILED: _is_consolidating,
}


def refusal(journey: Journey, event: Event) -> NotAllowed:
    """Say why `event` is in no row that counts now."""
    if not journey.open:
        return NotAllowed(
            "journey_closed", f"This journey is {journey.stage}; start a new one."
        )
    match event:
        case Event.FINISHED if journey.stage is Stage.REVIEWING_ENTITIES:
            return NotAllowed(
                "no_entity", "No legal entity is authorized yet; add one first."
            )
        case Event.RESEND_ASKED:
            return NotAllowed(
                "already_authorized",
                "The customer has shared access; there is nothing to send.",
            )
        case _:
            return NotAllowed(
                "action_not_allowed",
                f"That can't be done while the journey is {journey.stage}.",
            )
