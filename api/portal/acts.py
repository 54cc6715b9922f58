"""What can be done with a company from its row or its page: one line each."""

from collections.abc import Callable
from typing import Final, NamedTuple

from api.features import offers
from api.portal.people import Person
from domain.journey import Delivery, Event
from domain.moves import possible
from domain.roles import Permission
from domain.state import Journey
from store.portal.relationships import Relationship

Fits = Callable[[Person, Relationship], bool]


class Act(NamedTuple):
    """
    One entry of the menu: a page to go to, or (`posts`) something that is done at once.

    `path` takes the ids; `fits` says whether there is any sense in it now.
    """

    label: str
    permission: Permission
    path: str
    fits: Fits
    posts: bool = False


class Offer(NamedTuple):
    """An act on one company."""

    label: str
    url: str
    posts: bool


def _open(shown: Relationship) -> Journey | None:
    return shown.journey if shown.journey and shown.journey.open else None


def _can_request(person: Person, shown: Relationship) -> bool:
    return shown.row.parent_id is None and _open(shown) is None


def _can_refresh(person: Person, shown: Relationship) -> bool:
    read_before = shown.row.last_available_at is not None
    return read_before and shown.refreshable and not shown.facts.refreshing


def _has_link(person: Person, shown: Relationship) -> bool:
    return _open(shown) is not None and offers(person.organization, "copy_link")


def _can_resend(person: Person, shown: Relationship) -> bool:
    journey = _open(shown)
    return (
        journey is not None
        and journey.delivery is Delivery.EMAIL
        and possible(journey, Event.RESEND_ASKED)
    )


def _is_client(person: Person, shown: Relationship) -> bool:
    return shown.row.parent_id is None


def _always(person: Person, shown: Relationship) -> bool:
    return True


ACTS: Final = (
    Act(
        "Request information",
        Permission.REQUEST,
        "/companies/{company}/request",
        _can_request,
    ),
    Act(
        "Send the email again",
        Permission.MEND,
        "/journeys/{journey}/resend",
        _can_resend,
        posts=True,
    ),
    Act("Copy the link", Permission.MEND, "/journeys/{journey}/link", _has_link),
    Act(
        "Refresh data",
        Permission.REFRESH,
        "/companies/{company}/refresh",
        _can_refresh,
        posts=True,
    ),
    Act("Edit", Permission.EDIT, "/companies/{company}/edit", _always),
    Act("Delete", Permission.DELETE, "/companies/{company}/delete", _is_client),
)


def offered(person: Person, shown: Relationship) -> list[Offer]:
    """Return what this person can do with this company now."""
    ids = {"company": shown.row.id, "journey": shown.row.journey_id}
    return [
        Offer(act.label, act.path.format_map(ids), act.posts)
        for act in ACTS
        if person.may(act.permission) and act.fits(person, shown)
    ]
