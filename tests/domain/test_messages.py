"""What crosses a process: each message becomes the event that it asks for."""

import pytest
from pydantic import ValidationError

from domain.journey import LINK_ACTIONS, Actor, Event, LinkAction, Structure
from domain.message import Message
from domain.messages import (
    NEEDS,
    Act,
    Ask,
    CameBack,
    Cancel,
    EntityRead,
    Extend,
    Skip,
)
from domain.reasons import Reason
from tests.domain.acts import NOW

COMPLETE = {
    "structure": Structure.MULTIPLE,
    "name": "Tea Rooms",
    "software": "ledgerly",
    "upload": "a file",
    "entity": "cn_a",
}


@pytest.mark.parametrize("action", LinkAction)
def test_an_action_becomes_its_event(action: LinkAction) -> None:
    """
    Whatever the customer does is an event of the customer's, with its facts.
    """
    happened = Act(action=action, **COMPLETE).happened("cn_new", "co_new")

    assert LINK_ACTIONS[action] is happened.event
    assert Actor.CUSTOMER is happened.actor
    assert ("cn_a", "co_new") == (happened.entity_id, happened.company_id)
    assert COMPLETE["software"] == happened.software


def test_what_an_action_makes_gets_its_ids() -> None:
    """
    A legal entity that is named has the ids that were made for it.
    """
    naming = Act(action=LinkAction.NAME_ENTITY, name="Tea Rooms")

    assert "cn_new" == naming.happened("cn_new", "co_new").entity_id


@pytest.mark.parametrize(("action", "field"), NEEDS.items())
def test_an_incomplete_action_is_none(action: LinkAction, field: str) -> None:
    """
    An action without the field that it is about is refused before anybody looks at it.
    """
    others = {name: value for name, value in COMPLETE.items() if name != field}

    with pytest.raises(ValidationError, match=f"needs {field}"):
        Act(action=action, **others)


@pytest.mark.parametrize("event", [Event.RETRIED, Event.RESEND_ASKED])
def test_asking_names_who_asked(event: Event) -> None:
    """
    What support asks for is told in the timeline, with its note.
    """
    happened = Ask(actor=Actor.BANK, note="She called.").happened(event)

    assert (event, Actor.BANK, "She called.") == (
        happened.event,
        happened.actor,
        happened.detail,
    )


def test_an_extension_says_how_long() -> None:
    """
    Whole days, one to a year.
    """
    happened = Extend(days=14).happened()

    assert (Event.EXTENDED, 14, "14 days") == (
        happened.event,
        happened.days,
        happened.detail,
    )
    for days in (0, 366):
        with pytest.raises(ValidationError):
            Extend(days=days)


def test_cancelling_and_skipping_give_their_reason() -> None:
    """
    Why somebody gave up on a journey, or on one legal entity, is kept.
    """
    cancelled = Cancel(reason="A mistake.").happened()
    skipped = Skip(entity_id="cn_a", reason="Sold.").happened()

    assert (Event.CANCELLED, "A mistake.") == (cancelled.event, cancelled.detail)
    assert (Event.SKIPPED, "cn_a", "Sold.") == (
        skipped.event,
        skipped.entity_id,
        skipped.detail,
    )


def test_coming_back_is_a_yes_or_a_no() -> None:
    """
    Either way it names the trip that it ends.
    """
    back = CameBack(entity_id="cn_a", attempt=3, approved=True)
    yes, no = back.happened(), back.model_copy(update={"approved": False}).happened()

    assert (Event.AUTHORIZED, None) == (yes.event, yes.reason)
    assert (Event.AUTHORIZATION_DECLINED, Reason.AUTHORIZATION_DECLINED) == (
        no.event,
        no.reason,
    )
    assert {("cn_a", 3)} == {(each.entity_id, each.attempt) for each in (yes, no)}


def test_reading_ends_done_or_failed() -> None:
    """
    A reason is what makes the difference, and comes with what is known about it.
    """
    read = EntityRead(
        entity_id="cn_a", reason=Reason.RATE_LIMITED, detail="In an hour.", retry_at=NOW
    )
    happened = read.happened()

    assert Event.ENTITY_DONE is EntityRead(entity_id="cn_a").happened().event
    assert Event.ENTITY_FAILED is happened.event
    assert (Reason.RATE_LIMITED, "In an hour.", NOW) == (
        happened.reason,
        happened.detail,
        happened.retry_at,
    )


def test_a_message_can_not_be_changed() -> None:
    """
    A replay sees what the first run saw.
    """
    ask = Ask()

    with pytest.raises(ValidationError, match="frozen"):
        ask.note = "later"  # type: ignore[misc]


def test_an_older_release_reads_a_newer_message() -> None:
    """
    Fields that are not known yet are ignored, so that a rollback still reads.
    """
    newer = '{"note": "hello", "not_known_yet": 1}'

    assert "hello" == Ask.model_validate_json(newer).note
    assert issubclass(Ask, Message)
