"""What people of the bank do in their browser, while everything runs."""

import asyncio
import signal
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import httpx
import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, expect

from tests.e2e.patience import until
from tests.e2e.world import World, content

pytestmark = pytest.mark.timeout(180)

PATIENCE = 20_000
LONG_PATIENCE = 60_000
"""Milliseconds: for what happens when it happens, on whatever machine."""


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    """A window at a desk."""
    context = await browser.new_context(viewport={"width": 1280, "height": 900})
    yield await context.new_page()
    await context.close()


async def sign_in(page: Page, world: World, role: str, path: str = "/") -> None:
    await page.goto(world.running.url + path)
    await page.get_by_role("button", name=role).click()
    await page.wait_for_url(world.running.url + path)


async def add_company(world: World, name: str) -> str:
    contact = {"name": "Ada Okafor", "email": "ada@hoxton.example"}
    company = {"name": name, "contact": contact}
    return str(content(await world.bank.post("/v1/companies", json=company), 201)["id"])


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


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_everybody_can_use_it(page: Page, world: World, scheme: str) -> None:
    """
    A program that knows the rules of accessible pages finds nothing, in the light and in the dark.
    """
    company = await add_company(world, f"Quayside Foods {scheme}")
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    await page.goto(f"{world.running.url}/sign-in")
    found = await faults(page)
    await sign_in(page, world, "Administrator")
    paths = (
        "/",
        "/users",
        "/settings",
        "/stuck",
        "/stuck/deeds",
        "/overview",
        "/me",
        "/companies/new",
        f"/companies/{company}",
        f"/companies/{company}/edit",
        f"/companies/{company}/delete",
        "/removals",
        f"/companies/{company}/request?data_types=financials",
    )

    for path in paths:
        await page.goto(world.running.url + path)
        found += await faults(page)

    assert [] == found


async def faults(page: Page) -> list[str]:
    """Ask axe what somebody could not use on this page."""
    results = await Axe().run(page)
    return [results.generate_report()] if results.violations_count else []


async def answers(world: World) -> bool:
    try:
        return (await world.browser.get("/healthz")).is_success
    except httpx.TransportError:
        return False
