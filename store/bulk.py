"""Deeds done in bulk: who asked what of which journeys, how far it is, what came of each."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import case, insert, update
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.bulk import BulkProgress, Demand, Outcome, RunBulk
from domain.journey import Actor
from store.audit import note_move
from store.changes import touch
from store.keyset import Cut, by_key, page
from store.tables import BulkDeedRow, BulkItemRow, JourneyRow, MoveRow

AT_ONCE: Final = 1000
"""So many items in one statement."""

NEWEST_FIRST: Final = by_key(BulkDeedRow.id)._replace(descending=True)
IN_TURN: Final = by_key(BulkItemRow.number, int)


class Claimed(NamedTuple):
    """A journey whose turn it is; `again`: it may have been asked before a crash."""

    number: int
    journey_id: str
    before: int
    again: bool


class Result(NamedTuple):
    """What came of asking; `version` is the move that did it."""

    outcome: Outcome
    version: int | None = None


# Written by the API.


async def begin(
    session: AsyncSession, deed: BulkDeedRow, journey_ids: Sequence[str]
) -> None:
    """Write a deed with its items; its workflow is started afterwards."""
    session.add(deed)
    await session.flush()
    rows = [
        {"deed_id": deed.id, "number": number, "journey_id": journey_id, "tries": 0}
        for number, journey_id in enumerate(journey_ids, 1)
    ]
    for first in range(0, len(rows), AT_ONCE):
        await session.exec(insert(BulkItemRow), params=rows[first : first + AT_ONCE])


# Written by activities.


def demand_of(deed: BulkDeedRow) -> Demand:
    """Return what is asked of each journey."""
    return Demand(action=deed.action, days=deed.days, reason=deed.reason)


def command_of(deed: BulkDeedRow) -> RunBulk:
    """Return what its workflow is started with."""
    return RunBulk(
        deed_id=deed.id,
        organization_id=deed.organization_id,
        action=deed.action,
        total=deed.total,
    )


async def claim(session: AsyncSession, deed_id: str, limit: int) -> list[Claimed]:
    """
    Return the next journeys that nothing came of yet.

    Where each of them stands is noted before it is asked: so that who comes after a
    crash can tell whether it has moved since.
    """
    statement = (
        select(BulkItemRow)
        .where(BulkItemRow.deed_id == deed_id, col(BulkItemRow.outcome).is_(None))
        .order_by(col(BulkItemRow.number))
        .limit(limit)
        .with_for_update()
    )
    rows = (await session.exec(statement)).all()
    last = await _last_moves(session, [row.journey_id for row in rows])
    claimed = []
    for row in rows:
        again = row.before is not None
        row.before = last.get(row.journey_id, 0) if row.before is None else row.before
        session.add(row)
        claimed.append(Claimed(row.number, row.journey_id, row.before, again))
    return claimed


async def _last_moves(
    session: AsyncSession, journey_ids: Sequence[str]
) -> Mapping[str, int]:
    statement = (
        select(MoveRow.journey_id, func.max(MoveRow.seq))
        .where(col(MoveRow.journey_id).in_(journey_ids))
        .group_by(col(MoveRow.journey_id))
    )
    return dict((await session.exec(statement)).all())


async def moved_since(
    session: AsyncSession, item: Claimed, demand: Demand
) -> int | None:
    """Return the number of the move that did what is asked, if it was made since the claim."""
    happened = demand.happened()
    statement = (
        select(MoveRow.number)
        .where(
            MoveRow.journey_id == item.journey_id,
            MoveRow.seq > item.before,
            MoveRow.event == happened.event,
            MoveRow.actor == Actor.BANK,
            MoveRow.detail == happened.detail,
        )
        .limit(1)
    )
    return (await session.exec(statement)).first()


async def settle(
    session: AsyncSession,
    deed: BulkDeedRow,
    item: Claimed,
    result: Result,
    at: datetime,
) -> None:
    """Note what came of asking one journey, once; one that is deleted has no line any more."""
    journey = await session.get(JourneyRow, item.journey_id)
    row = await _item(session, deed.id, item.number)
    if row is None or row.outcome is not None:
        return
    row.outcome, row.at = result.outcome, at
    session.add(row)
    if journey is None:
        return
    touch(session, [journey.company_id])
    if result.version is not None:
        await note_move(session, journey, result.version, deed.user_id)


async def unanswered(session: AsyncSession, deed_id: str, number: int) -> int:
    """Note that a journey gave no answer; return how often it has given none."""
    row = await _item(session, deed_id, number)
    if row is None:
        return 0
    row.tries += 1
    session.add(row)
    return row.tries


async def _item(session: AsyncSession, deed_id: str, number: int) -> BulkItemRow | None:
    return await session.get(
        BulkItemRow, (deed_id, number), with_for_update=True, populate_existing=True
    )


async def progress(session: AsyncSession, deed_id: str) -> BulkProgress:
    """Return how far a deed is."""
    counts = await outcomes(session, deed_id)
    done, left = counts.get(Outcome.DONE, 0), counts.get(None, 0)
    return BulkProgress(done=done, undone=sum(counts.values()) - done - left, left=left)


async def finish(session: AsyncSession, deed: BulkDeedRow, at: datetime) -> None:
    """Note that there is nobody left to ask, and let the page that is open see it."""
    row = await session.get_one(
        BulkDeedRow, deed.id, with_for_update=True, populate_existing=True
    )
    row.finished_at = row.finished_at or at
    if sum((await outcomes(session, deed.id)).values()) < row.total:
        row.reason = ""  # as `forget` does
    session.add(row)
    last = (
        select(JourneyRow.company_id)
        .join(BulkItemRow, col(BulkItemRow.journey_id) == col(JourneyRow.id))
        .where(BulkItemRow.deed_id == deed.id)
        .order_by(col(BulkItemRow.number).desc())
        .limit(1)
    )
    touch(session, (await session.exec(last)).all())


async def forget(session: AsyncSession, journey_ids: Sequence[str]) -> None:
    """
    Forget why deeds were done: what somebody wrote may name a company that is deleted.

    One that is not finished needs it until then. Their items go afterwards.
    """
    theirs = select(BulkItemRow.deed_id).where(
        col(BulkItemRow.journey_id).in_(journey_ids)
    )
    unfinished = col(BulkDeedRow.finished_at).is_(None)
    await session.exec(
        update(BulkDeedRow)
        .where(col(BulkDeedRow.id).in_(theirs))
        .values(reason=case((unfinished, col(BulkDeedRow.reason)), else_=""))
    )


async def stop(session: AsyncSession, deed: BulkDeedRow, at: datetime) -> None:
    """Ask nobody else: whose turn has not come is left alone."""
    await session.exec(
        update(BulkItemRow)
        .where(col(BulkItemRow.deed_id) == deed.id, col(BulkItemRow.outcome).is_(None))
        .values(outcome=Outcome.STOPPED, at=at)
    )
    await finish(session, deed, at)


async def unfinished(
    session: AsyncSession, before: datetime, limit: int
) -> Sequence[BulkDeedRow]:
    """Return the deeds of before that time that are not done yet, oldest first."""
    statement = (
        select(BulkDeedRow)
        .where(col(BulkDeedRow.finished_at).is_(None), BulkDeedRow.at < before)
        .order_by(col(BulkDeedRow.at))
        .limit(limit)
    )
    return (await session.exec(statement)).all()


# Read by everybody.


async def outcomes(session: AsyncSession, deed_id: str) -> Mapping[Outcome | None, int]:
    """Count what came of it; None: not asked yet."""
    statement = (
        select(col(BulkItemRow.outcome), func.count())
        .where(BulkItemRow.deed_id == deed_id)
        .group_by(col(BulkItemRow.outcome))
    )
    return dict((await session.exec(statement)).all())


async def deed(
    session: AsyncSession, organization_id: str, deed_id: str
) -> BulkDeedRow | None:
    """Return one of the organization's deeds."""
    row = await session.get(BulkDeedRow, deed_id, populate_existing=True)
    return row if row and row.organization_id == organization_id else None


async def deeds(
    session: AsyncSession, organization_id: str, cut: Cut
) -> list[BulkDeedRow]:
    """Return a page of deeds, newest first, and one more if there is one."""
    statement = select(BulkDeedRow).where(
        BulkDeedRow.organization_id == organization_id
    )
    return await page(session, statement, cut)
