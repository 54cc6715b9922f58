"""Deeds done in bulk, and how far each request came."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

HOW_FAR = """
UPDATE journeys SET reached = CASE
    WHEN stage = 'completed' THEN 'available'
    WHEN EXISTS (SELECT 1 FROM moves WHERE moves.journey_id = journeys.id
        AND moves.event IN ('authorized', 'uploaded')) THEN 'authorized'
    WHEN EXISTS (SELECT 1 FROM moves WHERE moves.journey_id = journeys.id
        AND moves.event = 'software_selected') THEN 'software_chosen'
    WHEN EXISTS (SELECT 1 FROM moves WHERE moves.journey_id = journeys.id
        AND moves.event = 'opened') THEN 'opened'
    ELSE 'requested' END
"""


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "bulk_deeds",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("organization_id", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=True),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_deeds")),
    )
    op.create_index("ix_bulk_deeds_newest", "bulk_deeds", ["organization_id", "id"])
    op.create_index("ix_bulk_deeds_unfinished", "bulk_deeds", ["finished_at", "at"])
    op.create_table(
        "bulk_items",
        sa.Column("deed_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("journey_id", sa.String(), nullable=False),
        sa.Column("before", sa.Integer(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("deed_id", "number", name=op.f("pk_bulk_items")),
    )
    op.create_index(op.f("ix_bulk_items_journey_id"), "bulk_items", ["journey_id"])
    op.create_index(
        "ix_bulk_items_outcome", "bulk_items", ["deed_id", "outcome", "number"]
    )
    with op.batch_alter_table("journeys", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "reached",
                sa.String(length=40),
                server_default="requested",
                nullable=False,
            )
        )
    op.execute(HOW_FAR)
    op.create_index(
        "ix_journeys_reached",
        "journeys",
        ["organization_id", "created_at", "reached", "structure"],
    )
    op.create_index(
        "ix_companies_standing",
        "companies",
        ["organization_id", "status", "reason"],
        sqlite_where=sa.text("parent_id IS NULL"),
        postgresql_where=sa.text("parent_id IS NULL"),
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_index("ix_companies_standing", table_name="companies")
    op.drop_index("ix_journeys_reached", table_name="journeys")
    with op.batch_alter_table("journeys", schema=None) as batch_op:
        batch_op.drop_column("reached")
    op.drop_table("bulk_items")
    op.drop_table("bulk_deeds")
