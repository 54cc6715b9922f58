"""
Charts as SVG, drawn here: bars whose numbers stand beside them, in the table that they are in.

Lengths are shares of the room that there is, so that a chart fits a phone without its
text shrinking; colours are classes, so that it fits the dark. A chart says nothing that
the table does not, and so is hidden from screen readers.
"""

from collections.abc import Sequence
from datetime import timedelta
from math import log
from typing import Final, NamedTuple

from markupsafe import Markup

HEIGHT: Final = 14
"""Pixels of a bar."""

SHORTEST: Final = timedelta(seconds=1)
LONGEST: Final = timedelta(days=60)
TICKS: Final = (
    ("1 min", timedelta(minutes=1)),
    ("1 h", timedelta(hours=1)),
    ("1 d", timedelta(days=1)),
    ("30 d", timedelta(days=30)),
)
"""Where lines stand in a chart of durations: each tenfold takes the same room."""


class Part(NamedTuple):
    """A part of a bar: the class that gives it its colour, and its share of the whole."""

    tone: str
    share: float


def share(done: float, tone: str = "all") -> Markup:
    """Return one bar of that share of its room, on a track."""
    return stacked([Part(tone, done)])


def stacked(parts: Sequence[Part]) -> Markup:
    """Return a bar of several parts, one after the other."""
    bars, start = [_bar("track", 0, 1)], 0.0
    for part in parts:
        bars.append(_bar(part.tone, start, part.share))
        start += part.share
    return _chart(bars)


def within(middle: timedelta, most: timedelta) -> Markup:
    """Return a bar up to the time in the middle, and a paler one on to that of nearly all."""
    lines = [
        Markup('<line class="tick" x1="{0}%" x2="{0}%" y1="0" y2="{1}"/>').format(
            _percent(place(time)), HEIGHT
        )
        for _, time in TICKS
    ]
    first, second = place(middle), place(most)
    return _chart(
        [
            *lines,
            _bar("most", first, second - first),
            _bar("all", 0, first),
        ]
    )


def axis() -> Markup:
    """Return what the lines of a chart of durations mean."""
    labels = [
        Markup('<text x="{}%" y="{}" text-anchor="middle">{}</text>').format(
            _percent(place(time)), HEIGHT - 2, label
        )
        for label, time in TICKS
    ]
    return _chart(labels)


def place(time: timedelta) -> float:
    """Return where a duration stands, from 0 to 1; what is out of bounds stands at the edge."""
    kept = min(max(time, SHORTEST), LONGEST)
    return log(kept / SHORTEST) / log(LONGEST / SHORTEST)


def _bar(tone: str, start: float, length: float) -> Markup:
    bar = Markup('<rect class="{}" x="{}%" width="{}%" height="{}" rx="3"/>')
    return bar.format(tone, _percent(start), _percent(length), HEIGHT)


def _percent(part: float) -> str:
    return f"{100 * min(max(part, 0.0), 1.0):.2f}"


def _chart(marks: Sequence[Markup]) -> Markup:
    chart = Markup(
        '<svg class="chart" width="100%" height="{}" aria-hidden="true">{}</svg>'
    )
    return chart.format(HEIGHT, Markup().join(marks))
