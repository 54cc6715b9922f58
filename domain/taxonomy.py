"""
The categories that accounts are sorted into: one tree of up to five levels, as data.

`taxonomy.csv` beside this file has one line per category. An id is the names of its
levels joined by dots and never changes: confirmations refer to it. One step on the
way, Asset.Current.RelatedParties, only groups others and is no category itself.
"""

import csv
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal, NamedTuple, cast

Statement = Literal["balance_sheet", "profit_and_loss"]
"""The financial statement in which an account appears."""

DEPTH: Final = 5
_HUMPS: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_TABLE: Final = Path(__file__).with_suffix(".csv")


class UnknownCategory(ValueError):
    """No category has this id."""


class Category(NamedTuple):
    """One node of the tree; `levels` are the names from the root down to it."""

    id: str
    statement: Statement
    levels: tuple[str, ...]

    @property
    def level(self) -> int:
        """1 for a root, 5 at most."""
        return len(self.levels)


@cache
def taxonomy() -> Mapping[str, Category]:
    """Every category by its id; a parent comes before its children."""
    with _TABLE.open(encoding="utf-8", newline="") as file:
        categories = [_category(line) for line in csv.DictReader(file)]
    return MappingProxyType({each.id: each for each in categories})


def category(category_id: str) -> Category:
    """The category of an id; raises `UnknownCategory`."""
    try:
        return taxonomy()[category_id]
    except KeyError:
        raise UnknownCategory(
            f"No category has the id {category_id[:200]!r}."
        ) from None


def is_under(category_id: str, ancestor_id: str) -> bool:
    """Whether an id is the other one or stands below it; both may be steps that only group."""
    return category_id == ancestor_id or category_id.startswith(f"{ancestor_id}.")


def in_words(levels: Sequence[str]) -> str:
    """Return levels as people read them: `NonCurrent` is two words."""
    return " / ".join(_HUMPS.sub(" ", level).capitalize() for level in levels)


@cache
def leaves() -> tuple[Category, ...]:
    """The categories that have no finer ones."""
    parents = {each.id.rpartition(".")[0] for each in taxonomy().values()}
    return tuple(each for each in taxonomy().values() if each.id not in parents)


def _category(line: Mapping[str, str]) -> Category:
    names = (line[f"level{number}"] for number in range(1, DEPTH + 1))
    return Category(
        line["id"], cast("Statement", line["statement"]), tuple(filter(None, names))
    )
