"""An API that is killed when it reaches for Temporal: the journey's row is written by then."""

import asyncio
import subprocess
from pathlib import Path
from typing import Final, NamedTuple, Self

import httpx

from home import LOOPBACK
from tests.e2e.running import COMMAND, free_port
from tests.e2e.world import FINANCIALS, Customer, Json, World, content

KEY: Final = {"Idempotency-Key": "asked of an API that died"}


class Unstarted(NamedTuple):
    """Who was asked, what stood in the store right after, and what the same question got again."""

    customer: Customer
    journeys: list[Json]
    again: Json


async def asked_of_an_api_that_dies(world: World) -> Unstarted:
    """Ask a second API process, whose way to Temporal ends at a trap; ask the first one again."""
    company = await world.add_company()
    path = f"/v1/companies/{company['id']}/journeys"
    body = {"data_types": FINANCIALS, "delivery": "link"}
    async with Trap() as trap:
        api = trap.start_api(world)
        key = dict(world.bank.headers) | KEY
        async with httpx.AsyncClient(base_url=trap.url, headers=key) as bank:
            asking = asyncio.create_task(_asked(bank, path, body))
            await trap.reached.wait()
            api.kill()
            api.wait()
            await asking
    found = await world.bank.get("/v1/journeys", params={"company_id": company["id"]})
    again = content(await world.bank.post(path, json=body, headers=KEY), 202)
    customer = Customer(world, company, again)
    return Unstarted(customer, content(found)["items"], again)


class Trap:
    """Listens where an API looks for Temporal, and says when it does."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self._port = free_port()
        self.url = f"http://{LOOPBACK}:{self._port}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._met, LOOPBACK, 0)
        return self

    async def __aexit__(self, *error: object) -> None:
        self._server.close()

    def start_api(self, world: World) -> subprocess.Popen[bytes]:
        """Start one in the surroundings of the copy's own API, but for Temporal's address."""
        own = Path(f"/proc/{world.running.processes()['api']}/environ").read_text()
        environment = dict(each.split("=", 1) for each in own.split("\0") if each)
        port = self._server.sockets[0].getsockname()[1]
        return subprocess.Popen(
            [COMMAND, "api", "--port", str(self._port)],
            env=environment | {"TEMPORAL_ADDRESS": f"{LOOPBACK}:{port}"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    async def _met(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.reached.set()
        await reader.read()
        writer.close()


async def _asked(bank: httpx.AsyncClient, path: str, body: Json) -> None:
    """Ask until the API is up; then it dies of the question."""
    while True:
        try:
            await bank.post(path, json=body, timeout=30)
        except httpx.ConnectError:
            await asyncio.sleep(0.1)
        except httpx.TransportError:
            return
