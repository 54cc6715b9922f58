"""What Prometheus is told."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from prometheus_client.parser import text_string_to_metric_families

from api.gauges import StoreGauges
from domain.emails import Template
from domain.journey import Stage, Status
from domain.messages import SyncState
from domain.reasons import Reason
from store.database import Database
from store.states import EmailState
from store.tables import EmailRow
from tests.api.conftest import calling
from tests.api.given import NOW, Bank, Given

Figures = dict[tuple[str, tuple[tuple[str, str], ...]], float]

LONG_AGO = NOW - timedelta(days=9999)


async def figures(app: FastAPI) -> Figures:
    """Return what a scrape reads, by name and labels."""
    async with calling(app, None) as client:
        answer = await client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def of(name: str, **labels: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    return name, tuple(sorted(labels.items()))


def answered(
    route: str, method: str, status: int
) -> tuple[str, tuple[tuple[str, str], ...]]:
    return of(
        "rapport_http_requests_total", route=route, method=method, status=str(status)
    )


async def test_requests_are_counted_by_route(
    app: FastAPI, api: httpx.AsyncClient, given: Given
) -> None:
    """
    Every answer counts under its route, method and status, with the time it took.
    """
    company = await given.company()

    for company_id in (company.id, company.id, "co_nobody"):
        await api.get(f"/v1/companies/{company_id}")
    read = await figures(app)

    route = "/v1/companies/{company_id}"
    assert 2 == read[answered(route, "GET", 200)]
    assert 1 == read[answered(route, "GET", 404)]
    assert (
        3 == read[of("rapport_http_request_seconds_count", route=route, method="GET")]
    )


@pytest.mark.parametrize(
    ("method", "path", "label"),
    [
        ("GET", "/somewhere/else", answered("nowhere", "GET", 404)),
        ("BREW", "/tea", answered("nowhere", "other", 404)),
        ("GET", "/static/portal.css", answered("/static", "GET", 200)),
        ("GET", "/link/secret-token", answered("/link/{token}", "GET", 404)),
    ],
)
async def test_labels_hold_nothing_that_was_sent(
    app: FastAPI, bank: Bank, method: str, path: str, label: Any
) -> None:
    """
    Made-up addresses and methods, and tokens in addresses, make no label of their own.
    """
    async with calling(app, None) as client:
        await client.request(method, path)
        text = (await client.get("/metrics")).text

    assert 1 == (await figures(app))[label]
    for sent in ("somewhere", "BREW", "tea", "secret-token"):
        assert sent not in text


async def test_a_defect_counts_as_500(app: FastAPI, bank: Bank) -> None:
    """
    What fails unexpectedly is counted too.
    """

    @app.get("/broken")
    async def broken() -> None:
        raise ZeroDivisionError

    async with calling(app, None) as client:
        await client.get("/broken")

    assert 1 == (await figures(app))[answered("/broken", "GET", 500)]


async def test_what_is_stored_is_counted(
    app: FastAPI, given: Given, other_bank: Bank
) -> None:
    """
    Journeys, companies, emails and syncs of all organizations are counted together.
    """
    company = await given.company(status=Status.ERROR, reason=Reason.EMAIL_FAILED)
    await given.journey(company, stage=Stage.SENDING, stuck_after=LONG_AGO)
    theirs = await other_bank.given.company()
    over = await other_bank.given.over(theirs)
    await given.sync(company, state=SyncState.FAILED)
    await given.written(
        EmailRow(
            journey_id=over.id,
            template=Template.REQUEST,
            number=1,
            state=EmailState.SENT,
            at=NOW,
        )
    )

    read = await figures(app)

    assert 1 == read[of("rapport_store_up")] == read[of("rapport_journeys_stuck")]
    assert 1 == read[of("rapport_journeys", stage="sending", open="true")]
    assert 1 == read[of("rapport_journeys", stage="completed", open="false")]
    assert 0 == read[of("rapport_journeys", stage="authorizing", open="true")]
    assert 1 == read[of("rapport_companies", status="Error")]
    assert 1 == read[of("rapport_companies", status="none")]
    assert 1 == read[of("rapport_companies_in_error", reason="email_failed")]
    assert 1 == read[of("rapport_emails", state="sent")]
    assert 1 == read[of("rapport_syncs", state="failed")]
    assert read[of("process_resident_memory_bytes")] > 0


async def test_nobody_is_named(app: FastAPI, given: Given) -> None:
    """
    Whoever may read the figures learns of no organization, company, person or id.
    """
    company = await given.company(users=["banker@meridian.example"])
    journey = await given.journey(company)

    async with calling(app, None) as client:
        text = (await client.get("/metrics")).text

    named = ("Meridian", "Hoxton", "Ada", "hoxton", "banker", company.id, journey.id)
    assert [] == [name for name in named if name in text]
    assert not re.search(r"\b(or|co|jo|cn|sy|us)_[0-9a-z]{26}\b", text)


async def test_a_scrape_does_not_count_what_was_just_counted(
    database: Database, given: Given
) -> None:
    """
    However often somebody asks, the store is counted once in a while, by one at a time.
    """
    rare = StoreGauges(database, lambda: NOW, every=3600)
    eager = StoreGauges(database, lambda: NOW, every=0)

    for gauges in (rare, eager):
        await asyncio.gather(gauges.refresh(), gauges.refresh())
    await given.company()
    for gauges in (rare, eager):
        await gauges.refresh()

    assert [0, 1] == [companies(gauges) for gauges in (rare, eager)]


def companies(gauges: StoreGauges) -> float:
    return sum(
        sample.value
        for family in gauges.collect()
        for sample in family.samples
        if sample.name == "rapport_companies"
    )


async def test_without_a_store_the_rest_is_told(app: FastAPI, tmp_path: Path) -> None:
    """
    While the store does not answer, that is said, and the process's figures are there.
    """
    nothing = Database(f"sqlite:///{tmp_path}/no/such/folder.db")
    gauges = StoreGauges(nothing, lambda: datetime.now(UTC))

    await gauges.refresh()
    told = {family.name: family.samples for family in gauges.collect()}
    await nothing.close()

    assert ["rapport_store_up"] == list(told)
    assert 0 == told["rapport_store_up"][0].value
