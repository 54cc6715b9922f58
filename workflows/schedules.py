"""What runs by the clock, and what has to be known to Temporal before anything runs."""

from datetime import timedelta

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import (
    AddSearchAttributesRequest,
    ListSearchAttributesRequest,
)
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
)

from domain.messages import RunReconcile
from workflows.ids import RECONCILE, TASK_QUEUE
from workflows.reconcile import Reconcile
from workflows.search_attributes import SEARCH_ATTRIBUTES


async def ensure_search_attributes(client: Client) -> None:
    """Create those that the namespace does not know yet. Safe to run twice."""
    listed = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=client.namespace)
    )
    missing = {
        key.name: IndexedValueType.ValueType(key.indexed_value_type)
        for key in SEARCH_ATTRIBUTES
        if key.name not in listed.custom_attributes
    }
    if missing:
        await client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(
                namespace=client.namespace, search_attributes=missing
            )
        )


async def ensure_schedules(client: Client) -> None:
    """Create the schedule of `Reconcile` unless it is there. Safe to run twice."""
    schedule = Schedule(
        action=ScheduleActionStartWorkflow(
            Reconcile.run,
            RunReconcile(),
            id=RECONCILE,
            task_queue=TASK_QUEUE,
            static_summary="Bring the store and Temporal in line",
        ),
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=timedelta(minutes=1))]),
        policy=SchedulePolicy(
            overlap=ScheduleOverlapPolicy.SKIP, catchup_window=timedelta(minutes=2)
        ),
    )
    try:
        await client.create_schedule(RECONCILE, schedule)
    except ScheduleAlreadyRunningError:
        return
