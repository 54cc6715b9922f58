"""Why a journey stands where it stands, in words: one function of the journey and the time."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, NamedTuple

from domain.deadlines import Deadline, Due, next_deadline
from domain.journey import FACES, EntityStage, Stage
from domain.reasons import NOTICES, Reason, Who
from domain.state import Journey


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

TURN: Final[Mapping[Who, str]] = {
    Who.CUSTOMER: "The customer goes on with the link.",
    Who.BANK: "The bank acts on it, then the journey goes on.",
    Who.OPERATOR: "An operator looks at it and retries, skips or cancels.",
    Who.WAIT: "It goes on by itself.",
}


def explain(journey: Journey) -> Explanation:
    """Return where `journey` stands, and what follows if nobody does anything."""
    if not journey.open:
        return Explanation(
            _ending(journey), None, "Nothing more happens.", journey.closed_at
        )
    if journey.parked:
        return _parked(journey)
    return _going_on(journey)


def _ending(journey: Journey) -> str:
    if journey.stage is Stage.EXPIRED:
        return NOTICES[Reason.LINK_EXPIRED].bank
    return FACES[journey.stage].sentence


def _parked(journey: Journey) -> Explanation:
    who = journey.waits_for or Who.OPERATOR
    retry_at = min(
        (each.retry_at for each in journey.failed() if each.retry_at), default=None
    )
    return Explanation(
        _because(journey),
        who,
        "It is tried again." if who is Who.WAIT else TURN[who],
        retry_at if who is Who.WAIT else None,
    )


def _going_on(journey: Journey) -> Explanation:
    face = FACES[journey.stage]
    deadline = next_deadline(journey)
    sentence = _because(journey) if journey.reason else _doing(journey)
    return Explanation(sentence, face.waits_for, *_next(journey, deadline))


def _next(journey: Journey, deadline: Deadline | None) -> tuple[str, datetime | None]:
    if deadline is None or journey.stage in NEXT_BY_STAGE:
        return NEXT_BY_STAGE[journey.stage], None
    return NEXT[deadline.due], deadline.at


NEXT_BY_STAGE: Final[Mapping[Stage, str]] = {
    Stage.SENDING: "The journey waits for the customer as soon as the mail server has taken the email.",
    Stage.FETCHING: "The company becomes Available when the last page is stored.",
}


def _because(journey: Journey) -> str:
    """The reason in plain words, with the legal entities that it is about."""
    if journey.trouble is not None or journey.reason is None:
        sentence = NOTICES[journey.trouble or Reason.INTERNAL].bank
        return f"{sentence} {journey.detail}".strip()
    first = journey.failed()[0]
    sentence = f"{first.name}: {NOTICES[journey.reason].bank} {first.detail}".strip()
    more = len(journey.failed()) - 1
    return f"{sentence} ({more} more failed.)" if more else sentence


def _doing(journey: Journey) -> str:
    sentence = FACES[journey.stage].sentence
    entity = journey.entity(journey.focus)
    if entity is not None:
        return f"{sentence} This is about {entity.name}."
    if journey.stage is Stage.FETCHING and len(journey.entities) > 1:
        done = sum(each.over for each in journey.entities)
        return f"{sentence} {done} of {len(journey.entities)} legal entities are done."
    failed = [each for each in journey.entities if each.stage is EntityStage.FAILED]
    return (
        f"{sentence} {failed[0].name} failed and is mended after finishing."
        if failed
        else sentence
    )
