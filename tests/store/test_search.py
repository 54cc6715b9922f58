import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.search import HIGHEST, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Hoxton Tea Ltd", {"hoxton", "tea", "ltd"}),
        ("Société Générale", {"societe", "generale"}),
        ("STRASSE Straße", {"strasse"}),
        (
            "ada.okafor+x@hoxton-tea.test",
            {"ada", "okafor", "x", "hoxton", "tea", "test"},
        ),
        ("CRM-20418/b", {"crm", "20418", "b"}),
        ("שלום בע״מ", {"שלום", "בע", "מ"}),
        ("株式会社 ﾃｨｰ", {"株式会社", "ティー"}),
        ("🫖Tea", {"🫖tea"}),
        ("ﬁnance №1", {"finance", "no1"}),
        (" -\u2013 \x00\n", set()),
    ],
)
def test_words_are_folded(text: str, words: set[str]) -> None:
    """
    Case, accents and the forms of letters make no difference; signs divide words.
    """
    assert words == words_of(text)


def test_several_texts_are_one_set_of_words() -> None:
    """
    What is not there has no words.
    """
    assert {"a", "b"} == words_of("a", None, "", "b a")


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    """
    A word that was found is found again by itself: what is stored and what is asked agree.
    """
    for word in words_of(text):
        assert word in words_of(word) or {word} == words_of(word)


@given(
    st.text(alphabet=st.characters(categories=["L", "N"]), min_size=1),
    st.text(max_size=5),
)
def test_every_word_lies_between_its_beginning_and_the_highest(
    word: str, rest: str
) -> None:
    """
    The range that a search asks for holds every word that begins so.
    """
    beginning, whole = word.encode(), (word + rest).encode()

    assert beginning <= whole < (word + HIGHEST).encode() or HIGHEST in rest
