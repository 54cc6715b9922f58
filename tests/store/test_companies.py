"""A company's status follows from what is stored, whatever came in which order."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import select

from domain.journey import EntityStage, Status
from domain.messages import SyncState, Trigger
from domain.reasons import Reason
from store.companies import join_legal_entity, leave_legal_entities, restate
from store.database import Database
from store.journeys import first_row
from store.search import index_company
from store.tables import (
    CompanyRow,
    CompanyUserRow,
    JourneyRow,
    SearchWordRow,
    SnapshotRow,
    SyncRow,
)
from tests.activities.given import (
    COMPANY,
    NOW,
    a_company,
    a_connection,
    a_journey,
    an_entity,
    given,
)

HOUR = timedelta(hours=1)


def at(hours: float) -> datetime:
    return NOW + hours * HOUR


def a_fact(hours: int, status: Status, reason: Reason | None = None) -> JourneyRow:
    """Return a journey that gives its client a status since then."""
    row = first_row(a_journey(id=f"jo_{hours}", closed_at=NOW))
    row.status, row.reason, row.status_at = status, reason, at(hours)
    row.reason_detail = "why" if reason else ""
    return row


def a_refresh(hours: int, reason: Reason | None = None, **changes: Any) -> SyncRow:
    values: dict[str, Any] = {
        "id": f"sy_{hours}",
        "organization_id": "or_1",
        "company_id": COMPANY,
        "trigger": Trigger.MANUAL,
        "data_types": [],
        "state": SyncState.FAILED if reason else SyncState.SUCCEEDED,
        "reason": reason,
        "started_at": NOW,
        "finished_at": at(hours),
        "workflow_id": "sync-co_1",
        "run_id": "run",
    }
    return SyncRow(**{**values, **changes})


async def restated(
    database: Database, *facts: Any, company: CompanyRow | None = None
) -> CompanyRow:
    """Return a company after its status was computed from these rows."""
    company = company or a_company()
    await given(database, company, *facts)
    async with database.transaction() as session:
        await restate(session, company.id, at(9))
    async with database.reading() as session:
        return await session.get_one(CompanyRow, company.id)


AVAILABLE, REQUESTED, ERROR = Status.AVAILABLE, Status.REQUESTED, Status.ERROR
EXITED, REVOKED = Reason.AUTHORIZATION_EXITED, Reason.ACCESS_REVOKED


@pytest.mark.parametrize(
    ("facts", "status", "reason", "since"),
    [
        ([], None, None, None),
        ([a_fact(1, REQUESTED)], REQUESTED, None, 1),
        ([a_fact(1, AVAILABLE), a_fact(2, ERROR, EXITED)], ERROR, EXITED, 2),
        ([a_fact(1, AVAILABLE), a_refresh(2)], AVAILABLE, None, 2),
        ([a_fact(1, AVAILABLE), a_refresh(2, REVOKED)], ERROR, REVOKED, 2),
        ([a_refresh(2, REVOKED), a_fact(3, REQUESTED)], REQUESTED, None, 3),
        ([a_refresh(2, REVOKED), a_refresh(3)], AVAILABLE, None, 3),
        ([a_refresh(2, trigger=Trigger.JOURNEY)], None, None, None),
        (
            [a_refresh(2, state=SyncState.RUNNING, finished_at=None)],
            None,
            None,
            None,
        ),
    ],
)
async def test_the_newest_fact_counts(
    database: Database,
    facts: list[Any],
    status: Status | None,
    reason: Reason | None,
    since: int | None,
) -> None:
    """
    Of journeys and refreshes; a journey's own sync and one that runs say nothing yet.
    """
    rows = [type(fact)(**fact.model_dump()) for fact in facts]

    company = await restated(database, *rows)

    expected = None if since is None else at(since)
    assert (status, reason, expected) == (
        company.status,
        company.reason,
        company.status_at,
    )
    assert ("why" if reason is EXITED else "") == company.reason_detail


@pytest.mark.parametrize(
    ("before", "refresh", "status", "since"),
    [
        ((ERROR, 2), a_refresh(2, REVOKED), REQUESTED, 3),
        ((REQUESTED, 2.5), a_refresh(2, REVOKED), REQUESTED, 2.5),
        ((ERROR, 4), a_refresh(4, REVOKED), ERROR, 4),
        ((AVAILABLE, 2), a_refresh(2), AVAILABLE, 2),
        ((REQUESTED, 1), None, REQUESTED, 1),
    ],
)
async def test_a_customers_action_after_an_error_makes_it_requested(
    database: Database,
    before: tuple[Status, float],
    refresh: SyncRow | None,
    status: Status,
    since: float,
) -> None:
    """
    The first one, and after an Error alone: the journey gave Requested since 1, they acted at 3.
    """
    company = a_company(status=before[0], status_at=at(before[1]))
    if before[0] is ERROR:
        company.reason = REVOKED
    journey = a_fact(1, REQUESTED)
    journey.acted_at, journey.closed_at = at(3), None
    facts = [] if refresh is None else [SyncRow(**refresh.model_dump())]

    company = await restated(database, journey, *facts, company=company)

    assert (status, at(since)) == (company.status, company.status_at)


async def test_a_later_error_leaves_the_time_of_the_last_success(
    database: Database,
) -> None:
    """
    Whatever was shared before is still there.
    """
    before = a_company(last_available_at=at(1))

    company = await restated(database, a_refresh(2, REVOKED), company=before)

    assert at(1) == company.last_available_at


async def test_a_success_counts_though_an_error_came_after_it(
    database: Database,
) -> None:
    """
    Whichever of the two is noted first.
    """
    company = await restated(database, a_refresh(1), a_fact(2, ERROR, EXITED))

    assert (ERROR, at(1)) == (company.status, company.last_available_at)


async def test_the_same_error_once_more_keeps_the_time_at_which_it_began(
    database: Database,
) -> None:
    """
    A refresh that is tried again in vain is no new error.
    """
    before = a_company(status=ERROR, reason=REVOKED, status_at=at(1))

    company = await restated(database, a_refresh(2, REVOKED), company=before)

    assert at(1) == company.status_at


async def test_an_error_that_comes_back_has_its_own_time_again(
    database: Database,
) -> None:
    """
    Once the journey that brought the same one later is cancelled.
    """
    before = a_company(status=ERROR, reason=EXITED, status_at=at(3))

    company = await restated(database, a_fact(1, ERROR, EXITED), company=before)

    assert at(1) == company.status_at


@pytest.mark.parametrize(
    ("stage", "status", "reason"),
    [
        (EntityStage.DONE, AVAILABLE, None),
        (EntityStage.FAILED, ERROR, REVOKED),
        (EntityStage.FETCHING, REQUESTED, None),
    ],
)
async def test_a_legal_entity_is_what_its_connection_is(
    database: Database, stage: EntityStage, status: Status, reason: Reason | None
) -> None:
    """
    Its client's connection counts through the journey.
    """
    connection = a_connection(
        stage=stage, status=status, trouble=REVOKED, status_at=at(1)
    )

    company = await restated(
        database, connection, company=a_company(parent_id="co_client")
    )

    assert (status, reason) == (company.status, company.reason)


async def test_a_company_that_is_gone_stays_gone(database: Database) -> None:
    """
    Whoever comes late with a fact about it brings nothing back.
    """
    async with database.transaction() as session:
        await restate(session, "co_gone", NOW)

    async with database.reading() as session:
        assert await session.get(CompanyRow, "co_gone") is None


async def test_a_legal_entity_joins_once_and_leaves_with_everything(
    database: Database,
) -> None:
    """
    It has its client's contact; a new name replaces the old one, in the search too.
    """
    journey = a_journey()
    await given(database, a_company(), a_connection(company_id="co_north"))

    for name in ("Nord", "North"):
        async with database.transaction() as session:
            entity = an_entity(company_id="co_north", name=name)
            await join_legal_entity(session, journey, entity, NOW, renamed=True)
    async with database.transaction() as session:
        joined = await session.get_one(CompanyRow, "co_north")
        words = set((await session.exec(select(SearchWordRow.word))).all())
        session.add(CompanyUserRow(company_id="co_north", email="rm@bank.example"))
        session.add(
            SnapshotRow(
                company_id="co_north", data_type="x", sync_id="sy_1", published_at=NOW
            )
        )
    async with database.transaction() as session:
        await leave_legal_entities(session, COMPANY, ["cn_1"])

    async with database.reading() as session:
        left = [
            *(await session.exec(select(CompanyRow.id))).all(),
            *(await session.exec(select(SearchWordRow.word))).all(),
            *(await session.exec(select(CompanyUserRow.email))).all(),
            *(await session.exec(select(SnapshotRow.sync_id))).all(),
        ]
    assert ("North", COMPANY, "Ada Okafor") == (
        joined.name,
        joined.parent_id,
        joined.contact_name,
    )
    assert "north" in words
    assert "nord" not in words
    assert [COMPANY] == left


async def test_the_client_itself_never_leaves(database: Database) -> None:
    """
    Its own connection may be removed; the company was there before.
    """
    company = a_company()
    await given(database, company, a_connection())
    async with database.transaction() as session:
        await index_company(session, company)

    async with database.transaction() as session:
        await leave_legal_entities(session, COMPANY, ["cn_1"])
        await leave_legal_entities(session, COMPANY, [])

    async with database.reading() as session:
        assert await session.get(CompanyRow, COMPANY)
