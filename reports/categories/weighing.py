"""How reasons for several categories become one suggestion, as deep as it is sure."""

from collections import defaultdict
from collections.abc import Iterable
from math import prod
from typing import Final

from domain.taxonomy import taxonomy
from reports.categories.evidence import Evidence
from reports.categories.facts import CERTAIN, Suggestion

LEAST: Final = 0.5
"""What a level needs to be suggested."""

MOST: Final = 0.99
AGAINST: Final = 0.25
"""How much of its weight a contradiction takes away."""


def weighed(found: Iterable[Evidence]) -> Suggestion:
    """
    Go down the tree as long as one branch has enough for it.

    Reasons for the same branch add up as independent ones do: what is left of the
    doubt is the product of their doubts. A level is never surer than the one above.
    """
    paths = [(each.category.split("."), each.strength) for each in found]
    here: list[str] = []
    levels: list[int] = []
    certainty = MOST
    while paths:
        branches: dict[str, list[float]] = defaultdict(list)
        for names, strength in paths:
            branches[names[len(here)]].append(strength)
        best, sure = _best(branches)
        certainty = min(certainty, sure)
        if certainty < LEAST:
            break
        depth = len(here) + 1
        paths = [
            path
            for path in paths
            if path[0][depth - 1] == best and len(path[0]) > depth
        ]
        here.append(best)
        levels.append(int(certainty * CERTAIN))
    return _nearest(here, levels)


def _best(branches: dict[str, list[float]]) -> tuple[str, float]:
    """The branch with the most for it, and how sure that is beside the others."""
    support = {name: _together(strengths) for name, strengths in branches.items()}
    best = max(sorted(support), key=support.__getitem__)
    against = _together(
        strength for name, each in branches.items() if name != best for strength in each
    )
    return best, support[best] * (1 - AGAINST * against)


def _together(strengths: Iterable[float]) -> float:
    return 1 - prod(1 - strength for strength in strengths)


def _nearest(here: list[str], levels: list[int]) -> Suggestion:
    """A step that only groups others is no category: its parent is."""
    while here and ".".join(here) not in taxonomy():
        here, levels = here[:-1], levels[:-1]
    return Suggestion(".".join(here) or None, tuple(levels))
