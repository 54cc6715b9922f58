"""The stuck page: journeys that stand too long, grouped by stage and reason, longest first."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, and_
from sqlalchemy import select as columns
from sqlmodel import col, func, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.bulk import BulkAction, Outcome, obstacle
from domain.journey import EntityStage, Stage
from domain.reasons import NOTICES, Reason, Who
from domain.state import Journey
from store import queries
from store.glance import plain
from store.keyset import Cut, by_time, page
from store.tables import CompanyRow, ConnectionRow, JourneyRow

FIRST: Final = 5
"""Of a group beside others; alone it is shown in pages."""

LONGEST_FIRST: Final = by_time(JourneyRow.stuck_after, JourneyRow.id, optional=True)

_FOR_CUSTOMERS: Final = [
    reason for reason in Reason if NOTICES[reason].who is Who.CUSTOMER
]


class Group(NamedTuple):
    """Journeys that stand in one stage for one reason; None: nothing has gone wrong."""

    stage: Stage
    reason: Reason | None


class Which(NamedTuple):
    """Stuck journeys of an organization by a certain time; or those of these ids, stuck or not."""

    organization_id: str
    by: datetime
    group: Group | None = None
    journey_ids: Sequence[str] = ()

    @property
    def conditions(self) -> list[ColumnElement[bool]]:
        """What is true of their rows."""
        ours = col(JourneyRow.organization_id) == self.organization_id
        if self.journey_ids:
            return [ours, col(JourneyRow.id).in_(self.journey_ids)]
        stuck = [ours, col(JourneyRow.stuck_after) < self.by]
        if self.group is None:
            return stuck
        return [
            *stuck,
            col(JourneyRow.stage) == self.group.stage,
            col(JourneyRow.reason).is_not_distinct_from(self.group.reason),
        ]


class Shown(NamedTuple):
    """One stuck journey, and what its company is called."""

    journey: Journey
    company: str


class Crowd(NamedTuple):
    """All journeys of a group: how many, since when, and what could be asked of how many."""

    group: Group
    size: int
    since: datetime
    possible: Mapping[BulkAction, int]


class Alike(NamedTuple):
    """Journeys of which each answers any question in bulk as `journey` does."""

    group: Group
    size: int
    since: datetime
    journey: Journey


async def count(
    session: AsyncSession, organization_id: str, now: datetime, most: int
) -> int:
    """Return how many are stuck; no more than `most` are counted."""
    which = Which(organization_id, now)
    some = select(JourneyRow.id).where(*which.conditions).limit(most)
    return (await session.exec(select(func.count()).select_from(some.subquery()))).one()


async def crowds(session: AsyncSession, which: Which) -> list[Crowd]:
    """Return the groups, that of the journey that stands there longest first."""
    members: defaultdict[Group, list[Alike]] = defaultdict(list)
    for alike in await kinds(session, which):
        members[alike.group].append(alike)
    found = [_crowd(group, alikes) for group, alikes in members.items()]
    return sorted(found, key=_longest_first)


def _longest_first(crowd: Crowd) -> tuple[datetime, str, str]:
    stage, reason = crowd.group
    return crowd.since, stage, reason or ""


def _crowd(group: Group, alikes: Sequence[Alike]) -> Crowd:
    return Crowd(
        group=group,
        size=sum(alike.size for alike in alikes),
        since=min(alike.since for alike in alikes),
        possible={
            action: sum(
                alike.size
                for alike in alikes
                if obstacle(alike.journey, action) is None
            )
            for action in BulkAction
        },
    )


async def obstacles(
    session: AsyncSession, which: Which, action: BulkAction
) -> Mapping[Outcome | None, int]:
    """Count why the action could not be done now; None: it could."""
    counts: defaultdict[Outcome | None, int] = defaultdict(int)
    for alike in await kinds(session, which):
        counts[obstacle(alike.journey, action)] += alike.size
    return counts


async def kinds(session: AsyncSession, which: Which) -> list[Alike]:
    """
    Sort the journeys by all that an answer depends on: a few kinds, however many there are.

    What one of each kind would answer is for the domain to say.
    """
    marks = columns(
        col(JourneyRow.id),
        col(JourneyRow.stage),
        col(JourneyRow.reason),
        col(JourneyRow.delivery),
        col(JourneyRow.unsent),
        col(JourneyRow.unbuilt),
        col(JourneyRow.stage_since),
        _has_failed(for_customers=True).label("for_customers"),
        _has_failed(for_customers=False).label("for_others"),
    )
    each = marks.where(*which.conditions).subquery()
    alike = [column for column in each.c if column.name not in ("id", "stage_since")]
    statement = columns(
        each.c.stage,
        each.c.reason,
        func.count(),
        func.min(each.c.stage_since),
        func.min(each.c.id),
    ).group_by(*alike)
    found = await plain(session, statement)
    some = await journeys_of(session, [row[-1] for row in found])
    return [
        Alike(Group(stage, reason), number, since, some[journey_id])
        for stage, reason, number, since, journey_id in found
    ]


def _has_failed(*, for_customers: bool) -> ColumnElement[bool]:
    """Whether a legal entity's books could not be read, and who can act on it."""
    trouble = col(ConnectionRow.trouble)
    whose = (
        trouble.in_(_FOR_CUSTOMERS)
        if for_customers
        else or_(trouble.is_(None), trouble.not_in(_FOR_CUSTOMERS))
    )
    return (
        select(ConnectionRow.id)
        .where(
            ConnectionRow.journey_id == JourneyRow.id,
            ConnectionRow.stage == EntityStage.FAILED,
            whose,
        )
        .exists()
    )


async def first_of_each(
    session: AsyncSession, which: Which
) -> Mapping[Group, Sequence[Shown]]:
    """Return those of every group that have been stuck longest."""
    place = func.row_number().over(
        partition_by=(col(JourneyRow.stage), col(JourneyRow.reason)),
        order_by=(col(JourneyRow.stuck_after), col(JourneyRow.id)),
    )
    ranked = select(col(JourneyRow.id), place.label("place"))
    places = ranked.where(*which.conditions).subquery()
    statement = (
        select(JourneyRow)
        .join(places, and_(places.c.id == JourneyRow.id, places.c.place <= FIRST))
        .order_by(col(JourneyRow.stuck_after), col(JourneyRow.id))
    )
    groups: defaultdict[Group, list[Shown]] = defaultdict(list)
    for shown in await _shown(session, (await session.exec(statement)).all()):
        groups[Group(shown.journey.stage, shown.journey.reason)].append(shown)
    return groups


async def listed(
    session: AsyncSession, which: Which, cut: Cut
) -> tuple[list[Shown], list[JourneyRow]]:
    """Return a page of the journeys, longest first, and its rows with one more if there is one."""
    statement = select(JourneyRow).where(*which.conditions)
    found = await page(session, statement, cut)
    return await _shown(session, found[: cut.limit]), found


async def ids(session: AsyncSession, which: Which, most: int) -> Sequence[str]:
    """Return which they are, those that have been stuck longest first."""
    statement = (
        select(JourneyRow.id)
        .where(*which.conditions)
        .order_by(col(JourneyRow.stuck_after).nulls_last(), col(JourneyRow.id))
        .limit(most)
    )
    return (await session.exec(statement)).all()


async def journeys_of(
    session: AsyncSession, journey_ids: Sequence[str]
) -> dict[str, Journey]:
    """Return these journeys by id, those that are there."""
    statement = select(JourneyRow).where(col(JourneyRow.id).in_(journey_ids))
    rows = (await session.exec(statement)).all()
    facts = await queries.facts_of_journeys(session, rows)
    return {each.journey.id: each.journey for each in facts}


async def _shown(session: AsyncSession, rows: Sequence[JourneyRow]) -> list[Shown]:
    facts = await queries.facts_of_journeys(session, rows)
    journeys = [each.journey for each in facts]
    names = await names_of(session, journeys)
    return [Shown(journey, name_of(names, journey)) for journey in journeys]


def name_of(names: Mapping[str, str], journey: Journey) -> str:
    """Return what a journey's company is called, now or when it was asked."""
    return names.get(journey.company_id, journey.company_name)


async def names_of(
    session: AsyncSession, journeys: Sequence[Journey]
) -> Mapping[str, str]:
    """Return what the companies of these journeys are called now, by id."""
    statement = select(CompanyRow.id, CompanyRow.name).where(
        col(CompanyRow.id).in_([journey.company_id for journey in journeys])
    )
    return dict((await session.exec(statement)).all())
