"""What has to be known to Temporal before anything runs."""

from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment

from tests.temporal import TEMPORAL
from workflows.ids import RECONCILE
from workflows.schedules import ensure_schedules, ensure_search_attributes
from workflows.search_attributes import SEARCH_ATTRIBUTES


async def test_a_new_server_learns_what_it_needs_and_learning_twice_does_no_harm() -> (
    None
):
    """
    Every search attribute, and one schedule that runs every minute and never beside itself.
    """
    async with await WorkflowEnvironment.start_local(
        data_converter=pydantic_data_converter, dev_server_existing_path=str(TEMPORAL)
    ) as environment:
        client = environment.client

        for _ in range(2):
            await ensure_search_attributes(client)
            await ensure_schedules(client)

        listed = await client.operator_service.list_search_attributes(
            ListSearchAttributesRequest(namespace=client.namespace)
        )
        described = await client.get_schedule_handle(RECONCILE).describe()
        (interval,) = described.schedule.spec.intervals
        await client.get_schedule_handle(RECONCILE).delete()
    assert {key.name for key in SEARCH_ATTRIBUTES} <= set(listed.custom_attributes)
    assert 60 == interval.every.total_seconds()
    assert "SKIP" == described.schedule.policy.overlap.name
