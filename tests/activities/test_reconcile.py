"""What reports leave behind is swept, and reports that are out of date are built again."""

from datetime import timedelta
from typing import Any, cast

import pytest
from temporalio.client import Client

from activities.reconcile import READERS_LEAVE_WITHIN, ReconcileActivities
from domain.messages import Sweep
from domain.reports import ReportType
from settings import Settings
from store import sweeps
from store.database import Database
from store.objects import Objects
from store.states import ReportState
from store.tables import ChoicesRow, ReportBuildRow, ReportRow
from tests.activities.given import COMPANY, NOW, Killed, MortalDatabase, given
from tests.activities.reporting import run

SWEEP = Sweep(at=NOW, run_id="run")


class Office:
    """The sweeps, and which companies they had built again."""

    def __init__(self, database: Database, objects: Objects) -> None:
        self.database, self.objects = database, objects
        self.started: list[str] = []

    def steps(self, database: Database | None = None) -> ReconcileActivities:
        nobody = cast("Client", None)  # these sweeps only hand it on
        return ReconcileActivities(
            database or self.database,
            self.objects,
            nobody,
            start_journey=cast("Any", None),
            start_sync=cast("Any", None),
            start_build=self._start,
            start_removal=cast("Any", None),
        )

    async def _start(self, client: Client, company_id: str) -> None:
        self.started.append(company_id)

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
