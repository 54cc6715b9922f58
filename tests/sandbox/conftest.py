"""A sandbox in this process, a clock that tests move, and a customer who approves."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from sandbox.app import create_app
from sandbox.desk import Desk
from sandbox.settings import Settings

CALLBACK = "https://rapport.example/back?from=sandbox"
CLIENT = {"client_id": "rapport", "client_secret": "sandbox-secret"}


class Clock:
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **time: float) -> None:
        self.now += timedelta(**time)


class Client:
    """What a program that reads books does, call by call."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    async def approve(
        self, company: str = "Hoxton Tea", scenario: str = "default"
    ) -> str:
        """Press the button, and give the code that comes back."""
        answer = await self.decide(company, decision="approve", scenario=scenario)
        return httpx.URL(answer.headers["location"]).params["code"]

    async def decide(self, company: str = "Hoxton Tea", **form: str) -> httpx.Response:
        return await self.http.post(
            "/oauth/authorize", data=request_for(company) | form
        )

    async def exchange(self, given: str, **form: str) -> httpx.Response:
        wanted = {
            "grant_type": "authorization_code",
            "code": given,
            "redirect_uri": CALLBACK,
        }
        return await self.http.post("/oauth/token", data=wanted | CLIENT | form)

    async def refresh(self, refresh_token: str) -> httpx.Response:
        wanted = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        return await self.http.post("/oauth/token", data=wanted | CLIENT)

    async def log_in(
        self, company: str = "Hoxton Tea", scenario: str = "default"
    ) -> dict[str, Any]:
        answer = await self.exchange(await self.approve(company, scenario))
        tokens: dict[str, Any] = answer.json()
        return tokens

    async def read(
        self, tokens: dict[str, Any], data: str = "organisation", **params: Any
    ) -> httpx.Response:
        bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
        return await self.http.get(f"/api/{data}", params=params, headers=bearer)

    async def control(self, company: str, scenario: str) -> httpx.Response:
        wish = {"company": company, "scenario": scenario}
        return await self.http.post("/control/scenario", json=wish)


def request_for(company: str = "Hoxton Tea") -> dict[str, str]:
    """Write what a program sends a customer to the authorize page with."""
    return {
        "response_type": "code",
        "client_id": "rapport",
        "product": "ledgerly",
        "company": company,
        "state": "st&te ~ 1",
        "redirect_uri": CALLBACK,
    }


def client_of(app: FastAPI) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app)
    return httpx.AsyncClient(transport=transport, base_url="http://sandbox")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def settings(clock: Clock) -> Settings:
    return Settings(bills=2_000, clock=clock)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "state" / "sandbox.db"


@pytest.fixture
async def app(database: Path, settings: Settings) -> AsyncIterator[FastAPI]:
    app = create_app(database, "http://sandbox", settings)
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
def desk(app: FastAPI) -> Desk:
    found: Desk = app.state.desk
    return found


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[Client]:
    async with client_of(app) as http:
        yield Client(http)
