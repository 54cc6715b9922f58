"""What operators find in Temporal, and what they do there."""

import asyncio
import json
from datetime import timedelta
from typing import Final

import pytest
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.client import (
    ScheduleActionStartWorkflow,
    WorkflowExecutionDescription,
    WorkflowExecutionStatus,
    WorkflowUpdateFailedError,
)

from tests.e2e.patience import until
from tests.e2e.world import SPEND, Customer, Json, World, refused, standing

KINDS: Final = {
    "INDEXED_VALUE_TYPE_KEYWORD": (
        *("Organization", "Company", "Journey", "Stage"),
        *("Status", "Reason", "Software"),
    ),
    "INDEXED_VALUE_TYPE_DATETIME": ("StageSince", "StuckAfter", "ExpiresAt"),
    "INDEXED_VALUE_TYPE_BOOL": ("NeedsAttention",),
}


async def described(world: World, workflow_id: str) -> WorkflowExecutionDescription:
    """Look at a workflow as the Temporal UI does."""
    client = await world.temporal()
    return await client.get_workflow_handle(workflow_id).describe()


def labels(execution: WorkflowExecutionDescription) -> Json:
    """Read its search attributes, by name."""
    pairs = execution.typed_search_attributes.search_attributes
    return {pair.key.name.removeprefix("Rapport"): pair.value for pair in pairs}


async def test_search_attributes_are_there(world: World) -> None:
    """
    The namespace knows all that operators can search by.
    """
    said = await world.operator("operator", "search-attribute", "list", "-o", "json")

    known = json.loads(said)["customAttributes"]
    assert {
        f"Rapport{name}": kind for kind, names in KINDS.items() for name in names
    } == {name: kind for name, kind in known.items() if name.startswith("Rapport")}


async def test_workflows_are_where_the_records_say(world: World) -> None:
    """
    A journey, its legal entities and their readings have the ids of their records, and
    carry what they can be found by.
    """
    customer = await world.ask(SPEND, delivery="link")
    await customer.has_several()
    await customer.adds("Tea Retail", "malformed")
    entity = await customer.has("Tea Retail", "failed")
    await customer.does("finish")
    await customer.becomes("Error", "invalid_data")

    journey, connection, sync = [
        await described(world, workflow_id)
        for workflow_id in (
            customer.id,
            entity["id"],
            f"sync-{entity['company_id']}",
        )
    ]

    assert ["CustomerJourney", "EntityConnection", "CompanySync"] == [
        each.workflow_type for each in (journey, connection, sync)
    ]
    assert customer.id == connection.parent_id
    seen = labels(journey)
    assert {
        "Company": customer.company_id,
        "Journey": customer.id,
        "Stage": "fetching",
        "Status": "Error",
        "Reason": "invalid_data",
        "NeedsAttention": True,
    }.items() <= seen.items()
    assert {"Organization", "StageSince", "StuckAfter", "ExpiresAt"} <= seen.keys()
    assert ("ledgerly", "failed") == (
        labels(connection)["Software"],
        labels(connection)["Stage"],
    )


async def test_workflow_explains_itself(world: World) -> None:
    """
    A summary says who is asked for what; the details where it stands and what can be done.
    """
    customer = await world.ask(address="explained@bounce.test")
    await customer.becomes("Error", "email_undeliverable")
    client = await world.temporal()

    execution = await described(world, customer.id)
    said = await client.get_workflow_handle(customer.id).query(
        "__temporal_workflow_metadata", result_type=WorkflowMetadata
    )

    url = (await customer.journey())["temporal_url"]
    page = await world.browser.get(url)

    assert (200, customer.id) == (page.status_code, url.rpartition("/")[2])
    assert f"{customer.name}: financials" == await execution.static_summary()
    assert "Waits for: **bank**" in said.current_details
    assert "send the Update `retry`" in said.current_details
    handlers = [
        *said.definition.update_definitions,
        *said.definition.signal_definitions,
        *said.definition.query_definitions,
    ]
    undescribed = {each.name for each in handlers if not each.description}
    assert set() == {name for name in undescribed if not name.startswith("__")}


async def test_operator_gives_more_time(world: World) -> None:
    """
    What the bank can ask for, an operator can send as an Update with one argument.
    """
    customer = await world.ask(delivery="link")
    await customer.becomes("Requested")

    await update(customer, "extend", {"days": 3})

    last = (await customer.timeline())[-1]
    assert ("extended", "operator") == (last["event"], last["actor"])


async def test_refused_update_leaves_no_trace(world: World) -> None:
    """
    What can't be done now is refused before it reaches the history.
    """
    customer = await world.ask(delivery="link")
    await customer.becomes("Requested")
    handle = (await world.temporal()).get_workflow_handle(customer.id)

    with pytest.raises(WorkflowUpdateFailedError):
        await handle.execute_update("retry", {})

    history = await handle.fetch_history()
    accepted = [
        event
        for event in history.events
        if event.HasField("workflow_execution_update_accepted_event_attributes")
    ]
    assert [] == accepted


async def test_operator_retries_all_at_once(world: World) -> None:
    """
    One signal, sent to whatever a query finds, takes parked journeys on.
    """
    customer = await world.ask(delivery="link")
    await customer.shares("malformed")
    await customer.becomes("Error", "invalid_data")
    await world.behaves(customer.name, "default")

    await world.operator(
        *("workflow", "signal", "--name", "retry_now", "--input", "{}", "--yes"),
        *(
            "--query",
            f"RapportJourney = '{customer.id}' AND RapportNeedsAttention = true",
        ),
    )

    await customer.becomes("Available")


async def test_ending_a_journey_in_temporal(world: World) -> None:
    """
    Cancelled or terminated by an operator, a journey counts as cancelled: its client has
    its status back, and its link says so.
    """
    await asyncio.gather(*(ended_by(world, how) for how in ("cancel", "terminate")))


async def ended_by(world: World, how: str) -> None:
    first = await world.ask(delivery="link")
    await first.shares()
    before = await first.becomes("Available")
    customer = await world.ask(delivery="link", company=before)
    await customer.becomes("Requested")
    await customer.does("open")

    await world.operator("workflow", how, "--workflow-id", customer.id)
    await until(lambda: is_over(customer), bool)
    await world.operator("schedule", "trigger", "--schedule-id", "reconcile")
    await customer.reaches("cancelled")

    after = await customer.company()
    looked = await world.browser.get(await customer.path())
    last = (await customer.timeline())[-1]
    assert (standing(before), before["status_at"]) == (
        standing(after),
        after["status_at"],
    )
    assert (410, "journey_cancelled") == refused(looked)
    assert ("cancelled", "operator") == (last["event"], last["actor"])


async def test_reconcile_runs_by_the_clock(world: World) -> None:
    """
    A Schedule brings store and Temporal in line every minute.
    """
    client = await world.temporal()

    schedule = (await client.get_schedule_handle("reconcile").describe()).schedule

    assert isinstance(schedule.action, ScheduleActionStartWorkflow)
    assert "Reconcile" == schedule.action.workflow
    assert [timedelta(minutes=1)] == [each.every for each in schedule.spec.intervals]


async def update(customer: Customer, name: str, argument: Json) -> None:
    """Send an Update with the Temporal CLI."""
    await customer.world.operator(
        *("workflow", "update", "execute", "--workflow-id", customer.id),
        *("--name", name, "--input", json.dumps(argument)),
    )


async def is_over(customer: Customer) -> bool:
    status = (await described(customer.world, customer.id)).status
    return status is not WorkflowExecutionStatus.RUNNING
