"""
One journey: where it stands, and what follows from that.

The workflow holds a `Journey` and moves it with `domain.moves.advance`; the API
reads one back from the store. What can be derived is a property, never a field.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Self

from domain.journey import (
    CLOSED,
    LIMITS,
    Actor,
    DataType,
    Delivery,
    EntityStage,
    Event,
    Stage,
    Status,
    Structure,
)
from domain.message import Message
from domain.reasons import NOTICES, Reason, Who


class Rules(Message):
    """What the organization set when the journey was made; it holds until the end."""

    reminders: tuple[timedelta, ...] = (
        timedelta(days=2),
        timedelta(days=5),
        timedelta(days=10),
    )
    limits: Mapping[Stage, timedelta] = LIMITS
    authorization_timeout: timedelta = timedelta(minutes=60)
    several_entities: bool = True


class Entity(Message):
    """
    One legal entity: its connection, and how far it is.

    `id` is the connection's, `company_id` the company whose books they are.
    `upload` names the file that the customer uploaded instead of connecting anything.
    `trouble` is why it failed, or why the customer came back empty-handed.
    """

    id: str
    company_id: str
    name: str
    stage: EntityStage = EntityStage.SELECTING_SOFTWARE
    software: str | None = None
    upload: str | None = None
    authorized: bool = False
    trouble: Reason | None = None
    detail: str = ""
    failed_at: datetime | None = None
    retry_at: datetime | None = None
    status_at: datetime | None = None

    @property
    def status(self) -> Status | None:
        """
        What this connection gives its company: nothing before it is authorized.

        One that failed and was skipped was not read: it is in Error still.
        """
        match self.stage:
            case EntityStage.DONE:
                return Status.AVAILABLE
            case EntityStage.FAILED:
                return Status.ERROR
            case EntityStage.SKIPPED if self.trouble is not None:
                return Status.ERROR
            case _:
                return Status.REQUESTED if self.authorized else None

    @property
    def reason(self) -> Reason | None:
        """Why it is in Error."""
        return self.trouble if self.status is Status.ERROR else None

    @property
    def over(self) -> bool:
        """Nothing more will happen to it."""
        return self.stage in (EntityStage.DONE, EntityStage.SKIPPED)

    @property
    def being_read(self) -> bool:
        """Its books are being read."""
        return self.stage is EntityStage.FETCHING

    def failed_for(self, *parties: Who) -> bool:
        """Whether it failed and one of `parties` can act on it."""
        return self.reason is not None and NOTICES[self.reason].who in parties

    def but(self, **changes: object) -> Self:
        """Return a copy with `changes`."""
        return self.model_copy(update=changes)


class Standing(Message):
    """What follows from a journey and all its entities, as the bank sees it."""

    status: Status | None
    reason: Reason | None
    reason_detail: str
    stuck_after: datetime | None


class Happened(Message):
    """One event with its facts; which of them matter depends on the event."""

    event: Event
    actor: Actor = Actor.RAPPORT
    entity_id: str | None = None
    company_id: str | None = None
    structure: Structure | None = None
    name: str | None = None
    software: str | None = None
    upload: str | None = None
    attempt: int | None = None
    reason: Reason | None = None
    detail: str = ""
    days: int = 0
    number: int = 0
    retry_at: datetime | None = None


class Journey(Message):
    """
    One request for business data, and everything the customer did to answer it.

    `version` counts the moves of this run. `focus` is the entity that the
    customer is working on. `finished`: no more entities are named; what is in
    `selecting_software` or `authorizing` from then on is a repair. `attempt`
    numbers the trips to the software; a state that names another one is void.
    `unsent`: the request could not be sent, and nobody is trying. `unbuilt`: the
    same of the reports that consolidate several legal entities.
    """

    id: str
    organization_id: str
    company_id: str
    company_name: str
    data_types: tuple[DataType, ...]
    delivery: Delivery
    rules: Rules = Rules()
    created_at: datetime
    expires_at: datetime
    stage: Stage
    stage_since: datetime
    version: int = 0
    structure: Structure | None = None
    entities: tuple[Entity, ...] = ()
    focus: str | None = None
    finished: bool = False
    went_out: bool = False
    trouble: Reason | None = None
    detail: str = ""
    unsent: bool = False
    unbuilt: bool = False
    status_at: datetime | None = None
    link_number: int = 1
    requests: int = 0
    reminders_sent: int = 0
    reminders_passed: int = 0
    acted_at: datetime | None = None
    attempt: int = 0
    sent_away_at: datetime | None = None
    closed_at: datetime | None = None

    @property
    def open(self) -> bool:
        """Something may still happen."""
        return self.stage not in CLOSED

    @property
    def status(self) -> Status | None:
        """What this journey gives the client; None until the request went out."""
        match self.stage:
            case Stage.CANCELLED:
                return None
            case Stage.COMPLETED:
                return Status.AVAILABLE
        if self.reason is not None:
            return Status.ERROR
        return Status.REQUESTED if self.went_out else None

    @property
    def reason(self) -> Reason | None:
        """Why the client is in Error: the journey's own trouble, then its earliest failed entity's."""
        if self.stage in (Stage.COMPLETED, Stage.CANCELLED):
            return None
        if self.trouble is not None or not self.finished:
            return self.trouble
        if failed := self.failed():
            return failed[0].reason
        return Reason.REPORT_FAILED if self.unbuilt else None

    @property
    def reason_detail(self) -> str:
        """What is known about the reason beyond its notice."""
        if self.reason is None:
            return ""
        failed = self.failed() if self.trouble is None else []
        return failed[0].detail if failed else self.detail

    @property
    def being_read(self) -> bool:
        """The customer has done their part, and the books are being read: there is no expiry."""
        return self.stage is Stage.FETCHING

    @property
    def parked(self) -> bool:
        """A step failed, and it is not for the customer to mend it."""
        return self.unsent or (
            self.being_read and (self.unbuilt or bool(self.retryable()))
        )

    @property
    def waits_for(self) -> Who | None:
        """Whose turn it is where it is parked; in doubt an operator's."""
        if not self.parked:
            return None
        reasons = (
            [self.trouble]
            if self.unsent
            else [entity.reason for entity in self.retryable()] or [self.reason]
        )
        parties = {NOTICES[reason].who for reason in reasons if reason}
        return next(
            (who for who in (Who.OPERATOR, Who.BANK, Who.WAIT) if who in parties),
            Who.OPERATOR,
        )

    @property
    def needs_attention(self) -> bool:
        """The bank or an operator has to act, now."""
        return self.waits_for in (Who.BANK, Who.OPERATOR)

    @property
    def stuck_after(self) -> datetime | None:
        """When this counts as stuck: past the stage's limit, or at once for the bank or an operator."""
        if not self.open:
            return None
        if self.needs_attention:
            return self.stage_since
        return self.stage_since + self.rules.limits.get(self.stage, LIMITS[self.stage])

    @property
    def standing(self) -> Standing:
        """What the bank sees of it."""
        return Standing(
            status=self.status,
            reason=self.reason,
            reason_detail=self.reason_detail,
            stuck_after=self.stuck_after,
        )

    @property
    def consolidating(self) -> bool:
        """Everything is read; the reports of all legal entities together are being built."""
        return (
            self.being_read
            and self.structure is Structure.MULTIPLE
            and not self.unbuilt
            and all(entity.over for entity in self.entities)
        )

    @property
    def asks_structure(self) -> bool:
        """Only spend analysis on its own can cover several legal entities."""
        spend_alone = self.data_types == (DataType.SPEND_ANALYSIS,)
        return spend_alone and self.rules.several_entities

    @property
    def repairing(self) -> bool:
        """The customer is mending one entity, after `finish`."""
        return self.finished and self.stage in (
            Stage.SELECTING_SOFTWARE,
            Stage.AUTHORIZING,
        )

    def entity(self, entity_id: str | None) -> Entity | None:
        """The entity of that id, if it is here."""
        return next((each for each in self.entities if each.id == entity_id), None)

    def failed(self) -> list[Entity]:
        """The entities that failed, earliest first."""
        failed = [each for each in self.entities if each.stage is EntityStage.FAILED]
        return sorted(
            failed, key=lambda each: (each.failed_at or self.created_at, each.id)
        )

    def retryable(self) -> list[Entity]:
        """Those of them that may succeed without the customer."""
        return [
            entity for entity in self.failed() if not entity.failed_for(Who.CUSTOMER)
        ]

    def broken(self) -> list[Entity]:
        """Those of them that the customer can mend."""
        return [entity for entity in self.failed() if entity.failed_for(Who.CUSTOMER)]

    def but(self, **changes: object) -> Self:
        """Return a copy with `changes`."""
        return self.model_copy(update=changes)

    def with_entity(self, entity_id: str | None, **changes: object) -> Self:
        """Return a copy in which one entity has `changes`."""
        return self.but(
            entities=tuple(
                each.but(**changes) if each.id == entity_id else each
                for each in self.entities
            )
        )

    def without(self, entities: Iterable[Entity]) -> Self:
        """Return a copy without `entities`."""
        gone = {entity.id for entity in entities}
        return self.but(
            entities=tuple(each for each in self.entities if each.id not in gone),
            focus=None if self.focus in gone else self.focus,
        )
