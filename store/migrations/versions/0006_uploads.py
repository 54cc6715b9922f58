"""Uploads."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "uploads",
        sa.Column("journey_id", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("journey_id", "sha256", name=op.f("pk_uploads")),
    )
    op.create_index(op.f("ix_uploads_at"), "uploads", ["at"])
    with op.batch_alter_table("connections", schema=None) as batch_op:
        batch_op.add_column(sa.Column("upload", sa.String(), nullable=True))


def downgrade() -> None:
    """Take the change back."""
    with op.batch_alter_table("connections", schema=None) as batch_op:
        batch_op.drop_column("upload")
    op.drop_table("uploads")
