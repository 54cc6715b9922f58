"""What an organization has switched on."""

from typing import Literal

from api.errors import refusal
from store.tables import OrganizationRow

Feature = Literal["manual_upload", "copy_link", "multi_entity"]


def offers(bank: OrganizationRow, feature: Feature) -> bool:
    """Whether the organization has it; what was never set is on."""
    return bank.features.get(feature, True)


def insist_on(bank: OrganizationRow, feature: Feature) -> None:
    """Refuse what the organization has switched off."""
    if not offers(bank, feature):
        raise refusal(
            "feature_disabled",
            f"Your organization has switched {feature} off; PATCH /v1/organization turns it on.",
        )
