"""
How fast reports are built, and in how much memory.

Ratios of one run count, absolute figures don't: the floor and the report take
turns. `RAPPORT_BENCH_LARGE=1` adds a million bills.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Final, NamedTuple

import pytest

from benchmarks.figures import Figure, keep
from domain.reports import ReportType
from reports.request import BuildReports, CompanyBooks, environment
from tests.reports.given import ask, sandbox_books, store_sandbox

COMPANY: Final = "Hoxton Tea Company"
AS_OF: Final = datetime(2026, 7, 15, tzinfo=UTC)
ROUNDS: Final = 3
SMALL, USUAL, LARGE = 10_000, 100_000, 1_000_000
TIMES_FASTER: Final = 4
LINEAR: Final = 2.0  # how much longer a bill may take in large books than in usual ones
MEMORY: Final = {USUAL: 250, LARGE: 350}  # MB
TARGETS: Final[Mapping[str, tuple[str, str, float]]] = {
    "times_faster": ("", ">=", TIMES_FASTER),
    "workbook_memory": ("MB", "<=", MEMORY[USUAL]),
}

pytestmark = pytest.mark.timeout(3600)


class Run(NamedTuple):
    """One process: how long it took, and the most memory it held, in MB."""

    seconds: float
    memory: float


def run(module: str, folder: Path) -> Run:
    """Run a module in a process of its own, as the worker does."""
    ended = subprocess.run(
        [sys.executable, "-m", "benchmarks.measured", module, str(folder)],
        env={**os.environ, **environment(os.cpu_count() or 1)},
        stdout=subprocess.PIPE,
        check=True,
    )
    return Run(**json.loads(ended.stdout))


Given = Callable[[int], Path]


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Given:
    """Stored books with so many bills, made once."""
    made: dict[int, Path] = {}

    def books(bills: int) -> Path:
        if bills not in made:
            folder = tmp_path_factory.mktemp(f"bills{bills}")
            store_sandbox(folder, "co_1", sandbox_books(COMPANY, bills))
            request = BuildReports(
                reports=(ReportType.SPEND_ANALYSIS,),
                as_of=AS_OF,
                months=24,
                books=(CompanyBooks(company_id="co_1", name=COMPANY),),
            )
            made[bills] = ask(folder, request)
        return made[bills]

    return books


@pytest.fixture(scope="module")
def results() -> Iterator[dict[str, float]]:
    """Figures by name, printed and kept beside this file."""
    figures: dict[str, float] = {}
    yield figures
    keep(
        "reports",
        [
            Figure(name.replace("_", " "), value, *TARGETS.get(name, ("",)))
            for name, value in figures.items()
        ],
    )


def test_the_workbook_is_faster_than_its_rows_alone(
    given: Given, results: dict[str, float]
) -> None:
    """
    All sheets, formats and charts take a quarter of what XlsxWriter needs for the rows.
    """
    folder = given(USUAL)
    modules = {"floor": "benchmarks.floor", "workbook": "benchmarks.workbook"}

    runs = [
        {name: run(module, folder) for name, module in modules.items()}
        for _ in range(ROUNDS)
    ]

    for name in modules:
        results[f"{name}_seconds"] = median(each[name].seconds for each in runs)
        results[f"{name}_memory"] = max(each[name].memory for each in runs)
    ratio = median(each["floor"].seconds / each["workbook"].seconds for each in runs)
    results["times_faster"] = ratio
    assert ratio >= TIMES_FASTER
    assert results["workbook_memory"] <= MEMORY[USUAL]


def test_time_grows_with_the_bills_and_memory_hardly(
    given: Given, results: dict[str, float]
) -> None:
    """
    The whole process, with workbook, JSON and CSV: ten times the bills, ten times the time.
    """
    sizes = [SMALL, USUAL, *([LARGE] if "RAPPORT_BENCH_LARGE" in os.environ else [])]

    runs = {bills: run("reports", given(bills)) for bills in sizes}

    for bills, each in runs.items():
        results[f"all_forms_seconds_{bills}"] = each.seconds
        results[f"all_forms_memory_{bills}"] = each.memory
    first, *_, last = sizes
    assert runs[last].seconds / last <= LINEAR * runs[first].seconds / first
    assert all(runs[n].memory <= most for n, most in MEMORY.items() if n in runs)
