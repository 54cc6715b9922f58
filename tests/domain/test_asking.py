from itertools import combinations

from domain.asking import ASKINGS, asking
from domain.consent import consent
from domain.journey import DataType


def test_every_combination_has_words() -> None:
    """
    Whatever a bank can ask for, the customer is told what it is.
    """
    every = {
        frozenset(some)
        for size in range(1, len(DataType) + 1)
        for some in combinations(DataType, size)
    }

    assert every == set(ASKINGS)


def test_the_order_of_asking_does_not_matter() -> None:
    """
    Both data types are one request, in either order.
    """
    assert asking(list(DataType)) == asking(list(reversed(DataType)))


def test_the_request_promises_what_the_consent_asks_for() -> None:
    """
    Nobody is asked to agree to more than the email and the first page said.
    """
    for data_types, words in ASKINGS.items():
        in_order = tuple(each for each in DataType if each in data_types)

        assert consent("Northwind Bank", "Ledgerly", in_order).items == words.items
