"""Everybody around one copy of Rapport: its bank, its customers, its operators."""

import asyncio
import sysconfig
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, Final, Self

import httpx
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from home import LOOPBACK
from tests.e2e.mailbox import Mailbox
from tests.e2e.pages import Page
from tests.e2e.patience import until
from tests.e2e.running import Running

FINANCIALS: Final = ("financials",)
SPEND: Final = ("spend_analysis",)
BOTH: Final = ("financials", "spend_analysis")

TEMPORAL: Final = str(Path(sysconfig.get_path("scripts")) / "temporal")

Json = dict[str, Any]


class World:
    """One bank with its customers; each test makes its own, so that none is in another's way."""

    def __init__(self, running: Running) -> None:
        self.running = running
        self.mailbox = Mailbox(running.home / "mailbox")
        self.sandbox = f"http://{LOOPBACK}:{running.ports['sandbox']}"
        self.temporal_address = f"{LOOPBACK}:{running.ports['temporal']}"
        key = {"Authorization": f"Bearer {running.api_key}"}
        self.bank = _browser(running.url, headers=key)
        self.browser = _browser(running.url)
        self._numbers = count(1)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.bank.aclose()
        await self.browser.aclose()

    async def add_company(self, address: str | None = None) -> Json:
        """Let the bank add a client."""
        number = next(self._numbers)
        address = address or f"ada-{number}@hoxton.example"
        contact = {"name": "Ada Okafor", "email": address}
        company = {"name": f"Hoxton Tea {number}", "contact": contact}
        return content(await self.bank.post("/v1/companies", json=company), 201)

    async def ask(
        self,
        data_types: Sequence[str] = FINANCIALS,
        *,
        delivery: str = "email",
        address: str | None = None,
        company: Json | None = None,
    ) -> "Customer":
        """Let the bank ask a client, a new one unless named, for its data."""
        if company is None:
            company = await self.add_company(address)
        answer = await self.bank.post(
            f"/v1/companies/{company['id']}/journeys",
            json={"data_types": data_types, "delivery": delivery},
        )
        return Customer(self, company, content(answer, 202))

    async def behaves(self, company: str, scenario: str) -> None:
        """Change how the software treats a company from now on."""
        wish = {"company": company, "scenario": scenario}
        content(await self.browser.post(f"{self.sandbox}/control/scenario", json=wish))

    async def temporal(self) -> Client:
        """Connect as an operator's program would."""
        return await Client.connect(
            self.temporal_address, data_converter=pydantic_data_converter
        )

    async def operator(self, *words: str) -> str:
        """Give a command of the Temporal CLI, and return what it says."""
        process = await asyncio.create_subprocess_exec(
            *(TEMPORAL, *words),
            *("--address", self.temporal_address, "--disable-config-file"),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        said, complained = await process.communicate()
        assert 0 == process.returncode, complained.decode()
        return said.decode()


class Customer:
    """One request for data, from both of its ends: the customer's link and the bank's view."""

    def __init__(self, world: World, company: Json, journey: Json) -> None:
        self.world = world
        self.id: str = journey["id"]
        self.company_id: str = company["id"]
        self.name: str = company["name"]
        self.address: str = company["contact"]["email"]
        self.link_url: str | None = journey.get("link_url")

    # What the customer does.

    async def path(self) -> str:
        """Find the way in: in the bank's hand, or in the first mail that comes."""
        if self.link_url is None:
            look = partial(asyncio.to_thread, self.world.mailbox.tokens, self.address)
            self.link_url = (await until(look, bool))[0]
        return f"/v1/link/{self.link_url.rpartition('/')[2]}"

    async def look(self) -> Json:
        return content(await self.world.browser.get(await self.path()))

    async def tries(self, action: str, **fields: Any) -> httpx.Response:
        """Do what may be refused."""
        body = {"action": action, **fields}
        return await self.world.browser.post(await self.path(), json=body)

    async def does(self, action: str, **fields: Any) -> Json:
        return content(await self.tries(action, **fields))

    async def leaves(self) -> Page:
        """Consent, and go to the software's own page."""
        state = await self.does("authorize", consent=True)
        return Page(await self.world.browser.get(state["redirect_url"]))

    async def decides(
        self, page: Page, decision: str = "approve", scenario: str = "default"
    ) -> str:
        """Decide there; return the way back."""
        (form,) = page.forms
        answer = await self.world.browser.post(
            form.target,
            data={**form.hidden, "decision": decision, "scenario": scenario},
        )
        assert 303 == answer.status_code, answer.text
        return answer.headers["location"]

    async def returns(self, address: str) -> httpx.Response:
        """Go the way back."""
        return await self.world.browser.get(address)

    async def connects(
        self, software: str = "ledgerly", scenario: str = "default"
    ) -> Json:
        """Pick software, approve, and come back."""
        await self.does("select_software", software=software)
        return await self.approves(scenario)

    async def approves(self, scenario: str = "default") -> Json:
        """Consent, say yes at the software, and come back."""
        address = await self.decides(await self.leaves(), "approve", scenario)
        back = await self.returns(address)
        assert 303 == back.status_code, back.text
        return await self.look()

    async def shares(self, scenario: str = "default") -> Json:
        """Open the link, and share one company's books."""
        opened = await self.does("open")
        if opened["stage"] == "choosing_structure":
            await self.does("choose_structure", structure="single")
        return await self.connects(scenario=scenario)

    async def has_several(self) -> Json:
        """Open the link, and say that there are several legal entities."""
        await self.does("open")
        return await self.does("choose_structure", structure="multiple")

    async def walks_to(self, stage: str) -> Json:
        """Go on with several legal entities up to there; slow books let nothing else happen."""
        while (state := await self.look())["stage"] != stage:
            match state["stage"]:
                case "awaiting_customer":
                    await self.does("open")
                case "choosing_structure":
                    await self.does("choose_structure", structure="multiple")
                case "naming_entity":
                    await self.does("name_entity", name="Tea Retail")
                case "selecting_software":
                    await self.does("select_software", software="ledgerly")
                case _:
                    await self.approves("slow")
        return state

    async def adds(self, name: str, scenario: str = "default") -> Json:
        """Name a legal entity, one more if need be, and connect it."""
        if (await self.look())["stage"] == "reviewing_entities":
            await self.does("add_entity")
        await self.does("name_entity", name=name)
        return await self.connects(scenario=scenario)

    # What the bank does and sees.

    async def bank(self, verb: str, **fields: Any) -> httpx.Response:
        path = f"/v1/journeys/{self.id}/{verb}"
        return await self.world.bank.post(path, json=fields)

    async def journey(self) -> Json:
        return content(await self.world.bank.get(f"/v1/journeys/{self.id}"))

    async def company(self) -> Json:
        return content(await self.world.bank.get(f"/v1/companies/{self.company_id}"))

    async def entity(self, name: str) -> Json:
        entities = (await self.journey())["entities"]
        return next(each for each in entities if each["name"] == name)

    async def moves_to(self, address: str) -> None:
        """Let the bank correct the contact's address."""
        path = f"/v1/companies/{self.company_id}"
        change = {"contact": {"email": address}}
        content(await self.world.bank.patch(path, json=change))

    async def refresh(self) -> httpx.Response:
        return await self.world.bank.post(f"/v1/companies/{self.company_id}/refresh")

    async def timeline(self) -> list[Json]:
        return await self._items(f"/v1/journeys/{self.id}/timeline?limit=200")

    async def events(self) -> list[str]:
        return [move["event"] for move in await self.timeline()]

    async def syncs(self) -> list[Json]:
        return await self._items(f"/v1/companies/{self.company_id}/syncs")

    async def connections(self) -> list[Json]:
        return await self._items(f"/v1/companies/{self.company_id}/connections")

    async def legal_entities(self) -> list[Json]:
        return await self._items(f"/v1/companies?parent_id={self.company_id}")

    async def reaches(self, stage: str) -> Json:
        return await until(self.journey, lambda journey: stage == journey["stage"])

    async def says(self, event: str, times: int = 1) -> list[str]:
        """Wait until the timeline says this so many times."""
        return await until(self.events, lambda events: times <= events.count(event))

    async def becomes(self, status: str, reason: str | None = None) -> Json:
        """Wait until the bank sees this status, for this reason."""
        return await until(
            self.company,
            lambda company: (status, reason) == standing(company),
        )

    async def has(self, name: str, stage: str) -> Json:
        """Wait until one of its legal entities is in this stage."""
        look = partial(self.entity, name)
        return await until(look, lambda entity: stage == entity["stage"])

    async def _items(self, path: str) -> list[Json]:
        items: list[Json] = content(await self.world.bank.get(path))["items"]
        return items


def standing(company: Json) -> tuple[str | None, str | None]:
    """Read a company's, a journey's or an entity's status with its reason's code."""
    reason = company["reason"]
    return company["status"], reason["code"] if reason else None


def content(answer: httpx.Response, status: int = 200) -> Json:
    assert status == answer.status_code, f"{answer.url} {answer.text}"
    body: Json = answer.json()
    return body


def refused(answer: httpx.Response) -> tuple[int, str]:
    """Read a refusal's status and code."""
    return answer.status_code, answer.json()["code"]


def at(time: str) -> datetime:
    return datetime.fromisoformat(time)


def _browser(url: str, **settings: Any) -> httpx.AsyncClient:
    crowd = httpx.Limits(max_connections=None, keepalive_expiry=2)  # before the server
    return httpx.AsyncClient(base_url=url, timeout=50, limits=crowd, **settings)
