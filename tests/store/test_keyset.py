"""Turning the pages of a list, on and back."""

from datetime import timedelta

import pytest

from store.database import Database
from store.keyset import Cut, Position
from store.queries import COMPANY_SORTS, CompanyFilter, companies
from tests.api.given import NOW, open_bank

ROWS = 3


@pytest.mark.parametrize("direction", ["", "-"])
@pytest.mark.parametrize("column", COMPANY_SORTS)
async def test_back_shows_what_was_there(
    database: Database, column: str, direction: str
) -> None:
    """
    From any row on, what comes before it is what was read on the way: values that many share, and none at all, too.
    """
    bank = await open_bank(database, "Meridian Bank", "a key")
    for number in range(8):
        await bank.given.company(
            name=f"Company {number // 2}",
            status_at=NOW + timedelta(days=number // 3) if number % 4 else None,
        )
    sort = COMPANY_SORTS[column]._replace(descending=direction == "-")

    async def read(
        after: Position | None, limit: int, *, backwards: bool = False
    ) -> list[Position]:
        cut = Cut(sort, after, limit, backwards)
        async with database.reading() as session:
            rows = await companies(session, bank.id, CompanyFilter(NOW), cut)
        return [sort.place(row) for row in rows]

    whole = await read(None, 8)
    back = [await read(place, ROWS, backwards=True) for place in whole]

    assert 8 == len(whole)
    assert back == [whole[max(0, at - ROWS - 1) : at] for at in range(8)]
