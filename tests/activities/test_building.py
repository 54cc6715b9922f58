"""The process that builds reports knows no secrets, quotes no figures, and never outlives its worker's step."""

import asyncio
import os
from pathlib import Path

import pytest

from activities.builder import Builder, BuildFailed
from activities.building import Press
from domain.journey import DataType
from settings import Settings
from store.database import Database
from store.objects import Objects
from store.plans import Plan, Terms, plan
from tests.activities.given import COMPANY
from tests.activities.reporting import Desk

SAYS = "import sys; sys.stderr.write({said!r}); sys.exit(1)"


@pytest.fixture
async def planned(database: Database, settings: Settings) -> Plan:
    """What has to be built of one stored snapshot."""
    desk = Desk(database, Objects(settings.objects_url))
    await desk.company(DataType.FINANCIALS)
    await desk.snapshot(COMPANY, "sy_1", DataType.FINANCIALS)
    async with database.reading() as session:
        return await plan(session, COMPANY, Terms())


def press(settings: Settings, *program: str) -> Press:
    return Press(Objects(settings.objects_url), Terms(), Builder(program))


async def built(press: Press, planned: Plan) -> Path:
    async with press.build(planned, planned.orders[0]) as finished:
        return finished.out


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("ValueError at sums.py:12\n", "ValueError at sums.py:12"),
        ("thread panicked: 41250.75 at Hoxton Tea", "exit 1"),
        ("ValueError at sums.py:12 of 41250.75", "exit 1"),
        ("", "exit 1"),
    ],
)
async def test_a_defect_is_told_by_kind_and_place(
    settings: Settings, planned: Plan, said: str, told: str
) -> None:
    """
    Whatever else the process says stays unsaid: it may quote the books.
    """
    with pytest.raises(BuildFailed) as failed:
        await built(press(settings, "-c", SAYS.format(said=said)), planned)

    assert told == str(failed.value)


async def test_the_process_gets_no_secrets(
    settings: Settings, planned: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Only what tells it how many threads to use.
    """
    monkeypatch.setenv("RAPPORT_SECRET", "hush")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hush")
    code = "import os; raise SystemExit(7 if 'hush' in os.environ.values() else 8)"

    with pytest.raises(BuildFailed) as failed:
        await built(press(settings, "-c", code), planned)

    assert "exit 8" == str(failed.value)


async def test_the_folder_is_gone_afterwards(
    settings: Settings, planned: Plan, builder: Builder
) -> None:
    """
    What was copied there are customers' books.
    """
    folder = await built(
        Press(Objects(settings.objects_url), Terms(), builder), planned
    )

    assert not folder.exists()


async def test_a_build_that_is_cancelled_leaves_no_process(
    settings: Settings, planned: Plan, tmp_path: Path
) -> None:
    """
    Nor a folder; the next build can begin.
    """
    note = tmp_path / "pid"
    code = (
        "import os, time; from pathlib import Path\n"
        f"Path({str(note)!r}).write_text(str(os.getpid())); time.sleep(60)"
    )
    slow = press(settings, "-c", code)
    building = asyncio.create_task(built(slow, planned))
    while not (note.exists() and note.read_text()):  # noqa: ASYNC110 (a process has no event)
        await asyncio.sleep(0.02)

    building.cancel()
    with pytest.raises(asyncio.CancelledError):
        await building

    with pytest.raises(ProcessLookupError):
        os.kill(int(note.read_text()), 0)


async def test_one_report_is_built_at_a_time(tmp_path: Path) -> None:
    """
    However many ask: memory is for one. They are built in the same process.
    """
    note = tmp_path / "note"
    code = (
        "import sys, time\n"
        "for line in sys.stdin:\n"
        f"    file = open({str(note)!r}, 'a')\n"
        "    file.write('<'); file.flush(); time.sleep(0.05); file.write('>')\n"
        "    file.close(); print('done', flush=True)"
    )

    async with Builder(("-c", code)) as builder:
        await asyncio.gather(*[builder.build(tmp_path) for _ in range(3)])

    assert "<><><>" == note.read_text()


async def test_after_a_defect_the_next_build_succeeds(
    settings: Settings, planned: Plan, tmp_path: Path, builder: Builder
) -> None:
    """
    What fails in one folder is nobody else's trouble, even if the process was killed for it.
    """
    press = Press(Objects(settings.objects_url), Terms(), builder)

    with pytest.raises(BuildFailed, match="FileNotFoundError at"):
        await builder.build(tmp_path / "missing")
    async with press.build(planned, planned.orders[0]) as finished:
        names = {file.name for file in finished.files}

    assert {"financials.xlsx", "financials.json", "financials.csv.zip"} == names
