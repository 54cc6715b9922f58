"""
A list is read in the order of an index that holds legal entities too: a search finds them.

Until then a search sorted whatever it found. A list of clients passes over legal
entities on its way, which are few to a client. Figures count emails by an index.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

CLIENTS = sa.text("parent_id IS NULL")
SORTED_BY = {
    "created_at": "ix_companies_created",
    "name": "ix_companies_name",
    "status_at": "ix_companies_status_at",
}


def upgrade() -> None:
    """Make the change."""
    _replace_indexes(None)
    op.create_index("ix_emails_state", "emails", ["state"])


def downgrade() -> None:
    """Take the change back."""
    op.drop_index("ix_emails_state", "emails")
    _replace_indexes(CLIENTS)


def _replace_indexes(of: sa.TextClause | None) -> None:
    for column, name in SORTED_BY.items():
        columns = ["organization_id", column, "id"]
        op.drop_index(name, "companies")
        op.create_index(
            name, "companies", columns, sqlite_where=of, postgresql_where=of
        )
