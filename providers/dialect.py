"""
Dialects: which of a software's fields is which of ours.

A provider says it in tables. Pydantic then reads the software's JSON straight
into canonical rows: checked, renamed and translated in one pass.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from types import GenericAlias
from typing import (
    Annotated,
    Any,
    Final,
    NamedTuple,
    get_args,
    get_origin,
    get_type_hints,
)

from pydantic import AliasPath, BeforeValidator, Field, ValidationError
from typing_extensions import TypedDict, is_typeddict

from domain.reasons import Reason, Refused

Convert = Callable[[Any], Any]


class From(NamedTuple):
    """Where the software has a field; dots go deeper. `convert` makes its value ours."""

    path: str
    convert: Convert | None = None


Dialect = Mapping[type, Mapping[str, From]]
"""For each of our rows, the fields that the software names or writes otherwise."""


def words(table: Mapping[str, str], otherwise: str) -> Convert:
    """Translate the software's words; one that the table lacks becomes `otherwise`."""
    return _of_texts(lambda word: table.get(word, otherwise))


def _of_texts(translate: Callable[[str], str]) -> Convert:
    """Leave what is no text as it is, to be refused for that."""
    return lambda value: translate(value) if isinstance(value, str) else value


@lru_cache(maxsize=256)
def _snake_case(word: str) -> str:
    return re.sub("(?<!^)(?=[A-Z])", "_", word).lower()


snake_case: Final = _of_texts(_snake_case)
"""PartiallyPaid is partially_paid; what is none of our words then is refused."""


def translated(row: type, dialect: Dialect) -> Any:
    """Return the row's type as the software writes it; reading it gives our row."""
    taken = dialect.get(row, {})
    fields = {
        name: Annotated[
            _hint(hint, dialect), *_reading(hint, taken.get(name, From(name)))
        ]
        for name, hint in get_type_hints(row, include_extras=True).items()
    }
    return shape(row.__name__, fields)


def shape(name: str, fields: Mapping[str, Any]) -> Any:
    """Make a type of row from a table of its fields."""
    return TypedDict(name, fields)  # type: ignore[operator]  # mypy wants it in a class


def list_of(row: Any) -> Any:
    """Name the type of a list of rows that were made from a table."""
    return GenericAlias(list, (row,))


def refusal(invalid: ValidationError, answer: str, first_row: int = 1) -> Refused:
    """
    Say where an answer can't be understood, never what stands there.

    `answer` names what was asked for; `first_row` is the number of its first item.
    """
    error = invalid.errors(
        include_url=False, include_context=False, include_input=False
    )[0]
    match error["loc"]:
        case ("items", int(index), *field):
            place = f"{answer}, row {first_row + index}, field {_joined(field)}"
        case field:
            place = f"{answer}, field {_joined(field)}"
    return Refused(Reason.INVALID_DATA, f"{place}: {error['type']}")


_WHOLE: Final = "(all of it)"  # of the answer: it is no JSON, or none of the right kind


def _joined(field: Any) -> str:
    return ".".join(map(str, field)) or _WHOLE


def _reading(hint: Any, taken: From) -> list[Any]:
    """Say how pydantic finds a field: what may be None may also be left out."""
    alias = AliasPath(*taken.path.split("."))
    is_optional = type(None) in get_args(hint)
    found = (
        Field(validation_alias=alias, default=None)
        if is_optional
        else Field(validation_alias=alias)
    )
    return [BeforeValidator(taken.convert), found] if taken.convert else [found]


def _hint(hint: Any, dialect: Dialect) -> Any:
    """Translate the rows inside a list, too."""
    if get_origin(hint) is list and is_typeddict(get_args(hint)[0]):
        return list_of(translated(get_args(hint)[0], dialect))
    return hint
