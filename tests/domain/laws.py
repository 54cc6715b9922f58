"""What is true of every journey between two events, and of every move, whatever has happened."""

from collections.abc import Callable
from typing import Final

from domain.journey import MOVES, EntityStage, Event, Stage, Status, Structure
from domain.reasons import NOTICES, Reason, Who
from domain.state import Entity, Journey
from tests.domain.walk import Move

AT_WORK: Final = (EntityStage.SELECTING_SOFTWARE, EntityStage.AUTHORIZING)


def fetching_is_for_the_authorized(journey: Journey) -> bool:
    """While books are read, nobody is left who never authorized, and nothing for the customer."""
    return journey.stage is not Stage.FETCHING or (
        journey.finished
        and journey.trouble is None
        and bool(journey.entities)
        and all(each.authorized for each in journey.entities)
        and not any(_for_customer(each) for each in journey.entities)
    )


def focus_is_where_the_customer_works(journey: Journey) -> bool:
    """An entity is in focus exactly while the customer names it, picks software or authorizes."""
    entity = journey.entity(journey.focus)
    match journey.stage:
        case Stage.AUTHORIZING:
            return entity is not None and entity.stage is EntityStage.AUTHORIZING
        case Stage.SELECTING_SOFTWARE if journey.finished:
            return entity is not None and (
                entity.stage is EntityStage.SELECTING_SOFTWARE or _for_customer(entity)
            )
        case Stage.SELECTING_SOFTWARE if journey.structure is Structure.MULTIPLE:
            return entity is not None and entity.stage in AT_WORK
        case Stage.SELECTING_SOFTWARE | Stage.NAMING_ENTITY:
            return journey.focus is None or entity is not None
        case _:
            return journey.focus is None


def only_one_is_worked_on(journey: Journey) -> bool:
    """While it is open, no other entity waits for software or leave than the one in focus."""
    at_work = {each.id for each in journey.entities if each.stage in AT_WORK}
    return not journey.open or at_work <= {journey.focus}


def completed_is_complete(journey: Journey) -> bool:
    """Completed: every entity done or skipped, and one at least done."""
    stages = {each.stage for each in journey.entities}
    over = {EntityStage.DONE, EntityStage.SKIPPED}
    return journey.stage is not Stage.COMPLETED or (
        stages <= over and EntityStage.DONE in stages
    )


def nothing_is_said_before_the_request_went_out(journey: Journey) -> bool:
    """Until then the client's status is what it was, unless something went wrong."""
    return journey.went_out or journey.status in (None, Status.ERROR)


def the_rule_for_legal_entities_holds(journey: Journey) -> bool:
    """After `finish`: Error while any failed, else Requested while any is read, else Available."""
    seen = (journey.status, journey.reason)
    if journey.stage is Stage.COMPLETED:
        return seen == (Status.AVAILABLE, None)
    if not journey.open or not journey.finished or journey.trouble is not None:
        return True
    failed = [each for each in journey.entities if each.stage is EntityStage.FAILED]
    if not failed and journey.unbuilt:
        return seen == (Status.ERROR, Reason.REPORT_FAILED)
    if not failed:
        return seen == (Status.REQUESTED, None)
    earliest = min(
        failed, key=lambda each: (each.failed_at or journey.created_at, each.id)
    )
    return seen == (Status.ERROR, earliest.trouble)


def error_has_a_reason(journey: Journey) -> bool:
    """Error and a reason come together, and so do a status and the time of it."""
    return (journey.status is Status.ERROR) is (journey.reason is not None) and (
        journey.status is None
    ) is (journey.status_at is None)


def endings_look_right(journey: Journey) -> bool:
    """Expired is Error for that reason; cancelled gives its client nothing."""
    match journey.stage:
        case Stage.EXPIRED:
            return (Status.ERROR, Reason.LINK_EXPIRED) == (
                journey.status,
                journey.reason,
            )
        case Stage.CANCELLED:
            return (None, None, "") == (
                journey.status,
                journey.reason,
                journey.reason_detail,
            )
        case _:
            return True


def closed_is_closed(journey: Journey) -> bool:
    """What is over has its time, is not parked and is never stuck."""
    over = journey.closed_at is not None and journey.stuck_after is None
    return (
        (over and not journey.parked) if not journey.open else journey.closed_at is None
    )


def who_is_away_is_authorizing(journey: Journey) -> bool:
    """Nobody is away at the software but while authorizing: no older state counts."""
    return journey.sent_away_at is None or journey.stage is Stage.AUTHORIZING


def parked_is_seen_at_once(journey: Journey) -> bool:
    """Parked for the bank or an operator counts as stuck from that moment on."""
    if not journey.needs_attention:
        return journey.waits_for in (None, Who.WAIT)
    return journey.parked and journey.stuck_after == journey.stage_since


STATE_LAWS: Final[tuple[Callable[[Journey], bool], ...]] = (
    fetching_is_for_the_authorized,
    focus_is_where_the_customer_works,
    only_one_is_worked_on,
    completed_is_complete,
    nothing_is_said_before_the_request_went_out,
    the_rule_for_legal_entities_holds,
    error_has_a_reason,
    endings_look_right,
    closed_is_closed,
    who_is_away_is_authorizing,
    parked_is_seen_at_once,
)


def a_move_stays_in_the_tables(move: Move) -> bool:
    """It ends in a stage that `MOVES` names for that stage and event."""
    ways = MOVES[move.before.stage, move.happened.event]
    return move.after.stage in {way.target for way in ways}


def a_move_counts(move: Move) -> bool:
    """Every move has the next number."""
    return move.after.version == move.before.version + 1


def going_back_changes_no_status(move: Move) -> bool:
    """`back` never touches what the bank sees."""
    return move.happened.event is not Event.WENT_BACK or _seen(move.before) == _seen(
        move.after
    )


def status_at_is_the_time_of_the_status(move: Move) -> bool:
    """It changes with status or reason, and with nothing else."""
    before, after = move.before, move.after
    if (before.status, before.reason) == (after.status, after.reason):
        return before.status_at == after.status_at
    return after.status is None or after.status_at is not None


def entities_keep_their_own_time(move: Move) -> bool:
    """So does the time of each legal entity's status."""
    return all(
        (known.status, known.reason) != (entity.status, entity.reason)
        or known.status_at == entity.status_at
        for entity in move.after.entities
        if (known := move.before.entity(entity.id)) is not None
    )


def one_entity_alone_says_nothing_before_finishing(move: Move) -> bool:
    """What comes of reading one entity does not reach the client before `finish`."""
    reading = (Event.ENTITY_DONE, Event.ENTITY_FAILED)
    if move.happened.event not in reading or move.after.finished:
        return True
    return _seen(move.before) == _seen(move.after)


def the_end_is_the_end(move: Move) -> bool:
    """What is over stays over, in the same stage, with the same status and time."""
    before, after = move.before, move.after
    return before.open or (before.stage, before.closed_at, *_seen(before)) == (
        after.stage,
        after.closed_at,
        *_seen(after),
    )


def a_done_entity_stays(move: Move) -> bool:
    """Books that were read are not read again, dropped or forgotten; nor is what was skipped."""
    over = [each.id for each in move.before.entities if each.over]
    return all(
        (entity := move.after.entity(entity_id)) is not None and entity.over
        for entity_id in over
    )


MOVE_LAWS: Final[tuple[Callable[[Move], bool], ...]] = (
    a_move_stays_in_the_tables,
    a_move_counts,
    going_back_changes_no_status,
    status_at_is_the_time_of_the_status,
    entities_keep_their_own_time,
    one_entity_alone_says_nothing_before_finishing,
    the_end_is_the_end,
    a_done_entity_stays,
)


def _for_customer(entity: Entity) -> bool:
    reason = entity.trouble
    return (
        entity.stage is EntityStage.FAILED
        and reason is not None
        and NOTICES[reason].who is Who.CUSTOMER
    )


def _seen(journey: Journey) -> tuple[object, ...]:
    return (journey.status, journey.reason, journey.status_at)
