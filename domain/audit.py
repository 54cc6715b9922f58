"""What people and programs of the bank do: the lines of a company's audit trail."""

from enum import StrEnum
from typing import Final

from domain.journey import Event


class Done(StrEnum):
    """One kind of thing that was done; what moves a journey has the name of its event."""

    ADDED = "added"
    EDITED = "edited"
    REQUESTED = Event.REQUESTED
    RESEND_ASKED = Event.RESEND_ASKED
    LINK_SHOWN = "link_shown"
    LINK_REPLACED = Event.LINK_REPLACED
    EXTENDED = Event.EXTENDED
    RETRIED = Event.RETRIED
    SKIPPED = Event.SKIPPED
    CANCELLED = Event.CANCELLED
    REFRESHED = "refreshed"
    REVOKED = "revoked"
    CATEGORIZED = "categorized"
    UNCATEGORIZED = "uncategorized"
    DOWNLOADED = "downloaded"


_EVENTS: Final = frozenset(event.value for event in Event)

MOVES: Final = tuple(Event(done.value) for done in Done if done.value in _EVENTS)
"""What the bank can do to a journey."""
