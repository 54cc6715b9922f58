"""People of the bank at their desks, and whatever goes wrong in their browser meanwhile."""

from collections.abc import Awaitable, Callable
from typing import Any, Final
from urllib.parse import urlsplit

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import BrowserContext, ConsoleMessage, Page, Request, WebError

from tests.e2e.world import Customer, Json, World, content

DESK: Final[Any] = {"width": 1280, "height": 900}
PATIENCE: Final = 20_000
LONG_PATIENCE: Final = 60_000
"""Milliseconds: for what happens when it happens, on whatever machine."""

_TOLD: Final = ("Failed to load resource", "htmx:oobErrorNoTarget")
"""So the console tells of refusals, and of answers whose form was swapped out meanwhile."""

AtWork = Callable[..., Awaitable[Page]]
"""Sign somebody of a role in, at a path; the rest are settings of the browser."""


class Watch:
    """Notes what no page may do: complain, break the policy, ask anybody but this machine."""

    def __init__(self, context: BrowserContext) -> None:
        self.troubles: list[str] = []
        context.on("console", self._complaint)
        context.on("weberror", self._error)
        context.on("request", self._request)

    def _complaint(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(_TOLD):
            self.troubles.append(message.text)

    def _error(self, error: WebError) -> None:
        self.troubles.append(str(error.error))

    def _request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in {"http", "https"} and address.hostname != "127.0.0.1":
            self.troubles.append(request.url)


async def sign_in(page: Page, world: World, role: str, path: str = "/") -> None:
    await page.goto(world.running.url + path)
    await page.get_by_role("button", name=role).click()
    await page.wait_for_url(world.running.url + path)


async def faults(page: Page) -> list[str]:
    """Ask axe what somebody could not use on this page, in the light and in the dark."""
    found = []
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        results = await Axe().run(page)
        if results.violations_count:
            found.append(f"{scheme}: {page.url} {results.generate_report()}")
    await page.emulate_media(color_scheme="light")
    return found


async def wider_than_window(page: Page) -> list[str]:
    """Name the page if it has to be scrolled sideways."""
    size = page.viewport_size
    width = await page.evaluate("document.documentElement.scrollWidth")
    return [f"{page.url}: {width}"] if size and width > size["width"] else []


async def named(
    world: World, name: str, address: str = "ada@hoxton.example", **more: Any
) -> Json:
    """Let the bank add a client of that name."""
    contact = {"name": "Ada Okafor", "email": address}
    company = {"name": name, "contact": contact, **more}
    return content(await world.bank.post("/v1/companies", json=company), 201)


async def unreachable(world: World, name: str) -> Customer:
    """Ask a client whose address the mail server refuses: that is stuck at once."""
    company = await named(world, name, "nobody@bounce.test")
    customer = await world.ask(company=company)
    await customer.becomes("Error", "email_undeliverable")
    return customer
