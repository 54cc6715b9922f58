"""Lists of all companies."""

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Make the change."""


def downgrade() -> None:
    """Take the change back."""
