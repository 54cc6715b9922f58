"""
What each event changes, and what comes with the stage that it leads to.

Every effect is a pure function of the journey, the event's facts and the time.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

from domain.journey import Actor, EntityStage, Event, Stage, Status, Structure
from domain.reasons import Reason
from domain.state import Entity, Happened, Journey
from domain.uploads import UPLOADED_FILE

Effect = Callable[[Journey, Happened, datetime], Journey]


def _request_sent(journey: Journey, happened: Happened, at: datetime) -> Journey:
    if journey.stage is not Stage.SENDING:
        return journey
    return journey.but(
        went_out=True, unsent=False, trouble=None, detail="", acted_at=at
    )


def _request_failed(journey: Journey, happened: Happened, at: datetime) -> Journey:
    if journey.stage is not Stage.SENDING:
        return journey
    return journey.but(unsent=True, trouble=_reason(happened), detail=happened.detail)


def _resend_asked(journey: Journey, happened: Happened, at: datetime) -> Journey:
    return journey.but(unsent=False, requests=journey.requests + 1)


def _reminded(journey: Journey, happened: Happened, at: datetime) -> Journey:
    """A reminder is behind us, sent or not; those that fell due meanwhile with it."""
    acted_at = journey.acted_at or journey.created_at
    passed = sum(acted_at + mark <= at for mark in journey.rules.reminders)
    sent = happened.event is not Event.REMINDER_FAILED
    return journey.but(
        reminders_passed=max(passed, journey.reminders_passed),
        reminders_sent=max(happened.number if sent else 0, journey.reminders_sent),
    )


def _sent_unconfirmed(journey: Journey, happened: Happened, at: datetime) -> Journey:
    """Counts as sent. Reminders are numbered, and none goes out before the request."""
    if happened.number and journey.stage is not Stage.SENDING:
        return _reminded(journey, happened, at)
    return _request_sent(journey, happened, at)


def _opened(journey: Journey, happened: Happened, at: datetime) -> Journey:
    """Who comes back after leaving a repair has taken it up: that entity waits no longer."""
    welcome = _welcomed(journey).but(went_out=True, unsent=False)
    entity = journey.entity(journey.focus)
    left = journey.trouble is Reason.AUTHORIZATION_EXITED
    if left and entity is not None and entity.stage is EntityStage.FAILED:
        return welcome.with_entity(entity.id, stage=EntityStage.SELECTING_SOFTWARE)
    return welcome


def _structure_chosen(journey: Journey, happened: Happened, at: datetime) -> Journey:
    return _welcomed(journey).but(structure=happened.structure)


def _entity_named(journey: Journey, happened: Happened, at: datetime) -> Journey:
    welcome = _welcomed(journey)
    if welcome.focus is not None:
        return welcome.with_entity(welcome.focus, name=happened.name)
    return _joined(welcome, happened, happened.name or "", happened.company_id or "")


def _software_selected(journey: Journey, happened: Happened, at: datetime) -> Journey:
    welcome = _welcomed(journey)
    if welcome.focus is None:
        welcome = _joined(welcome, happened, journey.company_name, journey.company_id)
    return welcome.with_entity(
        welcome.focus,
        software=happened.software,
        upload=None,
        stage=EntityStage.AUTHORIZING,
        trouble=None,
        detail="",
        retry_at=None,
    )


def _authorization_started(
    journey: Journey, happened: Happened, at: datetime
) -> Journey:
    return _welcomed(journey).but(attempt=journey.attempt + 1, sent_away_at=at)


def _authorized(journey: Journey, happened: Happened, at: datetime) -> Journey:
    return (
        _welcomed(journey)
        .with_entity(
            journey.focus, stage=EntityStage.FETCHING, authorized=True, trouble=None
        )
        .but(focus=None)
    )


def _uploaded(journey: Journey, happened: Happened, at: datetime) -> Journey:
    """Software and leave to read in one step: the file holds what would be read there."""
    picked = _software_selected(
        journey, happened.model_copy(update={"software": UPLOADED_FILE.key}), at
    )
    uploaded = picked.with_entity(picked.focus, upload=happened.upload)
    return _authorized(uploaded, happened, at).but(attempt=journey.attempt + 1)


def _came_back(journey: Journey, happened: Happened, at: datetime) -> Journey:
    """Declined or abandoned: the same entity, its software kept."""
    reason = _reason(happened)
    back = journey.with_entity(
        journey.focus, stage=EntityStage.SELECTING_SOFTWARE, trouble=reason
    )
    if journey.structure is Structure.SINGLE:
        return back.but(trouble=reason, detail="")
    return _welcomed(back) if happened.actor is Actor.CUSTOMER else back


def _entity_added(journey: Journey, happened: Happened, at: datetime) -> Journey:
    return _welcomed(journey).but(focus=None)


def _entity_removed(journey: Journey, happened: Happened, at: datetime) -> Journey:
    entity = journey.entity(happened.entity_id)
    return _welcomed(journey).without([entity] if entity else [])


def _finished(journey: Journey, happened: Happened, at: datetime) -> Journey:
    return _welcomed(journey)


def _exited(journey: Journey, happened: Happened, at: datetime) -> Journey:
    """Who can leave has the link: an email that failed is no longer waited for."""
    return journey.but(
        trouble=Reason.AUTHORIZATION_EXITED, detail=happened.detail, unsent=False
    )


def _went_back(journey: Journey, happened: Happened, at: datetime) -> Journey:
    if journey.stage is not Stage.AUTHORIZING:
        return journey
    return journey.with_entity(journey.focus, stage=EntityStage.SELECTING_SOFTWARE)


def _entity_done(journey: Journey, happened: Happened, at: datetime) -> Journey:
    return journey.with_entity(
        happened.entity_id,
        stage=EntityStage.DONE,
        trouble=None,
        detail="",
        retry_at=None,
    )


def _entity_failed(journey: Journey, happened: Happened, at: datetime) -> Journey:
    entity = journey.entity(happened.entity_id)
    first = entity.failed_at if entity and entity.stage is EntityStage.FAILED else None
    return journey.with_entity(
        happened.entity_id,
        stage=EntityStage.FAILED,
        trouble=_reason(happened),
        detail=happened.detail,
        failed_at=first or at,
        retry_at=happened.retry_at,
    )


def _retried(journey: Journey, happened: Happened, at: datetime) -> Journey:
    changed = journey.but(unbuilt=False)
    for entity in journey.retryable():
        changed = changed.with_entity(
            entity.id,
            stage=EntityStage.FETCHING,
            trouble=None,
            detail="",
            retry_at=None,
        )
    return _resend_asked(changed, happened, at) if journey.unsent else changed


def _skipped(journey: Journey, happened: Happened, at: datetime) -> Journey:
    """
    Why it failed stays with it, and is of no matter to its client any more.

    With the entity that the customer was at, it is of no matter that they left it.
    """
    skipped = journey.with_entity(
        happened.entity_id, stage=EntityStage.SKIPPED, retry_at=None
    )
    if journey.focus != happened.entity_id:
        return skipped
    return skipped.but(focus=None, trouble=None, detail="")


def _consolidation_failed(
    journey: Journey, happened: Happened, at: datetime
) -> Journey:
    return journey.but(unbuilt=True)


def _link_replaced(journey: Journey, happened: Happened, at: datetime) -> Journey:
    return journey.but(link_number=journey.link_number + 1)


def _extended(journey: Journey, happened: Happened, at: datetime) -> Journey:
    return journey.but(expires_at=journey.expires_at + timedelta(days=happened.days))


def _welcomed(journey: Journey) -> Journey:
    """The customer acted: whatever went wrong before, it is Requested again."""
    return journey.but(trouble=None, detail="")


def _reason(happened: Happened) -> Reason:
    return happened.reason or Reason.INTERNAL


def _joined(
    journey: Journey, happened: Happened, name: str, company_id: str
) -> Journey:
    entity = Entity(id=happened.entity_id or "", company_id=company_id, name=name)
    return journey.but(entities=(*journey.entities, entity), focus=entity.id)


EFFECTS: Final[Mapping[Event, Effect]] = {
    Event.REQUEST_SENT: _request_sent,
    Event.SENT_UNCONFIRMED: _sent_unconfirmed,
    Event.REQUEST_FAILED: _request_failed,
    Event.REMINDER_SENT: _reminded,
    Event.REMINDER_FAILED: _reminded,
    Event.RESEND_ASKED: _resend_asked,
    Event.LINK_REPLACED: _link_replaced,
    Event.EXTENDED: _extended,
    Event.OPENED: _opened,
    Event.STRUCTURE_CHOSEN: _structure_chosen,
    Event.ENTITY_NAMED: _entity_named,
    Event.SOFTWARE_SELECTED: _software_selected,
    Event.AUTHORIZATION_STARTED: _authorization_started,
    Event.AUTHORIZED: _authorized,
    Event.UPLOADED: _uploaded,
    Event.AUTHORIZATION_DECLINED: _came_back,
    Event.AUTHORIZATION_ABANDONED: _came_back,
    Event.ENTITY_ADDED: _entity_added,
    Event.ENTITY_REMOVED: _entity_removed,
    Event.FINISHED: _finished,
    Event.EXITED: _exited,
    Event.WENT_BACK: _went_back,
    Event.ENTITY_DONE: _entity_done,
    Event.ENTITY_FAILED: _entity_failed,
    Event.RETRIED: _retried,
    Event.SKIPPED: _skipped,
    Event.CONSOLIDATION_FAILED: _consolidation_failed,
}


def _start_over(journey: Journey, at: datetime) -> Journey:
    """Before the choice between one and several, nothing else is known."""
    return journey.but(
        structure=None if journey.asks_structure else Structure.SINGLE,
        entities=(),
        focus=None,
    )


def _only_authorized(journey: Journey, at: datetime) -> Journey:
    never = [entity for entity in journey.entities if not entity.authorized]
    return journey.without(never).but(focus=None)


def _naming_ends(journey: Journey, at: datetime) -> Journey:
    """From here on only the legal entities give the client its status."""
    return _only_authorized(journey, at).but(finished=True, trouble=None, detail="")


def _next_repair(journey: Journey, at: datetime) -> Journey:
    if not journey.finished or journey.focus is not None:
        return journey
    return journey.but(focus=journey.broken()[0].id)


def _closed(journey: Journey, at: datetime) -> Journey:
    return journey.but(
        closed_at=journey.closed_at or at, focus=None, unsent=False, unbuilt=False
    )


def _expired(journey: Journey, at: datetime) -> Journey:
    """In a repair: what was not read by then is not read any more."""
    closed = _closed(journey, at)
    for entity in closed.entities:
        if entity.status is Status.REQUESTED:
            closed = closed.with_entity(
                entity.id,
                stage=entity.stage if entity.over else EntityStage.FAILED,
                trouble=Reason.LINK_EXPIRED,
                detail="",
                failed_at=at,
            )
    return closed.but(trouble=Reason.LINK_EXPIRED, detail="")


ENTERED: Final[Mapping[Stage, Callable[[Journey, datetime], Journey]]] = {
    Stage.CHOOSING_STRUCTURE: _start_over,
    Stage.SELECTING_SOFTWARE: _next_repair,
    Stage.REVIEWING_ENTITIES: _only_authorized,
    Stage.FETCHING: _naming_ends,
    Stage.COMPLETED: _closed,
    Stage.EXPIRED: _expired,
    Stage.CANCELLED: _closed,
}
