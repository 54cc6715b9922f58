"""What an address says of stuck journeys: of which group, or which ones, and since when."""

from datetime import datetime
from typing import Annotated, Any, Final, Literal

from pydantic import AwareDatetime, BaseModel, Field

from api.errors import refusal
from api.portal.people import Person
from api.portal.view import with_query
from api.portal.wanted import Blank
from domain.bulk import BulkAction, Outcome
from domain.journey import Stage
from domain.reasons import Reason
from store.portal.stuck import Group, Which

PATH: Final = "/stuck"
DEEDS: Final = "/stuck/deeds"
NEW: Final = "/stuck/deeds/new"
NO_REASON: Final = "none"
TICKED: Final = 50
"""More than fit on a page are a group."""

JourneyIds = Annotated[
    list[Annotated[str, Field(pattern="^jo_[0-9a-z]{26}$")]], Field(max_length=TICKED)
]


class Crowded(BaseModel):
    """Which group of the stuck; without one it is all of them."""

    stage: Annotated[Stage | None, Blank] = None
    reason: Annotated[Reason | Literal["none"] | None, Blank] = None
    cursor: Annotated[str | None, Field(max_length=1000), Blank] = None

    @property
    def group(self) -> Group | None:
        """The group, if the address names one."""
        if self.stage is None:
            return None
        return Group(
            self.stage, self.reason if isinstance(self.reason, Reason) else None
        )

    def given(self, *left_out: str) -> dict[str, Any]:
        """Return what is asked for, as an address says it."""
        return self.model_dump(mode="json", exclude_none=True, exclude=set(left_out))

    def which(self, person: Person, now: datetime) -> Which:
        """Return those that are stuck now."""
        return Which(person.organization.id, now, self.group)


class CrowdFollowed(Crowded):
    """The same, and a digest of what the page shows already."""

    seen: Annotated[str, Field(max_length=40)] = ""


class Intended(Crowded):
    """
    What is about to be done, and to which: a group as it was `by` then, or those ticked.

    Whoever is stuck only since is not meant.
    """

    action: BulkAction
    journey: JourneyIds = []
    by: AwareDatetime | None = None

    def which(self, person: Person, now: datetime) -> Which:
        """Return those that are meant."""
        organization_id = person.organization.id
        if self.journey:
            return Which(organization_id, now, journey_ids=self.journey)
        if self.group is None:
            raise refusal("invalid_request", "Say which requests are meant.")
        return Which(organization_id, min(self.by or now, now), self.group)

    def here(self, by: datetime, **changes: Any) -> str:
        """Return the address of this page, as it was by then."""
        given = {**self.given("by"), "by": by.isoformat()}
        if self.journey:
            given = {"action": self.action.value, "journey": self.journey}
        return with_query(NEW, **{**given, **changes})


class DeedWanted(BaseModel):
    """Which part of a deed's results."""

    outcome: Annotated[Outcome | None, Blank] = None
    cursor: Annotated[str | None, Field(max_length=1000), Blank] = None


class DeedFollowed(DeedWanted):
    """The same, and a digest of what the page shows already."""

    seen: Annotated[str, Field(max_length=40)] = ""


def address(group: Group) -> str:
    """Return the address of one group."""
    return with_query(PATH, **fields(group))


def fields(group: Group) -> dict[str, str]:
    """Return what names a group in a form or an address."""
    return {"stage": group.stage, "reason": group.reason or NO_REASON}
