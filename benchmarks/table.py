"""
Write what the benchmarks found into docs/performance.md: `python -m benchmarks.table`.

Between two marks the document belongs to this program; the words around them are
people's.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from benchmarks.figures import RESULTS

DOCUMENT: Final = Path(__file__).parent.parent / "docs" / "performance.md"
BEGIN: Final = "<!-- figures -->"
END: Final = "<!-- end of figures -->"

TITLES: Final[Mapping[str, str]] = {
    "journeys": "Journeys per second",
    "history": "History of one journey with one reminder",
    "actions-1": "A customer's action, from POST to answer, without building reports",
    "actions-2": "A customer's action, with reports",
    "parked": "Parked journeys",
    "books": "Fetch, validate and store bills",
    "large": "A hundred thousand bills in a running copy",
    "companies": "The list of companies",
    "entities": "Legal entities of one journey",
    "reports": "Reports",
}
"""Whose figures are shown, in this order."""

VERDICTS: Final = {True: "met", False: "**missed**", None: ""}


def tables(results: Path) -> str:
    """Return a table for each result that is there."""
    parts = []
    for name, title in TITLES.items():
        file = results / f"{name}.json"
        if file.exists():
            found = json.loads(file.read_text(encoding="utf-8"))
            parts.append("\n".join([f"### {title}", "", *_lines(found)]))
    return "\n\n".join(parts)


def _lines(found: Mapping[str, Any]) -> Iterator[str]:
    yield (
        f"{found['measured_at'][:10]}, {found['cores']} cores, load {found['load']:g}"
        f" before the end, scale {found['scale']:g}."
    )
    yield ""
    yield "| | measured | target | |"
    yield "| --- | ---: | ---: | --- |"
    for figure in found["figures"]:
        value = f"{_number(figure['value'])} {figure['unit']}".strip()
        target = f"{figure['bound']} {figure['target']:g}" if figure["target"] else ""
        verdict = VERDICTS[figure["met"]]
        yield f"| {figure['what']} | {value} | {target} | {verdict} |"
    if "milliseconds" in found:
        yield from _spent(found["milliseconds"])


def _spent(milliseconds: Mapping[str, Mapping[str, float]]) -> Iterator[str]:
    """Show where the processor time of one journey goes: a row per process that had any."""
    names = list(milliseconds)
    yield ""
    yield f"| processor time of one, in ms | {' | '.join(names)} |"
    yield f"| --- |{' ---: |' * len(names)}"
    for process in next(iter(milliseconds.values())):
        spent = [milliseconds[name][process] for name in names]
        if max(spent) >= 1:
            yield f"| {process} | {' | '.join(f'{each:.0f}' for each in spent)} |"


def _number(value: float) -> str:
    return (
        f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:,.2f}"
    )


def rewritten(document: str, figures: str) -> str:
    """Return the document with these figures between its marks."""
    before, _, rest = document.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{figures}\n\n{END}{after}"


def main() -> None:
    document = DOCUMENT.read_text(encoding="utf-8")
    DOCUMENT.write_text(rewritten(document, tables(RESULTS)), encoding="utf-8")
    sys.stdout.write(f"Written: {DOCUMENT.name}\n")


if __name__ == "__main__":
    main()
