"""A real browser before a real copy of Rapport; where there is no browser, these tests are left out."""

import shutil
from collections.abc import AsyncIterator
from typing import Final

import pytest
from playwright.async_api import Browser, async_playwright

from tests.browser.visitor import ARGUMENTS
from tests.e2e.running import Running
from tests.e2e.world import World

CHROMIUM: Final = shutil.which("chromium") or shutil.which("google-chrome")

collect_ignore_glob = [] if CHROMIUM else ["test_*.py"]
if CHROMIUM is None:
    print("The browser tests are left out: there is no chromium.")  # noqa: T201


@pytest.fixture(scope="session")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """A bank on a system that just came up."""
    running = Running(tmp_path_factory.mktemp("browser") / "home")
    try:
        await running.ready()
        async with World(running) as world:
            yield world
    finally:
        running.end()


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Debian's Chromium; every test opens windows of its own."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=list(ARGUMENTS)
        )
        yield browser
        await browser.close()
