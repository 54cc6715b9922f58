"""What a customer agrees to before being sent to the accounting software."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from domain.journey import DataType

CONSENT_VERSION: Final = "2026-11"
UPLOAD_CONSENT_VERSION: Final = "2026-11-upload"


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


NOT_READ: Final = (
    "Your password: you sign in at your software's own page",
    "Bank logins and card numbers",
    "Salaries and personal files of your staff",
    "The books of any other company",
)
"""What customers fear, and no source is ever asked for."""


def consent(
    organization: str, software: str, data_types: tuple[DataType, ...]
) -> Consent:
    """Return what the customer is asked to agree to; items are named once each."""
    text = (
        f"You allow {organization} to read the data listed here from {software}. "
        "Nothing can be changed there, no money can be moved, and nothing else is read. "
        f"You can take this back at any time in {software}."
    )
    return Consent(CONSENT_VERSION, text, _items(data_types))


def upload_consent(organization: str, data_types: tuple[DataType, ...]) -> Consent:
    """Return what the customer is asked to agree to with a file."""
    text = (
        f"You give {organization} the data listed here, as it stands in this file. "
        "The file is used for nothing else, and nothing beyond it is read."
    )
    return Consent(UPLOAD_CONSENT_VERSION, text, _items(data_types))


def _items(data_types: tuple[DataType, ...]) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(item for data_type in data_types for item in ITEMS[data_type])
    )
