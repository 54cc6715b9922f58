"""
A journey as a drawing: its stages in a row, or below each other where there is little room.

What is computed here is where things are; `journey/picture.html` writes them as SVG.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import pairwise
from textwrap import wrap
from typing import Final, NamedTuple

from api.portal.words import passing
from domain.journey import FACES, Stage
from domain.route import Route, Step


class Layout(NamedTuple):
    """`width` and `height` are a stage's, `gap` what is between two, all in pixels."""

    name: str
    upright: bool
    width: int
    height: int
    gap: int
    letters: int

    @property
    def along(self) -> int:
        """How long a stage is in the direction in which one goes."""
        return self.height if self.upright else self.width

    @property
    def across(self) -> int:
        """How long it is in the other one."""
        return self.width if self.upright else self.height

    def point(self, along: float, across: float) -> tuple[float, float]:
        """Return x and y."""
        return (across, along) if self.upright else (along, across)


LAYOUTS: Final = (
    Layout("across", upright=False, width=116, height=66, gap=22, letters=13),
    Layout("down", upright=True, width=210, height=48, gap=24, letters=24),
)
MARGIN: Final = 4
BEND: Final = 14
"""By how much a curve bends out for each stage that it passes."""

TIP: Final = 7
"""An arrow's head, which sticks out of its line."""


class Standing(NamedTuple):
    """The stage that a journey is in, what there is to say of that, and whether it is well."""

    stage: Stage
    note: str | None
    well: bool


class Node(NamedTuple):
    """One stage; `kind` is past, here, ahead or maybe."""

    x: float
    y: float
    kind: str
    lines: Sequence[tuple[float, str]]
    note: tuple[float, str] | None


class Line(NamedTuple):
    """From one stage to another; `kind` is taken or ahead."""

    path: str
    kind: str


class Picture(NamedTuple):
    """A drawing, `width` by `height`."""

    layout: Layout
    width: float
    height: float
    nodes: Sequence[Node]
    lines: Sequence[Line]


def pictures(
    route: Route, spent: Mapping[Stage, timedelta], now: Standing
) -> list[Picture]:
    """Draw a journey: how long it was in each stage, and where it is."""
    return [_Drawing(layout, route).picture(spent, now) for layout in LAYOUTS]


class _Drawing:
    """One layout of one route."""

    def __init__(self, layout: Layout, route: Route) -> None:
        self._layout = layout
        self._route = route
        self._place = {stage: place for place, stage in enumerate(route.stages)}
        self._before = MARGIN + self._room(1)

    def picture(self, spent: Mapping[Stage, timedelta], now: Standing) -> Picture:
        layout, count = self._layout, len(self._route.stages)
        length = 2 * MARGIN + count * layout.along + (count - 1) * layout.gap
        breadth = self._before + layout.across + self._room(-1) + MARGIN
        width, height = layout.point(length, breadth)
        return Picture(
            layout=layout,
            width=width,
            height=height,
            nodes=[self._node(stage, spent, now) for stage in self._route.stages],
            lines=self._lines(),
        )

    def _node(
        self, stage: Stage, spent: Mapping[Stage, timedelta], now: Standing
    ) -> Node:
        layout = self._layout
        x, y = layout.point(self._start(stage), self._before)
        lines = wrap(FACES[stage].label, layout.letters)
        note = _note(stage, spent, now)
        top = y + layout.height / 2 + 5 - 7.5 * (len(lines) + bool(note) - 1)
        written = [(top + 15 * number, line) for number, line in enumerate(lines)]
        return Node(
            x=x,
            y=y,
            kind=self._kind(stage, now),
            lines=written,
            note=(top + 15 * len(lines) + 1, note) if note else None,
        )

    def _kind(self, stage: Stage, now: Standing) -> str:
        if stage is now.stage:
            return "here" if now.well else "here trouble"
        if any(stage in step for step in self._route.taken):
            return "past"
        return "maybe" if stage in self._route.open_ended else "ahead"

    def _lines(self) -> list[Line]:
        """What was taken comes last: it is drawn over the rest."""
        stages = self._route.stages
        ahead = [
            Step(*pair)
            for pair in pairwise(stages)
            if Step(*pair) not in self._route.taken
        ]
        return [
            *(Line(self._straight(step), "ahead") for step in ahead),
            *(Line(self._path(step), "taken") for step in sorted(self._route.taken)),
        ]

    def _path(self, step: Step) -> str:
        return self._straight(step) if self._span(step) == 1 else self._curve(step)

    def _straight(self, step: Step) -> str:
        across = self._before + self._layout.across / 2
        begin = self._start(step.source) + self._layout.along
        return self._drawn(
            "M", (begin, across), "L", (self._start(step.target) - TIP, across)
        )

    def _curve(self, step: Step) -> str:
        """Forward on one side, back on the other."""
        side = 1 if self._span(step) > 0 else -1
        edge = self._before + (self._layout.across if side < 0 else 0)
        out = edge - side * (BEND * abs(self._span(step)) + 2 * TIP)
        aside = self._layout.along * 0.12 * side
        begin, end = (self._start(stage) + self._layout.along / 2 for stage in step)
        return self._drawn(
            "M", (begin + aside, edge),
            "C", (begin + aside, out), (end - aside, out), (end - aside, edge - side * TIP),
        )  # fmt: skip

    def _drawn(self, *parts: str | tuple[float, float]) -> str:
        return " ".join(
            part
            if isinstance(part, str)
            else "{:g} {:g}".format(*self._layout.point(*part))
            for part in parts
        )

    def _room(self, side: int) -> float:
        """How much the curves on one side need; a curve bends to three quarters of its handles."""
        spans = [
            abs(span)
            for span in map(self._span, self._route.taken)
            if span != 1 and (span > 0) == (side > 0)
        ]
        return 0.75 * (BEND * max(spans) + 2 * TIP) + 2 if spans else 0

    def _span(self, step: Step) -> int:
        return self._place[step.target] - self._place[step.source]

    def _start(self, stage: Stage) -> float:
        layout = self._layout
        return MARGIN + self._place[stage] * (layout.along + layout.gap)


def _note(stage: Stage, spent: Mapping[Stage, timedelta], now: Standing) -> str | None:
    if stage is now.stage:
        return now.note
    return passing(spent[stage]) if stage in spent else None
