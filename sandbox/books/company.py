"""Who the company is: where it sits, what it counts in, when its year ends."""

import re
from typing import Final, NamedTuple

from sandbox.books.dice import Dice

YEAR_ENDS: Final = (12, 12, 3, 6, 9)


class Country(NamedTuple):
    """What differs from one country to the next."""

    code: str
    currency: str
    tax_percent: int
    tax_prefix: str
    phone_prefix: str
    cities: tuple[str, ...]


COUNTRIES: Final = (
    Country("GB", "GBP", 20, "GB", "+44 20", ("London", "Leeds", "Bristol", "Glasgow")),
    Country("IE", "EUR", 23, "IE", "+353 1", ("Dublin", "Cork", "Galway")),
    Country("DE", "EUR", 19, "DE", "+49 30", ("Berlin", "Hamburg", "Leipzig")),
    Country("US", "USD", 0, "", "+1 555", ("Portland", "Austin", "Columbus", "Denver")),
)
STREETS: Final = (
    "High Street",
    "Mill Lane",
    "Station Road",
    "Harbour Way",
    "Park View",
)


class Company(NamedTuple):
    """One organisation of the accounting software."""

    id: str
    name: str
    seed: str
    country: Country
    year_end_month: int
    batches_a_month: int
    expenses_a_month: int
    margin_percent: int

    @property
    def currency(self) -> str:
        return self.country.currency

    @classmethod
    def named(cls, name: str) -> "Company":
        """Invent the company: the same for a name, however it is spaced or capitalised."""
        seed = key_of(name)
        dice = Dice(seed, "company")
        return cls(
            id=f"org-{dice.digits(12)}",
            name=" ".join(name.split()),
            seed=seed,
            country=dice.pick(COUNTRIES),
            year_end_month=dice.pick(YEAR_ENDS),
            batches_a_month=dice.between(7, 9),
            expenses_a_month=dice.between(8, 9),
            margin_percent=dice.between(97, 128),
        )


def key_of(name: str) -> str:
    """Reduce a name to what makes two names the same company."""
    return " ".join(name.split()).casefold()


def slug_of(name: str) -> str:
    """Reduce a name to what a domain name allows."""
    return re.sub("[^a-z0-9]+", "-", name.lower()).strip("-")[:40] or "company"


def address_of(dice: Dice, country: Country) -> dict[str, str]:
    return {
        "line1": f"{dice.between(1, 180)} {dice.pick(STREETS)}",
        "city": dice.pick(country.cities),
        "postal_code": dice.digits(5),
        "country": country.code,
    }


def phone_of(dice: Dice, country: Country) -> str:
    return f"{country.phone_prefix} {dice.digits(4)} {dice.digits(4)}"


def tax_number_of(dice: Dice, country: Country) -> str | None:
    """Where there is no tax to reclaim, there is no number either."""
    return f"{country.tax_prefix}{dice.digits(9)}" if country.tax_prefix else None
