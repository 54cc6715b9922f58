"""One copy of Rapport with its demo's way in, and Debian's Chromium before it."""

import asyncio
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from playwright.sync_api import Page

from tests.e2e.running import Running

CHROMIUM: Final = shutil.which("chromium") or shutil.which("chromium-browser")
QUIET: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

if CHROMIUM is None and "CI" not in os.environ:
    print("No Chromium here: the browser tests are left out.")  # noqa: T201 (said once, before all tests)
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Start the system's Chromium, which asks nobody for anything."""
    return {"executable_path": CHROMIUM, "args": list(QUIET)}


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A bank on a system that just came up."""
    running = Running(tmp_path_factory.mktemp("browser") / "home")
    try:
        asyncio.run(running.ready())
        yield running
    finally:
        running.end()


@pytest.fixture
def bank(running: Running) -> Iterator[httpx.Client]:
    """The bank's programs, which work while people look."""
    key = {"Authorization": f"Bearer {running.api_key}"}
    with httpx.Client(base_url=running.url, headers=key, timeout=50) as client:
        yield client


@pytest.fixture
def strangers(page: Page, running: Running) -> list[str]:
    """Whom the browser asked for anything, but for this copy of Rapport."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    return asked


@pytest.fixture
def mailbox(running: Running) -> Path:
    """Where the customers' mail is."""
    return running.home / "mailbox"
