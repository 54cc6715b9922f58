"""The command, as a process of its own that may be killed at any moment."""

import asyncio
import sys
from asyncio.subprocess import Process
from pathlib import Path

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from sandbox.__main__ import main
from sandbox.desk import Desk
from tests.sandbox.conftest import Client
from tests.sandbox.ports import free_port, until_open


async def start(port: int, database: Path) -> Process:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "sandbox"),
        *("--port", str(port), "--database", str(database)),
    )
    await until_open(port)
    return process


async def test_a_killed_sandbox_comes_back_as_it_was(database: Path) -> None:
    """
    After kill -9 a second start knows each code, token and scenario that it answered.
    """
    port = free_port()
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
        client = Client(http)
        first = await start(port, database)
        code = await client.approve("Hoxton Tea")
        lost = (await client.exchange(code)).json()
        flaky = await client.log_in("Brick Lane Bikes", scenario="flaky")
        before = [(await client.read(flaky)).status_code for _ in range(2)]
        first.kill()
        await first.wait()

        second = await start(port, database)
        found = (await client.exchange(code)).json()
        third_call = await client.read(flaky)
        second.terminate()
        await asyncio.wait_for(second.wait(), 10)

    assert lost["refresh_token"] == found["refresh_token"]
    assert [200, 200] == before
    assert 503 == third_call.status_code


@pytest.mark.parametrize("wrong", ["0", "-5"])
def test_numbers_have_to_make_sense(
    wrong: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """
    A sandbox without bills, or with tokens of no life, does not start.
    """
    with pytest.raises(SystemExit):
        main(["--bills", wrong])

    assert "at least 1" in capsys.readouterr().err


def test_the_arguments_reach_the_settings(
    monkeypatch: pytest.MonkeyPatch, database: Path
) -> None:
    """
    What was asked for is what is served.
    """
    served: list[FastAPI] = []
    monkeypatch.setattr(uvicorn, "run", lambda app, **_: served.append(app))

    main(
        [
            *("--port", "9401", "--database", str(database)),
            *("--bills", "12", "--access-token-seconds", "7"),
        ]
    )
    desk: Desk = served[0].state.desk
    desk.storage.close()

    assert database.exists()
    assert 12 == desk.settings.bills
    assert 7 == desk.settings.access_token_lifetime.total_seconds()
    assert [{"url": "http://127.0.0.1:9401"}] == served[0].servers
