"""
What the API takes (`…In`) and gives (`…Out`).

An `In` refuses what it does not know. An `Out` has no defaults: every field is
always there, and the OpenAPI document says so.
"""

from datetime import datetime
from typing import Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from api.fields import (
    Colour,
    DataTypes,
    Days,
    Description,
    Email,
    Explanation,
    Flag,
    Name,
    PersonName,
    Picture,
    ReminderDays,
    Seconds,
    SoftwareKeys,
    Users,
)
from domain.datasets import Dataset
from domain.journey import (
    Actor,
    DataType,
    Delivery,
    EntityStage,
    Event,
    Stage,
    Status,
    Structure,
)
from domain.messages import SyncState, Trigger
from domain.reasons import Action, Reason, Who
from domain.removals import Progress, Step, Thing
from domain.reports import Format, ReportType
from store.states import DatasetState

Item = TypeVar("Item")


class In(BaseModel):
    """What comes in: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


class Out(BaseModel):
    """What goes out, often made from a row."""

    model_config = ConfigDict(from_attributes=True)


class NothingIn(In):
    """The body of a call that needs none; `{}` does no harm."""


class FieldError(Out):
    """What is wrong with one part of a request."""

    loc: list[str | int]
    msg: str


class Problem(Out):
    """RFC 9457. `errors` is there for 422 `invalid_request` and `upload_rejected`."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[FieldError] = Field(default_factory=list)


class Page(Out, Generic[Item]):
    """A part of a list; `next_cursor` is null on the last page."""

    items: list[Item]
    next_cursor: str | None


class ReasonOut(Out):
    """Why it is in Error, who can act on it, and what the bank can do now."""

    code: Reason
    message: str
    who: Who
    retryable: bool
    action: Action


# The organization and what its customers can pick.


class FeaturesOut(Out):
    """What an organization uses."""

    manual_upload: bool
    copy_link: bool
    multi_entity: bool


class OrganizationOut(Out):
    """The look and rules of the link flow and emails; `stage_limits` are seconds."""

    id: str
    name: str
    logo_url: str | None
    colour: str
    sender_name: str
    reminders_days: list[int]
    expires_days: int
    stage_limits: dict[str, int]
    software: list[str] | None
    features: FeaturesOut


class StageLimitsIn(In):
    """Seconds until a journey in that stage counts as stuck; null: the default again."""

    sending: Seconds | None = None
    awaiting_customer: Seconds | None = None
    choosing_structure: Seconds | None = None
    naming_entity: Seconds | None = None
    selecting_software: Seconds | None = None
    authorizing: Seconds | None = None
    reviewing_entities: Seconds | None = None
    fetching: Seconds | None = None


class FeaturesIn(In):
    """Which features change; the others stay."""

    manual_upload: Flag = Field(default_factory=bool)
    copy_link: Flag = Field(default_factory=bool)
    multi_entity: Flag = Field(default_factory=bool)


class OrganizationIn(In):
    """
    What changes; what is left out stays.

    `logo_url: null` takes the logo away, `software: null` allows all of it.
    `stage_limits` and `features` change only the entries that are given. New
    rules hold for journeys that are made from then on.
    """

    name: Name = Field(default_factory=str)
    logo_url: Picture | None = None
    colour: Colour = Field(default_factory=str)
    sender_name: Name = Field(default_factory=str)
    reminders_days: ReminderDays = Field(default_factory=list)
    expires_days: Days = Field(default_factory=int)
    stage_limits: StageLimitsIn = Field(default_factory=StageLimitsIn)
    software: SoftwareKeys | None = None
    features: FeaturesIn = Field(default_factory=FeaturesIn)


class SoftwareOut(Out):
    """One accounting product that a customer can pick."""

    key: str
    name: str
    provider: str


# Companies.


class ContactIn(In):
    """The person at the company who is asked."""

    name: PersonName
    email: Email


class ContactChangeIn(In):
    """The part of the contact that changes."""

    name: PersonName = Field(default_factory=str)
    email: Email = Field(default_factory=str)


class ContactOut(Out):
    """The person at the company who is asked."""

    name: str
    email: str


class CompanyIn(In):
    """A new client."""

    name: Name
    description: Description | None = None
    contact: ContactIn
    users: Users = Field(default_factory=list)
    external_id: Name | None = None


class CompanyChangeIn(In):
    """
    What changes; what is left out stays.

    `contact` may be given in part; `users` replaces the whole list.
    """

    name: Name = Field(default_factory=str)
    description: Description | None = None
    contact: ContactChangeIn = Field(default_factory=ContactChangeIn)
    users: Users = Field(default_factory=list)


class CompanyOut(Out):
    """A client, or one legal entity of a client (`parent_id`)."""

    id: str
    external_id: str | None
    name: str
    description: str | None
    parent_id: str | None
    contact: ContactOut
    users: list[str]
    status: Status | None
    reason: ReasonOut | None
    status_at: datetime | None
    last_available_at: datetime | None
    refreshing: bool
    data_types: list[DataType]
    journey_id: str | None
    created_at: datetime
    updated_at: datetime


class EmailOut(Out):
    """An email as its reader would get it."""

    to: str
    subject: str
    html: str
    text: str


# Journeys.


class JourneyIn(In):
    """What to ask for, and who brings the link to the customer."""

    data_types: DataTypes
    delivery: Delivery


class CancelIn(In):
    """Why the journey ends."""

    reason: Explanation


class ExtendIn(In):
    """By how many days the expiry moves."""

    days: Days


class SkipIn(In):
    """Which legal entity is left out, and why."""

    entity_id: str = Field(max_length=100)
    reason: Explanation


class EntityOut(Out):
    """One legal entity of a journey; its id is its connection's."""

    id: str
    company_id: str
    name: str
    stage: EntityStage
    software: str | None
    status: Status | None
    reason: ReasonOut | None


class ExplanationOut(Out):
    """In plain words: where it stands and why, whose turn it is, what comes next and when."""

    sentence: str
    waits_for: Who | None
    next: str
    next_at: datetime | None


class JourneyOut(Out):
    """One data request."""

    id: str
    company_id: str
    data_types: list[DataType]
    delivery: Delivery
    structure: Structure | None
    stage: Stage
    stage_since: datetime
    stuck: bool
    stuck_since: datetime | None
    entities: list[EntityOut]
    status: Status | None
    reason: ReasonOut | None
    explanation: ExplanationOut
    reminders_sent: int
    expires_at: datetime
    created_at: datetime
    closed_at: datetime | None
    workflow_id: str
    run_id: str | None
    temporal_url: str | None


class JourneyMadeOut(JourneyOut):
    """A new journey, with its link where the bank delivers it."""

    link_url: str | None = Field(default=None, exclude_if=lambda url: url is None)


class LinkUrlOut(Out):
    """The only link of a journey that works from now on."""

    link_url: str


class MoveOut(Out):
    """One transition of a journey."""

    seq: int
    at: datetime
    actor: Actor
    event: Event
    stage: Stage
    entity_id: str | None
    status: Status | None
    reason: Reason | None
    detail: str


# Connections and syncs.


class ConnectionOut(Out):
    """The authorized link of one company to one piece of software."""

    id: str
    company_id: str
    journey_id: str
    name: str
    software: str | None
    stage: EntityStage
    status: Status | None
    reason: ReasonOut | None
    authorized_at: datetime | None
    revoked_at: datetime | None


class DatasetOut(Out):
    """How far a sync is with one dataset."""

    name: Dataset
    state: DatasetState
    records: int
    pages: int
    error: str | None


class SyncOut(Out):
    """One reading of a company's books; `children` are those of its legal entities."""

    id: str
    company_id: str
    trigger: Trigger
    state: SyncState
    reason: ReasonOut | None
    datasets: list[DatasetOut]
    children: list["SyncOut"]
    started_at: datetime
    finished_at: datetime | None
    workflow_id: str
    run_id: str


# Removals.


class RemovalStepOut(Out):
    """One step of a removal: so many of so many."""

    name: Step
    state: Progress
    done: int
    total: int
    started_at: datetime | None
    finished_at: datetime | None


class LeftOut(Out):
    """A connection of which its software could not be told that the access has ended."""

    connection_id: str
    software: str


class RemovalOut(Out):
    """
    A company that is deleted, and the receipt of it, which names nobody.

    `removed` counts what was there. `requested_by` is a user's id, null for a program.
    """

    id: str
    company_id: str
    state: Progress
    steps: list[RemovalStepOut]
    removed: dict[Thing, int]
    not_revoked: list[LeftOut]
    requested_by: str | None
    requested_at: datetime
    finished_at: datetime | None


# Reports, and what accounts are.


class ReportOut(Out):
    """
    One report of a company; `updated_at` is when the one that can be downloaded was built.

    `failed`: the newest try to build it failed. `missing`: it was not built yet.
    """

    type: ReportType
    title: str
    status: Literal["ready", "failed", "missing"]
    updated_at: datetime | None
    formats: tuple[Format, ...]


class CategoryOut(Out):
    """One node of the tree into which accounts are sorted."""

    id: str
    path: tuple[str, ...]
    level: int
    statement: Literal["balance_sheet", "profit_and_loss"]


class CategoryIn(In):
    """What an account is."""

    category_id: str = Field(max_length=200)


class SuggestionOut(Out):
    """What the machine takes an account for; one confidence from 0 to 100 for each level."""

    category_id: str | None
    path: tuple[str, ...]
    confidence: list[int]


class AccountOut(Out):
    """
    One account of the books. Amounts are decimals, as text, in the account's currency.

    `category_id` and `path` are what counts: what a person confirmed, else the
    suggestion. `impact` is the balance times the doubt, 0 once it is confirmed.
    """

    id: str
    name: str
    code: str | None
    type: str
    currency: str
    balance: str
    suggestion: SuggestionOut
    confirmed: str | None
    category_id: str | None
    path: tuple[str, ...]
    status: Literal["Confirmed", "Suggested", "Uncategorized"]
    impact: str


# The link flow.


class LinkOrganizationOut(Out):
    """Whose name and look the flow has."""

    name: str
    logo_url: str | None
    colour: str


class LinkCompanyOut(Out):
    """Who is asked."""

    name: str


class LinkEntityOut(Out):
    """One legal entity, as its customer sees it."""

    id: str
    name: str | None
    stage: EntityStage
    software: str | None
    reason: Reason | None


class LinkFocusOut(Out):
    """The legal entity that the customer is working on."""

    id: str
    name: str
    software: str | None


class LinkSoftwareOut(Out):
    """What can be picked."""

    key: str
    name: str


class ConsentOut(Out):
    """What the customer agrees to, before being sent to the software."""

    version: str
    text: str
    items: list[str]


class UploadTermsOut(Out):
    """What a customer can upload instead of connecting software, and what that means."""

    template_url: str
    media_type: str
    largest_bytes: int
    consent: ConsentOut


class MessageOut(Out):
    """What went wrong last, for the customer's eyes."""

    code: str
    text: str


class LinkOut(Out):
    """LinkState: where the customer is, and what can be done there."""

    journey_id: str
    organization: LinkOrganizationOut
    company: LinkCompanyOut
    data_types: tuple[DataType, ...]
    structure: Structure | None
    stage: Stage
    entity: LinkFocusOut | None
    entities: list[LinkEntityOut]
    software: list[LinkSoftwareOut] | None
    consent: ConsentOut | None
    allowed: list[str]
    message: MessageOut | None
    redirect_url: str | None = Field(default=None, exclude_if=lambda url: url is None)


# Health.


class HealthOut(Out):
    """`parts` says of each part whether it answered."""

    status: str
    parts: dict[str, bool]
