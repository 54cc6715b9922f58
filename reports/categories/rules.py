"""
What accountants call things and where those belong: tables that a person can extend.

docs/categories.md explains the files in `rules/`. Reading them makes everything that
is looked up while an account is sorted, once in a process.
"""

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from itertools import chain
from pathlib import Path
from typing import Final, NamedTuple

from reports.categories.words import (
    SHORTEST_PART,
    SHORTEST_TYPO,
    nearly,
    words_of,
)

FOLDER: Final = Path(__file__).with_name("rules")
PLACES: Final = ("asset", "liability", "equity", "income", "cost_of_sales", "expense")
COMPOUNDING: Final = ("german", "dutch", "nordic")
"""Languages that write several words as one."""


class Concept(NamedTuple):
    """
    Something that accounts are about, and its category in each place of the books.

    `force` decides which of several concepts in one name is meant; `sure` is how far
    to trust it, from 0 to 100; `usual` is its place where nothing else tells.
    """

    name: str
    force: int
    sure: int
    usual: str
    categories: Mapping[str, str]


class Phrase(NamedTuple):
    """Words that together mean a concept, in any order, unless others stand with them."""

    concept: str
    needs: frozenset[str]
    without: frozenset[str]
    language: str


class Hint(NamedTuple):
    """
    What a word from the books' structure says about an account.

    Where it is not `firm` the account's own name knows better.
    """

    source: str
    words: str
    category: str
    sure: int
    firm: bool


class CodeRange(NamedTuple):
    """Nominal codes that a common chart of accounts keeps for a category."""

    chart: str
    currencies: frozenset[str]
    shortest: int
    longest: int
    first: str
    last: str
    category: str
    sure: int


class Vocabulary(NamedTuple):
    """All phrases, each under one of its words, and how to recognize a word in them."""

    phrases: Mapping[str, tuple[Phrase, ...]]
    known: frozenset[str]
    beginnings: frozenset[str]
    parts: frozenset[str]
    slips: Mapping[str, str]
    fillers: frozenset[str]


def table(name: str) -> Iterator[dict[str, str]]:
    """The lines of one file of rules."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def tables(prefix: str) -> list[str]:
    """The names of the files that hold rules of a kind."""
    return sorted(path.stem for path in FOLDER.glob(f"{prefix}_*.csv"))


@cache
def concepts() -> Mapping[str, Concept]:
    """Every concept by its name."""
    lines = chain.from_iterable(table(name) for name in tables("concepts"))
    return {
        line["concept"]: Concept(
            line["concept"],
            int(line["force"]),
            int(line["sure"]),
            line["usual"],
            {place: line[place] for place in PLACES if line[place]},
        )
        for line in lines
    }


def phrases() -> Iterator[Phrase]:
    """Every phrase as it is written in the files of words."""
    for name in tables("words"):
        language = name.split("_")[1]
        for line in table(name):
            for text in line["phrases"].split(";"):
                yield _phrase(line["concept"], text, language)


@cache
def vocabulary() -> Vocabulary:
    """The phrases, ready to be looked for."""
    every = list(phrases())
    by_word: dict[str, list[Phrase]] = defaultdict(list)
    for phrase in every:
        by_word[max(phrase.needs, key=lambda word: (len(word), word))].append(phrase)
    known = frozenset(chain.from_iterable(phrase.needs for phrase in every))
    fillers = words_of_kind("vague") | words_of_kind("joining")
    whole = frozenset(word for word in known if not word.endswith("*"))
    return Vocabulary(
        {word: tuple(found) for word, found in by_word.items()},
        whole | fillers,
        known - whole,
        frozenset(_parts(every)),
        _slips(whole),
        fillers,
    )


@cache
def hints() -> Mapping[tuple[str, str], tuple[Hint, ...]]:
    """What types, sections and the software's own categories say, by source and words."""
    found: dict[tuple[str, str], list[Hint]] = defaultdict(list)
    for line in chain.from_iterable(table(name) for name in tables("hints")):
        words = " ".join(words_of(line["words"]))
        firm = line["firm"] == "yes"
        hint = Hint(line["source"], words, line["category"], int(line["sure"]), firm)
        found[hint.source, words].append(hint)
    return {key: tuple(each) for key, each in found.items()}


@cache
def spoken_hints() -> Mapping[str, tuple[Hint, ...]]:
    """The hints that names give, each under its first word."""
    found: dict[str, list[Hint]] = defaultdict(list)
    for (source, words), each in hints().items():
        if source == "name":
            found[words.split()[0]] += each
    return {word: tuple(each) for word, each in found.items()}


@lru_cache(maxsize=1_000)
def codes(currency: str, length: int) -> tuple[CodeRange, ...]:
    """The ranges of the charts that are used with a currency and have codes so long."""
    return tuple(
        span
        for span in ranges()
        if currency in span.currencies and span.shortest <= length <= span.longest
    )


@cache
def ranges() -> tuple[CodeRange, ...]:
    """The ranges of all charts."""
    return tuple(
        CodeRange(
            line["chart"],
            frozenset(line["currencies"].split()),
            int(line["shortest"]),
            int(line["longest"]),
            line["first"],
            line["last"],
            line["category"],
            int(line["sure"]),
        )
        for line in chain.from_iterable(table(name) for name in tables("codes"))
    )


@cache
def words_of_kind(kind: str) -> frozenset[str]:
    """Words that say little: joining ones count nowhere, vague ones only within a phrase."""
    lines = (line for line in table("fillers") if line["kind"] == kind)
    return frozenset(chain.from_iterable(words_of(line["words"]) for line in lines))


@cache
def abbreviations() -> Mapping[str, str]:
    """What accountants shorten, by the short word."""
    return {
        " ".join(words_of(line["short"])): " ".join(words_of(line["long"]))
        for line in table("abbreviations")
    }


def _phrase(concept: str, text: str, language: str) -> Phrase:
    wanted = [word for word in text.split() if not word.startswith("-")]
    unwanted = [word[1:] for word in text.split() if word.startswith("-")]
    stems = frozenset(_stems(wanted))
    return Phrase(concept, stems, frozenset(_stems(unwanted)), language)


def _stems(wanted: list[str]) -> Iterator[str]:
    """A word with a star stands for every word that begins like it."""
    whole = " ".join(word for word in wanted if not word.endswith("*"))
    yield from (
        word for word in words_of(whole) if word not in words_of_kind("joining")
    )
    yield from ("".join(words_of(word)) + "*" for word in wanted if word.endswith("*"))


def _parts(every: list[Phrase]) -> Iterator[str]:
    for phrase in every:
        if phrase.language in COMPOUNDING:
            for word in phrase.needs:
                if len(word.removesuffix("*")) >= SHORTEST_PART:
                    yield word.removesuffix("*")


def _slips(words: frozenset[str]) -> dict[str, str]:
    """What a word becomes when one letter is missing, unless two words become the same."""
    found: dict[str, str] = {}
    for word in sorted(words):
        if len(word) >= SHORTEST_TYPO and word.isalpha():
            for shorter in nearly(word):
                found[shorter] = word if found.get(shorter, word) == word else ""
    return found
