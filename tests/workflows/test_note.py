"""A customer whose link has ended asks for a new one."""

from domain.journey import Event, Stage
from domain.messages import Ask, NoteNewLinkAsked
from domain.state import Rules
from tests.workflows.world import World
from workflows.ids import note_workflow_id
from workflows.note import NewLinkWish


async def test_the_bank_sees_that_a_new_link_was_asked_for(world: World) -> None:
    """
    The timeline of the expired journey gets one row more; nothing else changes.
    """
    customer = await world.ask(rules=Rules(reminders=()))
    await customer.stands(Stage.AWAITING_CUSTOMER)
    await customer.later(days=31)
    await customer.says(Event.EXPIRY_SENT)
    before = await customer.journey()

    handle = await world.client.start_workflow(
        NewLinkWish.run,
        NoteNewLinkAsked(journey_id=customer.id, number=1),
        id=note_workflow_id(customer.id, 1),
        task_queue=world.task_queue,
    )
    await world.asks(handle, NewLinkWish.recorded, Ask())

    last = (await customer.timeline())[-1]
    assert (Event.NEW_LINK_ASKED, Stage.EXPIRED) == (last.event, last.stage)
    assert before == await customer.journey()
    await handle.result()
    assert customer.id in await customer.details(handle.id)
