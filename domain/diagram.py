"""
The machine as a picture: `python -m domain.diagram` prints it in Mermaid.

Drawn from `ROWS`, so that it can't say anything else. What stays in its stage
is left out, and rows that many stages share are one arrow from all of them.
"""

import sys
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from domain.journey import (
    BEFORE_FETCHING,
    CLOSED,
    FIRST,
    OPEN,
    REPAIR,
    ROWS,
    Event,
    Row,
    Stage,
    When,
)


class Crowd(NamedTuple):
    """Stages that are drawn as one, and a guard that goes without saying there."""

    name: str
    label: str
    implied: When | None = None


CROWDS: Final[Mapping[tuple[Stage, ...], Crowd]] = {
    OPEN: Crowd("open", "any open stage"),
    BEFORE_FETCHING: Crowd("before_fetching", "any stage before fetching"),
    REPAIR: Crowd("repair", "repair of an entity", When.REPAIRING),
}


class Arrow(NamedTuple):
    """Something that leads from one box to another."""

    source: str
    target: str
    when: str
    event: str


def diagram() -> str:
    """Return the machine as a Mermaid state diagram."""
    lines = [
        *(f'state "{crowd.label}" as {crowd.name}' for crowd in CROWDS.values()),
        *(f"[*] --> {stage}: by {delivery}" for delivery, stage in FIRST.items()),
        *_labelled([arrow for row in ROWS for arrow in _arrows(row)]),
        *(f"{stage} --> [*]" for stage in CLOSED),
    ]
    return "\n    ".join(["stateDiagram-v2", *lines])


def _arrows(row: Row) -> Iterator[Arrow]:
    crowd = CROWDS.get(row.sources)
    sources = [crowd.name] if crowd else [str(source) for source in row.sources]
    implied = crowd.implied if crowd else None
    when = ", ".join(guard for guard in row.when if guard is not implied)
    for source in sources:
        if row.target is not None and row.target != source:
            yield Arrow(source, row.target, when, _words(row.event))


def _labelled(arrows: list[Arrow]) -> Iterator[str]:
    """One line for all that leads the same way: its events, by what has to be true for them."""
    ways: dict[tuple[str, str], dict[str, list[str]]] = {}
    for source, target, when, event in arrows:
        ways.setdefault((source, target), {}).setdefault(when, []).append(event)
    for (source, target), by_guard in ways.items():
        labels = [
            f"{', '.join(events)} ({when})" if when else ", ".join(events)
            for when, events in by_guard.items()
        ]
        yield f"{source} --> {target}: {'<br>'.join(labels)}"


def _words(event: Event) -> str:
    return event.replace("_", " ")


if __name__ == "__main__":
    sys.stdout.write(f"{diagram()}\n")
