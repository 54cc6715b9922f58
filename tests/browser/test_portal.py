"""What people of the bank do in their browser, while everything runs."""

import asyncio
import signal
from typing import Final
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.async_api import Page, Response, expect

from tests.browser.office import (
    LONG_PATIENCE,
    PATIENCE,
    faults,
    named,
    sign_in,
    unreachable,
    wider_than_window,
)
from tests.e2e.patience import until
from tests.e2e.world import Customer, World, content

pytestmark = pytest.mark.timeout(180)

LARGEST_PAGE: Final = 200_000
"""Bytes."""

EVERYWHERE: Final = (
    *("/", "/stuck", "/stuck/deeds", "/overview", "/settings", "/users", "/removals"),
    *("/me", "/companies/new", "/?q=nothing-fits"),
)


async def add_company(world: World, name: str) -> str:
    return str((await named(world, name))["id"])


async def describe(world: World, company: str, words: str) -> None:
    """Change something that its row shows."""
    path = f"/v1/companies/{company}"
    content(await world.bank.patch(path, json={"description": words}))


async def test_a_company_is_asked_and_its_status_changes_by_itself(
    page: Page, world: World
) -> None:
    """
    From an empty list to a request in the customer's mailbox, without a reload and without a stranger.
    """
    hosts: set[str | None] = set()
    page.on("request", lambda request: hosts.add(urlsplit(request.url).hostname))
    await sign_in(page, world, "Relationship manager")
    await page.get_by_role("link", name="Add a company").first.click()
    await page.get_by_label("Name of the company").fill("Brightwell Dental")
    await page.get_by_label("Name", exact=True).fill("Ada Okafor")
    await page.get_by_label("Email address").fill("ada@brightwell.example")
    await expect(page.locator("#name-count")).to_have_text("17 of 100")
    await page.get_by_role("button", name="Add and go on").click()
    await page.get_by_label("Financials").check()
    heading = page.frame_locator("iframe").get_by_role("heading", level=1)
    await expect(heading).to_contain_text("financial statements", timeout=PATIENCE)
    await page.get_by_role("button", name="Send the email").click()

    said = page.locator("#said")
    await expect(said).to_contain_text("on its way to ada@brightwell.example")
    standing = page.locator("#standing")
    await expect(standing).to_contain_text("Requested", timeout=PATIENCE)
    assert await asyncio.to_thread(world.mailbox.tokens, "ada@brightwell.example")
    assert {"127.0.0.1"} == hosts


async def test_a_customer_is_played_from_the_mailbox(page: Page, world: World) -> None:
    """
    An email comes into the open mailbox by itself, and its link opens the customer's page beside it.
    """
    await page.goto(f"http://127.0.0.1:{world.running.ports['sandbox']}/mailbox")
    contact = {"name": "Ada Okafor", "email": "ada@pinewood.example"}
    company = {"name": "Pinewood Print", "contact": contact}
    made = content(await world.bank.post("/v1/companies", json=company), 201)
    wish = {"data_types": ["financials"], "delivery": "email"}
    content(
        await world.bank.post(f"/v1/companies/{made['id']}/journeys", json=wish), 202
    )

    letter = page.locator("li", has_text="ada@pinewood.example").get_by_role("link")
    await letter.click(timeout=PATIENCE)
    found = await faults(page)
    async with page.context.expect_page() as opened:
        await page.frame_locator("iframe").get_by_role("link").first.click()

    start = (await opened.value).get_by_role("button", name="Start")
    await expect(start).to_be_visible(timeout=PATIENCE)
    assert [] == found


async def test_settings_are_seen_before_they_are_kept(page: Page, world: World) -> None:
    """
    What is typed shows in the email beside it at once, and is kept by a click and no sooner.
    """
    before = content(await world.bank.get("/v1/organization"))
    await sign_in(page, world, "Administrator", "/settings")

    await page.get_by_label("Name", exact=True).fill("Nordlicht Sparkasse")

    email = page.frame_locator(".email iframe").get_by_role("paragraph").first
    await expect(email).to_have_text("Nordlicht Sparkasse", timeout=PATIENCE)
    assert before == content(await world.bank.get("/v1/organization"))
    await page.get_by_role("button", name="Keep the settings").click()
    await expect(page.locator("#said")).to_contain_text("The settings are kept.")
    kept = content(await world.bank.get("/v1/organization"))
    assert {**before, "name": "Nordlicht Sparkasse"} == kept
    content(await world.bank.patch("/v1/organization", json={"name": before["name"]}))


async def test_an_open_menu_stays_open_while_its_row_changes(
    page: Page, world: World
) -> None:
    """
    A new company appears by itself; a change to a row closes no menu and takes no focus.
    """
    await sign_in(page, world, "Administrator")
    company = await add_company(world, "Calder Freight")
    menu = page.locator(f"#do-{company}")
    await menu.locator("summary").click(timeout=PATIENCE)
    await menu.get_by_role("link", name="Edit").focus()

    await describe(world, company, "Changed meanwhile")

    changed = page.get_by_text("Changed meanwhile")
    await expect(changed).to_be_visible(timeout=PATIENCE)
    await expect(menu).to_have_attribute("open", "")
    await expect(menu.get_by_role("link", name="Edit")).to_be_focused()


async def test_searching_narrows_while_typing(page: Page, world: World) -> None:
    """
    The list follows what is typed, and the address holds it.
    """
    await add_company(world, "Oakridge Motors")
    await sign_in(page, world, "Support")

    await page.get_by_label("Search").press_sequentially("oakr")

    rows = page.locator("table.rows tbody tr")
    await expect(rows).to_have_count(1, timeout=PATIENCE)
    await expect(page).to_have_url(f"{world.running.url}/?q=oakr&user=all")


async def test_a_page_outlives_its_server(page: Page, world: World) -> None:
    """
    Where the server went away and came back, an open page goes on by itself.
    """
    company = await add_company(world, "Thornbury Glass")
    await sign_in(page, world, "Support", "/?q=thornbury")
    await expect(page.get_by_role("link", name="Thornbury Glass")).to_be_visible()

    world.running.send("api", signal.SIGKILL)
    await until(lambda: answers(world), bool)
    await describe(world, company, "After the crash")

    after = page.get_by_text("After the crash")
    await expect(after).to_be_visible(timeout=LONG_PATIENCE)


async def test_whoever_is_signed_out_comes_back_to_the_page(
    page: Page, world: World
) -> None:
    """
    Signed out in another tab, an open page says so and leads back to itself.
    """
    await sign_in(page, world, "Viewer", "/?sort=name")
    other = await page.context.new_page()
    await other.goto(world.running.url)
    await other.get_by_role("button", name="Sign out").click()

    back = page.get_by_role("link", name="Sign in and come back")
    await back.click(timeout=LONG_PATIENCE)
    await page.get_by_role("button", name="Viewer").click()

    await expect(page).to_have_url(f"{world.running.url}/?sort=name")


async def test_everybody_can_use_it(page: Page, world: World) -> None:
    """
    A program that knows the rules of accessible pages finds nothing on any, light or dark.
    """
    stuck = await unreachable(world, "Quayside Foods")
    company = await add_company(world, "Quayside Fish")
    await page.goto(f"{world.running.url}/sign-in")
    found = await faults(page)
    await sign_in(page, world, "Administrator")

    for path in (*EVERYWHERE, *of_company(company), *of_journey(stuck)):
        await page.goto(world.running.url + path)
        found += await faults(page)

    assert [] == found


async def test_nothing_is_wider_than_a_phone(page: Page, world: World) -> None:
    """
    No page has to be scrolled sideways on a window of 360 pixels.
    """
    stuck = await unreachable(world, "Wexford Joinery")
    company = await add_company(world, "Wexford Windows")
    await sign_in(page, world, "Administrator")
    await page.set_viewport_size({"width": 360, "height": 740})
    found = []

    for path in (*EVERYWHERE, *of_company(company), *of_journey(stuck)):
        await page.goto(world.running.url + path)
        found += await wider_than_window(page)

    assert [] == found


async def test_the_first_page_is_small(page: Page, world: World) -> None:
    """
    The relationships come, with all that belongs to them, in less than 200 KB.
    """
    sizes: dict[str, int] = {}
    page.on("response", lambda got: sizes.update({got.url: size_of(got)}))
    await page.goto(f"{world.running.url}/sign-in")

    await page.get_by_role("button", name="Administrator").click()
    await page.get_by_role("heading", name="Relationships").wait_for()

    assert 0 < sum(sizes.values()) < LARGEST_PAGE


def size_of(answer: Response) -> int:
    return int(answer.headers.get("content-length", 0))


def of_company(company: str) -> tuple[str, ...]:
    here = f"/companies/{company}"
    request = f"{here}/request?data_types=financials"
    return here, f"{here}/edit", request, f"{here}/accounts", f"{here}/delete"


def of_journey(customer: Customer) -> tuple[str, ...]:
    here = f"/journeys/{customer.id}"
    bulk = f"/stuck/deeds/new?action=cancel&journey={customer.id}"
    return here, f"{here}/link", f"{here}/emails/request/1", bulk


async def answers(world: World) -> bool:
    try:
        return (await world.browser.get("/healthz")).is_success
    except httpx.TransportError:
        return False
