"""Whatever is killed, and at whichever line: every journey gets to where it would have got."""

import pytest

from tests.crash.deeds import EMAILS, MOVES, READINGS, Deeds
from tests.crash.fate import HANDING_OVER, RESERVED, SENT, Moment
from tests.crash.mortal import Shelves
from tests.e2e.world import Customer, Json, World, content, standing

pytestmark = pytest.mark.timeout(400)  # the first one waits for all the killing

OUTCOMES = {
    RESERVED: ("request_sent", 1),
    HANDING_OVER: ("sent_unconfirmed", 0),
    SENT: ("sent_unconfirmed", 1),
}


@pytest.mark.parametrize("moment", EMAILS, ids=str)
async def test_worker_that_dies_while_it_sends(deeds: Deeds, moment: Moment) -> None:
    """
    What did not leave for certain is sent; what may have left is not sent again, and the
    timeline says so. The bank's resend goes out once.
    """
    customer = deeds.emails[moment]
    event, letters = OUTCOMES[moment]

    await customer.reaches("awaiting_customer")
    company = await customer.company()
    events = await customer.events()
    arrived = len(letters_to(customer))
    content(await customer.bank("resend"), 202)
    await customer.says("request_sent", times=events.count("request_sent") + 1)

    assert ("Requested", None) == standing(company)
    assert ["requested", event] == events
    assert letters == arrived
    assert letters + 1 == len(letters_to(customer))
    assert letters + 1 == len(set(letters_to(customer)))


@pytest.mark.parametrize("moment", MOVES, ids=str)
async def test_worker_that_dies_while_an_update_waits(
    deeds: Deeds, moment: Moment
) -> None:
    """
    Whoever acted gets the answer of the next worker, and has acted once.
    """
    customer, answer = deeds.moves[moment]

    opened = content(await answer)
    await customer.connects()
    await customer.becomes("Available")

    assert "selecting_software" == opened["stage"]
    assert 1 == (await customer.events()).count("opened")


@pytest.mark.parametrize("moment", READINGS, ids=str)
async def test_worker_that_dies_while_it_reads(
    deeds: Deeds, shelves: Shelves, moment: Moment
) -> None:
    """
    The same sync goes on, and its snapshot is what an undisturbed one would be: whole, with
    nothing beside it.
    """
    customer = deeds.readings[moment]

    await customer.becomes("Available")
    (sync,) = await customer.syncs()
    rows = await shelves.rows(customer.company_id, sync["id"])
    parts = await shelves.parts(customer.company_id, sync["id"])

    assert "succeeded" == sync["state"]
    assert rows == {each["name"]: each["records"] for each in sync["datasets"]}
    assert parts == shelves.files(customer.company_id, sync["id"])
    assert 1 == (await customer.events()).count("entity_done")


async def test_worker_that_dies_between_two_legal_entities(
    deeds: Deeds, shelves: Shelves
) -> None:
    """
    What was read stays read; the next one is read by the next worker.
    """
    customer = deeds.entities

    await customer.has("Tea South", "done")
    await customer.does("finish")
    await customer.becomes("Available")
    entities = (await customer.journey())["entities"]
    syncs = [
        sync
        for entity in entities
        for sync in await syncs_of(customer, entity["company_id"])
    ]

    assert ["succeeded", "succeeded"] == [sync["state"] for sync in syncs]
    for sync in syncs:
        assert await shelves.rows(sync["company_id"], sync["id"])


async def test_temporal_that_dies_while_an_update_waits(deeds: Deeds) -> None:
    """
    An answer that got lost is there when the same is asked again; it has happened once.
    """
    customer, answer = deeds.temporal

    opened = content(await answer)
    await customer.connects()
    await customer.becomes("Available")

    assert "selecting_software" == opened["stage"]
    assert 1 == (await customer.events()).count("opened")


async def test_api_that_dies_before_the_workflow_starts(
    deeds: Deeds, world: World
) -> None:
    """
    The row is there, in line to be started; asked again with the same key it is the same
    journey; and it starts without anybody's doing.
    """
    customer, journeys, again = deeds.unstarted

    await world.operator("schedule", "trigger", "--schedule-id", "reconcile")
    await customer.becomes("Requested")
    await customer.shares()
    await customer.becomes("Available")

    assert [customer.id] == [journey["id"] for journey in journeys]
    assert (None, None) == standing(journeys[0])
    assert customer.id == again["id"]


async def test_power_cut(deeds: Deeds) -> None:
    """
    Started again on the same home, everybody is where they were, and goes on from there.
    """
    asked, reading, choosing = deeds.cut

    named = await choosing.look()
    await choosing.adds("Tea West")
    await choosing.has("Tea West", "done")
    await choosing.does("finish")
    await asked.reaches("awaiting_customer")
    for customer in (reading, choosing):
        await customer.becomes("Available")

    assert "naming_entity" == named["stage"]
    assert len(letters_to(asked)) <= 1
    assert 1 == len(letters_to(choosing))
    assert 1 == (await reading.events()).count("entity_done")


async def test_timelines_have_no_gap_and_no_double(deeds: Deeds) -> None:
    """
    Whatever was written twice shows once.
    """
    hit = [
        *deeds.emails.values(),
        *(acting.customer for acting in deeds.moves.values()),
        *deeds.readings.values(),
        *(deeds.entities, deeds.temporal.customer, deeds.unstarted.customer),
        *deeds.cut,
    ]

    for customer in hit:
        sequence = [move["seq"] for move in await customer.timeline()]
        assert list(range(1, len(sequence) + 1)) == sequence


def letters_to(customer: Customer) -> list[str]:
    """Read the ids of the messages that came."""
    letters = customer.world.mailbox.letters(customer.address)
    return [str(letter["Message-ID"]) for letter in letters]


async def syncs_of(customer: Customer, company_id: str) -> list[Json]:
    answer = await customer.world.bank.get(f"/v1/companies/{company_id}/syncs")
    return list(content(answer)["items"])
