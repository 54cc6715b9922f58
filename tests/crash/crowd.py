"""Many customers of a Rapport that is never well for long: they come again until they are served."""

import asyncio
import email
import email.policy
from collections.abc import Awaitable, Callable, Mapping
from email.message import EmailMessage
from http import HTTPStatus
from pathlib import Path
from typing import Final, NamedTuple
from uuid import uuid4

import httpx

from tests.e2e.mailbox import Mailbox
from tests.e2e.pages import Page
from tests.e2e.running import Running
from tests.e2e.world import FINANCIALS, SPEND, Customer, Json, World

PAUSE: Final = 0.4
OVER: Final = ("completed", "expired", "cancelled")
NAMES: Final = ("Tea North", "Tea South")


class Again(httpx.AsyncHTTPTransport):
    """Asks again what got no answer, or was told to come again; what creates, under one key."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "POST" and "/v1/companies" in request.url.path:
            request.headers["Idempotency-Key"] = uuid4().hex
        while True:
            try:
                answer = await super().handle_async_request(request)
            except httpx.TransportError:
                await asyncio.sleep(PAUSE)
                continue
            if answer.status_code != HTTPStatus.SERVICE_UNAVAILABLE:
                return answer
            await answer.aclose()
            await asyncio.sleep(PAUSE)


class Letterbox(Mailbox):
    """A mailbox that opens each letter once, however often somebody looks."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._place = folder
        self._opened: dict[str, EmailMessage] = {}

    @property
    def all(self) -> list[EmailMessage]:
        for file in self._place.glob("*.eml"):
            if file.name not in self._opened:
                self._opened[file.name] = email.message_from_bytes(
                    file.read_bytes(), policy=email.policy.default
                )
        return list(self._opened.values())

    def letters(self, address: str) -> list[EmailMessage]:
        return [letter for letter in self.all if address in str(letter["To"])]


class Crowd(World):
    """A bank and customers with patience."""

    def __init__(self, running: Running) -> None:
        super().__init__(running)
        self.mailbox = self.letterbox = Letterbox(running.home / "mailbox")
        key = {"Authorization": f"Bearer {running.api_key}"}
        self.bank = _patient(running.url, headers=key)
        self.browser = _patient(running.url)


def _patient(url: str, headers: Mapping[str, str] | None = None) -> httpx.AsyncClient:
    crowd = httpx.Limits(max_connections=None, keepalive_expiry=2)
    way = Again(limits=crowd)
    return httpx.AsyncClient(base_url=url, timeout=40, transport=way, headers=headers)


class Plan(NamedTuple):
    """What somebody does when asked, and where that ends: stage, status and reason."""

    does: "Callable[[Customer], Awaitable[None]]"
    ends: tuple[str, str | None, str | None]
    data_types: tuple[str, ...] = FINANCIALS


async def has_a_link(customer: Customer) -> None:
    """Wait for the mail; where nobody knows whether it left, have it sent again."""
    resent = False
    while not customer.world.mailbox.letters(customer.address):
        events = await customer.events()
        if "sent_unconfirmed" in events and not resent:
            resent = (await customer.bank("resend")).is_success
        await asyncio.sleep(PAUSE)


async def shares(customer: Customer, scenario: str = "default") -> None:
    """Do what the page asks for, until there is nothing left to do here."""
    await has_a_link(customer)
    while (state := await customer.look())["stage"] not in OVER:
        if state["stage"] == "fetching":
            return
        await takes_a_step(customer, state, scenario)


async def takes_a_step(customer: Customer, state: Json, scenario: str) -> None:
    """Do the next thing; one that came too late is no harm, the page says what is next."""
    named = {entity["name"] for entity in state["entities"]}
    unnamed = [name for name in NAMES if name not in named]
    match state["stage"]:
        case "sending" | "awaiting_customer":
            await customer.tries("open")
        case "choosing_structure":
            await customer.tries("choose_structure", structure="multiple")
        case "naming_entity":
            await customer.tries("name_entity", name=unnamed[0])
        case "selecting_software":
            await customer.tries("select_software", software="ledgerly")
        case "authorizing":
            await goes_and_returns(customer, "approve", scenario)
        case _:
            await customer.tries("add_entity" if unnamed else "finish")


async def goes_and_returns(customer: Customer, decision: str, scenario: str) -> None:
    answer = await customer.tries("authorize", consent=True)
    if answer.is_success:
        page = Page(await customer.world.browser.get(answer.json()["redirect_url"]))
        await customer.returns(await customer.decides(page, decision, scenario))


async def declines(customer: Customer) -> None:
    await has_a_link(customer)
    while "authorization_declined" not in await customer.events():
        state = await customer.look()
        if state["stage"] == "authorizing":
            await goes_and_returns(customer, "deny", "default")
        else:
            await takes_a_step(customer, state, "default")


async def exits(customer: Customer) -> None:
    await has_a_link(customer)
    await customer.tries("open")
    await customer.tries("exit")


async def is_cancelled(customer: Customer) -> None:
    await has_a_link(customer)
    await customer.bank("cancel", reason="no longer needed")


async def shares_nonsense(customer: Customer) -> None:
    await shares(customer, "malformed")


async def shares_by_fits_and_starts(customer: Customer) -> None:
    await shares(customer, "flaky")


AVAILABLE: Final = ("completed", "Available", None)

PLANS: Final = (
    Plan(shares, AVAILABLE),
    Plan(exits, ("selecting_software", "Error", "authorization_exited")),
    Plan(shares_by_fits_and_starts, AVAILABLE),
    Plan(declines, ("selecting_software", "Error", "authorization_declined")),
    Plan(has_a_link, ("awaiting_customer", "Requested", None)),
    Plan(is_cancelled, ("cancelled", None, None)),
    Plan(shares, AVAILABLE, SPEND),
    Plan(shares_nonsense, ("fetching", "Error", "invalid_data")),
    Plan(exits, ("selecting_software", "Error", "authorization_exited")),
    Plan(has_a_link, ("awaiting_customer", "Requested", None)),
)
"""Few of them get to the end: each that does has reports built, which takes seconds."""
