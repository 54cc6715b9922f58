"""What a customer agrees to before being sent to the accounting software."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from domain.journey import DataType

CONSENT_VERSION: Final = "2026-11"


class Consent(NamedTuple):
    """A text, its version, and what exactly will be read."""

    version: str
    text: str
    items: tuple[str, ...]


ITEMS: Final[Mapping[DataType, tuple[str, ...]]] = {
    DataType.FINANCIALS: (
        "Company details",
        "Chart of accounts with balances",
        "Profit and loss by month",
        "Balance sheet by month",
    ),
    DataType.SPEND_ANALYSIS: (
        "Company details",
        "Suppliers with their contact details",
        "Bills and their payments",
        "Expenses",
        "Payment methods and the accounts they belong to",
    ),
}


def consent(
    organization: str, software: str, data_types: tuple[DataType, ...]
) -> Consent:
    """Return what the customer is asked to agree to; items are named once each."""
    items = dict.fromkeys(item for data_type in data_types for item in ITEMS[data_type])
    text = (
        f"You allow {organization} to read the data listed here from {software}. "
        "Nothing can be changed there, no money can be moved, and nothing else is read. "
        f"You can take this back at any time in {software}."
    )
    return Consent(CONSENT_VERSION, text, tuple(items))
