"""A real browser before a real copy of Rapport; where there is no browser, these tests are left out."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from tests.browser.chromium import CHROMIUM
from tests.browser.office import DESK, PATIENCE, AtWork, Watch, sign_in
from tests.browser.visitor import ARGUMENTS
from tests.e2e.running import Running
from tests.e2e.world import World

expect.set_options(timeout=PATIENCE)

collect_ignore_glob = [] if CHROMIUM else ["test_*.py"]


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


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    """A window at a desk."""
    context = await browser.new_context(viewport=DESK)
    yield await context.new_page()
    await context.close()


@pytest.fixture
async def at_work(browser: Browser, world: World) -> AsyncIterator[AtWork]:
    """Sign somebody in, each in a browser of their own; at the end nothing went wrong in any."""
    opened = []

    async def signed_in(role: str, path: str = "/", **settings: Any) -> Page:
        context = await browser.new_context(**{"viewport": DESK, **settings})
        opened.append((context, Watch(context)))
        page = await context.new_page()
        await sign_in(page, world, role, path)
        return page

    yield signed_in
    troubles = []
    for context, watch in opened:
        await context.close()
        troubles += watch.troubles
    assert [] == troubles
