"""How long journeys stood in each stage: one of them, and what is usual."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from statistics import median
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, func, or_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.journey import Stage
from store.columns import UtcTime
from store.glance import plain
from store.tables import JourneyRow, MoveRow

HANDFUL: Final = 5
"""Of fewer nobody can say what is usual."""

LATELY: Final = 100
"""As many completed journeys are looked at, the newest ones."""

EARLY: Final = 300
"""As many moves of each: one with a thousand legal entities says no more than others."""


class Stay(NamedTuple):
    """
    A journey came to a stage with its move `seq`, and left it; None: it is there still.
    """

    seq: int
    stage: Stage
    since: datetime
    until: datetime | None

    @property
    def lasted(self) -> timedelta | None:
        """How long that was."""
        return None if self.until is None else self.until - self.since


async def stays(session: AsyncSession, journey_id: str) -> list[Stay]:
    """Return where a journey was, in that order."""
    return [
        Stay(row.seq, row.stage, row.at, row.until)
        for row in await _stays(session, col(MoveRow.journey_id) == journey_id)
    ]


async def usual(
    session: AsyncSession, organization_id: str
) -> Mapping[Stage, timedelta]:
    """Return the median of each stage in the organization's newest completed journeys."""
    newest = (
        select(col(JourneyRow.id))
        .where(
            col(JourneyRow.organization_id) == organization_id,
            col(JourneyRow.stage) == Stage.COMPLETED,
        )
        .order_by(col(JourneyRow.id).desc())
        .limit(LATELY)
    )
    found = await lasted(session, newest)
    return {
        stage: timedelta(seconds=median(time.total_seconds() for time in each))
        for stage, each in found.items()
        if len(each) >= HANDFUL
    }


async def lasted(
    session: AsyncSession, journeys: Any
) -> Mapping[Stage, Sequence[timedelta]]:
    """Return how long each stay that is over was, by stage; `journeys` selects their ids."""
    is_one = col(MoveRow.journey_id).in_(journeys) & (col(MoveRow.seq) <= EARLY)
    found: defaultdict[Stage, list[timedelta]] = defaultdict(list)
    for row in await _stays(session, is_one):
        if row.until is not None:
            found[row.stage].append(row.until - row.at)
    return found


async def _stays(session: AsyncSession, which: ColumnElement[bool]) -> list[Any]:
    """Return the moves that led to another stage, each with when the next such one was."""
    moves = (
        select(
            col(MoveRow.journey_id),
            col(MoveRow.seq),
            col(MoveRow.stage),
            col(MoveRow.at),
            func.lag(col(MoveRow.stage))
            .over(partition_by=col(MoveRow.journey_id), order_by=col(MoveRow.seq))
            .label("before"),
        )
        .where(which)
        .subquery()
    )
    came = (
        select(
            moves.c.seq,
            moves.c.stage,
            moves.c.at,
            func.lead(moves.c.at, type_=UtcTime)
            .over(partition_by=moves.c.journey_id, order_by=moves.c.seq)
            .label("until"),
        )
        .where(or_(moves.c.before.is_(None), moves.c.before != moves.c.stage))
        .order_by(moves.c.journey_id, moves.c.seq)
    )
    return list(await plain(session, came))
