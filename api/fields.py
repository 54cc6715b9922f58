"""The kinds of field that people fill in, and what is refused in each."""

import unicodedata
from itertools import pairwise
from typing import Annotated, Any, Final, TypeVar

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, BeforeValidator, Field

from domain import logo
from domain.journey import DataType

_NEVER: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})  # controls, halves, line ends
_UNSEEN: Final = "CZ"  # the first letters of all categories that show nothing

Item = TypeVar("Item")


def _tidied(value: Any) -> Any:
    """Compose letters and accents (NFC), and cut blanks at both ends."""
    return (
        unicodedata.normalize("NFC", value).strip() if isinstance(value, str) else value
    )


def _one_line(value: str) -> str:
    categories = [unicodedata.category(character) for character in value]
    if not _NEVER.isdisjoint(categories):
        raise ValueError("control characters and line breaks are not allowed")
    if value and all(category[0] in _UNSEEN for category in categories):
        raise ValueError("there is nothing in it that can be seen")
    return value


def _several_lines(value: str) -> str:
    _one_line(value.replace("\n", " ").replace("\r", " ").replace("\t", " "))
    return value


def _address(value: str) -> str:
    """
    Check the form of an address and tidy it; nobody is asked whether it exists.

    `test_environment` lets `.test` through, a name that is reserved for trying.
    """
    try:
        return validate_email(
            value, check_deliverability=False, test_environment=True
        ).normalized
    except EmailNotValidError as error:
        raise ValueError(str(error)) from None


def _each_once(values: list[Item]) -> list[Item]:
    if len(set(values)) < len(values):
        raise ValueError("each may be named only once")
    return values


def _in_our_order(values: list[DataType]) -> list[DataType]:
    return [each for each in DataType if each in values]


def _ascending(values: list[int]) -> list[int]:
    if any(later <= sooner for sooner, later in pairwise(values)):
        raise ValueError("the days have to ascend")
    return values


def _without_doubles(values: list[str]) -> list[str]:
    return sorted(set(values))


def _picture(value: str) -> str:
    if logo.origin(value) is None:
        raise ValueError("this has to be the http or https address of a picture")
    return value


_TIDIED: Final = BeforeValidator(_tidied)
_ONE_LINE: Final = AfterValidator(_one_line)

Name = Annotated[str, Field(min_length=1, max_length=100), _TIDIED, _ONE_LINE]
PersonName = Annotated[str, Field(min_length=1, max_length=128), _TIDIED, _ONE_LINE]
Explanation = Annotated[str, Field(min_length=1, max_length=500), _TIDIED, _ONE_LINE]
Description = Annotated[
    str, Field(max_length=200), _TIDIED, AfterValidator(_several_lines)
]
Email = Annotated[
    str,
    Field(max_length=254, json_schema_extra={"format": "email"}),
    _TIDIED,
    AfterValidator(_address),
]
UserEmail = Annotated[Email, AfterValidator(str.lower)]
Users = Annotated[
    list[UserEmail], Field(max_length=50), AfterValidator(_without_doubles)
]
DataTypes = Annotated[
    list[DataType],
    Field(min_length=1, max_length=2, json_schema_extra={"uniqueItems": True}),
    AfterValidator(_each_once),
    AfterValidator(_in_our_order),
]
Days = Annotated[int, Field(strict=True, ge=1, le=365)]
ReminderDays = Annotated[list[Days], Field(max_length=10), AfterValidator(_ascending)]
Seconds = Annotated[int, Field(strict=True, ge=1, le=365 * 24 * 60 * 60)]
Flag = Annotated[bool, Field(strict=True)]
Colour = Annotated[str, Field(pattern="^#[0-9a-fA-F]{6}$"), AfterValidator(str.lower)]
Picture = Annotated[str, Field(max_length=2000), AfterValidator(_picture)]
SoftwareKeys = Annotated[
    list[str], Field(min_length=1, max_length=100), AfterValidator(_each_once)
]
