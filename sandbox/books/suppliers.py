"""Whom the company buys from: their trade, their terms, and how they are paid."""

from math import gcd
from typing import Final, NamedTuple

from sandbox.books import chart
from sandbox.books.company import (
    Company,
    address_of,
    phone_of,
    slug_of,
    tax_number_of,
)
from sandbox.books.dice import Dice
from sandbox.books.money import WORTH

BILLS_A_SUPPLIER: Final = 250  # how big books get before they know more suppliers
FOREIGN_ONE_IN: Final = 8
UNREGISTERED_ONE_IN: Final = 12
ARCHIVED_ONE_IN: Final = 15


class Trade(NamedTuple):
    """What a supplier sells; prices are of one unit, in whole units of money."""

    name: str
    account: str
    prices: tuple[int, int]
    goods: tuple[str, ...]


TRADES: Final = (
    Trade("Stationery", chart.OFFICE, (10, 140), ("Paper and envelopes", "Toner", "Desk supplies")),
    Trade("Timber", chart.MATERIALS, (120, 900), ("Oak boards", "Plywood sheets", "Battens")),
    Trade("Metals", chart.MATERIALS, (150, 1_200), ("Steel sections", "Fixings", "Copper sheet")),
    Trade("Packaging", chart.MATERIALS, (40, 420), ("Cartons", "Pallet wrap", "Labels")),
    Trade("Contracting", chart.SUBCONTRACTORS, (300, 2_400), ("Site work", "Fitting", "Day rate")),
    Trade("Logistics", chart.FREIGHT, (60, 600), ("Haulage", "Courier", "Storage")),
    Trade("Properties", chart.RENT, (400, 2_200), ("Workshop rent", "Service charge", "Parking")),
    Trade("Energy", chart.UTILITIES, (80, 700), ("Electricity", "Gas", "Standing charge")),
    Trade("Insurance Brokers", chart.INSURANCE, (90, 800), ("Liability cover", "Fleet cover")),
    Trade("Software", chart.SUBSCRIPTIONS, (20, 480), ("Licences", "Hosting", "Support plan")),
    Trade("Telecom", chart.TELEPHONE, (20, 260), ("Mobile lines", "Fibre line", "Call charges")),
    Trade("Travel", chart.TRAVEL, (60, 900), ("Flights", "Hotel nights", "Rail tickets")),
    Trade("Catering", chart.MEALS, (20, 320), ("Team lunch", "Client dinner", "Coffee beans")),
    Trade("Motors", chart.MOTOR, (40, 500), ("Van service", "Fuel card", "Tyres")),
    Trade("Advertising", chart.MARKETING, (100, 1_500), ("Online adverts", "Print run", "Stand")),
    Trade("Legal", chart.PROFESSIONAL, (150, 1_300), ("Legal advice", "Contract review")),
)  # fmt: skip
FIRST_NAMES: Final = (
    "Alder", "Ashcroft", "Beacon", "Birch", "Bramble", "Brook", "Calder", "Cedar", "Chalk", "Clover",
    "Copper", "Cormorant", "Dale", "Ember", "Falcon", "Fern", "Finch", "Flint", "Gable", "Harbour",
    "Hazel", "Heron", "Ivy", "Juniper", "Kestrel", "Larch", "Linden", "Maple", "Marlow", "Nettle",
    "Orchard", "Otter", "Pebble", "Quarry", "Rowan", "Saddler", "Thistle", "Vale", "Willow", "Wren",
)  # fmt: skip
PEOPLE: Final = (
    "Amara Okafor", "Ben Whitfield", "Chloe Martin", "Dev Patel", "Elif Kaya", "Finn O'Brien",
    "Greta Lindqvist", "Hana Suzuki", "Ivo Marek", "José Núñez",
)  # fmt: skip
TERMS: Final = (7, 14, 14, 30, 30, 30, 45, 60)
NAMES: Final = len(FIRST_NAMES) * len(TRADES)


class PaymentMethod(NamedTuple):
    """A way to pay as the software has it on record."""

    id: str
    name: str
    type: str
    status: str = "Active"


METHODS: Final = (
    PaymentMethod("pm-1", "Credit card", "CreditCard"),
    PaymentMethod("pm-2", "Debit card", "DebitCard"),
    PaymentMethod("pm-3", "Bank transfer", "BankTransfer"),
    PaymentMethod("pm-4", "Cash", "Cash"),
    PaymentMethod("pm-5", "Cheque", "Check"),
    PaymentMethod("pm-6", "Direct debit", "Other"),
    PaymentMethod("pm-7", "Gift voucher", "Other", "Archived"),
)


class Habit(NamedTuple):
    """How money leaves: on record, or told only by the account's name, or by the note, or not at all."""

    method: str | None
    account: str
    note: str = ""


HABITS: Final = (
    Habit("pm-3", chart.CURRENT_ACCOUNT),
    Habit("pm-3", chart.CURRENT_ACCOUNT, "Monthly run"),
    Habit(None, chart.CURRENT_ACCOUNT, "Bank transfer"),
    Habit("pm-1", chart.CREDIT_CARD),
    Habit(None, chart.CREDIT_CARD),
    Habit("pm-2", chart.DEBIT_CARD),
    Habit(None, chart.DEBIT_CARD),
    Habit("pm-5", chart.CHEQUES),
    Habit(None, chart.CURRENT_ACCOUNT, "Cheque no."),
    Habit("pm-6", chart.CURRENT_ACCOUNT),
    Habit("pm-4", chart.PETTY_CASH),
    Habit(None, chart.CLEARING),
)
ON_THE_SPOT: Final = (
    Habit("pm-1", chart.CREDIT_CARD),
    Habit("pm-1", chart.CREDIT_CARD),
    Habit(None, chart.CREDIT_CARD),
    Habit("pm-2", chart.DEBIT_CARD),
    Habit(None, chart.DEBIT_CARD),
    Habit("pm-4", chart.PETTY_CASH),
    Habit(None, chart.PETTY_CASH),
)


class Supplier(NamedTuple):
    """One supplier; `terms` are the days from issue to due."""

    id: str
    name: str
    trade: Trade
    terms: int
    habit: Habit
    currency: str
    is_foreign: bool
    tax_percent: int
    tax_number: str | None
    contact_name: str
    email: str
    phone: str
    address: dict[str, str]
    status: str


def suppliers_of(company: Company, bills: int) -> tuple[Supplier, ...]:
    """Invent the suppliers: about fifty, more for very large books, no name twice."""
    dice = Dice(company.seed, "suppliers")
    count = min(max(dice.between(40, 60), bills // BILLS_A_SUPPLIER), NAMES)
    start, step = dice.roll(NAMES), _stride(dice)
    return tuple(
        _supplier(company, number, (start + step * number) % NAMES)
        for number in range(count)
    )


def _stride(dice: Dice) -> int:
    """A step that visits every name once before it meets the first again."""
    return next(
        step for step in range(dice.between(100, 300), NAMES) if gcd(step, NAMES) == 1
    )


def _supplier(company: Company, number: int, slot: int) -> Supplier:
    dice = Dice(company.seed, "supplier", number)
    trade = TRADES[slot % len(TRADES)]
    name = f"{FIRST_NAMES[slot // len(TRADES)]} {trade.name}"
    home = company.country
    others = tuple(sorted(WORTH.keys() - {home.currency}))
    is_foreign = dice.one_in(FOREIGN_ONE_IN)
    is_registered = not (is_foreign or dice.one_in(UNREGISTERED_ONE_IN))
    return Supplier(
        id=f"sup-{number + 1:04d}",
        name=name,
        trade=trade,
        terms=dice.pick(TERMS),
        habit=dice.pick(HABITS),
        currency=dice.pick(others) if is_foreign else home.currency,
        is_foreign=is_foreign,
        tax_percent=home.tax_percent if is_registered else 0,
        tax_number=tax_number_of(dice, home) if is_registered else None,
        contact_name=dice.pick(PEOPLE),
        email=f"accounts@{slug_of(name)}.example",
        phone=phone_of(dice, home),
        address=address_of(dice, home),
        status="Archived" if dice.one_in(ARCHIVED_ONE_IN) else "Active",
    )
