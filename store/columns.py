"""Column types that SQLModel does not guess right, for SQLite and PostgreSQL alike."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import DateTime, Dialect, Enum, String, TypeDecorator


class UtcTime(TypeDecorator[datetime]):
    """An aware time in UTC; SQLite would give it back without its zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(
        self, value: datetime | None, dialect: Dialect
    ) -> datetime | None:
        """Refuse a naive time: nobody knows when that is."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored time needs a zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Give the zone back where the database dropped it."""
        if value is None:
            return None
        time: datetime = value
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


IN_BYTE_ORDER: Final = String().with_variant(String(collation="C"), "postgresql")
"""Text that is compared by its characters' numbers, as SQLite does: for ranges of beginnings."""


def by_value(enum: type[StrEnum]) -> Enum:
    """
    Store an enum by its value, as JSON and URLs do.

    SQLAlchemy stores the member's name otherwise, and a rename of a Python
    name would then need a migration.
    """
    return Enum(
        enum,
        native_enum=False,
        create_constraint=False,
        length=40,
        values_callable=lambda members: [member.value for member in members],
    )
