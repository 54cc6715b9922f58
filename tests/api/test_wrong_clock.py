"""An API whose clock is wrong: what falls due is for the workflow to say, by Temporal's time."""

from datetime import UTC, datetime, timedelta

import pytest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from api.temporal import TemporalDoor
from tests.api.conftest import MakeApp, calling
from tests.api.given import Bank
from tests.api.live import Office

YEAR = timedelta(days=366)


@pytest.mark.parametrize("wrong_by", [YEAR, -YEAR], ids=["fast", "slow"])
async def test_nothing_expires_by_the_clock_of_the_api(
    office: Office,
    make_app: MakeApp,
    temporal: WorkflowEnvironment,
    bank: Bank,
    wrong_by: timedelta,
) -> None:
    """
    The link works and the customer goes on; only what is said to be stuck goes by that clock.
    """

    async def connect() -> Client:
        return temporal.client

    app = make_app(TemporalDoor(connect))
    app.state.clock = lambda: datetime.now(UTC) + wrong_by
    customer = await office.asks()
    link = f"/v1/link/{customer.token}"

    async with calling(app, bank.key) as api:
        before = await api.get(f"/v1/journeys/{customer.id}")
        looked = await api.get(link)
        opened = await api.post(link, json={"action": "open"})
    after = await customer.journey()

    assert ("awaiting_customer", wrong_by > timedelta()) == (
        before.json()["stage"],
        before.json()["stuck"],
    )
    assert (200, 200) == (looked.status_code, opened.status_code)
    assert before.json()["expires_at"] == after["expires_at"]
    assert datetime.fromisoformat(after["stage_since"]) <= datetime.now(UTC)
