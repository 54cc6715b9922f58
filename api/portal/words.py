"""How what is stored reads on the portal's pages: times, states and whose turn it is."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final, NamedTuple

from markupsafe import Markup

from domain.audit import Done
from domain.journey import (
    FACES,
    Actor,
    DataType,
    Delivery,
    EntityStage,
    Stage,
    Status,
)
from domain.messages import SyncState, Trigger
from domain.reasons import Reason, Who
from domain.removals import Progress
from domain.roles import Permission
from domain.route import Route
from domain.taxonomy import in_words
from store.states import DatasetState, EmailState


class Badge(NamedTuple):
    """A word with a tone: still, waiting, good, bad or going."""

    label: str
    tone: str


STATUSES: Final[Mapping[Status | None, Badge]] = {
    None: Badge("Nothing requested", "still"),
    Status.REQUESTED: Badge("Requested", "waiting"),
    Status.AVAILABLE: Badge("Available", "good"),
    Status.ERROR: Badge("Error", "bad"),
}
REASONS: Final[Mapping[Reason, str]] = {
    Reason.EMAIL_UNDELIVERABLE: "Email address refused",
    Reason.EMAIL_FAILED: "Email could not be sent",
    Reason.LINK_EXPIRED: "Link has ended",
    Reason.AUTHORIZATION_EXITED: "Customer left",
    Reason.AUTHORIZATION_DECLINED: "Customer said no",
    Reason.AUTHORIZATION_ABANDONED: "Customer did not come back",
    Reason.INSUFFICIENT_PERMISSIONS: "Login lacks rights",
    Reason.WRONG_ORGANISATION: "Wrong organisation",
    Reason.ACCESS_REVOKED: "Access revoked",
    Reason.PROVIDER_UNAVAILABLE: "Software unavailable",
    Reason.RATE_LIMITED: "Software's quota used up",
    Reason.INVALID_DATA: "Data not understood",
    Reason.NO_DATA: "No data in the books",
    Reason.REPORT_FAILED: "Report not built",
    Reason.UPLOAD_REJECTED: "Upload rejected",
    Reason.INTERNAL: "Internal error",
}
TURNS: Final[Mapping[Who | None, str]] = {
    None: "Nobody",
    Who.CUSTOMER: "The customer",
    Who.BANK: "You, the bank",
    Who.OPERATOR: "An operator",
    Who.WAIT: "Nobody: it goes on by itself",
}
DATA_TYPES: Final[Mapping[DataType, str]] = {
    DataType.FINANCIALS: "Financials",
    DataType.SPEND_ANALYSIS: "Spend analysis",
}
DELIVERIES: Final[Mapping[Delivery, str]] = {
    Delivery.EMAIL: "By email",
    Delivery.LINK: "By a link that you pass on",
}
ACTORS: Final[Mapping[Actor, str]] = {
    Actor.CUSTOMER: "Customer",
    Actor.BANK: "Bank",
    Actor.OPERATOR: "Operator",
    Actor.RAPPORT: "Rapport",
}
ENTITY_STAGES: Final[Mapping[EntityStage, Badge]] = {
    EntityStage.SELECTING_SOFTWARE: Badge("Selecting software", "waiting"),
    EntityStage.AUTHORIZING: Badge("Authorizing", "waiting"),
    EntityStage.FETCHING: Badge("Being read", "going"),
    EntityStage.DONE: Badge("Connected", "good"),
    EntityStage.FAILED: Badge("Failed", "bad"),
    EntityStage.SKIPPED: Badge("Left out", "still"),
}
SYNC_STATES: Final[Mapping[SyncState, Badge]] = {
    SyncState.RUNNING: Badge("Running", "going"),
    SyncState.SUCCEEDED: Badge("Succeeded", "good"),
    SyncState.FAILED: Badge("Failed", "bad"),
}
DATASET_STATES: Final[Mapping[DatasetState, Badge]] = {
    DatasetState.PENDING: Badge("Waiting", "still"),
    DatasetState.RUNNING: Badge("Reading", "going"),
    DatasetState.DONE: Badge("Read", "good"),
    DatasetState.FAILED: Badge("Failed", "bad"),
}
EMAIL_STATES: Final[Mapping[EmailState, Badge]] = {
    EmailState.RESERVED: Badge("Waiting to be sent", "waiting"),
    EmailState.HANDING_OVER: Badge("Sent, unconfirmed", "stuck"),
    EmailState.SENT: Badge("Sent", "good"),
    EmailState.FAILED: Badge("Failed", "bad"),
}
DEEDS: Final[Mapping[Done, str]] = {
    Done.ADDED: "Added the company",
    Done.EDITED: "Changed the company",
    Done.REQUESTED: "Requested information",
    Done.RESEND_ASKED: "Sent the email again",
    Done.LINK_SHOWN: "Looked at the link",
    Done.LINK_REPLACED: "Made a fresh link",
    Done.EXTENDED: "Gave more time",
    Done.RETRIED: "Tried again",
    Done.SKIPPED: "Left out a legal entity",
    Done.CANCELLED: "Cancelled the request",
    Done.REFRESHED: "Refreshed the data",
    Done.REVOKED: "Revoked a connection",
    Done.CATEGORIZED: "Confirmed a category",
    Done.UNCATEGORIZED: "Took back a category",
    Done.DOWNLOADED: "Downloaded a report",
}
REMOVALS: Final[Mapping[Progress, Badge]] = {
    Progress.WAITING: Badge("Waiting", "still"),
    Progress.RUNNING: Badge("Going on", "going"),
    Progress.DONE: Badge("Done", "good"),
}
TRIGGERS: Final[Mapping[Trigger, str]] = {
    Trigger.JOURNEY: "First reading",
    Trigger.MANUAL: "Refresh",
    Trigger.SCHEDULE: "Scheduled refresh",
}
RIGHTS: Final[Mapping[Permission, str]] = {
    Permission.SEE: "See companies and where they stand",
    Permission.DOWNLOAD: "Download reports",
    Permission.EDIT: "Add companies, and edit them",
    Permission.REQUEST: "Request information",
    Permission.REFRESH: "Refresh data",
    Permission.MEND: "Send again, make fresh links, give more time, try again, cancel",
    Permission.CATEGORIZE: "Confirm the categories of accounts",
    Permission.DELETE: "Delete companies",
    Permission.CONFIGURE: "Change the settings",
    Permission.MANAGE_USERS: "Add users, and change what they may do",
}

_CODES: Final[Mapping[type, Mapping[Any, Any]]] = {
    Reason: REASONS,
    Who: TURNS,
    DataType: DATA_TYPES,
    Delivery: DELIVERIES,
    Actor: ACTORS,
    Done: DEEDS,
    Trigger: TRIGGERS,
    Permission: RIGHTS,
    Stage: {stage: face.label for stage, face in FACES.items()},
}


def words(code: Any) -> str:
    """Return a code as people read it."""
    known = _CODES.get(type(code))
    if known is not None:
        return str(known[code])
    return str(code).replace("_", " ").capitalize()


def moment(at: datetime) -> Markup:
    """Return a time; a script shows it in the reader's own zone."""
    shown = f"{at.day} {at:%b %Y, %H:%M} UTC"
    return Markup('<time datetime="{}">{}</time>').format(at.isoformat(), shown)


def day(at: datetime) -> Markup:
    """Return a day; a script shows it in the reader's own zone."""
    shown = f"{at.day} {at:%b %Y}"
    return Markup('<time datetime="{}" data-day>{}</time>').format(
        at.isoformat(), shown
    )


def lasting(time: timedelta) -> str:
    """Return a duration in its two largest units."""
    seconds = int(time.total_seconds())
    units = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))
    parts = []
    for name, size in units:
        amount, seconds = divmod(seconds, size)
        if amount:
            parts.append(f"{amount} {name}")
    return " ".join(parts[:2]) or "0 s"


def passing(time: timedelta) -> str:
    """Return how long something lasted that is over."""
    return lasting(time) if time >= timedelta(seconds=1) else "a moment"


def roughly(time: timedelta) -> str:
    """Return a duration as one says it: in its largest unit."""
    seconds = time.total_seconds()
    units = (("day", 86_400), ("hour", 3_600), ("minute", 60))
    for name, size in units:
        if seconds >= size:
            amount = round(seconds / size)
            return f"{amount} {name}" if amount == 1 else f"{amount} {name}s"
    return "less than a minute"


def described(route: Route, stage: Stage, note: str | None) -> str:
    """Return in words what the picture of a journey shows."""
    where = route.stages.index(stage)
    past = {source for source, _ in route.taken}
    been = [each for each in route.stages if each in past and each is not stage]
    ahead = [each for each in route.stages[where + 1 :] if each not in past]
    sentences = (
        f"Done so far: {_listed(been)}." if been else "",
        f"Now: {FACES[stage].label}{f' ({note.lower()})' if note not in (None, 'Now') else ''}.",
        f"Ahead: {_listed(ahead)}." if ahead else "",
    )
    return " ".join(filter(None, sentences))


def _listed(stages: Iterable[Stage]) -> str:
    return ", ".join(FACES[stage].label for stage in stages)


def money(amount: str) -> str:
    """Return a decimal as it is read: with its thousands apart."""
    return f"{Decimal(amount):,f}"


def tally(states: Mapping[SyncState, int]) -> str:
    """Return how many readings are how far."""
    return ", ".join(
        f"{states[state]:,} {badge.label.lower()}"
        for state, badge in SYNC_STATES.items()
        if state in states
    )


FILTERS: Final[Mapping[str, Callable[..., Any]]] = {
    "words": words,
    "moment": moment,
    "day": day,
    "lasting": lasting,
    "passing": passing,
    "roughly": roughly,
    "money": money,
    "tally": tally,
    "category": in_words,
    "status_badge": STATUSES.__getitem__,
    "entity_badge": ENTITY_STAGES.__getitem__,
    "sync_badge": SYNC_STATES.__getitem__,
    "email_badge": EMAIL_STATES.__getitem__,
    "dataset_badge": DATASET_STATES.__getitem__,
    "removal_badge": REMOVALS.__getitem__,
}
