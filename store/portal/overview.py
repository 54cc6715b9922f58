"""The overview: how far requests come, how long each stage takes, where the companies stand."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from math import ceil
from typing import Final, NamedTuple

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.journey import OPEN, Stage, Status, Structure
from domain.milestones import ORDER, Milestone
from domain.reasons import Reason
from store.portal.stays import lasted
from store.tables import CompanyRow, JourneyRow

SAMPLE: Final = 1000
"""How long a stage takes is told from so many requests of the period, the newest ones."""

_MIDDLE: Final = 0.5
_NEARLY_ALL: Final = 0.95


class Reached(NamedTuple):
    """How many requests came so far or further, by the structure that was chosen."""

    milestone: Milestone
    single: int
    several: int
    undecided: int

    @property
    def requests(self) -> int:
        """All of them."""
        return self.single + self.several + self.undecided


class Lasting(NamedTuple):
    """
    How long requests stood in a stage, of `stays` that are over.

    Half of them were over within `median`, nineteen of twenty within `most`.
    """

    stage: Stage
    stays: int
    median: timedelta
    most: timedelta


class Overview(NamedTuple):
    """All that the page shows; `there` has how many requests stand in a stage now."""

    funnel: Sequence[Reached]
    lasting: Sequence[Lasting]
    there: Mapping[Stage, int]
    statuses: Mapping[Status | None, int]
    reasons: Mapping[Reason, int]


async def overview(
    session: AsyncSession, organization_id: str, since: datetime
) -> Overview:
    """Return all that the page shows of the requests made since then, and of the companies now."""
    standing = await _standing(session, organization_id)
    statuses: Counter[Status | None] = Counter()
    reasons: Counter[Reason] = Counter()
    for (status, reason), companies in standing.items():
        statuses[status] += companies
        if reason is not None:
            reasons[reason] += companies
    return Overview(
        funnel=await _funnel(session, organization_id, since),
        lasting=await _lasting(session, organization_id, since),
        there=await _there(session, organization_id),
        statuses=statuses,
        reasons=dict(reasons.most_common()),
    )


async def _funnel(
    session: AsyncSession, organization_id: str, since: datetime
) -> list[Reached]:
    statement = (
        select(col(JourneyRow.reached), col(JourneyRow.structure), func.count())
        .where(
            JourneyRow.organization_id == organization_id,
            JourneyRow.created_at >= since,
        )
        .group_by(col(JourneyRow.reached), col(JourneyRow.structure))
    )
    found: Counter[tuple[Milestone, Structure | None]] = Counter()
    for reached, structure, requests in (await session.exec(statement)).all():
        for milestone in ORDER[: ORDER.index(reached) + 1]:
            found[milestone, structure] += requests
    return [
        Reached(
            milestone,
            found[milestone, Structure.SINGLE],
            found[milestone, Structure.MULTIPLE],
            found[milestone, None],
        )
        for milestone in ORDER
    ]


async def _lasting(
    session: AsyncSession, organization_id: str, since: datetime
) -> list[Lasting]:
    newest = (
        select(JourneyRow.id)
        .where(
            col(JourneyRow.organization_id) == organization_id,
            col(JourneyRow.created_at) >= since,
        )
        .order_by(col(JourneyRow.created_at).desc())
        .limit(SAMPLE)
    )
    found = await lasted(session, newest)
    times = {stage: sorted(found[stage]) for stage in OPEN if found.get(stage)}
    return [
        Lasting(stage, len(each), share_of(each, _MIDDLE), share_of(each, _NEARLY_ALL))
        for stage, each in times.items()
    ]


def share_of(times: Sequence[timedelta], share: float) -> timedelta:
    """Return within which time that share of them was over; they are sorted, and there are some."""
    return times[ceil(len(times) * share) - 1]


async def _there(session: AsyncSession, organization_id: str) -> Mapping[Stage, int]:
    statement = (
        select(col(JourneyRow.stage), func.count())
        .where(
            JourneyRow.organization_id == organization_id,
            col(JourneyRow.stage).in_(OPEN),
        )
        .group_by(col(JourneyRow.stage))
    )
    return dict((await session.exec(statement)).all())


async def _standing(
    session: AsyncSession, organization_id: str
) -> Mapping[tuple[Status | None, Reason | None], int]:
    statement = (
        select(col(CompanyRow.status), col(CompanyRow.reason), func.count())
        .where(
            CompanyRow.organization_id == organization_id,
            col(CompanyRow.parent_id).is_(None),
        )
        .group_by(col(CompanyRow.status), col(CompanyRow.reason))
    )
    standing: defaultdict[tuple[Status | None, Reason | None], int] = defaultdict(int)
    for status, reason, companies in (await session.exec(statement)).all():
        standing[status, reason if status is Status.ERROR else None] += companies
    return standing
