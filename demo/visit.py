"""One demo customer's way through a journey: its mail, its link, the software's page."""

import asyncio
import email
import email.policy
import re
from collections.abc import Awaitable, Callable, Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import urljoin

import httpx

WITHIN: Final = 90.0
LOOK_EVERY: Final = 0.25

_LINK: Final = re.compile(r"^https?://\S+/link/\S+$", re.MULTILINE)

MANAGER: Final = "relationship.manager@meridian.example"
"""Who looks after all of them: the demo's first way in shows them right away."""

Json = dict[str, Any]


class Stalled(Exception):
    """The demo can't go on: what was asked, and what came instead."""


class Choice(NamedTuple):
    """What a customer decides at the software's own page."""

    decision: str = "approve"
    scenario: str = "default"


class Customer(NamedTuple):
    """One demo company: what it is asked for, how it answers, where that ends."""

    name: str
    address: str
    data_types: tuple[str, ...]
    answer: "Callable[[Visit], Awaitable[None]]"
    ends: str
    software: str = "ledgerly"
    entities: tuple[str, ...] = ()
    delivery: str = "email"


class Form(HTMLParser):
    """The one form of a page: where it goes, and what it sends by itself."""

    def __init__(self, page: httpx.Response) -> None:
        super().__init__()
        self.action = str(page.url)
        self.fields: dict[str, str] = {}
        self.feed(page.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.action = urljoin(self.action, facts.get("action", ""))
        if tag == "input" and facts.get("type") == "hidden":
            self.fields[facts["name"]] = facts.get("value", "")


class World(NamedTuple):
    """What all demo customers share."""

    bank: httpx.AsyncClient
    browser: httpx.AsyncClient
    mailbox: Path
    sandbox: str


class Visit:
    """One customer's way through a journey, beside the bank's view of it."""

    def __init__(self, customer: Customer, world: World) -> None:
        self._customer = customer
        self._world = world
        self._company = ""
        self._journey: Json = {}

    async def ask(self) -> None:
        """Let the bank ask for the data; asked twice, it is the same request."""
        customer = self._customer
        key = "demo-" + customer.name.lower().replace(" ", "-")
        contact = {"name": "Accounts", "email": customer.address}
        company = {"name": customer.name, "contact": contact, "users": [MANAGER]}
        self._company = (await self._create("/v1/companies", key, company))["id"]
        self._journey = await self._create(
            f"/v1/companies/{self._company}/journeys",
            f"{key}-journey",
            {"data_types": customer.data_types, "delivery": customer.delivery},
        )

    async def open(self) -> None:
        """Follow the link, look, and leave it at that."""
        await self._act(await self._path(), {"action": "open"})

    async def share(self, choice: Choice) -> None:
        """Do what each page asks for, until there is nothing left to do."""
        path = await self._path()
        state = content_of(await self._world.browser.get(path))
        while step := STEPS.get(state["stage"]):
            state = await self._act(path, step(self._customer, state))
            if redirect := state.get("redirect_url"):
                await self._authorize(redirect, choice)
                if not self._customer.entities:
                    return
                state = content_of(await self._world.browser.get(path))

    async def behave(self, scenario: str) -> None:
        """Change how the software treats this company from now on."""
        change = {"company": self._customer.name, "scenario": scenario}
        url = f"{self._world.sandbox}/control/scenario"
        content_of(await self._world.browser.post(url, json=change))

    async def retry(self) -> None:
        """Let the bank try again what failed."""
        path = f"/v1/journeys/{self._journey['id']}/retry"
        content_of(await self._world.bank.post(path))

    async def company(self) -> Json:
        """Look at the company as the bank does."""
        return content_of(await self._world.bank.get(f"/v1/companies/{self._company}"))

    async def until(self, status: str) -> None:
        """Wait until the bank sees this status."""

        async def seen() -> bool:
            return bool((await self.company())["status"] == status)

        await _until(f"{self._customer.name} to be {status}", seen)

    async def until_stuck(self) -> None:
        """Wait until the bank sees that this customer takes too long."""

        async def seen() -> bool:
            path = f"/v1/journeys/{self._journey['id']}"
            return bool(content_of(await self._world.bank.get(path))["stuck"])

        await _until(f"{self._customer.name} to be stuck", seen)

    async def _create(self, path: str, key: str, body: Json) -> Json:
        headers = {"Idempotency-Key": key}
        return content_of(await self._world.bank.post(path, json=body, headers=headers))

    async def _act(self, path: str, action: Json) -> Json:
        return content_of(await self._world.browser.post(path, json=action))

    async def _path(self) -> str:
        """Find the way in: in the bank's answer, or in the mail."""
        link = self._journey.get("link_url") or await self._mailed_link()
        return "/v1/link/" + str(link).rsplit("/", 1)[-1]

    async def _mailed_link(self) -> str:
        links: list[str] = []

        async def found() -> bool:
            links.extend(links_to(self._customer.address, self._world.mailbox))
            return bool(links)

        await _until(f"the mail to {self._customer.name}", found)
        return links[0]

    async def _authorize(self, url: str, choice: Choice) -> None:
        """Decide at the software's page, and follow it back to Rapport."""
        form = Form(await self._world.browser.get(url))
        back = await self._world.browser.post(
            form.action, data={**form.fields, **choice._asdict()}
        )
        await self._world.browser.get(back.headers["location"])


def links_to(address: str, mailbox: Path) -> list[str]:
    """Read the links in all mail to an address, whatever its encoding."""
    links: list[str] = []
    for file in sorted(mailbox.glob("*.eml")):
        message = email.message_from_bytes(
            file.read_bytes(), policy=email.policy.default
        )
        body = message.get_body(("plain",))
        if body is not None and address in str(message["To"]):
            links.extend(_LINK.findall(body.get_content().replace("\r\n", "\n")))
    return links


def _unnamed(customer: Customer, state: Json) -> list[str]:
    named = {entity["name"] for entity in state["entities"]}
    return [name for name in customer.entities if name not in named]


STEPS: Final[Mapping[str, Callable[[Customer, Json], Json]]] = {
    "sending": lambda customer, state: {"action": "open"},
    "awaiting_customer": lambda customer, state: {"action": "open"},
    "choosing_structure": lambda customer, state: {
        "action": "choose_structure",
        "structure": "multiple" if customer.entities else "single",
    },
    "naming_entity": lambda customer, state: {
        "action": "name_entity",
        "name": _unnamed(customer, state)[0],
    },
    "selecting_software": lambda customer, state: {
        "action": "select_software",
        "software": customer.software,
    },
    "authorizing": lambda customer, state: {"action": "authorize", "consent": True},
    "reviewing_entities": lambda customer, state: {
        "action": "add_entity" if _unnamed(customer, state) else "finish"
    },
}
"""What a customer does next, by the stage that the page shows."""


async def _until(what: str, seen: Callable[[], Awaitable[bool]]) -> None:
    try:
        async with asyncio.timeout(WITHIN):
            while not await seen():  # noqa: ASYNC110 (only the bank knows when)
                await asyncio.sleep(LOOK_EVERY)
    except TimeoutError:
        raise Stalled(f"waited {WITHIN:.0f} s for {what}") from None


def content_of(answer: httpx.Response) -> Json:
    if answer.is_error:
        noun = "/".join(answer.request.url.path.split("/")[:3])  # no link's token
        asked = f"{answer.request.method} {noun}"
        raise Stalled(f"{asked} answered {answer.status_code}: {answer.text}")
    content: Json = answer.json()
    return content
