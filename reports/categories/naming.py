"""Which concepts a name speaks of, the most telling first."""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from reports.categories.rules import (
    Concept,
    Phrase,
    Vocabulary,
    abbreviations,
    concepts,
    vocabulary,
)
from reports.categories.words import (
    SHORTEST_PART,
    SHORTEST_STEM,
    SHORTEST_TYPO,
    nearly,
    words_of,
)

WORD_WEIGHT = 2


class Meaning(NamedTuple):
    """A concept that a name speaks of; `score` orders those of one name."""

    concept: Concept
    score: int
    words: frozenset[str]


class Reading(NamedTuple):
    """What was understood of a text; `strange` is the share of words that mean nothing."""

    meanings: tuple[Meaning, ...]
    words: frozenset[str]
    strange: float


@lru_cache(maxsize=50_000)
def read(text: str) -> Reading:
    """Find the concepts of a text, by its words alone."""
    words = words_of(text)
    known = vocabulary()
    understood = [frozenset(_understood(word, known)) for word in words]
    heard: frozenset[str] = frozenset().union(*understood)
    counted = [
        found
        for word, found in zip(words, understood, strict=True)
        if word.isalpha() and len(word) > 1 and word not in known.fillers
    ]
    strange = sum(not found for found in counted) / max(1, len(counted))
    return Reading(_meanings(heard, known), heard | frozenset(words), strange)


def _meanings(heard: frozenset[str], known: Vocabulary) -> tuple[Meaning, ...]:
    best: dict[str, Meaning] = {}
    for phrase in _phrases(heard, known):
        concept = concepts()[phrase.concept]
        score = WORD_WEIGHT * len(phrase.needs) + concept.force
        if concept.name not in best or best[concept.name].score < score:
            best[concept.name] = Meaning(concept, score, phrase.needs)
    return tuple(sorted(best.values(), key=_least_telling, reverse=True))


def _least_telling(meaning: Meaning) -> tuple[int, int, int, str]:
    """The name comes last: no two concepts have the same one, so the order is always the same."""
    concept = meaning.concept
    return meaning.score, concept.force, concept.sure, concept.name


def _phrases(heard: frozenset[str], known: Vocabulary) -> Iterator[Phrase]:
    for word in heard:
        for phrase in known.phrases.get(word, ()):
            if phrase.needs <= heard and not phrase.without & heard:
                yield phrase


def _understood(word: str, known: Vocabulary) -> Iterator[str]:
    """The words of the vocabulary that a word stands for; itself, if it is one."""
    if word in known.known:
        yield word
    if word in abbreviations():
        yield abbreviations()[word]
        return
    yield from _begun(word, known)
    if word not in known.known and len(word) > SHORTEST_STEM:
        parts = tuple(_parts(word, known))
        yield from parts or _meant(word, known)


def _begun(word: str, known: Vocabulary) -> Iterator[str]:
    for length in range(SHORTEST_STEM, len(word) + 1):
        if word[:length] + "*" in known.beginnings:
            yield word[:length] + "*"


def _parts(word: str, known: Vocabulary) -> Iterator[str]:
    """The last part of a compound, then whatever its beginning is made of."""
    for start in range(SHORTEST_STEM, len(word) - SHORTEST_PART + 1):
        if word[start:] in known.parts:
            yield word[start:]
            yield from _begun(word[:start], known)
            yield from _first(word[:start], known)
            return
    yield from _first(word, known)


def _first(word: str, known: Vocabulary) -> Iterator[str]:
    for end in range(len(word), SHORTEST_STEM - 1, -1):
        if word[:end] in known.parts:
            yield word[:end]
            return


def _meant(word: str, known: Vocabulary) -> Iterator[str]:
    """The word that this one is, but for a slip of the pen."""
    if len(word) >= SHORTEST_TYPO:
        for shorter in nearly(word):
            if meant := known.slips.get(shorter):
                yield meant
                return
