"""The picture of the machine says what the machine does, and nothing twice."""

import re

import pytest

from domain.diagram import CROWDS, diagram
from domain.journey import CLOSED, FIRST, ROWS, Row, Stage

ARROW = re.compile(r"^    (\S+) --> (\S+?)(?:: (.+))?$")
ARROWS = [
    found.groups() for line in diagram().splitlines() if (found := ARROW.match(line))
]


@pytest.mark.parametrize("row", [row for row in ROWS if row.target], ids=str)
def test_every_row_that_leads_somewhere_is_drawn(row: Row) -> None:
    """
    For each stage that a row leads away from there is an arrow that names its event.
    """
    crowd = CROWDS.get(row.sources)
    sources = [crowd.name] if crowd else [str(stage) for stage in row.sources]
    sources = [source for source in sources if source != row.target]
    words = row.event.replace("_", " ")

    for source in sources:
        (label,) = [
            label
            for start, end, label in ARROWS
            if (start, end) == (source, row.target)
        ]
        assert words in label


def test_nothing_is_drawn_twice() -> None:
    """
    Whatever leads the same way is one arrow, and nothing leads to itself.
    """
    ways = [(source, target) for source, target, _ in ARROWS]

    assert len(set(ways)) == len(ways)
    assert all(source != target for source, target in ways if source != "[*]")


def test_every_stage_is_in_the_picture() -> None:
    """
    It begins where journeys begin, ends where they end, and leaves no stage out.
    """
    drawn = {each for source, target, _ in ARROWS for each in (source, target)}

    assert set(Stage) <= drawn
    assert set(FIRST.values()) == {end for start, end, _ in ARROWS if start == "[*]"}
    assert set(CLOSED) == {start for start, end, _ in ARROWS if end == "[*]"}
