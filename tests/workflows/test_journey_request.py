"""The request goes out, is repeated, and ends."""

from datetime import timedelta

import pytest

from domain.emails import Template
from domain.journey import Delivery, Event, Stage, Status
from domain.messages import Ask, Extend
from domain.reasons import Reason
from domain.state import Rules
from emails.transport import TryLater, Unconfirmed, Undeliverable
from store.states import EmailState
from tests.workflows.world import CONTACT, SPEND, World
from workflows.journey import CustomerJourney

ASK = Ask()


async def test_a_request_that_the_mail_server_takes_waits_for_the_customer(
    world: World,
) -> None:
    """
    The status is Requested from the moment on at which the email was accepted.
    """
    customer = await world.ask()

    journey = await customer.stands(Stage.AWAITING_CUSTOMER)

    company = await customer.company()
    assert (Status.REQUESTED, None) == (company.status, company.reason)
    assert journey.status_at == company.status_at
    assert [CONTACT] == [
        message["To"].addresses[0].addr_spec for message in world.postman.taken
    ]
    assert [Event.REQUESTED, Event.REQUEST_SENT] == await customer.events()


async def test_a_refused_address_parks_the_journey_until_the_bank_has_it_sent_again(
    world: World,
) -> None:
    """
    The company is in Error at once; after a resend it is Requested, and one email was taken.
    """
    world.postman.troubles = [Undeliverable("550")]
    customer = await world.ask()

    parked = await customer.reaches(lambda journey: journey.unsent)
    in_error = await customer.company()
    await customer.asks(CustomerJourney.resend, ASK)
    await customer.stands(Stage.AWAITING_CUSTOMER)

    assert (Stage.SENDING, True) == (parked.stage, parked.needs_attention)
    assert parked.stuck_after == parked.stage_since
    assert (Status.ERROR, Reason.EMAIL_UNDELIVERABLE) == (
        in_error.status,
        in_error.reason,
    )
    assert (Status.REQUESTED, None) == await customer.status()
    assert 1 == len(world.postman.taken)
    assert {(1, EmailState.FAILED), (2, EmailState.SENT)} == {
        (row.number, row.state) for row in await customer.emails()
    }


async def test_a_mail_server_that_is_away_for_too_long_is_given_up_and_can_be_retried(
    world: World,
) -> None:
    """
    Sending that failed after all tries is the operator's to retry.
    """
    world.postman.troubles = [TryLater("451") for _ in range(2)]
    customer = await world.ask()

    parked = await customer.reaches(lambda journey: journey.unsent)
    await customer.asks(CustomerJourney.retry, ASK)
    await customer.stands(Stage.AWAITING_CUSTOMER)

    assert Reason.EMAIL_FAILED is parked.reason
    assert (Status.REQUESTED, None) == await customer.status()


async def test_a_mail_server_that_is_busy_is_asked_again(world: World) -> None:
    """
    A 4xx answer leads to another try, and the customer gets one email.
    """
    world.postman.troubles = [TryLater("451")]
    customer = await world.ask()

    await customer.stands(Stage.AWAITING_CUSTOMER)

    assert 1 == len(world.postman.taken)
    assert [Event.REQUESTED, Event.REQUEST_SENT] == await customer.events()


async def test_an_answer_that_got_lost_counts_as_sent_and_says_so(world: World) -> None:
    """
    Nobody knows whether the email left: it is not sent again, and the timeline shows it.
    """
    world.postman.troubles = [Unconfirmed("cut off")]
    customer = await world.ask()

    await customer.stands(Stage.AWAITING_CUSTOMER)

    assert [] == world.postman.taken
    assert [Event.REQUESTED, Event.SENT_UNCONFIRMED] == await customer.events()
    assert (Status.REQUESTED, None) == await customer.status()


async def test_who_opens_the_link_has_got_it_whatever_becomes_of_the_email(
    world: World,
) -> None:
    """
    Opened while sending, it counts as accepted; the later outcome of that mail moves nothing.
    """
    world.postman.open.clear()
    world.postman.troubles = [Undeliverable("550")]
    customer = await world.ask()
    await customer.says(Event.REQUESTED)

    opened = await customer.does("open")
    requested = await customer.status()
    world.postman.open.set()
    await customer.says(Event.REQUEST_FAILED)

    after = await customer.journey()
    assert Stage.SELECTING_SOFTWARE is opened.stage
    assert (Status.REQUESTED, None) == requested
    assert (opened.stage, opened.status_at) == (after.stage, after.status_at)
    assert (Status.REQUESTED, None) == await customer.status()


async def test_a_link_that_the_bank_hands_over_sends_no_email(world: World) -> None:
    """
    Delivery by link is Requested at once; there is no email to send again.
    """
    customer = await world.ask(delivery=Delivery.LINK)

    await customer.stands(Stage.AWAITING_CUSTOMER)

    await customer.says(Event.REQUESTED)
    assert (Status.REQUESTED, None) == await customer.status()
    assert "not_emailed" == await customer.asks_in_vain(CustomerJourney.resend, ASK)
    assert ([], []) == (list(await customer.emails()), world.postman.taken)


async def test_a_resend_carries_the_same_link_and_moves_nothing(world: World) -> None:
    """
    Also in a later stage; one that fails shows in the timeline only.
    """
    customer = await world.ask()
    await customer.begins()

    await customer.asks(CustomerJourney.resend, ASK)
    await customer.says(Event.REQUEST_SENT, times=2)
    world.postman.troubles = [Undeliverable("550")]
    await customer.asks(CustomerJourney.resend, ASK)
    await customer.says(Event.REQUEST_FAILED)

    journey = await customer.journey()
    assert world.postman.link(0) == world.postman.link(1)
    assert (Stage.SELECTING_SOFTWARE, False) == (journey.stage, journey.unsent)
    assert (Status.REQUESTED, None) == await customer.status()


async def test_a_fresh_link_goes_into_the_next_email(world: World) -> None:
    """
    Replacing the link sends nothing by itself.
    """
    customer = await world.ask()
    await customer.stands(Stage.AWAITING_CUSTOMER)

    replaced = await customer.asks(CustomerJourney.replace_link, ASK)
    await customer.asks(CustomerJourney.ask_new_link, ASK)
    await customer.asks(CustomerJourney.resend, ASK)
    await customer.says(Event.REQUEST_SENT, times=2)

    assert 2 == replaced.link_number
    assert 2 == len(world.postman.taken)
    assert world.postman.link(0) != world.postman.link(1)


async def test_reminders_go_out_2_5_and_10_days_after_the_last_action(
    world: World,
) -> None:
    """
    Then no more; each is numbered.
    """
    customer = await world.ask()
    await customer.stands(Stage.AWAITING_CUSTOMER)

    sent = []
    for days in (1.9, 0.2, 2.8, 0.2, 4.8, 0.2, 18):
        await customer.later(days=days)
        sent.append((await customer.journey()).reminders_sent)

    reminders = [row for row in await customer.emails() if row.template == "reminder"]
    assert [0, 1, 1, 2, 2, 3, 3] == sent
    assert [1, 2, 3] == [row.number for row in reminders]
    assert 1 + 3 == len(world.postman.taken)


async def test_an_action_puts_the_reminders_off(world: World) -> None:
    """
    They count from the customer's last action, and begin again with it.
    """
    customer = await world.ask()
    await customer.stands(Stage.AWAITING_CUSTOMER)
    await customer.later(days=3)

    opened = await customer.does("open")
    await customer.later(days=1.9)
    quiet = await customer.journey()
    await customer.later(days=0.2)
    await customer.says(Event.REMINDER_SENT, times=2)

    assert (1, 1) == (opened.reminders_sent, quiet.reminders_sent)
    assert 2 == (await customer.journey()).reminders_sent


async def test_a_reminder_that_fails_is_passed_and_the_next_one_goes_out(
    world: World,
) -> None:
    """
    The timeline shows it; the number that was not sent is used again.
    """
    customer = await world.ask()
    await customer.stands(Stage.AWAITING_CUSTOMER)

    world.postman.troubles = [Undeliverable("550")]
    await customer.later(days=3)
    await customer.says(Event.REMINDER_FAILED)
    await customer.later(days=3)
    await customer.says(Event.REMINDER_SENT)

    journey = await customer.journey()
    assert (Stage.AWAITING_CUSTOMER, 1) == (journey.stage, journey.reminders_sent)
    assert (Status.REQUESTED, None) == await customer.status()


async def test_an_unconfirmed_reminder_counts_as_sent(world: World) -> None:
    """
    It is not sent again, and the next one has the next number.
    """
    customer = await world.ask()
    await customer.stands(Stage.AWAITING_CUSTOMER)

    world.postman.troubles = [Unconfirmed("cut off")]
    await customer.later(days=3)
    await customer.says(Event.SENT_UNCONFIRMED)

    assert 1 == (await customer.journey()).reminders_sent


async def test_a_long_downtime_is_made_up_for_with_one_reminder(world: World) -> None:
    """
    Three reminders fell due while no worker ran: the customer gets one email.
    """
    seconds = [timedelta(seconds=seconds) for seconds in (1, 1.5, 2)]
    customer = await world.ask(rules=Rules(reminders=tuple(seconds)))
    await customer.stands(Stage.AWAITING_CUSTOMER)

    async with world.downtime():
        await customer.pauses(seconds=2.2)
    await customer.says(Event.REMINDER_SENT)
    await customer.pauses(seconds=1.2)

    assert 1 == (await customer.events()).count(Event.REMINDER_SENT)
    assert 1 + 1 == len(world.postman.taken)


async def test_nobody_is_reminded_of_a_link_that_has_ended(world: World) -> None:
    """
    After a downtime in which a reminder and the expiry fell due, it expires, with one email.
    """
    rules = Rules(reminders=(timedelta(seconds=1),))
    customer = await world.ask(rules=rules, expires_in=timedelta(seconds=2))
    await customer.stands(Stage.AWAITING_CUSTOMER)

    async with world.downtime():
        await customer.pauses(seconds=2.2)
    await customer.says(Event.EXPIRY_SENT)

    emails = {row.template for row in await customer.emails()}
    assert {Template.REQUEST, Template.EXPIRY} == emails


async def test_silence_expires_the_journey(world: World) -> None:
    """
    After 30 days the portal says so, and so does one email, which has no link.
    """
    customer = await world.ask(rules=Rules(reminders=()))
    await customer.stands(Stage.AWAITING_CUSTOMER)

    await customer.later(days=31)
    assert Stage.EXPIRED is await customer.handle.result()

    assert (Status.ERROR, Reason.LINK_EXPIRED) == await customer.status()
    assert [Event.TIME_UP, Event.EXPIRY_SENT] == (await customer.events())[-2:]
    assert 2 == len(world.postman.taken)
    assert "/link/" not in world.postman.taken[-1].as_string()


async def test_extending_moves_the_expiry(world: World) -> None:
    """
    By whole days, from where it was.
    """
    customer = await world.ask(delivery=Delivery.LINK)
    before = await customer.stands(Stage.AWAITING_CUSTOMER)

    extended = await customer.asks(CustomerJourney.extend, Extend(days=5))
    await customer.later(days=34)
    still = await customer.journey()
    await customer.later(days=2)
    assert Stage.EXPIRED is await customer.handle.result()

    assert timedelta(days=5) == extended.expires_at - before.expires_at
    assert Stage.AWAITING_CUSTOMER is still.stage
    assert [] == world.postman.taken


async def test_an_expiry_email_that_can_not_be_sent_shows_in_the_timeline(
    world: World,
) -> None:
    """
    The journey is over all the same.
    """
    customer = await world.ask(rules=Rules(reminders=()))
    await customer.stands(Stage.AWAITING_CUSTOMER)
    world.postman.troubles = [Undeliverable("550")]

    await customer.later(days=31)
    await customer.handle.result()

    assert Event.EXPIRY_FAILED == (await customer.events())[-1]
    assert (Status.ERROR, Reason.LINK_EXPIRED) == await customer.status()


@pytest.mark.parametrize("stage", [Stage.NAMING_ENTITY, Stage.SELECTING_SOFTWARE])
async def test_when_time_is_up_what_was_authorized_is_enough(
    world: World, stage: Stage
) -> None:
    """
    It ends as `finish` would: what was never authorized is dropped, and no email says "ended".
    """
    customer = await world.ask(SPEND, rules=Rules(reminders=()))
    await customer.begins_with_several()
    await customer.adds("North")
    await customer.does("add_entity")
    if stage is Stage.SELECTING_SOFTWARE:
        await customer.does("name_entity", name="South")

    await customer.later(days=31)
    await customer.stands(Stage.COMPLETED)

    assert ["North"] == [each.name for each in (await customer.journey()).entities]
    assert ["North"] == list(await customer.legal_entities())
    assert (Status.AVAILABLE, None) == await customer.status()
    assert 1 == len(world.postman.taken)
