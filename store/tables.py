"""
Every table, once. What may happen to the rows lives in `domain`.

Who writes what: tables marked "typed" hold what people entered and are written
by the API; tables marked "happened" are written by activities only. A journey's
first row, a consent, an authorization code and an upload are the API's at the seam.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import JSON, Index, MetaData, Text, false, text
from sqlmodel import Field, SQLModel

from domain.audit import Done
from domain.bulk import BulkAction, Outcome
from domain.datasets import Dataset
from domain.emails import Template
from domain.journey import Actor, Delivery, EntityStage, Event, Stage, Status, Structure
from domain.messages import SyncState, Trigger
from domain.milestones import Milestone
from domain.reasons import Reason
from domain.removals import Step
from domain.reports import ReportType
from domain.roles import Role
from store.columns import IN_BYTE_ORDER, UtcTime, by_value
from store.states import DatasetState, EmailState, ReportState

NAMES: Final = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
CLIENTS: Final[Mapping[str, Any]] = {
    "sqlite_where": text("parent_id IS NULL"),
    "postgresql_where": text("parent_id IS NULL"),
}
"""Only clients: what is counted of them passes over no legal entity."""


class Table(SQLModel):
    """What every table shares: names that a migration can find again."""

    metadata = MetaData(naming_convention=NAMES)


class OrganizationRow(Table, table=True):
    """A tenant and its rules. Typed."""

    __tablename__ = "organizations"

    id: str = Field(primary_key=True)
    name: str
    logo_url: str | None = None
    colour: str = "#1f4e79"
    sender_name: str
    reminders_days: list[int] = Field(sa_type=JSON)
    expires_days: int = 30
    stage_limits: dict[str, int] = Field(sa_type=JSON)
    software: list[str] | None = Field(default=None, sa_type=JSON)
    features: dict[str, bool] = Field(sa_type=JSON)
    created_at: datetime = Field(sa_type=UtcTime)


class ApiKeyRow(Table, table=True):
    """The digest of a key; the key itself is nowhere. Typed."""

    __tablename__ = "api_keys"

    digest: str = Field(primary_key=True)
    organization_id: str = Field(index=True)
    created_at: datetime = Field(sa_type=UtcTime)


class CompanyRow(Table, table=True):
    """
    A client, or one legal entity of a client (`parent_id`).

    Name, description, contact: typed. From `status` on: happened. `journey_id`,
    its newest journey, is written with that journey's first row.
    """

    __tablename__ = "companies"
    __table_args__ = (
        Index("ix_companies_created", "organization_id", "created_at", "id"),
        Index("ix_companies_name", "organization_id", "name", "id"),
        Index("ix_companies_status_at", "organization_id", "status_at", "id"),
        Index("ix_companies_status", "organization_id", "status", "reason"),
        Index(
            "ix_companies_standing", "organization_id", "status", "reason", **CLIENTS
        ),
    )

    id: str = Field(primary_key=True)
    organization_id: str
    parent_id: str | None = Field(default=None, index=True)
    external_id: str | None = None
    name: str = Field(sa_type=IN_BYTE_ORDER)
    description: str | None = None
    contact_name: str = ""
    contact_email: str = ""
    created_at: datetime = Field(sa_type=UtcTime)
    updated_at: datetime = Field(sa_type=UtcTime)
    journey_id: str | None = Field(default=None, index=True)
    status: Status | None = Field(default=None, sa_type=by_value(Status))
    reason: Reason | None = Field(default=None, sa_type=by_value(Reason))
    reason_detail: str = Field(default="", sa_type=Text)
    status_at: datetime | None = Field(default=None, sa_type=UtcTime)
    last_available_at: datetime | None = Field(default=None, sa_type=UtcTime)


class CompanyUserRow(Table, table=True):
    """Who of the bank looks after a company. Typed."""

    __tablename__ = "company_users"

    company_id: str = Field(primary_key=True)
    email: str = Field(primary_key=True, index=True, sa_type=IN_BYTE_ORDER)


class SearchWordRow(Table, table=True):
    """One word by which a company is found, folded. Written with what it is a word of."""

    __tablename__ = "search_words"
    __table_args__ = (
        Index("ix_search_words_word", "organization_id", "word", "company_id"),
    )

    company_id: str = Field(primary_key=True)
    word: str = Field(primary_key=True, sa_type=IN_BYTE_ORDER)
    organization_id: str


class JourneyRow(Table, table=True):
    """Where a journey stands. Happened, but for its first state."""

    __tablename__ = "journeys"
    __table_args__ = (
        Index(
            "uq_journeys_open_company",
            "company_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index("ix_journeys_company", "company_id", "id"),
        Index("ix_journeys_stage", "organization_id", "stage", "id"),
        Index("ix_journeys_stuck", "organization_id", "stuck_after"),
        Index("ix_journeys_checked", "closed_at", "checked_at"),
        Index(
            "ix_journeys_reached",
            "organization_id",
            "created_at",
            "reached",
            "structure",
        ),
    )

    id: str = Field(primary_key=True)
    organization_id: str
    company_id: str
    company_name: str
    data_types: list[str] = Field(sa_type=JSON)
    delivery: Delivery = Field(sa_type=by_value(Delivery))
    rules: dict[str, Any] = Field(sa_type=JSON)
    created_at: datetime = Field(sa_type=UtcTime)
    expires_at: datetime = Field(sa_type=UtcTime)
    stage: Stage = Field(sa_type=by_value(Stage))
    stage_since: datetime = Field(sa_type=UtcTime)
    stuck_after: datetime | None = Field(default=None, sa_type=UtcTime)
    version: int = 0
    structure: Structure | None = Field(default=None, sa_type=by_value(Structure))
    focus: str | None = None
    finished: bool = False
    went_out: bool = False
    trouble: Reason | None = Field(default=None, sa_type=by_value(Reason))
    detail: str = Field(default="", sa_type=Text)
    unsent: bool = False
    unbuilt: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    status: Status | None = Field(default=None, sa_type=by_value(Status))
    reason: Reason | None = Field(default=None, sa_type=by_value(Reason))
    reason_detail: str = Field(default="", sa_type=Text)
    status_at: datetime | None = Field(default=None, sa_type=UtcTime)
    link_number: int = 1
    requests: int = 0
    reminders_sent: int = 0
    reminders_passed: int = 0
    acted_at: datetime | None = Field(default=None, sa_type=UtcTime)
    attempt: int = 0
    sent_away_at: datetime | None = Field(default=None, sa_type=UtcTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcTime)
    run_id: str | None = None
    checked_at: datetime | None = Field(default=None, sa_type=UtcTime)
    reached: Milestone = Field(
        default=Milestone.REQUESTED,
        sa_type=by_value(Milestone),
        sa_column_kwargs={"server_default": Milestone.REQUESTED.value},
    )


class JourneyRunRow(Table, table=True):
    """The runs that wrote a journey, in the order in which they first did. Happened."""

    __tablename__ = "journey_runs"

    journey_id: str = Field(primary_key=True)
    run_id: str = Field(primary_key=True)
    ordinal: int


class MoveRow(Table, table=True):
    """One transition: a row of the timeline. Happened."""

    __tablename__ = "moves"
    __table_args__ = (
        Index("uq_moves_number", "journey_id", "run_id", "number", unique=True),
    )

    journey_id: str = Field(primary_key=True)
    seq: int = Field(primary_key=True)
    run_id: str
    number: int
    at: datetime = Field(sa_type=UtcTime)
    actor: Actor = Field(sa_type=by_value(Actor))
    event: Event = Field(sa_type=by_value(Event))
    stage: Stage = Field(sa_type=by_value(Stage))
    entity_id: str | None = None
    status: Status | None = Field(default=None, sa_type=by_value(Status))
    reason: Reason | None = Field(default=None, sa_type=by_value(Reason))
    detail: str = Field(default="", sa_type=Text)


class ConnectionRow(Table, table=True):
    """The link of one company to one piece of software, and how far it is. Happened."""

    __tablename__ = "connections"
    __table_args__ = (
        Index("ix_connections_journey", "journey_id", "id"),
        Index("ix_connections_company", "company_id", "id"),
    )

    id: str = Field(primary_key=True)
    organization_id: str
    journey_id: str
    client_id: str = Field(index=True)
    company_id: str
    name: str
    stage: EntityStage = Field(sa_type=by_value(EntityStage))
    software: str | None = None
    upload: str | None = None
    authorized: bool = False
    authorized_at: datetime | None = Field(default=None, sa_type=UtcTime)
    trouble: Reason | None = Field(default=None, sa_type=by_value(Reason))
    detail: str = Field(default="", sa_type=Text)
    failed_at: datetime | None = Field(default=None, sa_type=UtcTime)
    retry_at: datetime | None = Field(default=None, sa_type=UtcTime)
    status: Status | None = Field(default=None, sa_type=by_value(Status))
    status_at: datetime | None = Field(default=None, sa_type=UtcTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcTime)


class AuthorizationCodeRow(Table, table=True):
    """What a customer brought back from the software, encrypted. Written by the API."""

    __tablename__ = "authorization_codes"

    connection_id: str = Field(primary_key=True)
    code: bytes
    redirect_uri: str
    at: datetime = Field(sa_type=UtcTime)


class UploadRow(Table, table=True):
    """
    A workbook that a customer uploaded, or was about to: what nobody reads is swept.

    `sha256` is the file's, and part of its name in the object store. Written by the API.
    """

    __tablename__ = "uploads"

    journey_id: str = Field(primary_key=True)
    sha256: str = Field(primary_key=True)
    at: datetime = Field(sa_type=UtcTime, index=True)


class CredentialRow(Table, table=True):
    """A connection's tokens, encrypted, and the organisation that they open. Happened."""

    __tablename__ = "credentials"

    connection_id: str = Field(primary_key=True)
    software: str
    access: bytes
    refresh: bytes
    expires_at: datetime = Field(sa_type=UtcTime)
    organisation: str


class ConsentRow(Table, table=True):
    """Who agreed to what, when. Written by the API."""

    __tablename__ = "consents"

    journey_id: str = Field(primary_key=True)
    attempt: int = Field(primary_key=True)
    connection_id: str
    who: str
    at: datetime = Field(sa_type=UtcTime)
    text_version: str
    software: str
    data_types: list[str] = Field(sa_type=JSON)


class EmailRow(Table, table=True):
    """One email that may leave once. Happened."""

    __tablename__ = "emails"

    journey_id: str = Field(primary_key=True)
    template: Template = Field(primary_key=True, sa_type=by_value(Template))
    number: int = Field(primary_key=True)
    state: EmailState = Field(sa_type=by_value(EmailState), index=True)
    to: str = ""
    reason: Reason | None = Field(default=None, sa_type=by_value(Reason))
    failures: int = 0
    failing_for_ms: int = 0
    at: datetime = Field(sa_type=UtcTime)


class LetterRow(Table, table=True):
    """
    An email as it was handed over last, but for the customer's link, which is hidden. Happened.

    Written with the email's own row, which says when and to which address.
    """

    __tablename__ = "letters"

    journey_id: str = Field(primary_key=True)
    template: Template = Field(primary_key=True, sa_type=by_value(Template))
    number: int = Field(primary_key=True)
    to_name: str
    subject: str = Field(sa_type=Text)
    html: str = Field(sa_type=Text, repr=False)
    text: str = Field(sa_type=Text, repr=False)


class SyncRow(Table, table=True):
    """
    One reading of a company's books. Happened.

    `snapshot_sync_id`: the sync that had read them already, where only reports were missing.
    """

    __tablename__ = "syncs"
    __table_args__ = (
        Index("ix_syncs_company", "company_id", "id"),
        Index("ix_syncs_retry", "retry_at"),
        Index("ix_syncs_unswept", "swept", "finished_at"),
        Index("ix_syncs_running", "state", "started_at"),
    )

    id: str = Field(primary_key=True)
    organization_id: str
    company_id: str
    connection_id: str | None = None
    journey_id: str | None = None
    parent_sync_id: str | None = Field(default=None, index=True)
    trigger: Trigger = Field(sa_type=by_value(Trigger))
    data_types: list[str] = Field(sa_type=JSON)
    state: SyncState = Field(sa_type=by_value(SyncState))
    reason: Reason | None = Field(default=None, sa_type=by_value(Reason))
    detail: str = Field(default="", sa_type=Text)
    retry_at: datetime | None = Field(default=None, sa_type=UtcTime)
    started_at: datetime = Field(sa_type=UtcTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcTime)
    workflow_id: str
    run_id: str
    failures: int = 0
    failing_for_ms: int = 0
    swept: bool = False
    snapshot_sync_id: str | None = None


class SyncDatasetRow(Table, table=True):
    """How far a sync is with one dataset; a retry goes on from here. Happened."""

    __tablename__ = "sync_datasets"

    sync_id: str = Field(primary_key=True)
    dataset: Dataset = Field(primary_key=True, sa_type=by_value(Dataset))
    position: int
    state: DatasetState = Field(sa_type=by_value(DatasetState))
    records: int = 0
    pages: int = 0
    cursor: str | None = Field(default=None, sa_type=Text)
    error: str | None = Field(default=None, sa_type=Text)


class SyncPartRow(Table, table=True):
    """One page that a sync stored; the manifest is made of these. Happened."""

    __tablename__ = "sync_parts"

    sync_id: str = Field(primary_key=True)
    dataset: Dataset = Field(primary_key=True, sa_type=by_value(Dataset))
    number: int = Field(primary_key=True)
    rows: int
    bytes: int
    sha256: str


class SnapshotRow(Table, table=True):
    """Which sync's data readers see. Replaced whole, in one transaction. Happened."""

    __tablename__ = "snapshots"

    company_id: str = Field(primary_key=True)
    data_type: str = Field(primary_key=True)
    sync_id: str = Field(index=True)
    published_at: datetime = Field(sa_type=UtcTime)


class ReportRow(Table, table=True):
    """
    One report of a company, as it was built last. Happened.

    `files` are those that can be downloaded, by format; `basis` names what they were
    made from, `updated_at` is when. `state` and `choices`, the revision of people's
    choices, are those of the newest try, which may have failed.
    """

    __tablename__ = "reports"

    company_id: str = Field(primary_key=True)
    type: ReportType = Field(primary_key=True, sa_type=by_value(ReportType))
    state: ReportState = Field(sa_type=by_value(ReportState))
    choices: int = 0
    basis: str = ""
    sources: dict[str, str] = Field(default_factory=dict, sa_type=JSON)
    build_id: str | None = Field(default=None, index=True)
    files: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    updated_at: datetime | None = Field(default=None, sa_type=UtcTime)


class ReportBuildRow(Table, table=True):
    """
    Files of reports were stored, or were about to be. Happened.

    What no report refers to is swept: once `condemned`, it can't be shown any more.
    """

    __tablename__ = "report_builds"

    id: str = Field(primary_key=True)
    company_id: str
    at: datetime = Field(sa_type=UtcTime, index=True)
    condemned: bool = False


class AccountRow(Table, table=True):
    """
    One account of a company's books, and what the machine takes it for. Happened.

    `key` is made from the id, which may be longer than an index can hold. `place` is
    its rank by impact while nobody has confirmed it, `words` what it is found by.
    Amounts are decimals, as text.
    """

    __tablename__ = "accounts"
    __table_args__ = (Index("ix_accounts_place", "company_id", "place"),)

    company_id: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    sync_id: str
    account_id: str = Field(sa_type=Text)
    name: str = Field(sa_type=Text)
    code: str | None = Field(default=None, sa_type=Text)
    type: str
    currency: str
    balance: str
    category_id: str | None = None
    confidence: list[int] = Field(sa_type=JSON)
    impact: str
    place: str
    words: str = Field(sa_type=Text)


class CategoryChoiceRow(Table, table=True):
    """What a person says that an account is; it outlives every sync. Typed."""

    __tablename__ = "category_choices"

    company_id: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    account_id: str = Field(sa_type=Text)
    category_id: str
    at: datetime = Field(sa_type=UtcTime)


class ChoicesRow(Table, table=True):
    """How often the choices that a company's reports heed have changed. Typed."""

    __tablename__ = "choices"

    company_id: str = Field(primary_key=True)
    revision: int


class AuditRow(Table, table=True):
    """
    Something that somebody of the bank did: once for each `key`. Written by the API.

    Without `user_id` it was a program with the organization's key. `client_id` is the
    company itself, or whose legal entity it is.
    """

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_client", "client_id", "at"),)

    key: str = Field(primary_key=True)
    organization_id: str
    client_id: str
    company_id: str
    journey_id: str | None = None
    user_id: str | None = None
    what: Done = Field(sa_type=by_value(Done))
    detail: str = Field(default="", sa_type=Text)
    at: datetime = Field(sa_type=UtcTime)


class IdempotencyRow(Table, table=True):
    """The first answer to a key. Written by the API with what it answered for."""

    __tablename__ = "idempotency_keys"

    organization_id: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    request: str
    status: int
    body: dict[str, Any] = Field(sa_type=JSON)
    at: datetime = Field(sa_type=UtcTime)


class OpenQuestionRow(Table, table=True):
    """An Update that got no answer in time. Written by the API that asked."""

    __tablename__ = "open_questions"

    journey_id: str = Field(primary_key=True)
    question: str = Field(primary_key=True)
    update_id: str
    at: datetime = Field(sa_type=UtcTime)


class RemovalRow(Table, table=True):
    """
    A company that was taken away, or is being: the receipt, which names nobody.

    What belonged to the company belongs to the removal from its first moment on: its
    id is the `organization_id` of those rows. `companies` are the client and its legal
    entities, `user_id` is who asked for it, None for a program. The first state is written
    by the API; the rest happened.
    """

    __tablename__ = "removals"
    __table_args__ = (
        Index("ix_removals_organization", "organization_id", "id"),
        Index("ix_removals_unfinished", "finished_at", "checked_at"),
    )

    id: str = Field(primary_key=True)
    organization_id: str
    company_id: str = Field(unique=True)
    companies: list[str] = Field(default_factory=list, sa_type=JSON)
    journeys: list[str] = Field(default_factory=list, sa_type=JSON)
    found: dict[str, int] = Field(default_factory=dict, sa_type=JSON)
    unrevoked: list[dict[str, str]] = Field(default_factory=list, sa_type=JSON)
    user_id: str | None = None
    requested_at: datetime = Field(sa_type=UtcTime)
    checked_at: datetime | None = Field(default=None, sa_type=UtcTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcTime)


class RemovalStepRow(Table, table=True):
    """How far one step of a removal is: so many of so many. Happened."""

    __tablename__ = "removal_steps"

    removal_id: str = Field(primary_key=True)
    step: Step = Field(primary_key=True, sa_type=by_value(Step))
    done: int = 0
    total: int = 0
    started_at: datetime | None = Field(default=None, sa_type=UtcTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcTime)


class BulkDeedRow(Table, table=True):
    """
    The same thing asked of many journeys. Written by the API with its items.

    `days` is for an extension, `reason` for an end. `finished_at` happened.
    """

    __tablename__ = "bulk_deeds"
    __table_args__ = (
        Index("ix_bulk_deeds_newest", "organization_id", "id"),
        Index("ix_bulk_deeds_unfinished", "finished_at", "at"),
    )

    id: str = Field(primary_key=True)
    organization_id: str
    user_id: str | None = None
    action: BulkAction = Field(sa_type=by_value(BulkAction))
    days: int = 0
    reason: str = Field(default="", sa_type=Text)
    total: int
    at: datetime = Field(sa_type=UtcTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcTime)


class BulkItemRow(Table, table=True):
    """
    One journey of a deed, and what came of asking it. Happened, but for its first state.

    `before` is the journey's last move when it was about to be asked for the first
    time, `tries` how often it gave no answer.
    """

    __tablename__ = "bulk_items"
    __table_args__ = (Index("ix_bulk_items_outcome", "deed_id", "outcome", "number"),)

    deed_id: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    journey_id: str = Field(index=True)
    before: int | None = None
    tries: int = 0
    outcome: Outcome | None = Field(default=None, sa_type=by_value(Outcome))
    at: datetime | None = Field(default=None, sa_type=UtcTime)


# The portal.


class UserRow(Table, table=True):
    """
    A person of the organization who may sign in. Typed.

    `email` is in lower case and belongs to one person of one organization. Without
    `password_hash` there is no password that would fit.
    """

    __tablename__ = "users"

    id: str = Field(primary_key=True)
    organization_id: str = Field(index=True)
    email: str = Field(unique=True)
    name: str
    role: Role = Field(sa_type=by_value(Role))
    password_hash: str | None = Field(default=None, repr=False)
    created_at: datetime = Field(sa_type=UtcTime)
    deactivated_at: datetime | None = Field(default=None, sa_type=UtcTime)


class PortalSessionRow(Table, table=True):
    """Somebody who is signed in, until then: gone is signed out. Written by the API."""

    __tablename__ = "portal_sessions"

    digest: str = Field(primary_key=True)
    user_id: str = Field(index=True)
    created_at: datetime = Field(sa_type=UtcTime)
    expires_at: datetime = Field(sa_type=UtcTime, index=True)


class ChangeRow(Table, table=True):
    """When anything of a client, or of one of its legal entities, last changed."""

    __tablename__ = "changes"
    __table_args__ = (Index("ix_changes_at", "organization_id", "at"),)

    company_id: str = Field(primary_key=True)
    organization_id: str
    at: datetime = Field(sa_type=UtcTime)
