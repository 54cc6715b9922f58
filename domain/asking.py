"""What is asked of a customer, in the customer's words: in emails and on the link pages."""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from domain.consent import ITEMS
from domain.journey import DataType


class Asking(NamedTuple):
    """`what` goes on from "your"; `items` is what will be read, as the consent names it."""

    what: str
    items: tuple[str, ...]
    hint: str | None = None


def _items(*data_types: DataType) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(item for data_type in data_types for item in ITEMS[data_type])
    )


ASKINGS: Final[Mapping[frozenset[DataType], Asking]] = {
    frozenset({DataType.FINANCIALS}): Asking(
        "financial statements",
        _items(DataType.FINANCIALS),
    ),
    frozenset({DataType.SPEND_ANALYSIS}): Asking(
        "spending data",
        _items(DataType.SPEND_ANALYSIS),
        hint="If you run several companies, you can add them one after the other.",
    ),
    frozenset({DataType.FINANCIALS, DataType.SPEND_ANALYSIS}): Asking(
        "financial statements and spending data",
        _items(DataType.FINANCIALS, DataType.SPEND_ANALYSIS),
    ),
}


def asking(data_types: Iterable[DataType]) -> Asking:
    """Return the words for what was requested, in whatever order it was."""
    return ASKINGS[frozenset(data_types)]
