"""Why a journey stands where it stands, in words: one function of the journey and the time."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, NamedTuple

from domain.deadlines import Due, next_deadline
from domain.journey import FACES, Stage
from domain.reasons import NOTICES, Reason, Who
from domain.state import Entity, Journey


class Explanation(NamedTuple):
    """A sentence, whose turn it is, what comes next and when (None: no fixed time)."""

    sentence: str
    waits_for: Who | None
    next: str
    next_at: datetime | None


NEXT: Final[Mapping[Due, str]] = {
    Due.REMINDER: "A reminder goes out.",
    Due.EXPIRY: "The link expires.",
    Due.ABANDONMENT: "The authorization counts as abandoned, and the customer can start it again.",
}

NEXT_WHEN_PARKED: Final[Mapping[Who, str]] = {
    Who.BANK: "The bank acts on it, then the journey goes on.",
    Who.OPERATOR: "An operator looks at it and retries, skips or cancels.",
    Who.WAIT: "It is tried again.",
}

NEXT_BY_ITSELF: Final[Mapping[Stage, str]] = {
    Stage.SENDING: "The journey waits for the customer as soon as the mail server has taken the email.",
    Stage.FETCHING: "The company becomes Available when the last page is stored and its reports are built.",
}


def explain(journey: Journey) -> Explanation:
    """Return where `journey` stands, and what follows if nobody does anything."""
    if not journey.open:
        return Explanation(_ending(journey), None, "Nothing more happens.", None)
    if journey.waits_for is not None:
        return _parked(journey, journey.waits_for)
    return _going_on(journey)


def _ending(journey: Journey) -> str:
    if journey.stage is Stage.EXPIRED:
        return NOTICES[Reason.LINK_EXPIRED].bank
    return FACES[journey.stage].sentence


def _parked(journey: Journey, who: Who) -> Explanation:
    sentence = _failures(journey) if journey.failed() else _trouble(journey)
    tries = [entity.retry_at for entity in journey.failed() if entity.retry_at]
    retry_at = min(tries, default=None) if who is Who.WAIT else None
    return Explanation(sentence, who, NEXT_WHEN_PARKED[who], retry_at)


def _going_on(journey: Journey) -> Explanation:
    left = journey.trouble is not None and NOTICES[journey.trouble].who is Who.CUSTOMER
    waits_for = Who.CUSTOMER if left else FACES[journey.stage].waits_for
    sentence = _trouble(journey) if left else _doing(journey)
    deadline = next_deadline(journey)
    if waits_for is Who.WAIT or deadline is None:
        return Explanation(sentence, waits_for, NEXT_BY_ITSELF[journey.stage], None)
    return Explanation(sentence, waits_for, NEXT[deadline.due], deadline.at)


def _trouble(journey: Journey) -> str:
    return _notice(journey.reason, journey.detail)


def _failure(entity: Entity) -> str:
    return f"{entity.name}: {_notice(entity.reason, entity.detail)}"


def _failures(journey: Journey) -> str:
    """The earliest failure, which gives the client its reason, and how many more there are."""
    first, *more = journey.failed()
    return f"{_failure(first)} ({len(more)} more failed.)" if more else _failure(first)


def _notice(reason: Reason | None, detail: str) -> str:
    return f"{NOTICES[reason or Reason.INTERNAL].bank} {detail}".strip()


def _doing(journey: Journey) -> str:
    sentence = FACES[journey.stage].sentence
    entity = journey.entity(journey.focus)
    if entity is not None and entity.reason is not None:
        return _failure(entity)
    if entity is not None:
        return f"{sentence} This is about {entity.name}."
    if journey.stage is Stage.FETCHING and len(journey.entities) > 1:
        done = sum(each.over for each in journey.entities)
        building = " Their common reports are being built." * journey.consolidating
        return f"{sentence} {done} of {len(journey.entities)} legal entities are done.{building}"
    failed = [each.name for each in journey.failed()]
    return f"{sentence} Not read so far: {', '.join(failed)}." if failed else sentence
