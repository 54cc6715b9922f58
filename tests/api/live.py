"""Both ends of a running Rapport: the bank's programs, and customers with a link in hand."""

import asyncio
from collections.abc import Callable
from typing import Any, Final, NamedTuple

import httpx

from domain.links import Link, Signer
from store.tables import JourneyRow
from tests.api.given import Given

State = dict[str, Any]

FINANCIALS: Final = ("financials",)
SPEND: Final = ("spend_analysis",)
BOTH: Final = ("financials", "spend_analysis")


class Office(NamedTuple):
    """A bank (`bank` sends its key), the customers' door, and their accounting software."""

    bank: httpx.AsyncClient
    door: httpx.AsyncClient
    books: httpx.AsyncClient
    given: Given
    signer: Signer

    async def asks(
        self, data_types: tuple[str, ...] = FINANCIALS, *, delivery: str = "link"
    ) -> "Customer":
        """Ask a new client for its books; the journey has begun when this returns."""
        company = await self.given.company()
        wanted = {"data_types": data_types, "delivery": delivery}
        made = await self.bank.post(f"/v1/companies/{company.id}/journeys", json=wanted)
        assert 202 == made.status_code, made.text
        customer = Customer(self, company.id, made.json()["id"])
        await customer.begins()
        return customer


class Customer:
    """Somebody with a link."""

    def __init__(self, office: Office, company_id: str, journey_id: str) -> None:
        self.office, self.company_id, self.id = office, company_id, journey_id
        self.token = self.link(1)

    def link(self, number: int) -> str:
        """Return the token of the journey's n-th link."""
        return self.office.signer.link(Link(self.id, number))

    # In the link flow.

    async def state(self) -> State:
        answer = await self.office.door.get(f"/v1/link/{self.token}")
        assert 200 == answer.status_code, answer.text
        return dict(answer.json())

    async def posts(self, action: str, **fields: Any) -> httpx.Response:
        body = {"action": action, **fields}
        return await self.office.door.post(f"/v1/link/{self.token}", json=body)

    async def does(self, action: str, **fields: Any) -> State:
        answer = await self.posts(action, **fields)
        assert 200 == answer.status_code, answer.text
        return dict(answer.json())

    async def opens(self, *names: str) -> State:
        """Open the link; with names, of several legal entities, name the first one."""
        state = await self.does("open")
        for name in names[:1]:
            await self.does("choose_structure", structure="multiple")
            state = await self.does("name_entity", name=name)
        return state

    # At the software, and back.

    async def leaves(self, software: str = "ledgerly") -> str:
        """Pick software, agree, and return where that leads."""
        await self.does("select_software", software=software)
        return await self.agrees()

    async def agrees(self) -> str:
        return str((await self.does("authorize", consent=True))["redirect_url"])

    async def decides(
        self, redirect_url: str, decision: str = "approve", scenario: str = "default"
    ) -> httpx.URL:
        """Fill in the software's form, and return the address that it sends back to."""
        form = dict(httpx.URL(redirect_url).params)
        answer = await self.office.books.post(
            "/oauth/authorize",
            data={**form, "decision": decision, "scenario": scenario},
        )
        assert 303 == answer.status_code, answer.text
        return httpx.URL(answer.headers["location"])

    async def returns(self, address: httpx.URL) -> httpx.Response:
        return await self.office.door.get(address)

    async def connects(self, scenario: str = "default") -> State:
        """Pick software, approve, come back, and wait until nobody is reading any more."""
        back = await self.decides(await self.leaves(), scenario=scenario)
        assert 303 == (await self.returns(back)).status_code
        return await self.settles()

    # What there is to see.

    async def reaches(self, what: Callable[[State], bool], within: float = 60) -> State:
        async with asyncio.timeout(within):
            while not what(state := await self.state()):  # noqa: ASYNC110 (the store tells nobody)
                await asyncio.sleep(0.03)
        return state

    async def begins(self) -> None:
        """Wait until the request went out, or could not."""
        async with asyncio.timeout(20):
            while (await self.journey())["status"] is None:  # noqa: ASYNC110 (nor here)
                await asyncio.sleep(0.03)

    async def settles(self) -> State:
        """Wait until no books are being read, and no reports made of them."""

        def settled(state: State) -> bool:
            stages = {each["stage"] for each in state["entities"]}
            building = state["stage"] == "fetching" and stages <= {"done", "skipped"}
            return "fetching" not in stages and not building

        return await self.reaches(settled)

    async def asked(self, action: str, **body: Any) -> httpx.Response:
        """Let the bank do something with this journey."""
        url = f"/v1/journeys/{self.id}/{action}"
        return await self.office.bank.post(url, json=body)

    async def journey(self) -> State:
        return dict((await self.office.bank.get(f"/v1/journeys/{self.id}")).json())

    async def company(self) -> State:
        url = f"/v1/companies/{self.company_id}"
        return dict((await self.office.bank.get(url)).json())

    async def timeline(self) -> list[State]:
        answer = await self.office.bank.get(
            f"/v1/journeys/{self.id}/timeline?limit=200"
        )
        return list(answer.json()["items"])

    async def events(self) -> list[str]:
        return [each["event"] for each in await self.timeline()]


class ShutOffice(NamedTuple):
    """The customers' door while Temporal is away, before rows as journeys would leave them."""

    door: httpx.AsyncClient
    given: Given
    signer: Signer

    async def seen(self, journey: JourneyRow, number: int = 1) -> httpx.Response:
        return await self.door.get(self.address(journey, number))

    async def told(
        self, journey: JourneyRow, action: str, **fields: Any
    ) -> httpx.Response:
        body = {"action": action, **fields}
        return await self.door.post(self.address(journey), json=body)

    def address(self, journey: JourneyRow, number: int = 1) -> str:
        return f"/v1/link/{self.signer.link(Link(journey.id, number))}"


def said(answer: httpx.Response) -> tuple[int, str]:
    """Return how a request was refused."""
    return answer.status_code, answer.json()["code"]
