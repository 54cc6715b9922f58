"""
Lists are read in the order of an index, and in the same order on either database.

PostgreSQL takes `parent_id IS NULL` for a condition, not for a column that is the
same in all rows: it reads clients in order only where the index holds nothing else.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

CLIENTS = sa.text("parent_id IS NULL")
SORTED_BY = ("created_at", "name", "status_at")
LONG_NAMES = {"created_at": "ix_companies_created"}
TEXTS = (("companies", "name"), ("company_users", "email"))


def upgrade() -> None:
    """Make the change."""
    for column in SORTED_BY:
        _replace_index(column, ["organization_id", column, "id"], clients=CLIENTS)
    op.create_index("ix_syncs_running", "syncs", ["state", "started_at"])
    _compare_texts("C")


def downgrade() -> None:
    """Take the change back."""
    _compare_texts("default")
    op.drop_index("ix_syncs_running", "syncs")
    for column in SORTED_BY:
        _replace_index(column, ["organization_id", "parent_id", column, "id"])


def _replace_index(
    column: str, columns: list[str], clients: sa.TextClause | None = None
) -> None:
    name = LONG_NAMES.get(column, f"ix_companies_{column}")
    op.drop_index(name, "companies")
    op.create_index(
        name, "companies", columns, sqlite_where=clients, postgresql_where=clients
    )


def _compare_texts(collation: str) -> None:
    """By the characters' numbers, as SQLite does anyway."""
    if op.get_bind().dialect.name == "postgresql":
        for table, column in TEXTS:
            op.alter_column(table, column, type_=sa.String(collation=collation))
