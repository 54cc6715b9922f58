"""Weighing: reasons add up, contradictions take away, and doubt stops the descent."""

from reports.categories import Suggestion
from reports.categories.evidence import Evidence, settled
from reports.categories.weighing import LEAST, MOST, weighed


def test_reasons_for_the_same_category_add_up() -> None:
    """
    Two independent reasons leave the product of their doubts.
    """
    found = weighed([Evidence("Asset", 0.5), Evidence("Asset", 0.5)])

    assert Suggestion("Asset", (75,)) == found


def test_a_contradiction_takes_away() -> None:
    """
    The stronger branch is taken, less surely than if nothing spoke against it.
    """
    found = weighed([Evidence("Income", 0.9), Evidence("Expense", 0.8)])

    assert Suggestion("Income", (72,)) == found


def test_too_much_doubt_stops_the_descent() -> None:
    """
    What is under the least certainty is not suggested.
    """
    found = weighed([Evidence("Asset", 0.9), Evidence("Asset.Current", LEAST - 0.01)])

    assert "Asset" == found.category_id


def test_nothing_is_certain() -> None:
    """
    However many reasons there are, a little doubt is left.
    """
    found = weighed([Evidence("Equity", 0.99)] * 9)

    assert Suggestion("Equity", (int(MOST * 100),)) == found


def test_a_step_that_only_groups_is_no_category() -> None:
    """
    Doubt between two kinds of related party leaves current assets.
    """
    found = weighed(
        [
            Evidence("Asset.Current.RelatedParties.EmployeeLoans", 0.55),
            Evidence("Asset.Current.RelatedParties.IntercompanyReceivable", 0.55),
        ]
    )

    assert "Asset.Current" == found.category_id
    assert 2 == len(found.levels)


def test_the_same_kind_of_thing_moves_to_another_second_level() -> None:
    """
    As far as the tree has a twin there: else it stays, or falls back to overheads.
    """
    moved = {
        "Liability.Current.Debt.Overdrafts": "Liability.NonCurrent",
        "Expense.CostOfSales.Inventory": "Expense.Operating",
        "Asset.Current.Inventory": "Asset.NonCurrent",
    }

    assert {
        "Liability.Current.Debt.Overdrafts": "Liability.NonCurrent.Debt",
        "Expense.CostOfSales.Inventory": "Expense.Operating",
        "Asset.Current.Inventory": "Asset.Current.Inventory",
    } == {category: settled(category, second) for category, second in moved.items()}
