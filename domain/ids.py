"""
Ids: a prefix that says what it names, then 26 characters that sort by time.

The characters are Crockford's base 32 of 48 bits of milliseconds and 80 bits of
chance, so that an index on them is an index on age. The clock and the chance
are handed in: a workflow passes its own, and a replay makes the same id.
"""

from datetime import datetime
from enum import StrEnum
from random import Random
from typing import Annotated, Final

from pydantic import StringConstraints

_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_CHANCE_BITS: Final = 80
_LENGTH: Final = 26


class Kind(StrEnum):
    """What an id names."""

    ORGANIZATION = "or"
    COMPANY = "co"
    JOURNEY = "jo"
    CONNECTION = "cn"
    SYNC = "sy"
    REPORT = "rp"
    USER = "us"
    REMOVAL = "rm"
    DEED = "bd"


def new_id(kind: Kind, at: datetime, chance: Random) -> str:
    """Return for example `co_01kc2w9v3n8r6t5m4q7x0z1y2a`."""
    milliseconds = int(at.timestamp() * 1000)
    value = milliseconds << _CHANCE_BITS | chance.getrandbits(_CHANCE_BITS)
    digits = (
        _ALPHABET[value >> shift & 31] for shift in range((_LENGTH - 1) * 5, -1, -5)
    )
    return f"{kind}_{''.join(digits)}"


Id = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}_[0-9a-z]{26}$")]


def derived_id(kind: Kind, at: datetime, *parts: str) -> str:
    """Return the same id for the same parts, for what has to be made only once."""
    return new_id(kind, at, Random("/".join(parts)))  # noqa: S311 an id, no secret
