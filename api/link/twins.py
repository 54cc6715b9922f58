"""The same question, asked again while the first is being answered, is one question."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

Answer = TypeVar("Answer")


class Twins(Generic[Answer]):
    """
    Lets whoever asks the same at once wait for the first one's answer.

    It knows of one process only; between processes the id of the Update does the same.
    """

    def __init__(self) -> None:
        self._asked: dict[Hashable, asyncio.Task[Answer]] = {}

    async def answer(
        self, question: Hashable, find: Callable[[], Coroutine[Any, Any, Answer]]
    ) -> Answer:
        """Return what `find` finds, or raise what it raises; who goes away stops nobody."""
        if question not in self._asked:
            task = self._asked[question] = asyncio.create_task(find())
            task.add_done_callback(lambda _: self._asked.pop(question))
        return await asyncio.shield(self._asked[question])
