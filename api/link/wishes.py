"""A customer whose link has ended wishes for a new one: the bank is told, once per link."""

from contextlib import suppress
from typing import Final

from temporalio.client import WithStartWorkflowOperation
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from api.journeys import JourneyDoor
from api.temporal import TemporalDoor
from domain.journey import Actor
from domain.links import Link
from domain.messages import Ask, NoteNewLinkAsked
from workflows.ids import TASK_QUEUE, note_workflow_id
from workflows.journey import CustomerJourney
from workflows.note import NewLinkWish

_ASK: Final = Ask(actor=Actor.CUSTOMER)


async def tell_journey(journeys: JourneyDoor, link: Link) -> None:
    """Let an open journey, of which there is a newer link, show the wish."""
    await journeys.ask(
        link.journey_id, CustomerJourney.ask_new_link, _ASK, f"ask-{link.number}"
    )


async def tell_timeline(temporal: TemporalDoor, link: Link) -> None:
    """Let the timeline of a journey that is over show the wish."""
    start = WithStartWorkflowOperation(
        NewLinkWish.run,
        NoteNewLinkAsked(journey_id=link.journey_id, number=link.number),
        id=note_workflow_id(link.journey_id, link.number),
        task_queue=TASK_QUEUE,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
        static_summary="A customer asks for a new link",
    )
    with suppress(WorkflowAlreadyStartedError):  # it shows it already
        await temporal.start_and_update(start, NewLinkWish.recorded, _ASK)
