"""
The messages that cross a process boundary.

Commands (imperative) go to workflows and activities, answers and events (past
tense) come back. They carry references and facts, names of companies among them,
but no figures, no email address and no secrets. The histories of workflows keep them.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self

from pydantic import Field, model_validator

from domain.emails import Template
from domain.journey import LINK_ACTIONS, Actor, DataType, Event, LinkAction, Structure
from domain.leaving import LEAVINGS, Leaving
from domain.message import Message
from domain.reasons import Reason
from domain.state import Entity, Happened, Journey, Rules, Standing


class Trigger(StrEnum):
    """What made a sync start."""

    JOURNEY = "journey"
    MANUAL = "manual"
    SCHEDULE = "schedule"


class SyncState(StrEnum):
    """How far a sync is."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class RunJourney(Message):
    """Start a journey, or go on with it in a new run."""

    journey: Journey


class Ask(Message):
    """Ask for something that needs no more to be said."""

    actor: Actor = Actor.OPERATOR
    note: str = ""

    def happened(self, event: Event) -> Happened:
        """The event that is asked for."""
        return Happened(event=event, actor=self.actor, detail=self.note)


class Extend(Message):
    """Move the expiry by whole days."""

    days: int = Field(ge=1, le=365)
    actor: Actor = Actor.OPERATOR

    def happened(self) -> Happened:
        """The event that is asked for."""
        days = f"{self.days} days"
        return Happened(
            event=Event.EXTENDED, actor=self.actor, days=self.days, detail=days
        )


class Cancel(Message):
    """End a journey; what it gave its client is taken back."""

    reason: str
    actor: Actor = Actor.OPERATOR

    def happened(self) -> Happened:
        """The event that is asked for."""
        return Happened(event=Event.CANCELLED, actor=self.actor, detail=self.reason)


class Skip(Message):
    """Go on without one legal entity."""

    entity_id: str
    reason: str
    actor: Actor = Actor.OPERATOR

    def happened(self) -> Happened:
        """The event that is asked for."""
        return Happened(
            event=Event.SKIPPED,
            actor=self.actor,
            entity_id=self.entity_id,
            detail=self.reason,
        )


class Act(Message):
    """What the customer does in the link flow; which fields count depends on the action."""

    action: LinkAction
    structure: Structure | None = None
    name: str | None = None
    software: str | None = None
    upload: str | None = None
    entity: str | None = None
    reason: Leaving | None = None

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        needed = NEEDS.get(self.action)
        if needed is not None and getattr(self, needed) is None:
            raise ValueError(f"{self.action} needs {needed}")
        return self

    def happened(
        self, entity_id: str | None = None, company_id: str | None = None
    ) -> Happened:
        """The event that is asked for; the ids are for a legal entity that it may make."""
        return Happened(
            event=LINK_ACTIONS[self.action],
            actor=Actor.CUSTOMER,
            entity_id=self.entity or entity_id,
            company_id=company_id,
            structure=self.structure,
            name=self.name,
            software=self.software,
            upload=self.upload,
            detail=LEAVINGS[self.reason].bank if self.reason else "",
        )


NEEDS: Final[Mapping[LinkAction, str]] = {
    LinkAction.CHOOSE_STRUCTURE: "structure",
    LinkAction.NAME_ENTITY: "name",
    LinkAction.SELECT_SOFTWARE: "software",
    LinkAction.UPLOAD: "upload",
    LinkAction.REMOVE_ENTITY: "entity",
}


class CameBack(Message):
    """The customer is back from the software, with or without leave to read."""

    entity_id: str
    attempt: int
    approved: bool

    def happened(self) -> Happened:
        """Approved or declined, on this very trip."""
        return Happened(
            event=Event.AUTHORIZED if self.approved else Event.AUTHORIZATION_DECLINED,
            actor=Actor.CUSTOMER,
            entity_id=self.entity_id,
            attempt=self.attempt,
            reason=None if self.approved else Reason.AUTHORIZATION_DECLINED,
        )


class Moved(Message):
    """The version that a journey reached; what it looks like is in the store."""

    version: int


class RecordMove(Message):
    """
    Make one move visible.

    `journey` comes without its entities; `entities` are those that the move
    changed, `removed` those that are gone; `standing` follows from all of them.
    `whole`: `entities` are all there are, whatever an earlier run left.
    """

    journey: Journey
    standing: Standing
    entities: tuple[Entity, ...] = ()
    removed: tuple[str, ...] = ()
    whole: bool = False
    run_id: str
    at: datetime
    event: Event
    actor: Actor
    entity_id: str | None = None
    reason: Reason | None = None
    detail: str = ""


class SendEmail(Message):
    """Send one letter of a journey, at most once for this template and number."""

    journey_id: str
    template: Template
    number: int


class EmailSent(Message):
    """`confirmed` is False where the mail server's answer got lost."""

    confirmed: bool = True


class ConnectEntity(Message):
    """Follow one legal entity from its software to its first snapshot."""

    journey_id: str
    organization_id: str
    client_id: str
    data_types: tuple[DataType, ...]
    rules: Rules
    entity: Entity
    retry_at: datetime | None = None


class EntityRead(Message):
    """What came of reading one entity's books; `reason` is None for a success."""

    entity_id: str
    reason: Reason | None = None
    detail: str = ""
    retry_at: datetime | None = None

    def happened(self) -> Happened:
        """Done or failed."""
        return Happened(
            event=Event.ENTITY_DONE if self.reason is None else Event.ENTITY_FAILED,
            entity_id=self.entity_id,
            reason=self.reason,
            detail=self.detail,
            retry_at=self.retry_at,
        )


class RunSync(Message):
    """Read one company's books once."""

    sync_id: str
    organization_id: str
    company_id: str
    connection_id: str | None = None
    journey_id: str | None = None
    parent_sync_id: str | None = None
    trigger: Trigger = Trigger.JOURNEY
    data_types: tuple[DataType, ...] = ()


class BeginSync(Message):
    """Show that a sync runs."""

    sync: RunSync
    workflow_id: str
    run_id: str
    at: datetime


class SyncBegun(Message):
    """What there is to read: a connection's books, or those of each legal entity."""

    connection_id: str | None = None
    data_types: tuple[DataType, ...] = ()
    children: tuple[RunSync, ...] = ()
    already_read: bool = False


class ReadBooks(Message):
    """
    Read every page of every dataset that the data types need.

    `begin` is heeded no more: a step of its own shows that the sync runs. It stays
    because messages lose no fields; no recorded journey ever set it.
    """

    sync_id: str
    company_id: str
    connection_id: str
    data_types: tuple[DataType, ...]
    begin: BeginSync | None = None


class PublishSync(Message):
    """Build the reports of what was read, and let readers see both at once."""

    sync_id: str
    at: datetime


class EndSync(Message):
    """Say why a sync has nothing new to show; data without reports is shown as data."""

    sync_id: str
    at: datetime
    reason: Reason | None = None
    detail: str = ""
    retry_at: datetime | None = None


class SyncEnded(Message):
    """How a sync ended; `reason` is None for a success."""

    sync_id: str
    reason: Reason | None = None
    detail: str = ""
    retry_at: datetime | None = None


class BuildReports(Message):
    """
    Build a company's reports from the snapshots that readers see.

    For a client with legal entities: the consolidated ones, of all their books.
    """

    company_id: str


class ReportsBuilt(Message):
    """They are there; `reports` are their types."""

    reports: tuple[str, ...] = ()


class SyncStarted(Message):
    """Which sync runs; its row is in the store."""

    sync_id: str


class RevokeConnection(Message):
    """Give access back to the customer, at the provider too."""

    connection_id: str


class Recorded(Message):
    """It is in the store."""


class NoteNewLinkAsked(Message):
    """Tell the bank that a customer with an ended link asked for a new one."""

    journey_id: str
    number: int


class RunReconcile(Message):
    """Bring the store and Temporal in line, once."""


class Sweep(Message):
    """One step of a reconciliation; `at` is the workflow's time."""

    at: datetime
    run_id: str


class RemoveCompany(Message):
    """
    Take a company away with everything that is known of it.

    `patience`: for how long software that does not answer is told that access has ended.
    """

    removal_id: str
    organization_id: str
    company_id: str
    patience: timedelta = timedelta(weeks=4)


class ToGiveBack(Message):
    """The connections of which the software has to be told."""

    connection_ids: tuple[str, ...] = ()


class GiveBack(Message):
    """Give the access of one connection back for good, or stop trying to."""

    removal_id: str
    connection_id: str
