"""
The words of every email, once: the HTML and the plain text are laid out from them.

`{what}`, `{organization}`, `{company}` and `{expires}` are filled in; names are
never part of a sentence's own markup.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple

from domain.emails import Letter, Template


class Voice(StrEnum):
    """In which tone an email speaks."""

    REQUEST = "request"
    FIRST_REMINDER = "first_reminder"
    LATER_REMINDER = "later_reminder"
    EXPIRY = "expiry"


class Words(NamedTuple):
    """One email. `button` is None where there is nothing left to open."""

    subject: str
    heading: str
    before: tuple[str, ...]
    button: str | None
    after: tuple[str, ...]
    lists_items: bool = False


_ASKED: Final = (
    "{organization} asks {company} to share its {what}. This is what will be read:"
)
_HOW: Final = (
    "You sign in to your accounting software and agree once; the data is then read"
    " for you. There is nothing to prepare, and it takes about five minutes."
)
_LINK: Final = (
    "The link works until {expires}. You can stop at any time: the same link takes"
    " you back to where you were. It is meant for you alone, so please do not"
    " forward it."
)
_STILL_OPEN: Final = (
    "A few days ago {organization} asked {company} to share its {what}. The request"
    " is still open, and the link takes you to where you stopped:"
)
_NOT_YET: Final = (
    "{organization} has not yet received the {what} of {company}. The link works"
    " until {expires}, and takes you to where you stopped:"
)
_RATHER_NOT: Final = (
    "If something keeps you from it, or you would rather not share this data, please"
    " tell your contact at {organization}."
)
_ENDED: Final = (
    "The link with which {company} could share its {what} with {organization} ended"
    " on {expires}. You need not do anything."
)
_ANOTHER: Final = (
    "If you would still like to share this data, please tell your contact at"
    " {organization}: they can send you a new link."
)

WORDS: Final[Mapping[Voice, Words]] = {
    Voice.REQUEST: Words(
        subject="{organization} asks for your {what}",
        heading="Please share your {what}",
        before=(_ASKED,),
        button="Share your data",
        after=(_HOW, _LINK),
        lists_items=True,
    ),
    Voice.FIRST_REMINDER: Words(
        subject="Reminder: {organization} asks for your {what}",
        heading="Your {what}: a reminder",
        before=(_STILL_OPEN,),
        button="Share your data",
        after=(_HOW, _LINK),
    ),
    Voice.LATER_REMINDER: Words(
        subject="{organization} is still waiting for your {what}",
        heading="There is still time to share your {what}",
        before=(_NOT_YET,),
        button="Share your data",
        after=(_HOW, _RATHER_NOT),
    ),
    Voice.EXPIRY: Words(
        subject="Your link from {organization} has ended",
        heading="The link has ended",
        before=(_ENDED, _ANOTHER),
        button=None,
        after=(),
    ),
}


def voice(letter: Letter) -> Voice:
    """Return the tone of a letter: the first reminder is gentler than the later ones."""
    if letter.template is Template.REMINDER:
        return Voice.FIRST_REMINDER if letter.number == 1 else Voice.LATER_REMINDER
    return Voice(letter.template)
