"""Turning the pages of the relationships, on and back, at the same cost at any depth."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from sqlmodel.ext.asyncio.session import AsyncSession

from api.paging import Pager
from api.portal.leafing import place_of
from api.portal.people import Person
from api.portal.wanted import Wanted
from settings import Settings
from store.keyset import Cut, Sort
from store.queries import COMPANY_SORTS, CompanyFilter, companies
from store.tables import CompanyRow

ROWS: Final = 25


class Leaf(NamedTuple):
    """One page: before which row the one before it ends, after which the next one begins."""

    rows: Sequence[CompanyRow]
    before: str | None = None
    after: str | None = None


class Pages:
    """The pages of this list, for this person; a cursor of another list begins anew."""

    def __init__(self, settings: Settings, person: Person, wanted: Wanted) -> None:
        listing = f"{person.user.id} {wanted.but(open=None)}"
        self._pager = Pager(settings.secret.get_secret_value().encode(), listing)
        self._organization_id = person.organization.id
        self._sort: Sort = COMPANY_SORTS[wanted.order.removeprefix("-")]._replace(
            descending=wanted.order.startswith("-")
        )
        self._after = place_of(self._pager, wanted.cursor)
        self._before = place_of(self._pager, wanted.before)

    async def read(self, session: AsyncSession, wanted: CompanyFilter) -> Leaf:
        """Return the page; where too little is left to go back to, that is the first one."""
        if self._before is not None:
            cut = Cut(self._sort, self._before, ROWS, backwards=True)
            found = await companies(session, self._organization_id, wanted, cut)
            if len(found) > ROWS:
                rows = found[1:]
                return Leaf(rows, self._cursor(rows[0]), self._cursor(rows[-1]))
        after = self._after if self._before is None else None
        cut = Cut(self._sort, after, ROWS)
        found = await companies(session, self._organization_id, wanted, cut)
        rows = found[:ROWS]
        return Leaf(
            rows,
            before=self._cursor(rows[0]) if rows and after else None,
            after=self._cursor(rows[-1]) if len(found) > ROWS else None,
        )

    def _cursor(self, row: CompanyRow) -> str:
        return self._pager.cursor(self._sort.place(row))
