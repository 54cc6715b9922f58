"""Customers at a phone and without a mouse, from the link to the end; no page has a script to run."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.browser.visitor import LARGEST_PAGE, Visitor
from tests.e2e.world import BOTH, FINANCIALS, SPEND, Customer, World
from tests.providers.workbook.workbooks import BASE, BILL, GOOD, filled

Arrive = Callable[[str], Awaitable[Visitor]]


@pytest.fixture
async def arrive(browser: Browser, world: World) -> AsyncIterator[Arrive]:
    """Open a link in a browser of one's own; at the end nothing but Rapport was asked for anything."""
    visitors: list[Visitor] = []

    async def arrived(url: str) -> Visitor:
        visitor = await Visitor.arrives(browser, world.running.url)
        visitors.append(visitor)
        await visitor.opens(url)
        return visitor

    yield arrived
    for visitor in visitors:
        await visitor.leaves()
        assert [] == visitor.watch.troubles


async def asked(world: World, data_types: tuple[str, ...] = FINANCIALS) -> Customer:
    return await world.ask(data_types, delivery="link")


def link(customer: Customer) -> str:
    assert customer.link_url is not None
    return customer.link_url


@asynccontextmanager
async def looked_at(visitor: Visitor, heading: str) -> AsyncIterator[None]:
    """Check the page on which something is done: it is the right one, and axe finds nothing."""
    assert heading == await visitor.heading
    assert [] == await visitor.faults()
    yield


async def approves(visitor: Visitor, decision: str = "approve") -> None:
    """Agree, and decide at the software's own page."""
    await visitor.ticks("I agree")
    await visitor.presses("Sign in and share")
    async with visitor.page.expect_navigation():
        await visitor.page.click(f"button[value={decision}]")


@pytest.mark.parametrize("data_types", [FINANCIALS, BOTH], ids=["financials", "both"])
async def test_one_company_goes_straight_to_its_software(
    world: World, arrive: Arrive, data_types: tuple[str, ...]
) -> None:
    """
    Welcome, software, permission, the software's own page, and back: with Tab and Enter.
    """
    customer = await asked(world, data_types)
    visitor = await arrive(link(customer))

    async with looked_at(visitor, await visitor.heading):
        assert "about five minutes" in await visitor.words
        assert visitor.bytes < LARGEST_PAGE
        await visitor.presses("Start")
    async with looked_at(visitor, "Which accounting software do you use?"):
        await visitor.picks("Bookwise Online")
        await visitor.presses("Continue")
    async with looked_at(visitor, "Give your permission"):
        assert "What is not read" in await visitor.words
        await approves(visitor)
    async with looked_at(visitor, await visitor.heading):
        await customer.becomes("Available")
    await visitor.opens(link(customer))
    async with looked_at(visitor, "All done, thank you"):
        assert "You can close this page" in await visitor.words


async def test_spending_of_one_company_asks_how_many(
    world: World, arrive: Arrive
) -> None:
    """
    One or several is a step of its own; back leads to it, and nothing is lost.
    """
    customer = await asked(world, SPEND)
    visitor = await arrive(link(customer))
    await visitor.presses("Start")

    async with looked_at(visitor, "One company or several?"):
        await visitor.picks("One company")
        await visitor.presses("Continue")
    await visitor.picks("Sumline")
    await visitor.presses("Continue")
    await visitor.presses("Back")
    chosen = await visitor.page.locator("input:checked").get_attribute("value")
    await visitor.presses("Back")
    async with looked_at(visitor, "One company or several?"):
        await visitor.picks("One company")
        await visitor.presses("Continue")
    await visitor.picks("Ledgerly")
    await visitor.presses("Continue")
    await approves(visitor)

    assert "sumline" == chosen
    await customer.becomes("Available")


async def test_several_companies_are_added_one_after_the_other(
    world: World, arrive: Arrive
) -> None:
    """
    Naming counts up, a name that is taken is told, the list shows each, finishing ends it.
    """
    customer = await asked(world, SPEND)
    visitor = await arrive(link(customer))
    await visitor.presses("Start")
    await visitor.picks("Several companies")
    await visitor.presses("Continue")

    async with looked_at(visitor, "Which company comes first?"):
        await visitor.types("Name of the company", "Tea Retail")
        await visitor.presses("Continue")
    await visitor.picks("Ledgerly")
    await visitor.presses("Continue")
    await approves(visitor)
    async with looked_at(visitor, "Your companies"):
        await visitor.presses("Add another company")
    async with looked_at(visitor, "Which company comes next?"):
        assert "Company 2" in await visitor.words
        await visitor.types("Name of the company", "Tea Wholesale")
        await visitor.presses("Continue")
    await visitor.picks("Sumline")
    await visitor.presses("Continue")
    await approves(visitor)
    async with looked_at(visitor, "Your companies"):
        assert "Tea Wholesale" in await visitor.words
        await visitor.presses("Add another company")
    async with looked_at(visitor, "Which company comes next?"):
        await visitor.types("Name of the company", "tea retail")
        await visitor.presses("Continue")
    async with looked_at(visitor, "Which company comes next?"):
        assert "You have added a company with this name already" in await visitor.words
        await visitor.presses("Back")
    await visitor.presses("That is all: finish")

    await customer.becomes("Available")


async def test_a_company_that_does_not_belong_is_removed(
    world: World, arrive: Arrive
) -> None:
    """
    Whose books can't be read yet may be taken off the list; the others stay.
    """
    customer = await asked(world, SPEND)
    await customer.has_several()
    await customer.adds("Tea Retail", "slow")
    await customer.adds("Tea Wholesale", "outage")
    visitor = await arrive(link(customer))

    async with looked_at(visitor, "Your companies"):
        await visitor.presses("Tea Wholesale")  # what is read out after Remove

    assert "Tea Wholesale" not in await visitor.words
    assert ["Tea Retail"] == [
        each["name"] for each in (await customer.look())["entities"]
    ]


async def test_going_back_from_the_software_loses_nothing(
    world: World, arrive: Arrive
) -> None:
    """
    Who comes back by the browser's own button goes on as if they had not left.
    """
    customer = await asked(world)
    visitor = await arrive(link(customer))
    await visitor.presses("Start")
    await visitor.picks("Northbooks")
    await visitor.presses("Continue")
    await visitor.ticks("I agree")
    await visitor.presses("Sign in and share")

    await visitor.page.go_back()

    async with looked_at(visitor, "Give your permission"):
        assert "Northbooks" in await visitor.words
    await visitor.opens(link(customer))
    await approves(visitor)
    await customer.becomes("Available")


async def test_a_no_at_the_software_is_explained_and_tried_again(
    world: World, arrive: Arrive
) -> None:
    """
    Who declines comes back to the list, with the choice kept and a kind sentence.
    """
    customer = await asked(world)
    visitor = await arrive(link(customer))
    await visitor.presses("Start")
    await visitor.picks("Ledgerly")
    await visitor.presses("Continue")

    await approves(visitor, "deny")

    async with looked_at(visitor, "Which accounting software do you use?"):
        assert "You declined access" in await visitor.words
        await visitor.presses("Continue")
    await approves(visitor)
    await customer.becomes("Available")


async def test_who_leaves_may_say_why_and_come_back(
    world: World, arrive: Arrive
) -> None:
    """
    The bank reads the reason; another device goes on where this one stopped.
    """
    customer = await asked(world)
    visitor = await arrive(link(customer))
    await visitor.presses("Start")
    await visitor.picks("Ledgerly")
    await visitor.presses("Continue")

    await visitor.unfolds("Leave without finishing")
    await visitor.picks("Somebody else in my company")
    await visitor.presses("Leave for now")
    async with looked_at(visitor, "You have left for now"):
        journey = await customer.journey()
    other = await arrive(link(customer))

    assert "Somebody else in their company" in journey["explanation"]["sentence"]
    async with looked_at(other, "Give your permission"):
        await approves(other)
    await customer.becomes("Available")


async def test_two_tabs_do_not_get_in_each_other_s_way(
    world: World, arrive: Arrive
) -> None:
    """
    The one that was left behind says so, and shows where the customer is now.
    """
    customer = await asked(world)
    visitor = await arrive(link(customer))
    await visitor.presses("Start")
    other = await visitor.another_tab()
    await visitor.picks("Ledgerly")
    await visitor.presses("Continue")

    await other.picks("Sumline")
    await other.presses("Continue")

    async with looked_at(other, "Give your permission"):
        assert "That has been done already" in await other.words
        assert "Ledgerly" in await other.words


async def test_software_is_searched_for(world: World, arrive: Arrive) -> None:
    """
    Words of the name are enough; what is not there leads to all of it again.
    """
    visitor = await arrive(link(await asked(world)))
    await visitor.presses("Start")

    await visitor.types("Search the list", "book")
    await visitor.presses("Search")
    found = await visitor.words
    async with looked_at(visitor, "Which accounting software do you use?"):
        await visitor.presses("Show all")

    assert "Northbooks" in found
    assert "Sumline" not in found
    assert "Sumline" in await visitor.words


async def test_whose_software_is_not_listed_uploads(
    world: World, arrive: Arrive, tmp_path: Path
) -> None:
    """
    What is wrong with a file is shown all at once; the mended one goes all the way.
    """
    customer = await asked(world, SPEND)
    bad, good = tmp_path / "bad.xlsx", tmp_path / "good.xlsx"
    bad.write_bytes(filled({**BASE, "Bills": [{**BILL, "Total amount": "much"}]}))
    good.write_bytes(filled(GOOD))
    visitor = await arrive(link(customer))
    await visitor.presses("Start")
    await visitor.picks("One company")
    await visitor.presses("Continue")
    await visitor.presses("Upload a spreadsheet")

    async with looked_at(visitor, "Upload a spreadsheet"):
        await visitor.hands_over(bad)
        await visitor.ticks("I agree")
        await visitor.presses("Upload and share")
    async with looked_at(visitor, "Upload a spreadsheet"):
        assert "Bills · 2 · Total amount (F)" in await visitor.words
        await visitor.hands_over(good)
        await visitor.presses("Upload and share")

    await customer.becomes("Available")


async def test_links_that_are_no_more_help_on(world: World, arrive: Arrive) -> None:
    """
    Replaced, withdrawn, unknown: each says why, and a click asks for a new one where it helps.
    """
    customer = await asked(world)
    old = link(customer)
    await customer.bank("link")
    visitor = await arrive(old)

    async with looked_at(visitor, "There is a newer link"):
        await visitor.presses("Ask for a new link")
    async with looked_at(visitor, "There is a newer link"):
        assert "was passed on" in await visitor.words
    await customer.bank("cancel", reason="Not needed any more.")
    await visitor.opens(old)
    async with looked_at(visitor, "This request was withdrawn"):
        await visitor.opens(f"{old}x")
    async with looked_at(visitor, "This link does not work"):
        assert "new_link_asked" in await customer.events()
