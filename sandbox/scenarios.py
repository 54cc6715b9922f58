"""How a login may behave, one line each: from perfectly well to not at all."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple

from sandbox.refusals import INVALID_GRANT, Refusal

DOWN: Final = Refusal(503, "unavailable", "The software is down for maintenance.")
HICCUP: Final = Refusal(503, "unavailable", "The software is busy.", retry_after=1)
TOO_FAST: Final = Refusal(429, "too_many_requests", "Not so fast.", retry_after=1)
QUOTA_USED_UP: Final = Refusal(
    429, "quota_exceeded", "The hour's quota of this login is used up.", 3600
)
REVOKED: Final = Refusal(401, "invalid_token", "The customer revoked this access.")
FORBIDDEN: Final = Refusal(403, "forbidden", "This login may not see the books.")


class Scenario(StrEnum):
    """What can be picked at the authorize page."""

    DEFAULT = "default"
    LARGE = "large"
    FLAKY = "flaky"
    OUTAGE = "outage"
    QUOTA = "quota"
    REVOKED = "revoked"
    FORBIDDEN = "forbidden"
    MALFORMED = "malformed"
    EMPTY = "empty"
    SLOW = "slow"
    OTHER_ORGANISATION = "other_organisation"


class Behaviour(NamedTuple):
    """
    What is different about a login.

    `troubles` come round and round, one per call; None is a call that goes well.
    `delay` is in seconds.
    """

    sentence: str
    troubles: tuple[Refusal | None, ...] = (None,)
    delay: float = 0
    is_large: bool = False
    is_malformed: bool = False
    is_empty: bool = False
    is_other_organisation: bool = False

    def trouble(self, call: int) -> Refusal | None:
        """What goes wrong with this call of the login; they are counted from 1."""
        return self.troubles[(call - 1) % len(self.troubles)]

    def refresh_trouble(self, call: int) -> Refusal | None:
        """The same at the token endpoint, where a revoked login has a name of its own."""
        trouble = self.trouble(call)
        return INVALID_GRANT if trouble is REVOKED else trouble


BEHAVIOURS: Final[Mapping[Scenario, Behaviour]] = {
    Scenario.DEFAULT: Behaviour("Everything works."),
    Scenario.LARGE: Behaviour("Everything works, with very many bills.", is_large=True),
    Scenario.FLAKY: Behaviour(
        "Every third call fails: 503 and 429 in turn.",
        troubles=(None, None, HICCUP, None, None, TOO_FAST),
    ),
    Scenario.OUTAGE: Behaviour("Every call fails: 503.", troubles=(DOWN,)),
    Scenario.QUOTA: Behaviour(
        "Every call fails: 429, come back in an hour.", troubles=(QUOTA_USED_UP,)
    ),
    Scenario.REVOKED: Behaviour("The access was revoked: 401.", troubles=(REVOKED,)),
    Scenario.FORBIDDEN: Behaviour(
        "This login may not see the books: 403.", troubles=(FORBIDDEN,)
    ),
    Scenario.MALFORMED: Behaviour(
        "Some of the data can't be understood.", is_malformed=True
    ),
    Scenario.EMPTY: Behaviour("The books are empty.", is_empty=True),
    Scenario.SLOW: Behaviour("Every call takes a second and a half.", delay=1.5),
    Scenario.OTHER_ORGANISATION: Behaviour(
        "The login belongs to another organisation.", is_other_organisation=True
    ),
}
