"""Reading in a process of its own: limits hold, and no file makes the caller raise."""

import asyncio
import os
import signal
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from domain.datasets import DATASETS, Dataset
from domain.journey import DataType
from domain.uploads import Outcome
from providers.workbook.pages import PAGE, Pages, pages
from providers.workbook.process import ReadWorkbook, read_in_a_process
from tests.providers.workbook.workbooks import (
    COMPANY,
    EXPENSE,
    GOOD,
    SPEND,
    Upload,
    filled,
    tampered,
)

SPEND_DATASETS = DATASETS[DataType.SPEND_ANALYSIS]
MEGABYTE = 1024**2


def question(upload: Upload) -> ReadWorkbook:
    return ReadWorkbook(
        path=upload.path, out=upload.out, data_types=SPEND, company_name=COMPANY
    )


async def read(tmp_path: Path, content: bytes, **limits: object) -> Outcome:
    asked = question(Upload(tmp_path, content))
    return await read_in_a_process(asked.model_copy(update=limits))


async def test_a_good_file_becomes_pages_of_rows(tmp_path: Path) -> None:
    """
    The process counts its rows by dataset, and leaves them in pages to be stored.
    """
    expenses = [
        EXPENSE | {"Expense ID": number, "Total amount": number / 100}
        for number in range(PAGE + 1)
    ]
    upload = Upload(tmp_path, filled(GOOD | {"Expenses": expenses}))

    outcome = await read_in_a_process(question(upload))

    assert outcome.accepted
    assert set(SPEND_DATASETS) == set(outcome.records)
    assert PAGE + 1 == outcome.records[Dataset.EXPENSES]
    read = list(pages(upload.out, Dataset.EXPENSES))
    assert [PAGE, 1] == [len(page) for page in read]
    assert "5000" == read[1][0]["id"]
    assert [] == list(pages(upload.out, Dataset.PAYMENT_METHODS))


async def test_problems_come_back_from_the_process(tmp_path: Path) -> None:
    """
    What the customer has to mend crosses the border whole.
    """
    outcome = await read(tmp_path, filled(GOOD | {"Company": []}))

    assert [("Company", 2, "Base currency (A)")] == [
        (each.sheet, each.row, each.column) for each in outcome.problems
    ]


async def test_a_file_that_needs_too_much_memory_is_told(tmp_path: Path) -> None:
    """
    One long text that a million cells repeat is small in the file, and large outside.
    """
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    cells = '<c t="s"><v>0</v></c>' * 100
    rows = f"<row>{cells}</row>" * 2_000
    text = "x" * 32_000
    bad = {
        "xl/sharedStrings.xml": f'<sst xmlns="{space}"><si><t>{text}</t></si></sst>',
        "xl/worksheets/sheet3.xml": f'<worksheet xmlns="{space}"><sheetData>{rows}</sheetData></worksheet>',
    }
    content = tampered(
        filled(GOOD), {name: part.encode() for name, part in bad.items()}
    )

    outcome = await read(tmp_path, content, memory_limit=512 * MEGABYTE)

    assert ["too large"] == [each.message[13:22] for each in outcome.problems]


async def test_a_process_without_any_memory_is_told(tmp_path: Path) -> None:
    """
    Also where the language itself says that memory is short, the answer is the same.
    """
    outcome = await read(tmp_path, filled(GOOD), memory_limit=MEGABYTE)

    assert 1 == len(outcome.problems)


async def test_a_file_that_takes_too_long_is_told(tmp_path: Path) -> None:
    """
    A process that does not come to an end is ended.
    """
    outcome = await read(tmp_path, filled(GOOD), time_limit=timedelta(microseconds=1))

    assert ["too large"] == [each.message[13:22] for each in outcome.problems]


async def test_a_process_that_nobody_waits_for_is_ended(tmp_path: Path) -> None:
    """
    A reading that is cancelled leaves no process behind.
    """
    upload = Upload(tmp_path, filled(GOOD))
    upload.path.unlink()
    os.mkfifo(upload.path)  # opening it waits for somebody who never comes
    others = children()
    reading = asyncio.create_task(read_in_a_process(question(upload)))
    child = await started(others)

    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading

    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


def children() -> set[int]:
    """The children of this process: other tests may have left some at work."""
    told = Path(f"/proc/self/task/{os.getpid()}/children").read_text()
    return set(map(int, told.split()))


async def started(others: set[int]) -> int:
    """Wait until this process has a new child, and give its id."""
    while not (new := children() - others):  # noqa: ASYNC110  # nobody tells
        await asyncio.sleep(0.01)
    return new.pop()


async def test_a_defect_is_logged_without_what_it_met(tmp_path: Path) -> None:
    """
    Where the process fails for another reason, the log says where, and nothing of the file.
    """
    upload = Upload(tmp_path, filled(GOOD))
    upload.path.unlink()

    with capture_logs() as logs:
        outcome = await read_in_a_process(question(upload))

    assert 1 == len(outcome.problems)
    (logged,) = logs
    assert ("workbook.reader_failed", 1) == (logged["event"], logged["code"])
    assert logged["where"].startswith("FileNotFoundError at ")
    assert str(tmp_path) not in logged["where"]


async def test_what_a_broken_process_says_is_not_logged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    It may quote the file: only a kind of error and a place are taken over.
    """
    program = tmp_path / "python"
    program.write_text("#!/bin/sh\necho Hoxton Tea owes 12.50\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(program))

    with capture_logs() as logs:
        await read_in_a_process(question(Upload(tmp_path, filled(GOOD))))

    (logged,) = logs
    assert ("workbook.reader_failed", "?") == (logged["event"], logged["where"])


async def test_the_process_knows_no_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    A parser that is broken into finds none of our settings in its surroundings.
    """
    for ours in ("RAPPORT_SECRET", "AWS_SECRET_ACCESS_KEY", "TEMPORAL_API_KEY"):
        monkeypatch.setenv(ours, "sesame")
    upload = Upload(tmp_path, filled(GOOD))
    upload.path.unlink()
    os.mkfifo(upload.path)
    others = children()
    reading = asyncio.create_task(read_in_a_process(question(upload)))
    child = await started(others)

    surroundings = Path(f"/proc/{child}/environ").read_bytes()
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)

    assert b"sesame" not in surroundings


async def test_a_process_that_is_shot_is_told(tmp_path: Path) -> None:
    """
    A process that the system ends for its memory gives a problem, not an exception.
    """
    upload = Upload(tmp_path, filled(GOOD))
    upload.path.unlink()
    os.mkfifo(upload.path)
    others = children()
    reading = asyncio.create_task(read_in_a_process(question(upload)))
    child = await started(others)

    os.kill(child, signal.SIGKILL)
    outcome = await reading

    assert ["too large"] == [each.message[13:22] for each in outcome.problems]


def test_pages_that_end_in_an_error_are_closed(tmp_path: Path) -> None:
    """
    Whoever fails half way leaves what was written, and no file open.
    """
    with pytest.raises(RuntimeError), Pages(tmp_path, [Dataset.ACCOUNTS]) as writing:
        writing.add(Dataset.ACCOUNTS, {})
        raise RuntimeError

    assert [] == list(pages(tmp_path, Dataset.ACCOUNTS))
