"""The portal while Temporal is away, and people of the bank who are signed in to it."""

from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI

from tests.api.given import Bank
from tests.api.portal.desk import Desk


@pytest.fixture
async def desk(app: FastAPI, bank: Bank) -> AsyncIterator[Desk]:
    """Our bank's people, each with a browser of their own."""
    desk = Desk(app, bank)
    yield desk
    await desk.close()
