"""One copy of Rapport in which everything is killed before the first test looks."""

import os
from collections.abc import AsyncIterator

import pytest

from tests.crash.deeds import Deeds, do_all
from tests.crash.mortal import Mortal, Shelves
from tests.e2e.world import World

collect_ignore = [] if os.environ.get("RAPPORT_CHAOS") else ["test_random_kills.py"]
"""What needs the machine for itself for minutes is asked for: `make chaos`."""


@pytest.fixture(scope="session")
async def mortal(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Mortal]:
    mortal = Mortal(tmp_path_factory.mktemp("crash") / "home")
    try:
        await mortal.ready()
        yield mortal
    finally:
        mortal.end()


@pytest.fixture(scope="session")
async def world(mortal: Mortal) -> AsyncIterator[World]:
    async with World(mortal) as world:
        yield world


@pytest.fixture(scope="session")
async def deeds(mortal: Mortal, world: World) -> Deeds:
    return await do_all(mortal, world)


@pytest.fixture
def shelves(mortal: Mortal) -> Shelves:
    return Shelves(mortal.home)
