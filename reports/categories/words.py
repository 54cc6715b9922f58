"""How texts become words that can be compared, whatever the language and the habit."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

MOST_CHARACTERS: Final = 300
MOST_WORDS: Final = 40
MOST_LETTERS: Final = 40
SHORTEST_STEM: Final = 3
SHORTEST_PART: Final = 4
SHORTEST_TYPO: Final = 6

# Letters that Unicode doesn't take apart, and the spellings of umlauts without them.
_SPELLINGS: Final = (
    ("ß", "ss"),
    ("ø", "o"),
    ("æ", "a"),
    ("œ", "o"),
    ("ae", "a"),
    ("oe", "o"),
    ("ue", "u"),
)
_SILENT: Final = ("xe", "che", "she", "sse", "ze", "ore", "ione")
_CONTRACTION: Final = re.compile(r"(?<=[a-z])'(?=[a-z]{1,2}\b)")  # dep'n, owner's
_INITIALS: Final = re.compile(
    r"\b[a-z](?:(?:[./]| ?& ?)[a-z]){1,3}\b\.?"
)  # a/c, r&d, h.p.
_MARKS: Final = re.compile(r"[.&/ ]")
_HUMP: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")  # OtherCurrentAssets
_WORD: Final = re.compile(r"[a-z]+|[0-9]+[a-z]+|[0-9]+")


def fold(text: str) -> str:
    """Small letters without accents, in one spelling: "Löhne" and "Loehne" are both lohne."""
    plain = unicodedata.normalize("NFKD", text[:MOST_CHARACTERS].casefold())
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    for spelling, letters in _SPELLINGS:
        bare = bare.replace(spelling, letters)
    return bare.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")


def stem(word: str) -> str:
    """A word without its plural's ending: taxes, taxe and tax are one."""
    if word.endswith("ies") and len(word) > SHORTEST_STEM + 1:
        return word[:-3] + "y"
    if word.endswith(("ss", "us", "is")) or len(word) <= SHORTEST_STEM:
        return word
    singular = word.removesuffix("s")
    return singular[:-1] if singular.endswith(_SILENT) else singular


@lru_cache(maxsize=50_000)
def words_of(text: str) -> tuple[str, ...]:
    """The stems of a text's words in their order; initials count as one word."""
    folded = _CONTRACTION.sub("", fold(text))
    joined = _INITIALS.sub(lambda found: _MARKS.sub("", found[0]), folded)
    found = _WORD.findall(joined)[:MOST_WORDS]
    return tuple(stem(word[:MOST_LETTERS]) for word in found)


def spelled_out(text: str) -> str:
    """The words of a name from a program: "OtherCurrentAssets" is "Other Current Assets"."""
    return _HUMP.sub(" ", text[:MOST_CHARACTERS]).replace("_", " ")


def nearly(word: str) -> Iterator[str]:
    """The word and itself without one letter: two words that share one differ by a slip."""
    yield word
    for place in range(len(word)):
        yield word[:place] + word[place + 1 :]
