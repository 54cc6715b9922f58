"""Chance that repeats itself: the same path always rolls the same numbers, on every machine."""

from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """
    A small pool of chance, drawn from a path such as (company, "supplier", 7).

    It holds 512 bits: enough for about a hundred rolls.
    """

    __slots__ = ("_pool",)

    def __init__(self, *path: str | int) -> None:
        written = "\x1f".join(map(str, path)).encode()
        self._pool = int.from_bytes(blake2b(written).digest())

    def roll(self, sides: int) -> int:
        """Give a number from 0 to `sides` - 1."""
        self._pool, face = divmod(self._pool, sides)
        return face

    def between(self, low: int, high: int) -> int:
        """Give a number from `low` to `high`, both included."""
        return low + self.roll(high - low + 1)

    def pick(self, options: Sequence[T]) -> T:
        return options[self.roll(len(options))]

    def one_in(self, sides: int) -> bool:
        return self.roll(sides) == 0

    def digits(self, count: int) -> str:
        return f"{self.roll(10**count):0{count}d}"
