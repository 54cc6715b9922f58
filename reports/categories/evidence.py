"""What each thing that is known about an account says about where it belongs."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import takewhile
from typing import Final, NamedTuple

from domain.taxonomy import is_under, taxonomy
from reports.categories.facts import CERTAIN, AccountFacts
from reports.categories.naming import Meaning, Reading, read
from reports.categories.rules import PLACES, Hint, codes, hints, spoken_hints
from reports.categories.words import spelled_out, words_of

ROOTS: Final[Mapping[str, str]] = {
    place: "Expense" if place == "cost_of_sales" else place.capitalize()
    for place in PLACES
}
COST_OF_SALES: Final = "Expense.CostOfSales"
OPERATING: Final = "Expense.Operating"
GROUND_LEVEL: Final = 2

NAME: Final = 1.0
CATEGORY: Final = 0.75
DESCRIPTION: Final = 0.6
"""How far words are trusted, by whose they are."""

STRANGERS: Final = 0.2
"""What a name of nothing but unknown words would lose."""

SECOND: Final = (0.45, 0.3, 0.15)
"""What the next best meaning is worth, by how far its score is behind."""

DOUBT: Final = (0.5, 0.8, 0.9)
DOUBT_BETWEEN_BRANCHES: Final = (0.7, 0.8, 0.9)
"""What it leaves of the best, which keeps more where the two have nothing in common."""

GUESSED_PLACE: Final = 0.9
"""What is left of a meaning where not even the type is known."""

FIRM: Final = 0.75
"""From what strength on the structure of the books moves a meaning."""


class Evidence(NamedTuple):
    """One reason for a category; `strength` is from 0 to 1, and halves where a name knows better."""

    category: str
    strength: float
    firm: bool = True

    def beside(self, *, named: bool) -> "Evidence":
        """What is left of it once the account's name has spoken."""
        return (
            self
            if self.firm or not named
            else self._replace(strength=self.strength / 2)
        )


class Ground(NamedTuple):
    """Where the books' structure puts an account: the roots it may be under, and a second level."""

    roots: frozenset[str]
    second: str | None

    def place(self, meaning: Meaning) -> str | None:
        """In which of its places a concept is meant here, if in any."""
        offered = [p for p in meaning.concept.categories if ROOTS[p] in self.roots]
        if len(self.roots) > 1 and meaning.concept.usual in offered:
            return meaning.concept.usual
        if self.second == COST_OF_SALES and "cost_of_sales" in offered:
            return "cost_of_sales"
        return next(reversed(offered), None)


def of_structure(facts: AccountFacts) -> Iterator[Evidence]:
    """From the account's type, the statements' sections and the software's category."""
    found = list(hints().get(("type", facts.type), ()))
    for section in sorted(facts.sections):
        found += hints().get(
            ("section", " ".join(words_of(section.replace("_", " ")))), ()
        )
    yield from _evidence(found)
    yield from of_category(facts.category)


def of_category(category: str | None) -> Iterator[Evidence]:
    """From the software's own wording, where it is a known one."""
    spoken = spelled_out(category or "")
    yield from _evidence(hints().get(("software", " ".join(words_of(spoken))), ()))


def of_default(facts: AccountFacts) -> Iterator[Evidence]:
    """What most accounts of a type are, for want of anything better."""
    yield from _evidence(hints().get(("default", facts.type), ()))


def of_words(text: str) -> Iterator[Evidence]:
    """From words such as "long term", which say when rather than what."""
    said = read(text).words
    for word in sorted(said):
        for hint in spoken_hints().get(word, ()):
            if said.issuperset(hint.words.split()):
                yield from _evidence((hint,))


def of_code(facts: AccountFacts) -> Iterator[Evidence]:
    """From the charts of accounts that the nominal code fits."""
    code = "".join(letter for letter in facts.code or "" if letter not in "-. ")
    if not (code.isascii() and code.isdigit()):
        return
    for span in codes(facts.currency, len(code)):
        if span.first <= code[: len(span.first)] <= span.last:
            yield Evidence(span.category, span.sure / CERTAIN, firm=False)


def of_meanings(reading: Reading, ground: Ground, trust: float) -> Iterator[Evidence]:
    """From what a text speaks of: its best meaning, and the next if it is as likely."""
    found = _telling(list(_located(reading.meanings, ground)))
    if not found:
        return
    best, category = found[0]
    rivals = (
        (best.score - meaning.score, other)
        for meaning, other in found[1:]
        if not is_under(other, category) and not is_under(category, other)
    )
    gap, rival = next(rivals, (len(SECOND), ""))
    guessed = GUESSED_PLACE if len(ground.roots) > 1 else 1
    sure = (
        best.concept.sure
        / CERTAIN
        * (1 - STRANGERS * reading.strange)
        * guessed
        * trust
    )
    if gap >= len(SECOND):
        yield Evidence(category, sure)
        return
    yield Evidence(rival, SECOND[gap] * trust)
    shared = _shared(category, rival)
    if shared:
        yield Evidence(shared, sure)
    yield Evidence(category, sure * (DOUBT if shared else DOUBT_BETWEEN_BRANCHES)[gap])


def settled(category: str, second: str | None) -> str:
    """The same kind of thing under another second level: a long-term loan from a loan."""
    levels = taxonomy()[category].levels
    current = ".".join(levels[:GROUND_LEVEL])
    if second is None or second == current or second.split(".")[0] != levels[0]:
        return category
    for depth in range(len(levels), GROUND_LEVEL, -1):
        moved = ".".join((second, *levels[GROUND_LEVEL:depth]))
        if moved in taxonomy():
            return moved
    swaps = {second, current} == {COST_OF_SALES, OPERATING}
    return second if swaps else category


def _shared(one: str, other: str) -> str:
    """The category that two have in common, if it says more than their root."""
    names = takewhile(
        lambda pair: pair[0] == pair[1],
        zip(one.split("."), other.split("."), strict=False),
    )
    shared = ".".join(name for name, _ in names)
    return shared if shared in taxonomy() else ""


def _telling(found: list[tuple[Meaning, str]]) -> list[tuple[Meaning, str]]:
    """Without what is only a part of something: equipment rent is no rent."""
    return [
        (meaning, category)
        for meaning, category in found
        if not any(meaning.words < other.words for other, _ in found)
    ]


def _located(
    meanings: Iterable[Meaning], ground: Ground
) -> Iterator[tuple[Meaning, str]]:
    for meaning in meanings:
        if place := ground.place(meaning):
            yield meaning, settled(meaning.concept.categories[place], ground.second)


def _evidence(found: Iterable[Hint]) -> Iterator[Evidence]:
    for hint in found:
        yield Evidence(hint.category, hint.sure / CERTAIN, hint.firm)
