"""What the bare workflow is told, and what its steps are."""

from typing import Final

from temporalio import activity

from domain.message import Message

FILLER: Final = "x" * 250
"""About what a command of Rapport weighs."""


class Shape(Message):
    """How much of nothing a workflow does: steps before, for and after its Updates."""

    before: int
    updates: int
    after: int
    filler: str = FILLER


class Nothing(Message):
    """As much as most messages."""

    filler: str = FILLER


@activity.defn
async def do_nothing(nothing: Nothing) -> Nothing:
    """Answer."""
    return nothing
