"""A day at the bank: what each kind of person does in the portal, and what they can't."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.browser.office import (
    DESK,
    LONG_PATIENCE,
    PATIENCE,
    AtWork,
    unreachable,
)
from tests.browser.visitor import Visitor
from tests.e2e.world import Customer, Json, World, content

pytestmark = pytest.mark.timeout(180)

READ_ONLY = """async ([path, fields]) => {
  const body = new URLSearchParams(fields);
  return (await fetch(path, {method: "POST", body})).status;
}"""
"""Send a form that the page does not have."""


@pytest.fixture
async def support(browser: Browser, world: World) -> AsyncIterator[Visitor]:
    """Somebody of support who has a keyboard and nothing else."""
    visitor = await Visitor.arrives(browser, world.running.url, DESK)
    await visitor.opens(f"{world.running.url}/sign-in?next=/stuck")
    await visitor.presses("Support")
    yield visitor
    await visitor.leaves()
    assert [] == visitor.watch.troubles


def row(page: Page, name: str) -> Locator:
    return page.locator("table.rows tr", has_text=name)


async def do(page: Page, name: str, action: str) -> None:
    """Choose something from the menu of a row."""
    await row(page, name).locator("summary", has_text="Actions").click()
    await row(page, name).get_by_role("link", name=action).click()


async def customer_of(world: World, page: Page) -> Customer:
    """Find the customer of the company whose page is open."""
    company_id = page.url.rpartition("/")[2].partition("?")[0]
    company: Json = content(await world.bank.get(f"/v1/companies/{company_id}"))
    return Customer(world, company, {"id": company["journey_id"]})


async def test_a_relationship_manager_asks_and_downloads(
    at_work: AtWork, world: World
) -> None:
    """
    Each step can be left and taken up from the row; the status changes by itself, up to the report.
    """
    name = "Foxglove Florists"
    mine = f"{world.running.url}/?user=all&q=foxglove"
    page = await at_work("Relationship manager")
    await page.get_by_role("link", name="Add a company").first.click()
    await page.get_by_label("Name of the company").fill(name)
    await page.get_by_label("Name", exact=True).fill("Ines Fabre")
    await page.get_by_label("Email address").fill("ines@foxglove.example")
    await page.get_by_role("button", name="Add and go on").click()
    await page.goto(mine)
    await do(page, name, "Request information")
    await page.get_by_label("Spend analysis").check()
    await page.get_by_label("Phone", exact=True).check(timeout=PATIENCE)
    width = await page.locator("iframe").evaluate("frame => frame.clientWidth")
    await page.get_by_role("link", name="Later").click()
    await page.goto(mine)
    await do(page, name, "Request information")
    await page.get_by_label("Spend analysis").check()
    await page.get_by_role("button", name="Send the email").click(timeout=PATIENCE)
    standing = page.locator("#standing")
    await expect(standing).to_contain_text("Requested", timeout=PATIENCE)

    customer = await customer_of(world, page)
    await page.goto(mine)
    await expect(row(page, name)).to_contain_text("Requested")
    await customer.shares()
    await expect(row(page, name)).to_contain_text("Available", timeout=LONG_PATIENCE)
    await row(page, name).locator("summary", has_text="Reports").click()
    async with page.expect_download() as download:
        await row(page, name).get_by_role("link", name="Spend analysis").click()

    assert width < 400
    assert (await (await download.value).path()).read_bytes().startswith(b"PK")


async def test_support_finds_out_why_and_sends_to_another_address(
    support: Visitor, world: World
) -> None:
    """
    From what is stuck to its page, which says why; with a keyboard alone it is on its way again.
    """
    customer = await unreachable(world, "Harbour Lights")
    await support.opens(f"{world.running.url}/stuck")

    await support.presses("Harbour Lights")
    words = await support.words
    await support.types("Email address", "keeper@harbour.example")
    await support.sends("Send it again")

    said = support.page.locator("#said")
    await expect(said).to_contain_text("on its way again, to keeper@harbour.example")
    assert "The mail server refused the contact's address." in words
    await customer.becomes("Requested")
    customer.address = "keeper@harbour.example"
    assert (await customer.path()).startswith("/v1/link/")


async def test_support_does_everything_else_for_a_request(
    support: Visitor, world: World
) -> None:
    """
    Another try, more time, a fresh link and an end: each says what really happened.
    """
    customer = await unreachable(world, "Millrace Mills")
    here = f"{world.running.url}/journeys/{customer.id}"
    said = support.page.locator("#said")
    await support.opens(here)

    await support.unfolds("Try again")
    await support.sends("Try again")
    await expect(said).to_contain_text("It is being tried again.")
    await customer.says("retried")
    await customer.becomes("Error", "email_undeliverable")
    await support.opens(here)
    await support.unfolds("Give more time")
    await support.sends("Give more time")
    await expect(said).to_contain_text("The link now works until")
    await support.opens(here)
    await support.unfolds("The customer's link")
    await support.presses("Make a fresh link")
    fresh = await support.page.get_by_label("Link").input_value()
    await support.opens(here)
    await support.unfolds("Cancel the request")
    await support.types("Why?", "They moved their business.")
    await support.sends("Yes, cancel the request")

    await expect(said).to_contain_text("The request is cancelled.")
    assert fresh.startswith(f"{world.running.url}/link/")
    assert "cancelled" == (await customer.journey())["stage"]


async def test_support_ends_several_at_once(support: Visitor, world: World) -> None:
    """
    Ticked with the space bar: first how many and which, then what came of each.
    """
    ended = [await unreachable(world, f"Closing Down {n}") for n in (1, 2)]
    await support.opens(f"{world.running.url}/stuck")

    for _ in ended:
        await support.reaches("jo_", "checkbox")
        while await support.chosen() not in {each.id for each in ended}:
            await support.reaches("jo_", "checkbox")
        await support.page.keyboard.press("Space")
    await support.presses("Cancel")
    asked = await support.heading
    await support.types("Why they end", "They closed.")
    await support.presses("End 2 requests")

    progress = support.page.locator("#progress")
    await expect(progress).to_contain_text("All of them were asked", timeout=PATIENCE)
    await expect(progress).to_contain_text("It is cancelled")
    assert "Cancel: 2 requests" == asked
    assert ["cancelled"] * 2 == [(await each.journey())["stage"] for each in ended]


async def test_a_viewer_sees_and_changes_nothing(at_work: AtWork, world: World) -> None:
    """
    No page offers anything to do, and the server refuses what is sent all the same.
    """
    customer = await unreachable(world, "Quarry Stone")
    company, journey = f"/companies/{customer.company_id}", f"/journeys/{customer.id}"
    page = await at_work("Viewer")
    offered = 0

    for path in ("/", "/stuck", company, journey):
        await page.goto(world.running.url + path)
        forms = page.locator("main form[method=post]")
        links = page.locator(
            "main :is([href$='/edit'], [href$='/new'], [href$='/delete'])"
        )
        offered += await forms.count() + await links.count()
    sent = [
        await page.evaluate(READ_ONLY, [path, {"name": "Harm", "reason": "Harm"}])
        for path in (
            *(f"{company}/edit", f"{company}/request", f"{company}/delete"),
            *(f"{journey}/{verb}" for verb in ("resend", "cancel", "retry", "link")),
            *("/settings", "/users", "/stuck/deeds"),
        )
    ]

    assert 0 == offered
    assert {403} == set(sent)
    assert "sending" == (await customer.journey())["stage"]


async def test_an_administrator_lets_people_in_and_out(
    at_work: AtWork, browser: Browser, world: World
) -> None:
    """
    Whoever is added signs in with the password; deactivated, they are out at once.
    """
    page = await at_work("Administrator", "/users")
    await page.get_by_label("Name").fill("Nadia Rahn")
    await page.get_by_label("Email address").fill("nadia@meridian.example")
    await page.get_by_label("Role", exact=True).select_option(label="Viewer")
    await page.get_by_label("First password").fill("wet stones under bridges")
    await page.get_by_role("button", name="Add", exact=True).click()
    nadia = await (await browser.new_context()).new_page()
    await nadia.goto(f"{world.running.url}/stuck")
    await nadia.get_by_label("Email address").fill("nadia@meridian.example")
    await nadia.get_by_label("Password").fill("wet stones under bridges")
    await nadia.get_by_role("button", name="Sign in", exact=True).click()
    await expect(nadia).to_have_url(f"{world.running.url}/stuck")

    await page.get_by_role("button", name="Deactivate Nadia Rahn").click()
    await expect(page.locator("main")).to_contain_text("Deactivated")
    await nadia.goto(world.running.url)

    assert nadia.url.startswith(f"{world.running.url}/sign-in")
    await nadia.context.close()
