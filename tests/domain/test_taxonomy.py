"""The tree of categories: whole, stable, and strict about ids."""

from collections import Counter

import pytest

from domain.taxonomy import (
    DEPTH,
    Category,
    UnknownCategory,
    category,
    is_under,
    leaves,
    taxonomy,
)


def test_the_tree_has_its_categories_at_each_level() -> None:
    """
    273 categories: five roots, 15 below them, then 99, 128 and 26.
    """
    counts = Counter(each.level for each in taxonomy().values())

    assert {1: 5, 2: 15, 3: 99, 4: 128, 5: 26} == counts


def test_an_id_is_the_path_of_its_names() -> None:
    """
    Joining the names of a category's levels gives its id, and the table is keyed by it.
    """
    paths = {key: ".".join(each.levels) for key, each in taxonomy().items()}

    assert paths == {key: each.id for key, each in taxonomy().items()}
    assert list(paths) == list(paths.values())


def test_every_category_but_a_root_has_its_parent_before_it() -> None:
    """
    Only the step that groups related parties is left out of the list.
    """
    seen: set[str] = set()
    missing = set()
    for each in taxonomy().values():
        parent = ".".join(each.levels[:-1])
        if parent and parent not in seen:
            missing.add(parent)
        seen.add(each.id)

    assert {"Asset.Current.RelatedParties"} == missing


def test_a_branch_never_leaves_its_statement() -> None:
    """
    Assets, liabilities and equity stand in the balance sheet; income and expenses make the profit.
    """
    statements = {(each.levels[0], each.statement) for each in taxonomy().values()}

    assert {
        ("Asset", "balance_sheet"),
        ("Liability", "balance_sheet"),
        ("Equity", "balance_sheet"),
        ("Income", "profit_and_loss"),
        ("Expense", "profit_and_loss"),
    } == statements


def test_a_category_is_found_by_its_id() -> None:
    """
    An id names exactly one category.
    """
    expected = Category(
        "Asset.Current.Bank", "balance_sheet", ("Asset", "Current", "Bank")
    )

    assert expected == category("Asset.Current.Bank")


@pytest.mark.parametrize(
    "unknown", ["", "Asset.Current.RelatedParties", "asset", "Asset.", "x" * 10_000]
)
def test_an_unknown_id_is_refused(unknown: str) -> None:
    """
    An id that no category has is an error that quotes it, but never at length.
    """
    with pytest.raises(UnknownCategory, match=r"No category has the id") as refused:
        category(unknown)

    assert len(str(refused.value)) < 300


@pytest.mark.parametrize(
    ("inner", "outer", "expected"),
    [
        ("Asset.Current.Bank.Clearing", "Asset.Current", True),
        ("Asset.Current", "Asset.Current", True),
        (
            "Asset.Current.RelatedParties.EmployeeLoans",
            "Asset.Current.RelatedParties",
            True,
        ),
        ("Asset.Current", "Asset.Current.Bank", False),
        ("Asset.Currently", "Asset.Current", False),
    ],
)
def test_a_category_is_under_itself_and_its_ancestors(
    inner: str, outer: str, *, expected: bool
) -> None:
    """
    Being under a category follows the path's steps, not its letters.
    """
    assert expected is is_under(inner, outer)


def test_leaves_have_nothing_below_them() -> None:
    """
    A leaf is nobody's ancestor, every other category is somebody's.
    """
    ids = {each.id for each in leaves()}
    parents = {
        each.id
        for each in taxonomy().values()
        if any(other != each.id and is_under(other, each.id) for other in taxonomy())
    }

    assert set(taxonomy()) - parents == ids
    assert all(each.level <= DEPTH for each in leaves())
