"""Charts that are drawn at the server."""

import re
from datetime import timedelta
from itertools import pairwise
from xml.etree.ElementTree import fromstring

import pytest
from markupsafe import Markup

from api.portal.charts import (
    LONGEST,
    SHORTEST,
    TICKS,
    Part,
    axis,
    place,
    share,
    stacked,
    within,
)

CHARTS = (
    share(0.5),
    share(0),
    stacked([Part("single", 0.25), Part("several", 0.5)]),
    within(timedelta(minutes=5), timedelta(days=2)),
    within(timedelta(), timedelta(days=4000)),
    axis(),
)


def bars(chart: Markup) -> list[tuple[str, str, str]]:
    """Return the class, the start and the length of every bar."""
    return re.findall(r'<rect class="(\w+)" x="([\d.]+)%" width="([\d.]+)%"', chart)


@pytest.mark.parametrize("chart", CHARTS)
def test_a_chart_is_whole_and_says_nothing_on_its_own(chart: Markup) -> None:
    """
    It can be read as XML, is hidden from screen readers, and styles nothing inline.
    """
    drawn = fromstring(chart)  # noqa: S314 (our own)

    assert "true" == drawn.attrib["aria-hidden"]
    assert "style" not in chart
    shares = [float(number) for number in re.findall(r"(-?[\d.]+)%", chart)]
    assert shares
    assert all(0 <= share <= 100 for share in shares)


def test_a_bar_is_its_share_of_a_track() -> None:
    """
    Parts stand one after the other; more than everything is everything.
    """
    assert [("track", "0.00", "100.00"), ("all", "0.00", "25.00")] == bars(share(0.25))
    assert ("several", "25.00", "50.00") == bars(
        stacked([Part("single", 0.25), Part("several", 0.5)])
    )[2]
    assert ("all", "0.00", "100.00") == bars(share(1.5))[1]


def test_durations_stand_where_their_tenfold_says() -> None:
    """
    From a second to two months, each tenfold takes the same room; what is out stands at the edge.
    """
    tenfold = [place(timedelta(seconds=10**power)) for power in range(4)]
    steps = [after - before for before, after in pairwise(tenfold)]

    assert [0, 1] == [place(SHORTEST / 10), place(LONGEST * 10)]
    assert max(steps) - min(steps) < 1e-9
    assert sorted(place(time) for _, time in TICKS) == [place(t) for _, t in TICKS]


def test_a_bar_of_durations_goes_to_the_middle_and_on() -> None:
    """
    The paler part goes on to the time of nearly all.
    """
    most, middle = bars(within(timedelta(minutes=1), timedelta(hours=1)))

    assert ("most", "all") == (most[0], middle[0])
    assert float(most[1]) == float(middle[2])
    assert all(label in axis() for label, _ in TICKS)
