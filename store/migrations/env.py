"""What Alembic runs: on the connection that it was given, in its transaction."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Enum
from sqlmodel.sql.sqltypes import AutoString

from store.columns import UtcTime
from store.tables import Table


def render_item(
    kind: str, item: Any, autogenerate: AutogenContext
) -> str | Literal[False]:
    """Write a column's type without our own classes: a migration outlives them."""
    match item:
        case UtcTime():
            return "sa.DateTime(timezone=True)"
        case AutoString():
            return "sa.String()"
        case Enum():
            return f"sa.String(length={item.length})"
        case _:
            return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Table.metadata,
    render_as_batch=True,  # SQLite changes a table by making it anew
    render_item=render_item,
    transactional_ddl=True,
)

with context.begin_transaction():
    context.run_migrations()
