"""What an operator sees in Temporal: search attributes, details, summaries; never a secret."""

from datetime import UTC, datetime
from decimal import Decimal

from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHistory

from domain.datasets import Dataset
from domain.journey import DataType, Delivery, EntityStage, Stage, Status
from domain.reasons import Reason
from emails.transport import Undeliverable
from store.snapshots import open_snapshot
from tests.store.copies import rows_of
from tests.workflows.world import CONTACT, World
from workflows.ids import sync_workflow_id

BOUNDED = {
    "RapportStage": {*Stage, *EntityStage},
    "RapportStatus": set(Status),
    "RapportReason": set(Reason),
}


async def test_a_journey_is_found_by_where_it_stands(world: World) -> None:
    """
    Stage, status, reason, its times and whether somebody has to act; no name, no address.
    """
    world.postman.troubles = [Undeliverable("550")]
    customer = await world.ask()
    journey = await customer.reaches(lambda journey: journey.unsent)

    async def look() -> dict[str, object] | None:
        found = await customer.attributes()
        return found if found.get("RapportNeedsAttention") else None

    found = await world.until(look)

    assert {
        "RapportOrganization": world.organization_id,
        "RapportCompany": customer.company_id,
        "RapportJourney": customer.id,
        "RapportStage": "sending",
        "RapportStatus": "Error",
        "RapportReason": "email_undeliverable",
        "RapportStageSince": journey.stage_since,
        "RapportStuckAfter": journey.stuck_after,
        "RapportExpiresAt": journey.expires_at,
        "RapportNeedsAttention": True,
    } == found


async def test_what_is_no_longer_so_is_no_longer_found(world: World) -> None:
    """
    A company that is Available has no reason, and a journey that is over is never stuck.
    """
    customer = await world.ask(delivery=Delivery.LINK)
    await customer.begins()
    await customer.does("exit")
    await customer.does("open")
    await customer.connects()
    await customer.stands(Stage.COMPLETED)
    await world.ends(customer.id)

    found = await customer.attributes()

    assert ("completed", "Available") == (found["RapportStage"], found["RapportStatus"])
    assert {"RapportReason", "RapportStuckAfter"}.isdisjoint(found)


async def test_every_workflow_of_a_journey_is_found_with_it(world: World) -> None:
    """
    Its connections show their software; all values are of a known set, or ids.
    """
    customer = await world.ask(delivery=Delivery.LINK)
    await customer.begins()
    await customer.connects("forbidden", software="bookwise")
    journey = await customer.reaches(lambda journey: bool(journey.failed()))
    (entity,) = journey.entities

    connection = await customer.attributes(entity.id)
    sync = await customer.attributes(sync_workflow_id(customer.company_id))

    assert ("bookwise", "failed", "insufficient_permissions") == (
        connection["RapportSoftware"],
        connection["RapportStage"],
        connection["RapportReason"],
    )
    assert {customer.id} == {found["RapportJourney"] for found in (connection, sync)}
    for name, values in BOUNDED.items():
        assert connection.get(name) in {*values, None}


async def test_the_details_say_where_it_stands_and_what_to_do(world: World) -> None:
    """
    For the journey and for the connection, in words.
    """
    customer = await world.ask(delivery=Delivery.LINK)
    await customer.begins()
    waiting = await customer.details(once="Waits for: **customer**")
    await customer.connects("malformed")
    (entity,) = (await customer.reaches(lambda journey: journey.parked)).entities
    parked = await customer.details(once="Waits for: **operator**")
    connection = await customer.details(entity.id, once="`retry_now`")
    await customer.handle.cancel()
    await world.ends(customer.id)
    over = await customer.details(once="Nothing is left to do here.")

    now = datetime.now(UTC)
    assert f"since {now:%Y-%m-%d}" in waiting
    assert "Send" not in waiting
    assert "`retry`" in parked
    assert "invalid_data" in parked
    assert "ledgerly" in connection
    assert customer.name in over


async def test_a_name_is_shown_as_it_is(world: World) -> None:
    """
    Whatever a customer types is text: it makes no link and loads no picture.
    """
    customer = await world.ask((DataType.SPEND_ANALYSIS,), delivery=Delivery.LINK)
    await customer.begins_with_several()
    await customer.does("name_entity", name="![x](http://evil.test/a_b)")
    journey = await customer.does("select_software", software="ledgerly")

    details = await customer.details(journey.entities[0].id)

    assert r"\!\[x\](http://evil.test/a\_b)" in details


async def test_what_waits_says_until_when(world: World) -> None:
    """
    An outage is nobody's turn, and the details say when it is tried again.
    """
    customer = await world.ask(delivery=Delivery.LINK)
    await customer.begins()
    await customer.connects("outage")
    (entity,) = (await customer.reaches(lambda journey: journey.parked)).entities

    assert entity.retry_at is not None
    at = f"{entity.retry_at:%Y-%m-%d %H:%M} UTC"
    assert await customer.details(once=f"It is tried again. {at}")
    assert await customer.details(entity.id, once=f"It is tried again by itself: {at}")


async def test_the_timeline_reads_as_a_list_of_what_happened(world: World) -> None:
    """
    Every step and every timer has a name; every workflow a title.
    """
    customer = await world.ask()
    await customer.completes()

    history = await customer.handle.fetch_history()
    names = summaries(history)

    started = history.events[0].user_metadata
    assert b"financials" in started.summary.data
    assert customer.name.encode() in started.summary.data
    assert "opened → selecting_software" in names
    assert "Send the request email (1)" in names
    assert "Next: reminder" in names
    assert "" not in names


def summaries(history: WorkflowHistory) -> list[str]:
    """Return what the timeline shows of steps and timers."""
    named = (
        EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED,
        EventType.EVENT_TYPE_TIMER_STARTED,
    )
    return [
        event.user_metadata.summary.data.decode().strip('"')
        for event in history.events
        if event.event_type in named
    ]


async def test_no_figure_and_no_contact_enters_a_history(world: World) -> None:
    """
    Data stays in the store: a history has references only. (Tokens and links: after every test.)
    """
    customer = await world.ask()
    await customer.completes()
    (sync,) = await customer.syncs()
    snapshot = await open_snapshot(world.objects, customer.company_id, sync.id)
    amounts = {
        str(row["balance"])
        for row in await rows_of(snapshot, Dataset.ACCOUNTS)
        if Decimal(str(row["balance"])) > 1000
    }

    histories = await world.histories()

    written = b"".join(
        event.SerializeToString() for history in histories for event in history.events
    )
    assert amounts
    assert [] == [each for each in amounts if each.encode() in written]
    assert CONTACT.encode() not in written
    assert b"Ada Okafor" not in written
