"""The ten demo customers: what each is asked for, how it answers, where that ends."""

from typing import Final

from demo.visit import Choice, Customer, Visit


async def shares(visit: Visit) -> None:
    """Share everything that is asked for."""
    await visit.share(Choice())


async def looks(visit: Visit) -> None:
    """Open the link, and think about it."""
    await visit.open()


async def stays_silent(visit: Visit) -> None:
    """Say nothing for so long that the bank should ask."""
    await visit.until_stuck()


async def cannot_be_reached(visit: Visit) -> None:
    """Have an address that the mail server refuses."""


async def declines(visit: Visit) -> None:
    """Say no at the software's own page."""
    await visit.share(Choice(decision="deny"))


async def recovers(visit: Visit) -> None:
    """Share while the software is down; once it is back, the bank tries again."""
    status = (await visit.company())["status"]
    if status == "Available":
        return
    if status != "Error":
        await visit.share(Choice(scenario="outage"))
        await visit.until("Error")
    await visit.behave("default")
    await visit.retry()


_FINANCIALS: Final = ("financials",)
_SPEND: Final = ("spend_analysis",)

SILENT: Final = Customer(
    "Pemberton Print",
    "office@pemberton-print.example",
    _FINANCIALS,
    stays_silent,
    "Requested",
)
CUSTOMERS: Final = (
    Customer(
        "Ravenscroft Media",
        "books@ravenscroft.example",
        _FINANCIALS,
        recovers,
        "Available",
    ),
    Customer(
        "Northgate Holdings",
        "group@northgate.example",
        _SPEND,
        shares,
        "Available",
        software="northbooks",
        entities=("Northgate Retail", "Northgate Logistics", "Northgate Property"),
    ),
    Customer(
        "Hoxton Tea", "accounts@hoxton-tea.example", _FINANCIALS, shares, "Available"
    ),
    Customer(
        "Brightwell Dental",
        "practice@brightwell.example",
        _FINANCIALS + _SPEND,
        shares,
        "Available",
        software="bookwise",
    ),
    Customer(
        "Calder Freight",
        "finance@calder-freight.example",
        _SPEND,
        shares,
        "Available",
        software="quillcount",
    ),
    Customer(
        "Oakridge Motors",
        "accounts@oakridge.example",
        _FINANCIALS,
        shares,
        "Available",
        software="sumline",
        delivery="link",
    ),
    Customer("Thornbury Glass", "hello@thornbury.example", _SPEND, looks, "Requested"),
    Customer("Quayside Foods", "ap@quayside.example", _FINANCIALS, declines, "Error"),
    Customer(
        "Wexford Joinery", "nobody@bounce.test", _FINANCIALS, cannot_be_reached, "Error"
    ),
)
