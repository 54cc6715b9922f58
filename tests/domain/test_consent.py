"""What customers agree to before anything is read."""

import pytest

from domain.consent import CONSENT_VERSION, ITEMS, consent
from domain.journey import DataType
from tests.domain.acts import BOTH, FINANCIALS, SPEND


def test_every_data_type_says_what_is_read() -> None:
    """
    Nothing can be asked for without naming it.
    """
    assert set(DataType) == set(ITEMS)
    assert all(ITEMS.values())


@pytest.mark.parametrize("data_types", [FINANCIALS, SPEND, BOTH])
def test_a_consent_names_both_sides(data_types: tuple[DataType, ...]) -> None:
    """
    It says who reads, from where, and has a version to be recorded.
    """
    asked = consent("Northern Bank", "Ledgerly", data_types)

    assert "Northern Bank" in asked.text
    assert "Ledgerly" in asked.text
    assert CONSENT_VERSION == asked.version


def test_nothing_is_named_twice() -> None:
    """
    What both data types need is agreed to once, and nothing of either is left out.
    """
    items = consent("Northern Bank", "Ledgerly", BOTH).items

    assert len(set(items)) == len(items)
    assert set(items) == {*ITEMS[BOTH[0]], *ITEMS[BOTH[1]]}
