"""Leafing through a long list: where this page begins, and where the next one does."""

from collections.abc import Sequence
from typing import Any

from api.errors import ApiError
from api.paging import Listing, Pager
from api.portal.people import Person
from settings import Settings
from store.keyset import Cut, Position, Sort


class Leafing:
    """One page of so many rows, for one person; a cursor of another list begins anew."""

    def __init__(  # noqa: PLR0913, PLR0917 (what a page of a list is)
        self,
        settings: Settings,
        person: Person,
        listing: str,
        sort: Sort,
        cursor: str | None,
        rows: int,
    ) -> None:
        secret = settings.secret.get_secret_value().encode()
        self._pager = Pager(secret, f"{person.user.id} {listing}")
        self.cut = Cut(sort, place_of(self._pager, cursor), rows)

    def next_cursor(self, found: Sequence[Any]) -> str | None:
        """Return where the next page begins; a row beyond the page says that there is one."""
        if len(found) <= self.cut.limit:
            return None
        last = found[self.cut.limit - 1]
        return self._pager.cursor(self.cut.sort.place(last))


def place_of(pager: Pager, cursor: str | None) -> Position | None:
    """Return where a cursor is; one of another list begins anew."""
    try:
        return pager.after(Listing(cursor=cursor))
    except ApiError:
        return None
