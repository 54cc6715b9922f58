"""What a benchmark found: shown as a small table, and kept as JSON beside this file."""

import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from operator import ge, le
from pathlib import Path
from statistics import quantiles
from typing import Any, Final, NamedTuple

RESULTS: Final = Path(__file__).parent / "results"
SCALE: Final = float(os.environ.get("RAPPORT_BENCH_SCALE", "1"))
"""How much of the full size is measured; what depends on it says so in its JSON."""

BOUNDS: Final = {">=": ge, "<=": le}


class Figure(NamedTuple):
    """One measured value; `bound` and `target` together say what it should be."""

    what: str
    value: float
    unit: str = ""
    bound: str = ""
    target: float | None = None

    @property
    def met(self) -> bool | None:
        """Whether it is what it should be; None where nothing was promised."""
        if self.target is None:
            return None
        return bool(BOUNDS[self.bound](self.value, self.target))


def scaled(number: int, least: int = 1) -> int:
    """Return how many of a full size there are at the scale that was asked for."""
    return max(least, round(number * SCALE))


def percentile(values: Sequence[float], percent: int) -> float:
    """Return the value that so many percent of all stay below."""
    if len(values) < 2:
        return values[0]
    return quantiles(values, n=100, method="inclusive")[percent - 1]


def keep(
    name: str, figures: Iterable[Figure], more: Mapping[str, Any] | None = None
) -> None:
    """Print the figures, and write them with `more` to `results/{name}.json`."""
    figures = list(figures)
    written = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
        "scale": SCALE,
        "figures": [
            {**figure._asdict(), "value": round(figure.value, 3), "met": figure.met}
            for figure in figures
        ],
        **(more or {}),
    }
    RESULTS.mkdir(exist_ok=True)
    text = json.dumps(written, indent=2) + "\n"
    (RESULTS / f"{name}.json").write_text(text, encoding="utf-8")
    sys.stdout.write("\n" + "\n".join(_shown(name, figures)) + "\n")


def _shown(name: str, figures: Sequence[Figure]) -> list[str]:
    width = max(len(figure.what) for figure in figures)
    return [name] + [
        f"  {figure.what:<{width}}  {figure.value:>10,.2f} {figure.unit:<12}{_verdict(figure)}"
        for figure in figures
    ]


def _verdict(figure: Figure) -> str:
    if figure.met is None:
        return ""
    wanted = f"{figure.bound} {figure.target:g}"
    return f"{wanted}: {'met' if figure.met else 'missed'}"
