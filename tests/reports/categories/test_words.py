"""Words: the same word in every spelling, and nothing but words."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from reports.categories.words import MOST_LETTERS, MOST_WORDS, spelled_out, words_of


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Löhne", "LOEHNE"),
        ("Prämien", "Praemien"),
        ("Straße", "Strasse"),
        ("Bøter", "boter"),
        ("Créances", "creances"),
        ("A/c", "AC"),
        ("N.I.", "ni"),
        ("R&D", "rd"),
        ("Dep'n", "depn"),
        ("Owner's", "owners"),
        ("Directors' loans", "director loan"),
        ("d'exploitation", "d exploitation"),
        ("Owner\N{RIGHT SINGLE QUOTATION MARK}s", "owner's"),
        ("Utilities", "utility"),
        ("401(k)", "401 k"),
    ],
)
def test_spellings_of_a_word_are_the_same(one: str, other: str) -> None:
    """
    Case, accents, umlauts, initials, apostrophes and plurals make no difference.
    """
    assert words_of(one) == words_of(other)


def test_a_program_s_name_is_taken_apart() -> None:
    """
    Humps and underscores part words; capitals alone don't.
    """
    assert "Other Current Assets" == spelled_out("OtherCurrentAssets")
    assert "BANK CHARGES" == spelled_out("BANK_CHARGES")


@settings(deadline=None)
@given(some.text())
def test_any_text_becomes_a_few_short_words(text: str) -> None:
    """
    However long a text is, there is little to compare.
    """
    words = words_of(text)

    assert len(words) <= MOST_WORDS
    assert all(word.isascii() and 0 < len(word) <= MOST_LETTERS for word in words)
