import asyncio
from contextlib import suppress

import pytest

from api.link.twins import Twins


class Clerk:
    """Answers when the test says so, and counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.may_answer = asyncio.Event()

    async def answer(self) -> int:
        self.asked += 1
        await self.may_answer.wait()
        if self.asked > 1:
            raise ValueError("asked too often")
        return self.asked


async def test_who_goes_away_takes_nobody_s_answer_along() -> None:
    """
    The first of several may hang up: the others get the answer to the one question.
    """
    twins, clerk = Twins[int](), Clerk()
    first, second = (
        asyncio.create_task(twins.answer("?", clerk.answer)) for _ in range(2)
    )
    await asyncio.sleep(0)

    first.cancel()
    clerk.may_answer.set()

    assert 1 == await second
    with suppress(asyncio.CancelledError):
        await first
    assert 1 == clerk.asked


async def test_a_question_that_was_answered_may_be_asked_again() -> None:
    """
    Only what is asked at once is one question; a refusal reaches all who asked, too.
    """
    twins, clerk = Twins[int](), Clerk()
    clerk.may_answer.set()
    await twins.answer("?", clerk.answer)

    refused = await asyncio.gather(
        *(twins.answer("?", clerk.answer) for _ in range(3)), return_exceptions=True
    )

    assert 2 == clerk.asked
    assert [ValueError] * 3 == [type(each) for each in refused]
    with pytest.raises(ValueError, match="too often"):
        await twins.answer("?", clerk.answer)
