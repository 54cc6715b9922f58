"""What people of the bank do in their browser, while everything runs."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.e2e.running import Running

pytestmark = pytest.mark.timeout(180)

PATIENCE = 20_000


def sign_in(page: Page, running: Running, role: str, path: str = "/") -> None:
    page.goto(running.url + path)
    page.get_by_role("button", name=role).click()
    page.wait_for_url(running.url + path)


def add_company(bank: httpx.Client, name: str) -> str:
    contact = {"name": "Ada Okafor", "email": "ada@hoxton.example"}
    answer = bank.post("/v1/companies", json={"name": name, "contact": contact})
    return str(answer.raise_for_status().json()["id"])


def mails(mailbox: Path, address: str) -> int:
    return sum(address in file.read_text() for file in mailbox.glob("*.eml"))


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE / 1000
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_company_is_asked_and_its_status_changes_by_itself(
    page: Page, running: Running, mailbox: Path, strangers: list[str]
) -> None:
    """
    From an empty list to a request in the customer's mailbox, without a reload and without a stranger.
    """
    sign_in(page, running, "Relationship manager")
    page.get_by_role("link", name="Add a company").first.click()
    page.get_by_label("Name of the company").fill("Brightwell Dental")
    page.get_by_label("Name", exact=True).fill("Ada Okafor")
    page.get_by_label("Email address").fill("ada@brightwell.example")
    expect(page.locator("#name-count")).to_have_text("17 of 100")
    page.get_by_role("button", name="Add and go on").click()
    page.get_by_text("Financials", exact=False).first.click()
    email = page.frame_locator("iframe").get_by_role("heading", level=1)
    expect(email).to_contain_text("financial statements", timeout=PATIENCE)
    page.get_by_role("button", name="Send the email").click()
    expect(page.locator("#said")).to_contain_text(
        "on its way to ada@brightwell.example"
    )

    standing = page.locator("#standing")
    expect(standing).to_contain_text("Requested", timeout=PATIENCE)
    until(lambda: mails(mailbox, "ada@brightwell.example") == 1)
    assert all(url.startswith(running.url) for url in strangers)


def test_an_open_menu_stays_open_while_its_row_changes(
    page: Page, running: Running, bank: httpx.Client
) -> None:
    """
    A new company appears by itself; a change to a row closes no menu and takes no focus.
    """
    sign_in(page, running, "Administrator")
    company = add_company(bank, "Calder Freight")
    menu = page.locator(f"#do-{company}")
    menu.locator("summary").click(timeout=PATIENCE)
    menu.get_by_role("link", name="Edit").focus()

    bank.patch(f"/v1/companies/{company}", json={"description": "Changed meanwhile"})

    expect(page.get_by_text("Changed meanwhile")).to_be_visible(timeout=PATIENCE)
    expect(menu).to_have_attribute("open", "")
    expect(menu.get_by_role("link", name="Edit")).to_be_focused()


def test_searching_narrows_while_typing(
    page: Page, running: Running, bank: httpx.Client
) -> None:
    """
    The list follows what is typed, and the address holds it.
    """
    add_company(bank, "Oakridge Motors")
    sign_in(page, running, "Support")

    page.get_by_label("Search").press_sequentially("oakr")

    expect(page.locator("table.rows tbody tr")).to_have_count(1, timeout=PATIENCE)
    expect(page).to_have_url(running.url + "/?q=oakr&user=all")


def test_a_page_outlives_its_server(
    page: Page, running: Running, bank: httpx.Client
) -> None:
    """
    Where the server went away and came back, an open page goes on by itself.
    """
    company = add_company(bank, "Thornbury Glass")
    sign_in(page, running, "Support", "/?q=thornbury")
    expect(page.get_by_text("Thornbury Glass")).to_be_visible()

    os.kill(running.processes()["api"], signal.SIGKILL)
    until(lambda: _answers(running))
    bank.patch(f"/v1/companies/{company}", json={"description": "After the crash"})

    expect(page.get_by_text("After the crash")).to_be_visible(timeout=3 * PATIENCE)


def test_whoever_is_signed_out_comes_back_to_the_page(
    page: Page, running: Running
) -> None:
    """
    Signed out in another tab, an open page says so and leads back to itself.
    """
    sign_in(page, running, "Viewer", "/?sort=name")
    other = page.context.new_page()
    other.goto(running.url)
    other.get_by_role("button", name="Sign out").click()
    page.get_by_role("link", name="Sign in and come back").click(timeout=3 * PATIENCE)

    page.get_by_role("button", name="Viewer").click()

    expect(page).to_have_url(running.url + "/?sort=name")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_use_it(
    page: Page, running: Running, bank: httpx.Client, scheme: str
) -> None:
    """
    A program that knows the rules of accessible pages finds nothing, in the light and in the dark.
    """
    company = add_company(bank, f"Quayside Foods {scheme}")
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.goto(running.url)
    found = [Axe().run(page).generate_report()] * (_violations(page) > 0)
    sign_in(page, running, "Administrator")
    paths = (
        "/",
        "/users",
        "/me",
        "/companies/new",
        f"/companies/{company}",
        f"/companies/{company}/edit",
        f"/companies/{company}/request?data_types=financials",
    )

    for path in paths:
        page.goto(running.url + path)
        if _violations(page):
            found.append(path + Axe().run(page).generate_report())

    assert [] == found


def _violations(page: Page) -> int:
    count: int = Axe().run(page).violations_count
    return count


def _answers(running: Running) -> bool:
    try:
        return httpx.get(f"{running.url}/healthz").is_success
    except httpx.TransportError:
        return False
