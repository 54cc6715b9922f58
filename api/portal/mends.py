"""What can be done about a journey on its page: one line each, and which of them helps most."""

from collections.abc import Callable
from typing import Final, NamedTuple

from api.features import offers
from api.portal.people import Person
from api.schemas import JourneyOut
from domain.checks import NotAllowed
from domain.journey import Delivery, Event
from domain.moves import check
from domain.reasons import Action
from domain.roles import Permission
from domain.state import Entity, Happened, Journey
from store.portal.relationships import Relationship


class Situation(NamedTuple):
    """Who looks at which journey; `shown` is how it is told."""

    person: Person
    journey: Journey
    shown: JourneyOut
    company: Relationship


class Mend(NamedTuple):
    """
    One thing to do; `journey/mend_<name>.html` is its form.

    `fits` says whether it can be done now, `helps` for which suggestions it is the answer.
    """

    name: str
    permission: Permission
    fits: Callable[[Situation], bool]
    helps: frozenset[Action] = frozenset()


class Mending(NamedTuple):
    """A mend on one page: `suggested` is what to do first, `entities` those it can be about."""

    name: str
    suggested: bool
    entities: tuple[Entity, ...]
    corrects: bool


def _resend(at: Situation) -> bool:
    by_email = at.journey.delivery is Delivery.EMAIL
    return by_email and can(at.journey, Event.RESEND_ASKED)


def _link(at: Situation) -> bool:
    allowed = offers(at.person.organization, "copy_link")
    return allowed and can(at.journey, Event.LINK_REPLACED)


def _retry(at: Situation) -> bool:
    return can(at.journey, Event.RETRIED)


def _extend(at: Situation) -> bool:
    """What is being read does not expire."""
    return not at.journey.being_read and can(at.journey, Event.EXTENDED)


def _skip(at: Situation) -> bool:
    return bool(skippable(at.journey))


def _cancel(at: Situation) -> bool:
    return can(at.journey, Event.CANCELLED)


def _request(at: Situation) -> bool:
    """Only from the newest: an older one has had its successor."""
    return not at.journey.open and at.company.row.journey_id == at.journey.id


MOST: Final = 50
"""Legal entities to choose from."""

_A: Final = Action

MENDS: Final = (
    Mend("retry", Permission.MEND, _retry, frozenset({_A.RETRY, _A.CONTACT_OPERATOR})),
    Mend("resend", Permission.MEND, _resend, frozenset({_A.RESEND})),
    Mend("request", Permission.REQUEST, _request, frozenset({_A.REQUEST_AGAIN, _A.RESEND, _A.FRESH_LINK})),
    Mend("link", Permission.MEND, _link, frozenset({_A.FRESH_LINK})),
    Mend("extend", Permission.MEND, _extend),
    Mend("skip", Permission.MEND, _skip),
    Mend("cancel", Permission.MEND, _cancel),
)  # fmt: skip


def mends_for(at: Situation) -> list[Mending]:
    """Return what this person can do now, what is suggested first."""
    offered = [
        mend for mend in MENDS if at.person.may(mend.permission) and mend.fits(at)
    ]
    action = _wanted(at)
    best = next((mend for mend in offered if action in mend.helps), None)
    return [
        Mending(
            name=mend.name,
            suggested=mend is best,
            entities=skippable(at.journey) if mend.name == "skip" else (),
            corrects=at.person.may(Permission.EDIT),
        )
        for mend in sorted(offered, key=lambda mend: mend is not best)
    ]


def _wanted(at: Situation) -> Action | None:
    """A customer who has been silent for too long has given no reason; a nudge may help."""
    if at.shown.reason is not None:
        return at.shown.reason.action
    if not at.shown.stuck or at.journey.being_read:
        return None
    by_link = at.journey.delivery is Delivery.LINK
    return Action.FRESH_LINK if by_link else Action.RESEND


def skippable(journey: Journey) -> tuple[Entity, ...]:
    """Return legal entities without which it could go on, those that failed first."""
    unfinished = [each for each in journey.entities if not each.over]
    unfinished.sort(key=lambda each: each.reason is None)
    return tuple(
        each for each in unfinished[:MOST] if can(journey, Event.SKIPPED, each.id)
    )


def can(journey: Journey, event: Event, entity_id: str | None = None) -> bool:
    """Whether the bank can make that happen now; to leave one out, one has to be named."""
    try:
        check(journey, Happened(event=event, entity_id=entity_id))
    except NotAllowed:
        return False
    return True
