from datetime import UTC, datetime, timedelta

import httpx
from sqlmodel import select
from temporalio.testing import WorkflowEnvironment

from domain.journey import LinkAction
from domain.messages import Act, Extend
from store import questions
from store.database import Database
from store.tables import OpenQuestionRow
from tests.api.live import Office


async def asked_as(database: Database) -> str:
    """Return the id of the one question that got no answer."""
    async with database.reading() as session:
        return (await session.exec(select(OpenQuestionRow))).one().update_id


async def open_questions(database: Database) -> int:
    async with database.reading() as session:
        return len((await session.exec(select(OpenQuestionRow))).all())


async def test_what_the_bank_asks_again_happens_once(
    office: Office,
    api: httpx.AsyncClient,
    database: Database,
    temporal: WorkflowEnvironment,
) -> None:
    """
    An action that answered 503 and was done all the same gives its answer when it is repeated.
    """
    customer = await office.asks()
    url = f"/v1/journeys/{customer.id}/extend"

    unanswered = await api.post(url, json={"days": 7})
    journey = temporal.client.get_workflow_handle(customer.id)
    argument = Extend(days=7, actor="bank")
    await journey.execute_update("extend", argument, id=await asked_as(database))
    repeated = await office.bank.post(url, json={"days": 7})

    assert [503, 202] == [unanswered.status_code, repeated.status_code]
    assert 1 == (await customer.events()).count("extended")
    assert 0 == await open_questions(database)


async def test_what_the_customer_asks_again_happens_once(
    office: Office,
    api: httpx.AsyncClient,
    database: Database,
    temporal: WorkflowEnvironment,
) -> None:
    """
    A choice that answered 503 and was made all the same is no mistake when it is repeated.
    """
    customer = await office.asks(("spend_analysis",))
    await customer.opens()
    chosen = {"action": "choose_structure", "structure": "single"}

    unanswered = await api.post(f"/v1/link/{customer.token}", json=chosen)
    journey = temporal.client.get_workflow_handle(customer.id)
    argument = Act(action=LinkAction.CHOOSE_STRUCTURE, structure="single")
    await journey.execute_update("act", argument, id=await asked_as(database))
    repeated = await customer.posts(**chosen)

    assert [503, 200] == [unanswered.status_code, repeated.status_code]
    assert "selecting_software" == repeated.json()["stage"]
    assert 1 == (await customer.events()).count("structure_chosen")


async def test_the_same_is_a_new_question_later_on(database: Database) -> None:
    """
    Who asks for the same ten minutes later means it again.
    """
    now = datetime.now(UTC)
    async with database.transaction() as session:
        await questions.remember(session, "jo_1", "extend", "ask-1", now)

    async with database.reading() as session:
        soon = await questions.recall(session, "jo_1", "extend", now)
        later = await questions.recall(
            session, "jo_1", "extend", now + timedelta(minutes=11)
        )

    assert ["ask-1", None] == [soon, later]
