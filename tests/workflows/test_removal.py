"""A company is taken away, whatever runs and whoever does not answer."""

from datetime import timedelta

from temporalio.client import WorkflowExecutionStatus

from domain.journey import Delivery, Stage
from domain.removals import Step, Thing
from store.tables import CompanyRow, ConnectionRow, CredentialRow, JourneyRow
from tests.leftovers import files, mentions
from tests.workflows.customer import Customer
from tests.workflows.removing import Outage, removed
from tests.workflows.world import CONTACT, SPEND, World


async def with_two_legal_entities(world: World) -> Customer:
    """A client whose two legal entities are connected, and whose books are being read again."""
    customer = await world.ask(SPEND)
    await customer.begins_with_several()
    for name in ("Hoxton Retail", "Hoxton Wholesale"):
        await customer.adds(name)
    await customer.does("finish")
    await customer.stands(Stage.COMPLETED)
    return customer


async def test_nothing_is_left_of_a_company_but_a_receipt(world: World) -> None:
    """
    Open requests end, what is being read stops, tokens die, and no table, file or history names it.
    """
    customer = await with_two_legal_entities(world)
    again = await world.ask(company=customer)
    await again.begins()
    await world.scenario("Hoxton Retail", "slow")
    world.slow.add("Hoxton Retail")
    await customer.starts_refresh()
    tokens = [world.vault.open(row.access) for row in await world.rows(CredentialRow)]
    ids = [row.id for row in await world.rows(CompanyRow)]
    ids += [row.id for row in await world.rows(ConnectionRow)]
    removal = await removed(world, customer)

    await removal.starts()
    receipt = await removal.finishes()

    words = [*ids, customer.id, again.id, CONTACT, "Hoxton", "hoxton", "Ada Okafor"]
    history = await removal.handle.fetch_history()
    written = b"".join(event.SerializeToString() for event in history.events)
    answers = [
        await world.books.get(
            "/api/organisation", headers={"Authorization": f"Bearer {token}"}
        )
        for token in tokens
    ]
    assert [] == await mentions(world.database, words)
    assert [] == files(world.settings)
    assert not any(word.encode() in written for word in ("Hoxton", CONTACT, *tokens))
    assert [401] * 2 == [answer.status_code for answer in answers]
    assert WorkflowExecutionStatus.COMPLETED is await world.status(again.id)
    assert (2, 2, 2, 2) == tuple(
        receipt.row.found[thing]
        for thing in (
            Thing.LEGAL_ENTITIES,
            Thing.JOURNEYS,
            Thing.CONNECTIONS,
            Thing.EMAILS,
        )
    )
    assert receipt.row.found[Thing.FILES] > 0
    assert all(step.finished_at for step in receipt.steps)
    assert ([], True) == (receipt.row.unrevoked, receipt.row.finished_at is not None)


async def test_software_that_is_away_for_days_keeps_nothing_else_waiting(
    world: World,
) -> None:
    """
    The books and the names go at once; a connection's tokens stay until the software listens.
    """
    customer = await world.ask(delivery=Delivery.LINK)
    await customer.completes()
    outage = Outage(world)
    removal = await removed(world, customer)

    await removal.starts()
    await removal.has_done(Step.RECORDS)
    (kept,) = await world.rows(ConnectionRow)
    await world.later(removal.workflow_id, days=2)
    waiting = await removal.receipt()
    outage.mended = True
    await world.later(removal.workflow_id, hours=7)
    receipt = await removal.finishes()

    assert ("", removal.id) == (kept.name, kept.organization_id)
    assert [] == await mentions(world.database, ["Hoxton", CONTACT])
    assert [] == files(world.settings)
    assert waiting.row.finished_at is None
    assert [] == receipt.row.unrevoked
    assert [] == list(await world.rows(CredentialRow))
    assert "Give the access back: **done**" in await customer.details(
        removal.workflow_id
    )


async def test_software_that_never_answers_is_named_in_the_receipt(
    world: World,
) -> None:
    """
    When patience has ended the tokens go all the same, and it is said which connection it was.
    """
    customer = await world.ask(delivery=Delivery.LINK)
    await customer.completes()
    (connection,) = await customer.connections()
    Outage(world)
    removal = await removed(world, customer)
    removal.command = removal.command.model_copy(
        update={"patience": timedelta(seconds=3)}
    )

    await removal.starts()
    await removal.has_done(Step.CONNECTIONS)
    receipt = await removal.finishes()

    lost = {"connection_id": connection.id, "software": "ledgerly"}
    assert [lost] == receipt.row.unrevoked
    assert [] == list(await world.rows(CredentialRow))
    assert [] == list(await world.rows(ConnectionRow))


async def test_a_removal_goes_on_until_it_is_done(world: World) -> None:
    """
    One that nobody started, or that somebody terminated, is taken up by `Reconcile`; twice is once.
    """
    customer = await world.ask(started=False)
    removal = await removed(world, customer)

    await world.sweep("start_journeys")
    await world.sweep("start_removals", after=timedelta())
    early = await world.rows(JourneyRow, JourneyRow.organization_id == removal.id)
    await world.sweep("start_removals")
    started_twice = await removal.starts()
    await removal.handle.terminate()
    await world.sweep("start_removals")
    receipt = await removal.finishes()

    assert [Stage.CANCELLED] == [row.stage for row in early]
    assert not started_twice
    assert receipt.row.finished_at is not None
    assert [] == world.postman.taken
    assert [] == await mentions(world.database, ["Hoxton", CONTACT, customer.id])
