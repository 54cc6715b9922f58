"""What is left of somebody: in any column of any table, and among the files."""

from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import select

from settings import Settings
from store.database import Database
from store.tables import RemovalRow, RemovalStepRow, Table

RECEIPTS = (RemovalRow.__tablename__, RemovalStepRow.__tablename__)


async def mentions(database: Database, words: Iterable[str]) -> list[str]:
    """Return the tables, but for receipts, in which any of these words stands."""
    wanted = [word for word in words if word]
    found = []
    async with database.reading() as session:
        for table in Table.metadata.sorted_tables:
            rows = (await (await session.connection()).execute(select(table))).all()
            if table.name not in RECEIPTS and any(
                word in str(value) for row in rows for value in row for word in wanted
            ):
                found.append(table.name)
    return found


def files(settings: Settings) -> list[str]:
    """Return every object that is stored."""
    folder = Path(settings.objects_url.removeprefix("file://"))
    return sorted(each.name for each in folder.rglob("*") if each.is_file())
