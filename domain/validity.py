"""Whether a customer's link is still good, and what helps where it is not."""

from typing import Final, NamedTuple

from domain.journey import Stage
from domain.links import Link
from domain.state import Journey


class Ended(NamedTuple):
    """Why a link leads nowhere any more: a code for programs, a sentence for people."""

    code: str
    detail: str


WITHDRAWN: Final = Ended("journey_cancelled", "This request was withdrawn.")
REPLACED: Final = Ended("link_replaced", "There is a newer link; use that one.")
EXPIRED: Final = Ended("link_expired", "This link has ended; ask for a new one.")


def why_ended(journey: Journey, link: Link) -> Ended | None:
    """Return why `link` leads nowhere any more, or None while it is good."""
    if journey.stage is Stage.CANCELLED:
        return WITHDRAWN
    if _was_replaced(journey, link):
        return REPLACED
    return EXPIRED if journey.stage is Stage.EXPIRED else None


def new_link_helps(journey: Journey, link: Link) -> bool:
    """Where the journey has expired, or goes on under a newer link."""
    replaced = journey.open and _was_replaced(journey, link)
    return replaced or journey.stage is Stage.EXPIRED


def _was_replaced(journey: Journey, link: Link) -> bool:
    return link.number < journey.link_number
