"""Why a customer leaves before the end: choices, not words, so that nothing private is written down."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple


class Leaving(StrEnum):
    """What a customer may give as a reason."""

    LATER = "later"
    SOFTWARE_NOT_LISTED = "software_not_listed"
    WRONG_PERSON = "wrong_person"
    RATHER_NOT = "rather_not"


class Farewell(NamedTuple):
    """A reason as the customer picks it, and as the bank reads it."""

    customer: str
    bank: str


LEAVINGS: Final[Mapping[Leaving, Farewell]] = {
    Leaving.LATER: Farewell(
        "I will go on later.",
        "They want to go on later.",
    ),
    Leaving.SOFTWARE_NOT_LISTED: Farewell(
        "My accounting software is not in the list.",
        "Their accounting software is not in the list.",
    ),
    Leaving.WRONG_PERSON: Farewell(
        "Somebody else in my company has to do this.",
        "Somebody else in their company has to do this.",
    ),
    Leaving.RATHER_NOT: Farewell(
        "I would rather not share this data.",
        "They would rather not share this data.",
    ),
}
