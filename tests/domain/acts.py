"""What tests of the machine are made of: a request, and what can happen to it, step by step."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from domain.deadlines import Due, missed
from domain.journey import FIRST, Actor, DataType, Delivery, Event, Structure
from domain.moves import advance, begin, follow_up
from domain.reasons import Reason
from domain.state import Entity, Happened, Journey

NOW: Final = datetime(2026, 1, 5, 9, tzinfo=UTC)
FINANCIALS: Final = (DataType.FINANCIALS,)
SPEND: Final = (DataType.SPEND_ANALYSIS,)
BOTH: Final = (DataType.FINANCIALS, DataType.SPEND_ANALYSIS)

Step = Happened | Callable[[Journey], Happened]


def requested(
    data_types: tuple[DataType, ...] = SPEND,
    delivery: Delivery = Delivery.EMAIL,
    **fields: Any,
) -> Journey:
    """Return a journey that has just begun."""
    journey = Journey(
        id="jo_1",
        organization_id="or_1",
        company_id="co_client",
        company_name="Hoxton Tea",
        data_types=data_types,
        delivery=delivery,
        created_at=NOW,
        expires_at=NOW + timedelta(days=30),
        stage=FIRST[delivery],
        stage_since=NOW,
        structure=None if data_types == SPEND else Structure.SINGLE,
        **fields,
    )
    return begin(journey, NOW)


def play(journey: Journey, *steps: Step, at: datetime = NOW) -> Journey:
    """Let `steps` happen, each with what follows from it at once, as a workflow does."""
    for step in steps:
        happened = step if isinstance(step, Happened) else step(journey)
        journey = advance(journey, happened, at)
        while event := follow_up(journey):
            journey = advance(journey, Happened(event=event), at)
    return journey


def entity(journey: Journey, letter: str) -> Entity:
    """Return the legal entity that was named with `letter`."""
    found = journey.entity(f"cn_{letter}")
    assert found is not None
    return found


def by_customer(event: Event, **facts: Any) -> Happened:
    return Happened(event=event, actor=Actor.CUSTOMER, **facts)


SENT: Final = Happened(event=Event.REQUEST_SENT)
UNCONFIRMED: Final = Happened(event=Event.SENT_UNCONFIRMED)
REFUSED: Final = Happened(event=Event.REQUEST_FAILED, reason=Reason.EMAIL_UNDELIVERABLE)
GAVE_UP: Final = Happened(event=Event.REQUEST_FAILED, reason=Reason.EMAIL_FAILED)
OPENED: Final = by_customer(Event.OPENED)
ONE: Final = by_customer(Event.STRUCTURE_CHOSEN, structure=Structure.SINGLE)
SEVERAL: Final = by_customer(Event.STRUCTURE_CHOSEN, structure=Structure.MULTIPLE)
LEFT: Final = by_customer(Event.AUTHORIZATION_STARTED)
ADDED: Final = by_customer(Event.ENTITY_ADDED)
FINISHED: Final = by_customer(Event.FINISHED)
EXITED: Final = by_customer(Event.EXITED)
BACK: Final = by_customer(Event.WENT_BACK)
RESENT: Final = Happened(event=Event.RESEND_ASKED, actor=Actor.BANK)
RETRIED: Final = Happened(event=Event.RETRIED, actor=Actor.OPERATOR)
CANCELLED: Final = Happened(event=Event.CANCELLED, actor=Actor.BANK)
CONSOLIDATED: Final = Happened(event=Event.CONSOLIDATED)
UNBUILT: Final = Happened(event=Event.CONSOLIDATION_FAILED, reason=Reason.REPORT_FAILED)
TIME_UP: Final = Happened(event=Event.TIME_UP)


def named(letter: str, name: str | None = None) -> Happened:
    return by_customer(
        Event.ENTITY_NAMED,
        entity_id=f"cn_{letter}",
        company_id=f"co_{letter}",
        name=name or f"Entity {letter}",
    )


def picked(letter: str = "a") -> Happened:
    """Software is picked; for a single legal entity, that makes it too."""
    return by_customer(
        Event.SOFTWARE_SELECTED, entity_id=f"cn_{letter}", software="ledgerly"
    )


def approved(journey: Journey) -> Happened:
    return _back_from_the_software(journey, Event.AUTHORIZED)


def declined(journey: Journey) -> Happened:
    return _back_from_the_software(
        journey, Event.AUTHORIZATION_DECLINED, reason=Reason.AUTHORIZATION_DECLINED
    )


def abandoned(journey: Journey) -> Happened:
    return missed(journey, Due.ABANDONMENT)


def _back_from_the_software(journey: Journey, event: Event, **facts: Any) -> Happened:
    return by_customer(event, entity_id=journey.focus, attempt=journey.attempt, **facts)


def removed(letter: str) -> Happened:
    return by_customer(Event.ENTITY_REMOVED, entity_id=f"cn_{letter}")


def done(letter: str = "a") -> Happened:
    return Happened(event=Event.ENTITY_DONE, entity_id=f"cn_{letter}")


def failed(
    letter: str = "a", reason: Reason = Reason.ACCESS_REVOKED, **facts: Any
) -> Happened:
    return Happened(
        event=Event.ENTITY_FAILED, entity_id=f"cn_{letter}", reason=reason, **facts
    )


def skipped(letter: str) -> Happened:
    return Happened(event=Event.SKIPPED, actor=Actor.OPERATOR, entity_id=f"cn_{letter}")


def uploaded(letter: str = "a", file: str = "a file") -> Happened:
    """A workbook is taken; for a single legal entity, that makes it too."""
    return by_customer(Event.UPLOADED, entity_id=f"cn_{letter}", upload=file)


CONNECTED: Final[tuple[Step, ...]] = (picked(), LEFT, approved)


def connected(letter: str) -> tuple[Step, ...]:
    """One of several legal entities is named and authorized."""
    return (named(letter), *CONNECTED)


def one_fetching() -> Journey:
    """Return the journey of a single legal entity whose books are being read."""
    return play(requested(FINANCIALS), SENT, OPENED, *CONNECTED)


def naming() -> Journey:
    """Return a journey whose customer is about to name the first of several."""
    return play(requested(), SENT, OPENED, SEVERAL)


def reviewing(letters: str = "ab") -> Journey:
    """Return a journey in which these legal entities are authorized, and no more is said."""
    journey = play(naming(), *connected(letters[0]))
    for letter in letters[1:]:
        journey = play(journey, ADDED, *connected(letter))
    return journey


def several_fetching(letters: str = "ab") -> Journey:
    """Return a journey that waits for the books of these legal entities."""
    return play(reviewing(letters), FINISHED)
