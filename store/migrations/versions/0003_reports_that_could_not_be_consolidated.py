"""Reports that could not be consolidated."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the change."""
    with op.batch_alter_table("journeys", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "unbuilt", sa.Boolean(), server_default=sa.false(), nullable=False
            )
        )


def downgrade() -> None:
    """Take the change back."""
    with op.batch_alter_table("journeys", schema=None) as batch_op:
        batch_op.drop_column("unbuilt")
