"""What reports leave behind is swept, and reports that are out of date are built again."""

from datetime import timedelta
from typing import Any, cast

import pytest
from temporalio.client import Client

from activities.reconcile import READERS_LEAVE_WITHIN, ReconcileActivities
from domain.messages import EndSync, RunSync, Sweep, SyncState
from domain.reasons import Reason
from domain.reports import ReportType
from settings import Settings
from store import sweeps, syncs
from store.database import Database
from store.journeys import first_row
from store.objects import Objects
from store.states import ReportState
from store.tables import ChoicesRow, ReportBuildRow, ReportRow, SyncRow
from tests.activities.given import (
    COMPANY,
    NOW,
    Killed,
    MortalDatabase,
    a_company,
    a_connection,
    a_journey,
    a_sync,
    given,
)
from tests.activities.reporting import run

SWEEP = Sweep(at=NOW, run_id="run")


class Office:
    """The sweeps, which companies they had built again, and which syncs they started."""

    def __init__(self, database: Database, objects: Objects) -> None:
        self.database, self.objects = database, objects
        self.started: list[str] = []
        self.syncs: list[RunSync] = []

    def steps(self, database: Database | None = None) -> ReconcileActivities:
        nobody = cast("Client", None)  # these sweeps only hand it on
        return ReconcileActivities(
            database or self.database,
            self.objects,
            nobody,
            start_journey=cast("Any", None),
            start_sync=self._start_sync,
            start_build=self._start,
            start_removal=cast("Any", None),
        )

    async def _start(self, client: Client, company_id: str) -> None:
        self.started.append(company_id)

    async def _start_sync(self, client: Client, sync: RunSync) -> bool:
        self.syncs.append(sync)
        return True

    async def stored(self, build_id: str) -> bool:
        return bool(await self.objects.keys(f"reports/{COMPANY}/{build_id}"))


@pytest.fixture
async def office(database: Database, settings: Settings) -> Office:
    """Three builds: one is shown, one is of yesterday, one has just stored its files."""
    office = Office(database, Objects(settings.objects_url))
    before = NOW - READERS_LEAVE_WITHIN - timedelta(minutes=1)
    for build_id, at in (("rp_shown", before), ("rp_old", before), ("rp_new", NOW)):
        row = ReportBuildRow(id=build_id, company_id=COMPANY, at=at)
        await given(database, row)
        await office.objects.put(f"reports/{COMPANY}/{build_id}/a.json", b"{}")
    shown = ReportRow(
        company_id=COMPANY,
        type=ReportType.FINANCIALS,
        state=ReportState.READY,
        build_id="rp_shown",
    )
    await given(database, shown)
    return office


async def test_files_of_reports_that_nobody_reads_are_deleted(office: Office) -> None:
    """
    Never those that are shown, nor those that are about to be.
    """
    await run(office.steps().sweep_objects, SWEEP)

    left = {
        each: await office.stored(each) for each in ("rp_shown", "rp_old", "rp_new")
    }
    assert {"rp_shown": True, "rp_old": False, "rp_new": True} == left


@pytest.mark.parametrize("commits", [1, 2])
async def test_a_crash_while_sweeping_leaves_nothing_for_good(
    office: Office, commits: int
) -> None:
    """
    The next sweep goes on where it ended.
    """
    mortal = MortalDatabase(office.database.url, lives=commits)
    with pytest.raises(Killed):
        await run(office.steps(mortal).sweep_objects, SWEEP)
    await mortal.close()

    await run(office.steps().sweep_objects, SWEEP)

    async with office.database.reading() as session:
        assert await session.get(ReportBuildRow, "rp_old") is None
    assert not await office.stored("rp_old")


async def test_files_that_were_shown_just_now_are_not_condemned(
    office: Office,
) -> None:
    """
    Of a sweep and a builder at once, one wins.
    """
    async with office.database.transaction() as session:
        shown = await sweeps.condemn(session, "rp_shown")
        unknown = await sweeps.condemn(session, "rp_gone")

    assert (False, False) == (shown, unknown)


async def test_reports_that_are_out_of_date_are_built_again(office: Office) -> None:
    """
    Once something has changed that they do not heed.
    """
    await run(office.steps().rebuild_reports, SWEEP)
    before = list(office.started)
    await given(office.database, ChoicesRow(company_id=COMPANY, revision=1))

    await run(office.steps().rebuild_reports, SWEEP)

    assert ([], [COMPANY]) == (before, office.started)


async def given_a_refresh_that_waits(office: Office, **changes: Any) -> None:
    """A refresh that may be tried again now, of a company with one connection."""
    waiting = a_sync(reason=Reason.RATE_LIMITED, retry_at=NOW)
    journey = first_row(a_journey(closed_at=NOW))
    await given(office.database, a_company(), journey, a_connection(**changes), waiting)


async def waits(office: Office) -> bool:
    async with office.database.reading() as session:
        return (await session.get_one(SyncRow, "sy_1")).retry_at is not None


async def test_a_refresh_is_tried_again_once_whatever_dies_meanwhile(
    office: Office,
) -> None:
    """
    A worker that dies right after it started the next try starts no other one later.
    """
    await given_a_refresh_that_waits(office)
    mortal = MortalDatabase(office.database.url, lives=1)
    later = SWEEP.model_copy(update={"at": NOW + timedelta(minutes=1)})

    with pytest.raises(Killed):
        await run(office.steps(mortal).retry_syncs, SWEEP)
    await mortal.close()
    async with office.database.transaction() as session:
        (await session.get_one(SyncRow, "sy_1")).retry_at = NOW  # as if it died before
    for _ in range(2):
        await run(office.steps().retry_syncs, later)

    first, second = office.syncs
    assert (COMPANY, first) == (first.company_id, second)
    assert not await waits(office)


async def test_what_was_revoked_is_not_tried_again(office: Office) -> None:
    """
    There is nothing left to read, and the company does not get into Error by it.
    """
    await given_a_refresh_that_waits(office, revoked_at=NOW)

    await run(office.steps().retry_syncs, SWEEP)

    assert ([], False) == (office.syncs, await waits(office))


@pytest.mark.parametrize(("sync_id", "waits_still"), [("sy_2", False), ("sy_0", True)])
async def test_a_newer_sync_takes_the_place_of_a_try_that_waits(
    office: Office,
    sync_id: str,
    waits_still: bool,  # noqa: FBT001
) -> None:
    """
    However it ends; an older one that ends late does not.
    """
    await given_a_refresh_that_waits(office)
    running = a_sync(sync_id, state=SyncState.RUNNING, finished_at=None)
    await given(office.database, running)

    async with office.database.transaction() as session:
        await syncs.end(session, EndSync(sync_id=sync_id, at=NOW))

    assert waits_still is await waits(office)
