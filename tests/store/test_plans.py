"""What a company's reports are built from, and when they are out of date."""

from decimal import Decimal
from typing import Any

import pytest

from domain.journey import EntityStage, Stage
from domain.reports import ReportType
from store import accounts, reports
from store.accounts import AccountFacts
from store.database import Database
from store.journeys import first_row
from store.plans import Plan, Terms, plan
from store.reports import BuiltOrder
from store.states import ReportState
from store.tables import AccountRow, ReportBuildRow, SnapshotRow, SyncRow
from tests.activities.given import (
    COMPANY,
    NOW,
    a_company,
    a_connection,
    a_journey,
    a_sync,
    given,
)

USUAL = Terms()
FINANCIALS, SPEND = "financials", "spend_analysis"


def seen(company_id: str, data_type: str, sync_id: str = "sy_1") -> SnapshotRow:
    return SnapshotRow(
        company_id=company_id, data_type=data_type, sync_id=sync_id, published_at=NOW
    )


async def planned(
    database: Database,
    company_id: str = COMPANY,
    terms: Terms = USUAL,
    arriving: SyncRow | None = None,
) -> Plan:
    async with database.reading() as session:
        return await plan(session, company_id, terms, arriving)


async def members(database: Database) -> list[set[str]]:
    """Return whose books go in, by order."""
    return [set(order.sources) for order in (await planned(database)).orders]


async def built(database: Database, company_id: str = COMPANY) -> None:
    """Show reports of what is seen now."""
    todo = await planned(database, company_id)
    orders = [
        BuiltOrder(each, "rp_1", {report: {} for report in each.reports})
        for each in todo.orders
    ]
    async with database.transaction() as session:
        if await session.get(ReportBuildRow, "rp_1") is None:
            session.add(ReportBuildRow(id="rp_1", company_id=company_id, at=NOW))
            await session.flush()
        assert await reports.show(session, orders, todo, Terms(), NOW)


async def test_books_that_were_read_together_are_reported_together(
    database: Database,
) -> None:
    """
    One build for both data types of one sync; one each where they come from two.
    """
    await given(database, a_company(), seen(COMPANY, FINANCIALS), seen(COMPANY, SPEND))
    together = await planned(database)
    async with database.transaction() as session:
        await session.merge(seen(COMPANY, SPEND, "sy_2"))

    apart = await planned(database)

    assert [tuple(ReportType)] == [order.reports for order in together.orders]
    assert {
        (ReportType.FINANCIALS,),
        (ReportType.SPEND_ANALYSIS, ReportType.SPEND_SUMMARY),
    } == {order.reports for order in apart.orders}


async def test_a_sync_that_is_about_to_be_seen_counts(database: Database) -> None:
    """
    Unless a newer one is seen already.
    """
    await given(database, a_company(), seen(COMPANY, FINANCIALS, "sy_2"))

    sources = []
    for sync_id in ("sy_1", "sy_3"):
        arriving = a_sync(sync_id, connection_id="cn_1")
        found = await planned(database, arriving=arriving)
        sources += [order.sources for order in found.orders]

    assert [{COMPANY: "sy_2"}, {COMPANY: "sy_3"}] == sources


@pytest.mark.parametrize(
    ("journeys", "found"),
    [
        ([("jo_1", ["co_n", "co_s"], {})], {"co_n", "co_s"}),
        ([("jo_1", [COMPANY], {}), ("jo_2", ["co_n"], {})], {"co_n"}),
        ([("jo_1", ["co_n"], {}), ("jo_2", [COMPANY], {})], {COMPANY}),
        (
            [("jo_1", ["co_n"], {}), ("jo_2", ["co_s"], {"stage": Stage.CANCELLED})],
            {"co_n"},
        ),
        ([("jo_1", ["co_n"], {}), ("jo_2", ["co_unread"], {})], {"co_n"}),
        ([], {COMPANY}),
    ],
)
async def test_the_newest_request_says_whose_books_count(
    database: Database,
    journeys: list[tuple[str, list[str], dict[str, Any]]],
    found: set[str],
) -> None:
    """
    The same legal entity, named in two requests, is never counted twice.
    """
    await given(database, a_company(), seen(COMPANY, SPEND))
    for entity in ("co_n", "co_s"):
        await given(database, a_company(entity, parent_id=COMPANY), seen(entity, SPEND))
    for journey_id, companies, changes in journeys:
        journey = first_row(a_journey(id=journey_id, closed_at=NOW).but(**changes))
        await given(database, journey)
        await given(
            database,
            *(
                a_connection(
                    f"{journey_id}{each}", journey_id=journey_id, company_id=each
                )
                for each in companies
            ),
        )

    assert [found] == await members(database)


async def test_a_legal_entity_that_was_skipped_does_not_count(
    database: Database,
) -> None:
    """
    Whatever was read of it before.
    """
    await given(database, a_company())
    for entity in ("co_n", "co_s"):
        await given(database, a_company(entity, parent_id=COMPANY), seen(entity, SPEND))
    await given(database, first_row(a_journey(id="jo_1", closed_at=NOW)))
    read = a_connection("cn_n", journey_id="jo_1", company_id="co_n")
    skipped = a_connection(
        "cn_s", journey_id="jo_1", company_id="co_s", stage=EntityStage.SKIPPED
    )
    await given(database, read, skipped)

    assert [{"co_n"}] == await members(database)


async def test_what_was_built_of_the_same_is_not_planned(database: Database) -> None:
    """
    Other data, other terms and another choice each make it out of date; so does a failure.
    """
    await given(database, a_company(), seen(COMPANY, FINANCIALS), an_account())
    await built(database)

    same = await planned(database)
    other_terms = await planned(database, terms=Terms(threshold=Decimal(5)))
    newer = await planned(database, arriving=a_sync("sy_2", connection_id="cn_1"))
    async with database.transaction() as session:
        row = AccountFacts(an_account(), None)
        await accounts.confirm(session, row, "Asset.Current.Bank", NOW)
    chosen = await planned(database)

    assert () == same.orders
    assert [1, 1, 1] == [len(each.orders) for each in (other_terms, newer, chosen)]
    assert {COMPANY: {"acc": "Asset.Current.Bank"}} == chosen.confirmed


async def test_a_failure_is_noted_and_planned_again(database: Database) -> None:
    """
    Once; of a company that is gone there is nothing to say.
    """
    await given(database, a_company(), seen(COMPANY, FINANCIALS))
    todo = await planned(database)

    async with database.transaction() as session:
        await reports.fail(session, todo)
        await reports.fail(session, todo._replace(company_id="co_gone"))
    async with database.reading() as session:
        (row,) = await reports.rows(session, COMPANY)
        gone = await reports.rows(session, "co_gone")

    assert (ReportState.FAILED, None) == (row.state, row.updated_at)
    assert [] == list(gone)
    assert todo == await planned(database)


def an_account() -> AccountRow:
    return AccountRow(
        company_id=COMPANY,
        key=accounts.account_key("acc"),
        sync_id="sy_1",
        account_id="acc",
        name="Account",
        type="asset",
        currency="GBP",
        balance="1.00",
        confidence=[],
        impact="1.00",
        place="0",
        words="",
    )


async def test_older_books_do_not_take_the_place_of_newer_accounts(
    database: Database,
) -> None:
    """
    Of a company whose two data types were read at different times.
    """
    newer = an_account()
    newer.sync_id = "sy_2"
    await given(database, newer)

    async with database.transaction() as session:
        await accounts.replace(session, COMPANY, "sy_1", [])
    async with database.reading() as session:
        kept = await accounts.account(session, COMPANY, "acc")
    async with database.transaction() as session:
        await accounts.replace(session, COMPANY, "sy_3", [])
    async with database.reading() as session:
        gone = await accounts.account(session, COMPANY, "acc")

    assert kept is not None
    assert gone is None


async def test_what_was_built_of_a_company_leaves_with_it(database: Database) -> None:
    """
    Reports, accounts and what people said of them; the files are swept.
    """
    await given(database, a_company(), seen(COMPANY, FINANCIALS), an_account())
    await built(database)

    async with database.transaction() as session:
        row = AccountFacts(an_account(), None)
        await accounts.confirm(session, row, "Asset.Current.Bank", NOW)
        await reports.forget(session, [COMPANY])
    async with database.reading() as session:
        left = await accounts.account(session, COMPANY, "acc")
        rows = await reports.rows(session, COMPANY)

    assert (None, []) == (left, list(rows))
