"""Removal of companies."""

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make the change."""


def downgrade() -> None:
    """Take the change back."""
