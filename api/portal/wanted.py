"""What the address of the relationships page asks for: the whole state of the page."""

from datetime import datetime
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, Field

from api.fields import UserEmail
from api.portal.people import Person
from api.portal.view import with_query
from domain.journey import Stage, Status
from domain.reasons import Reason
from domain.roles import Role
from store.queries import CompanyFilter

PATH: Final = "/"

Order = Literal["created_at", "-created_at", "name", "-name", "status_at", "-status_at"]


def _nothing(value: Any) -> Any:
    """A form sends what was left empty."""
    return None if value == "" else value


Blank: Final = BeforeValidator(_nothing)


class Unfolded(BaseModel):
    """Whether all legal entities are shown; `seen` is a digest of what the page shows already."""

    entities: Literal["all"] | None = None
    seen: Annotated[str, Field(max_length=40)] = ""


class Wanted(BaseModel):
    """
    Which companies. `user`: mine, all, or somebody's; left out, it depends on who asks.

    `cursor` is the row after which a page begins, `before` the one before which it ends.
    """

    q: Annotated[str | None, Field(max_length=200), Blank] = None
    status: Annotated[Status | None, Blank] = None
    reason: Annotated[Reason | None, Blank] = None
    stage: Annotated[Stage | None, Blank] = None
    stuck: Annotated[Literal["yes"] | None, Blank] = None
    user: Annotated[Literal["mine", "all"] | UserEmail | None, Blank] = None
    sort: Annotated[Order | None, Blank] = None
    open: Annotated[str | None, Field(max_length=40), Blank] = None
    cursor: Annotated[str | None, Field(max_length=1000), Blank] = None
    before: Annotated[str | None, Field(max_length=1000), Blank] = None

    def given(self, *left_out: str) -> dict[str, Any]:
        """Return what is asked for, as an address says it."""
        return self.model_dump(mode="json", exclude_none=True, exclude=set(left_out))

    def but(self, **changes: Any) -> str:
        """Return the address of this page with these changes, from the first row on."""
        return with_query(PATH, **{**self.given("cursor", "before"), **changes})

    def here(self, **changes: Any) -> str:
        """Return the address of this very page with these changes."""
        return with_query(PATH, **{**self.given(), **changes})

    @property
    def narrowed(self) -> bool:
        """Whether it asks for some companies only, whoever looks after them."""
        return bool(self.given("user", "sort", "open", "cursor", "before"))

    @property
    def order(self) -> str:
        """By what it is sorted: the newest first, unless somebody says otherwise."""
        return self.sort or "-created_at"


class Followed(Wanted):
    """The same, and a digest of what the page shows already."""

    seen: Annotated[str, Field(max_length=40)] = ""


def whose(person: Person, wanted: Wanted) -> str:
    """Whoever looks after companies sees their own first."""
    manager = person.user.role is Role.RELATIONSHIP_MANAGER
    return wanted.user or ("mine" if manager else "all")


def filtered(person: Person, wanted: Wanted, now: datetime) -> CompanyFilter:
    """Return which companies the store is asked for."""
    user = whose(person, wanted)
    named = {"mine": person.user.email, "all": None}
    return CompanyFilter(
        now=now,
        q=(wanted.q or "").strip() or None,
        status=wanted.status,
        reason=wanted.reason,
        stage=wanted.stage,
        stuck=True if wanted.stuck else None,
        user=named.get(user, user),
    )
