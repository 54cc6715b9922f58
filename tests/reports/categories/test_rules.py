"""The rules: every line means something, and none says twice what another says."""

import csv
from collections import Counter, defaultdict
from itertools import combinations
from typing import get_args

import pytest

from domain.datasets import AccountType, Section
from domain.taxonomy import category, taxonomy
from reports.categories.rules import (
    FOLDER,
    PLACES,
    concepts,
    hints,
    phrases,
    ranges,
    table,
    tables,
)
from reports.categories.words import words_of

ROOTS = {place: place.capitalize() for place in PLACES} | {"cost_of_sales": "Expense"}
LONGEST_FILE = 250


def test_every_file_is_of_a_known_kind_and_short_enough_to_read() -> None:
    """
    A file of another name would be passed over, and a long one would not be read.
    """
    kinds = [
        each
        for kind in ("concepts", "words", "hints", "codes")
        for each in tables(kind)
    ]

    found = {path.stem: path for path in FOLDER.iterdir()}
    assert {*kinds, "abbreviations", "fillers"} == set(found)
    assert all(
        len(path.read_text().splitlines()) <= LONGEST_FILE for path in found.values()
    )


def test_every_line_has_all_its_columns() -> None:
    """
    A stray comma is found here, not in a customer's report.
    """
    ragged = []
    for path in FOLDER.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            lines = list(csv.reader(file))
        ragged += [(path.name, line) for line in lines if len(line) != len(lines[0])]

    assert [] == ragged


def test_every_concept_has_real_categories_of_its_places() -> None:
    """
    A concept's category exists and stands under the root of its place.
    """
    for concept in concepts().values():
        assert concept.usual in concept.categories
        for place, each in concept.categories.items():
            assert ROOTS[place] == category(each).levels[0]


def test_forces_and_certainties_are_within_their_scales() -> None:
    """
    Force goes from 1 to 12; certainty from 50, below which nothing is suggested, to 99.
    """
    assert all(1 <= each.force <= 12 for each in concepts().values())
    assert all(50 <= each.sure <= 99 for each in concepts().values())
    assert all(50 <= each.sure <= 99 for found in hints().values() for each in found)
    assert all(50 <= each.sure <= 99 for each in ranges())


def test_no_concept_is_defined_twice() -> None:
    """
    The second would silently win.
    """
    names = Counter(
        line["concept"] for name in tables("concepts") for line in table(name)
    )

    assert {1} == set(names.values())


def test_every_concept_has_words_and_all_words_have_a_concept() -> None:
    """
    A concept without words is never found; words without a concept mean nothing.
    """
    assert set(concepts()) == {phrase.concept for phrase in phrases()}


def test_every_phrase_has_something_to_look_for() -> None:
    """
    A phrase of marks or exclusions alone would match everything.
    """
    assert [] == [phrase for phrase in phrases() if not phrase.needs]


def test_no_phrase_means_two_things_in_one_place() -> None:
    """
    The same words may stand for two concepts only where these share no place.
    """
    meant = defaultdict(set)
    for phrase in phrases():
        meant[phrase.needs, phrase.without].add(phrase.concept)

    clashes = [
        (sorted(words), one, other)
        for (words, _), names in meant.items()
        for one, other in combinations(sorted(names), 2)
        if concepts()[one].categories.keys() & concepts()[other].categories.keys()
    ]
    assert [] == clashes


def test_no_phrase_is_said_twice_in_a_language() -> None:
    """
    A phrase that is there already need not be added.
    """
    said = Counter(
        (each.concept, each.language, each.needs, each.without) for each in phrases()
    )

    assert [] == [phrase for phrase, times in said.items() if times > 1]


def test_every_hint_names_a_real_category_once() -> None:
    """
    Two lines of the same words and category would count double.
    """
    lines = Counter(
        (line["source"], words_of(line["words"]), category(line["category"]).id)
        for name in tables("hints")
        for line in table(name)
    )

    assert [] == [line for line, times in lines.items() if times > 1]


def test_every_hint_comes_from_somewhere_and_is_firm_or_not() -> None:
    """
    The words in the columns are those that the code looks for.
    """
    lines = [line for name in tables("hints") for line in table(name)]

    assert {"type", "default", "section", "software", "name"} == {
        each["source"] for each in lines
    }
    assert {"yes", "no"} == {line["firm"] for line in lines}


@pytest.mark.parametrize("source", ["type", "section"])
def test_every_type_and_section_has_a_hint(source: str) -> None:
    """
    A new type or section is not forgotten here.
    """
    wanted = get_args(AccountType) if source == "type" else get_args(Section)
    expected = {" ".join(words_of(each.replace("_", " "))) for each in wanted} - {
        "unknown"
    }

    assert expected == {words for kind, words in hints() if kind == source}


def test_every_code_range_names_a_real_category_once() -> None:
    """
    A range has digits of one length, in order, for some currency.
    """
    spans = ranges()

    assert all(each.category in taxonomy() and each.currencies for each in spans)
    assert all(
        each.first.isdigit() and len(each.first) == len(each.last) for each in spans
    )
    assert all(each.first <= each.last for each in spans)
    assert all(len(each.first) <= each.shortest <= each.longest for each in spans)
    assert len(spans) == len({each._replace(sure=0) for each in spans})
