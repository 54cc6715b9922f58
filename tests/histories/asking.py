"""Lives in which the request is sent, or is not."""

from domain.journey import Event, Stage
from domain.messages import Ask, Cancel, Extend, NoteNewLinkAsked
from domain.state import Rules
from emails.transport import TryLater, Unconfirmed, Undeliverable
from tests.histories.quiet import rests
from tests.workflows.world import BOTH, World
from workflows.ids import note_workflow_id
from workflows.journey import CustomerJourney
from workflows.note import NewLinkWish

ASK = Ask()
NO_REMINDERS = Rules(reminders=())


async def reminded_and_answered(world: World) -> None:
    """A reminder, more time, and then the customer does it all."""
    customer = await world.ask(BOTH)
    await customer.stands(Stage.AWAITING_CUSTOMER)
    await customer.later(days=2.1)
    await customer.says(Event.REMINDER_SENT)
    await customer.asks(CustomerJourney.extend, Extend(days=5))
    await customer.does("open")
    await customer.connects()
    await customer.stands(Stage.COMPLETED)


async def refused_and_sent_again(world: World) -> None:
    """Refused, sent again, lost on the way, not reminded, ended; and a new link is asked for."""
    post = world.postman
    post.troubles = [Undeliverable("550")]
    customer = await world.ask()
    await customer.reaches(lambda journey: journey.unsent)
    await customer.asks(CustomerJourney.resend, ASK)
    await customer.stands(Stage.AWAITING_CUSTOMER)
    await customer.asks(CustomerJourney.replace_link, ASK)
    await customer.asks(CustomerJourney.ask_new_link, ASK)
    await customer.asks(CustomerJourney.resend, ASK)
    await customer.says(Event.REQUEST_SENT, times=2)
    post.troubles = [Undeliverable("550")]
    await customer.later(days=2.1)
    await customer.says(Event.REMINDER_FAILED)
    post.troubles = [Unconfirmed("cut off")]
    await customer.later(days=3)
    await customer.says(Event.SENT_UNCONFIRMED)
    await customer.later(days=31)
    await customer.says(Event.EXPIRY_SENT)
    await _wish_for_a_new_link(world, customer.id)


async def _wish_for_a_new_link(world: World, journey_id: str) -> None:
    handle = await world.client.start_workflow(
        NewLinkWish.run,
        NoteNewLinkAsked(journey_id=journey_id, number=2),
        id=note_workflow_id(journey_id, 2),
        task_queue=world.task_queue,
    )
    await world.asks(handle, NewLinkWish.recorded, ASK)
    await handle.result()


async def unconfirmed_and_never_answered(world: World) -> None:
    """The mail server's answer got lost; nobody ever came; the last email was refused."""
    world.postman.troubles = [Unconfirmed("cut off")]
    customer = await world.ask(rules=NO_REMINDERS)
    await customer.stands(Stage.AWAITING_CUSTOMER)
    world.postman.troubles = [Undeliverable("550")]
    await customer.later(days=31)
    await customer.says(Event.EXPIRY_FAILED)


async def given_up_and_retried(world: World) -> None:
    """A mail server that was away for too long; opened before the next email left."""
    post = world.postman
    post.troubles = [TryLater("451"), TryLater("451")]
    customer = await world.ask(rules=NO_REMINDERS)
    await customer.reaches(lambda journey: journey.unsent)
    post.open.clear()
    await customer.asks(CustomerJourney.retry, ASK)
    await customer.does("open")
    post.open.set()
    await customer.says(Event.REQUEST_SENT)
    await customer.asks(CustomerJourney.cancel, Cancel(reason="asked by mistake"))


async def called_off_while_sending(world: World) -> None:
    """The email is called back."""
    world.postman.open.clear()
    customer = await world.ask(rules=NO_REMINDERS)
    await customer.says(Event.REQUESTED)
    await rests(world, customer.id)
    await customer.asks(CustomerJourney.cancel, Cancel(reason="asked by mistake"))
    await world.ends(customer.id)
    world.postman.open.set()
