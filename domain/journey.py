"""
The whole machine on one page: stages, events, and the only moves between them.

What can happen to a journey is a row of `ROWS`; how a stage looks to people is a
line of `FACES`; how long it may last, a line of `LIMITS`. Nothing else in the
code base decides any of the three. `domain/state.py` holds one journey,
`domain/moves.py` carries a move out.
"""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from domain.reasons import Who


class DataType(StrEnum):
    """What a bank can ask for."""

    FINANCIALS = "financials"
    SPEND_ANALYSIS = "spend_analysis"


class Delivery(StrEnum):
    """How the link reaches the customer: we send it, or the bank does."""

    EMAIL = "email"
    LINK = "link"


class Structure(StrEnum):
    """Whether the client is one legal entity or several."""

    SINGLE = "single"
    MULTIPLE = "multiple"


class Status(StrEnum):
    """What the bank sees of a company. None: nothing was requested."""

    REQUESTED = "Requested"
    AVAILABLE = "Available"
    ERROR = "Error"


class Actor(StrEnum):
    """Who made something happen."""

    CUSTOMER = "customer"
    BANK = "bank"
    OPERATOR = "operator"
    RAPPORT = "rapport"


class Stage(StrEnum):
    """Where a journey stands."""

    SENDING = "sending"
    AWAITING_CUSTOMER = "awaiting_customer"
    CHOOSING_STRUCTURE = "choosing_structure"
    NAMING_ENTITY = "naming_entity"
    SELECTING_SOFTWARE = "selecting_software"
    AUTHORIZING = "authorizing"
    REVIEWING_ENTITIES = "reviewing_entities"
    FETCHING = "fetching"
    COMPLETED = "completed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class EntityStage(StrEnum):
    """Where one legal entity of a journey stands."""

    SELECTING_SOFTWARE = "selecting_software"
    AUTHORIZING = "authorizing"
    FETCHING = "fetching"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"


class Event(StrEnum):
    """What happened, in the past tense; the timeline's `event`."""

    REQUESTED = "requested"
    REQUEST_SENT = "request_sent"
    SENT_UNCONFIRMED = "sent_unconfirmed"
    REQUEST_FAILED = "request_failed"
    REMINDER_SENT = "reminder_sent"
    REMINDER_FAILED = "reminder_failed"
    RESEND_ASKED = "resend_asked"
    LINK_REPLACED = "link_replaced"
    NEW_LINK_ASKED = "new_link_asked"
    EXTENDED = "extended"
    OPENED = "opened"
    STRUCTURE_CHOSEN = "structure_chosen"
    ENTITY_NAMED = "entity_named"
    SOFTWARE_SELECTED = "software_selected"
    AUTHORIZATION_STARTED = "authorization_started"
    AUTHORIZED = "authorized"
    UPLOADED = "uploaded"
    AUTHORIZATION_DECLINED = "authorization_declined"
    AUTHORIZATION_ABANDONED = "authorization_abandoned"
    ENTITY_ADDED = "entity_added"
    ENTITY_REMOVED = "entity_removed"
    FINISHED = "finished"
    EXITED = "exited"
    WENT_BACK = "went_back"
    ENTITY_DONE = "entity_done"
    ENTITY_FAILED = "entity_failed"
    RETRIED = "retried"
    SKIPPED = "skipped"
    CONSOLIDATED = "consolidated"
    CONSOLIDATION_FAILED = "consolidation_failed"
    SETTLED = "settled"
    TIME_UP = "time_up"
    EXPIRY_SENT = "expiry_sent"
    EXPIRY_FAILED = "expiry_failed"
    CANCELLED = "cancelled"
    MIRRORED = "mirrored"


class When(StrEnum):
    """What has to be true of the journey for a row to count."""

    ASKS_STRUCTURE = "spend analysis alone"
    SINGLE = "one legal entity"
    MULTIPLE = "several legal entities"
    COLLECTING = "before finishing"
    SOME_AUTHORIZED = "one is authorized"
    REPAIRING = "in a repair"
    FOCUS_STANDS = "of another one"
    BROKEN = "the customer can mend one"
    ALL_DONE = "all are done or skipped"


class Row(NamedTuple):
    """In any of `sources`, `event` leads to `target` (None: stays), if `when`."""

    sources: tuple[Stage, ...]
    event: Event
    target: Stage | None
    when: tuple[When, ...] = ()


_S, _E, _W = Stage, Event, When

CLOSED: Final = (_S.COMPLETED, _S.EXPIRED, _S.CANCELLED)
OPEN: Final = tuple(stage for stage in Stage if stage not in CLOSED)
BEFORE_FETCHING: Final = tuple(stage for stage in OPEN if stage is not _S.FETCHING)
IN_THE_FLOW: Final = BEFORE_FETCHING[2:]
REPAIR: Final = (_S.SELECTING_SOFTWARE, _S.AUTHORIZING)

ROWS: Final[tuple[Row, ...]] = (
    # The request goes out.
    Row((_S.SENDING,), _E.REQUEST_SENT, _S.AWAITING_CUSTOMER),
    Row((_S.SENDING,), _E.SENT_UNCONFIRMED, _S.AWAITING_CUSTOMER),
    Row(OPEN, _E.REQUEST_SENT, None),
    Row((*OPEN, _S.EXPIRED), _E.SENT_UNCONFIRMED, None),
    Row(OPEN, _E.REQUEST_FAILED, None),
    Row(OPEN, _E.REMINDER_SENT, None),
    Row(OPEN, _E.REMINDER_FAILED, None),
    Row(BEFORE_FETCHING, _E.RESEND_ASKED, None),
    Row(OPEN, _E.LINK_REPLACED, None),
    Row((*OPEN, _S.EXPIRED), _E.NEW_LINK_ASKED, None),
    Row(OPEN, _E.EXTENDED, None),
    # The customer answers.
    Row((_S.SENDING, _S.AWAITING_CUSTOMER), _E.OPENED, _S.CHOOSING_STRUCTURE, (_W.ASKS_STRUCTURE,)),
    Row((_S.SENDING, _S.AWAITING_CUSTOMER), _E.OPENED, _S.SELECTING_SOFTWARE),
    Row((*IN_THE_FLOW, _S.FETCHING), _E.OPENED, None),
    Row((_S.CHOOSING_STRUCTURE,), _E.STRUCTURE_CHOSEN, _S.SELECTING_SOFTWARE, (_W.SINGLE,)),
    Row((_S.CHOOSING_STRUCTURE,), _E.STRUCTURE_CHOSEN, _S.NAMING_ENTITY, (_W.MULTIPLE,)),
    Row((_S.NAMING_ENTITY,), _E.ENTITY_NAMED, _S.SELECTING_SOFTWARE),
    Row((_S.SELECTING_SOFTWARE,), _E.SOFTWARE_SELECTED, _S.AUTHORIZING),
    Row((_S.AUTHORIZING,), _E.AUTHORIZATION_STARTED, None),
    Row((_S.AUTHORIZING,), _E.AUTHORIZED, _S.SELECTING_SOFTWARE, (_W.REPAIRING, _W.BROKEN)),
    Row((_S.AUTHORIZING,), _E.AUTHORIZED, _S.FETCHING, (_W.REPAIRING,)),
    Row((_S.AUTHORIZING,), _E.AUTHORIZED, _S.FETCHING, (_W.SINGLE,)),
    Row((_S.AUTHORIZING,), _E.AUTHORIZED, _S.REVIEWING_ENTITIES, (_W.MULTIPLE,)),
    Row((_S.SELECTING_SOFTWARE,), _E.UPLOADED, _S.SELECTING_SOFTWARE, (_W.REPAIRING, _W.BROKEN)),
    Row((_S.SELECTING_SOFTWARE,), _E.UPLOADED, _S.FETCHING, (_W.REPAIRING,)),
    Row((_S.SELECTING_SOFTWARE,), _E.UPLOADED, _S.FETCHING, (_W.SINGLE,)),
    Row((_S.SELECTING_SOFTWARE,), _E.UPLOADED, _S.REVIEWING_ENTITIES, (_W.MULTIPLE,)),
    Row((_S.AUTHORIZING,), _E.AUTHORIZATION_DECLINED, _S.SELECTING_SOFTWARE),
    Row((_S.AUTHORIZING,), _E.AUTHORIZATION_ABANDONED, _S.SELECTING_SOFTWARE),
    Row((_S.REVIEWING_ENTITIES,), _E.ENTITY_ADDED, _S.NAMING_ENTITY),
    Row((_S.REVIEWING_ENTITIES,), _E.ENTITY_REMOVED, None),
    Row((_S.REVIEWING_ENTITIES,), _E.FINISHED, _S.FETCHING, (_W.SOME_AUTHORIZED,)),
    Row(BEFORE_FETCHING, _E.EXITED, None),
    Row((_S.AUTHORIZING,), _E.WENT_BACK, _S.SELECTING_SOFTWARE),
    Row((_S.SELECTING_SOFTWARE,), _E.WENT_BACK, _S.NAMING_ENTITY, (_W.COLLECTING, _W.MULTIPLE)),
    Row((_S.SELECTING_SOFTWARE,), _E.WENT_BACK, _S.CHOOSING_STRUCTURE, (_W.COLLECTING, _W.ASKS_STRUCTURE)),
    Row((_S.NAMING_ENTITY,), _E.WENT_BACK, _S.REVIEWING_ENTITIES, (_W.SOME_AUTHORIZED,)),
    Row((_S.NAMING_ENTITY,), _E.WENT_BACK, _S.CHOOSING_STRUCTURE),
    # The books are read.
    Row((_S.FETCHING,), _E.ENTITY_DONE, _S.COMPLETED, (_W.SINGLE, _W.ALL_DONE)),
    Row(OPEN, _E.ENTITY_DONE, None),
    Row((_S.FETCHING,), _E.ENTITY_FAILED, _S.SELECTING_SOFTWARE, (_W.BROKEN,)),
    Row(OPEN, _E.ENTITY_FAILED, None),
    Row(OPEN, _E.RETRIED, None),
    Row(REPAIR, _E.SKIPPED, None, (_W.REPAIRING, _W.FOCUS_STANDS)),
    Row(REPAIR, _E.SKIPPED, _S.SELECTING_SOFTWARE, (_W.REPAIRING, _W.BROKEN)),
    Row(REPAIR, _E.SKIPPED, _S.FETCHING, (_W.REPAIRING,)),
    Row((_S.FETCHING,), _E.SKIPPED, None),
    Row((_S.FETCHING,), _E.CONSOLIDATED, _S.COMPLETED, (_W.MULTIPLE, _W.ALL_DONE)),
    Row((_S.FETCHING,), _E.CONSOLIDATION_FAILED, None, (_W.MULTIPLE, _W.ALL_DONE)),
    Row((_S.FETCHING,), _E.SETTLED, _S.SELECTING_SOFTWARE, (_W.BROKEN,)),
    # It ends without an answer.
    Row(BEFORE_FETCHING, _E.TIME_UP, _S.FETCHING, (_W.COLLECTING, _W.SOME_AUTHORIZED)),
    Row(BEFORE_FETCHING, _E.TIME_UP, _S.EXPIRED),
    Row((_S.EXPIRED,), _E.EXPIRY_SENT, None),
    Row((_S.EXPIRED,), _E.EXPIRY_FAILED, None),
    Row(OPEN, _E.CANCELLED, _S.CANCELLED),
)  # fmt: skip


class Way(NamedTuple):
    """One possible outcome of an event: the first whose guards all hold is taken."""

    target: Stage
    when: tuple[When, ...]


def _by_stage_and_event() -> dict[tuple[Stage, Event], tuple[Way, ...]]:
    moves: dict[tuple[Stage, Event], tuple[Way, ...]] = {}
    for row in ROWS:
        for source in row.sources:
            way = Way(row.target or source, row.when)
            moves[source, row.event] = (*moves.get((source, row.event), ()), way)
    return moves


MOVES: Final[Mapping[tuple[Stage, Event], tuple[Way, ...]]] = _by_stage_and_event()

FIRST: Final[Mapping[Delivery, Stage]] = {
    Delivery.EMAIL: Stage.SENDING,
    Delivery.LINK: Stage.AWAITING_CUSTOMER,
}


class Face(NamedTuple):
    """How a stage looks to people: a name, whose turn it is, and a sentence."""

    label: str
    waits_for: Who | None
    sentence: str


FACES: Final[Mapping[Stage, Face]] = {
    Stage.SENDING: Face(
        "Sending", Who.WAIT, "The request is being handed to the mail server."),
    Stage.AWAITING_CUSTOMER: Face(
        "Waiting for the customer", Who.CUSTOMER, "The customer has the link and has not opened it yet."),
    Stage.CHOOSING_STRUCTURE: Face(
        "Choosing", Who.CUSTOMER, "The customer is choosing between one and several legal entities."),
    Stage.NAMING_ENTITY: Face(
        "Naming", Who.CUSTOMER, "The customer is naming a legal entity."),
    Stage.SELECTING_SOFTWARE: Face(
        "Selecting software", Who.CUSTOMER, "The customer is picking the accounting software."),
    Stage.AUTHORIZING: Face(
        "Authorizing", Who.CUSTOMER, "The customer is authorizing access at the accounting software."),
    Stage.REVIEWING_ENTITIES: Face(
        "Reviewing", Who.CUSTOMER, "The customer is looking over the legal entities before finishing."),
    Stage.FETCHING: Face(
        "Fetching", Who.WAIT, "The books are being read."),
    Stage.COMPLETED: Face(
        "Completed", None, "Everything that was asked for is stored."),
    Stage.EXPIRED: Face(
        "Expired", None, "The customer did not finish in time."),
    Stage.CANCELLED: Face(
        "Cancelled", None, "The journey was cancelled."),
}  # fmt: skip

LIMITS: Final[Mapping[Stage, timedelta]] = {
    Stage.SENDING: timedelta(minutes=10),
    Stage.AWAITING_CUSTOMER: timedelta(days=3),
    Stage.CHOOSING_STRUCTURE: timedelta(days=1),
    Stage.NAMING_ENTITY: timedelta(days=1),
    Stage.SELECTING_SOFTWARE: timedelta(days=1),
    Stage.AUTHORIZING: timedelta(minutes=30),
    Stage.REVIEWING_ENTITIES: timedelta(days=1),
    Stage.FETCHING: timedelta(minutes=30),
}


class LinkAction(StrEnum):
    """What the customer can do, as the link flow names it."""

    OPEN = "open"
    CHOOSE_STRUCTURE = "choose_structure"
    NAME_ENTITY = "name_entity"
    SELECT_SOFTWARE = "select_software"
    UPLOAD = "upload"
    AUTHORIZE = "authorize"
    ADD_ENTITY = "add_entity"
    REMOVE_ENTITY = "remove_entity"
    FINISH = "finish"
    BACK = "back"
    EXIT = "exit"


LINK_ACTIONS: Final[Mapping[LinkAction, Event]] = {
    LinkAction.OPEN: Event.OPENED,
    LinkAction.CHOOSE_STRUCTURE: Event.STRUCTURE_CHOSEN,
    LinkAction.NAME_ENTITY: Event.ENTITY_NAMED,
    LinkAction.SELECT_SOFTWARE: Event.SOFTWARE_SELECTED,
    LinkAction.UPLOAD: Event.UPLOADED,
    LinkAction.AUTHORIZE: Event.AUTHORIZATION_STARTED,
    LinkAction.ADD_ENTITY: Event.ENTITY_ADDED,
    LinkAction.REMOVE_ENTITY: Event.ENTITY_REMOVED,
    LinkAction.FINISH: Event.FINISHED,
    LinkAction.BACK: Event.WENT_BACK,
    LinkAction.EXIT: Event.EXITED,
}
