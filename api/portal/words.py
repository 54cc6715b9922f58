"""How what is stored reads on the portal's pages: times, states and whose turn it is."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from markupsafe import Markup

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
from store.states import DatasetState


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
TRIGGERS: Final[Mapping[Trigger, str]] = {
    Trigger.JOURNEY: "First reading",
    Trigger.MANUAL: "Refresh",
    Trigger.SCHEDULE: "Scheduled refresh",
}

_CODES: Final[Mapping[type, Mapping[Any, Any]]] = {
    Reason: REASONS,
    Who: TURNS,
    DataType: DATA_TYPES,
    Delivery: DELIVERIES,
    Actor: ACTORS,
    Trigger: TRIGGERS,
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


FILTERS: Final[Mapping[str, Callable[..., Any]]] = {
    "words": words,
    "moment": moment,
    "day": day,
    "lasting": lasting,
    "status_badge": STATUSES.__getitem__,
    "entity_badge": ENTITY_STAGES.__getitem__,
    "sync_badge": SYNC_STATES.__getitem__,
    "dataset_badge": DATASET_STATES.__getitem__,
}
