import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlmodel import select
from temporalio.client import WorkflowExecutionStatus
from temporalio.testing import WorkflowEnvironment

from domain.journey import Delivery, EntityStage, Stage, Status
from domain.links import Link, Signer
from domain.reasons import Reason
from domain.state import Journey
from store.database import Database
from store.journeys import load
from store.tables import CompanyRow, JourneyRow
from tests.api.given import ASKED, BY_LINK, NOW, Given
from tests.conftest import SECRET

EVENTS = ["requested", "link_replaced", "extended", "cancelled"]


async def stored(database: Database, journey_id: str) -> Journey:
    async with database.reading() as session:
        journey = await load(session, journey_id)
    assert journey is not None
    return journey


async def asked(api: httpx.AsyncClient, company: CompanyRow, body: Any = ASKED) -> Any:
    answer = await api.post(f"/v1/companies/{company.id}/journeys", json=body)
    assert 202 == answer.status_code, answer.text
    return answer.json()


async def moved(api: httpx.AsyncClient, journey: Any, version: int) -> Any:
    """Wait until the store shows that many moves."""
    async with asyncio.timeout(20):
        while True:
            url = f"/v1/journeys/{journey['id']}"
            timeline = (await api.get(f"{url}/timeline")).json()["items"]
            if len(timeline) >= version:
                return (await api.get(url)).json()
            await asyncio.sleep(0.05)


async def test_a_request_is_a_journey_at_once_though_temporal_is_away(
    api: httpx.AsyncClient, given: Given
) -> None:
    """
    202 whether Temporal answers or not; the journey can be read, and its company points at it.
    """
    company = await given.company()

    made = await asked(api, company)

    assert made == (await api.get(f"/v1/journeys/{made['id']}")).json()
    assert (
        made["id"]
        == (await api.get(f"/v1/companies/{company.id}")).json()["journey_id"]
    )
    assert ("sending", "single", "email") == (
        made["stage"],
        made["structure"],
        made["delivery"],
    )
    assert (None, None, False) == (made["status"], made["reason"], made["stuck"])
    assert (made["id"], None) == (made["workflow_id"], made["run_id"])
    assert (
        f"http://temporal.test/namespaces/default/workflows/{made['id']}"
        == made["temporal_url"]
    )
    assert "link_url" not in made
    assert set(made["explanation"]) == {"sentence", "waits_for", "next", "next_at"}


@pytest.mark.parametrize(
    ("data_types", "structure"),
    [
        (["financials"], "single"),
        (["spend_analysis"], None),
        (["spend_analysis", "financials"], "single"),
    ],
)
async def test_only_spend_analysis_alone_asks_for_a_structure(
    api: httpx.AsyncClient, given: Given, data_types: list[str], structure: str | None
) -> None:
    """
    The journey is `single` from the start where the customer is not asked.
    """
    made = await asked(api, await given.company(), {**ASKED, "data_types": data_types})

    assert structure == made["structure"]
    assert sorted(data_types) == made["data_types"]


async def test_a_journey_keeps_the_rules_that_it_was_made_with(
    api: httpx.AsyncClient, given: Given, database: Database
) -> None:
    """
    Reminders, expiry and limits are the organization's at the moment of the request.
    """
    rules = {
        "reminders_days": [1, 3],
        "expires_days": 7,
        "stage_limits": {"fetching": 60},
    }
    await api.patch("/v1/organization", json=rules)

    made = await asked(api, await given.company())
    await api.patch("/v1/organization", json={"expires_days": 90, "reminders_days": []})
    journey = await stored(database, made["id"])

    assert journey.created_at + timedelta(days=7) == journey.expires_at
    assert (timedelta(days=1), timedelta(days=3)) == journey.rules.reminders
    assert timedelta(seconds=60) == journey.rules.limits[Stage.FETCHING]
    assert timedelta(days=3) == journey.rules.limits[Stage.AWAITING_CUSTOMER]
    assert timedelta(minutes=60) == journey.rules.authorization_timeout


async def test_a_link_to_hand_over_comes_with_the_answer(
    api: httpx.AsyncClient, given: Given
) -> None:
    """
    With `delivery: link` the answer carries the first link; it is in no later answer, and not stored.
    """
    company = await given.company()
    headers = {"Idempotency-Key": "once"}
    url = f"/v1/companies/{company.id}/journeys"

    first = (await api.post(url, json=BY_LINK, headers=headers)).json()
    again = (await api.post(url, json=BY_LINK, headers=headers)).json()

    token = first["link_url"].removeprefix("http://rapport.test/link/")
    assert Link(first["id"], 1) == Signer(SECRET.encode()).read_link(token)
    assert "awaiting_customer" == first["stage"]
    assert first == again
    assert "link_url" not in (await api.get(f"/v1/journeys/{first['id']}")).json()
    assert token not in str(await given.everything())


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"data_types": ["financials"]},
        {"delivery": "email"},
        {**ASKED, "data_types": []},
        {**ASKED, "data_types": ["financials", "financials"]},
        {**ASKED, "data_types": ["payroll"]},
        {**ASKED, "data_types": "financials"},
        {**ASKED, "delivery": "pigeon"},
        {**ASKED, "expires_days": 3},
    ],
)
async def test_a_request_for_nothing_known_is_refused(
    api: httpx.AsyncClient, given: Given, body: dict[str, Any]
) -> None:
    """
    No data types, doubled ones, unknown ones, unknown fields: 422, and nothing is written.
    """
    company = await given.company()
    before = await given.everything()

    answer = await api.post(f"/v1/companies/{company.id}/journeys", json=body)

    assert (422, "invalid_request") == (answer.status_code, answer.json()["code"])
    assert before == await given.everything()


async def test_one_open_journey_per_company(
    api: httpx.AsyncClient, given: Given
) -> None:
    """
    A second request is refused while a journey is open, and accepted when it is over.
    """
    company = await given.company()
    await given.over(company)
    await asked(api, company)
    before = await given.everything()

    answer = await api.post(f"/v1/companies/{company.id}/journeys", json=BY_LINK)

    assert (409, "journey_in_progress") == (answer.status_code, answer.json()["code"])
    assert before == await given.everything()


async def test_a_legal_entity_is_asked_through_its_client(
    api: httpx.AsyncClient, given: Given
) -> None:
    """
    A request to a legal entity is refused, and says whom to ask.
    """
    client = await given.company()
    entity = await given.company(parent_id=client.id)

    answer = await api.post(f"/v1/companies/{entity.id}/journeys", json=ASKED)

    assert (409, "legal_entity") == (answer.status_code, answer.json()["code"])
    assert client.id in answer.json()["detail"]


@pytest.mark.parametrize(("key", "accepted"), [(None, 1), ("the same", 200)])
async def test_two_hundred_requests_at_once_are_one_journey(
    api: httpx.AsyncClient,
    given: Given,
    database: Database,
    key: str | None,
    accepted: int,
) -> None:
    """
    One gets 202 and 199 get 409; with one key between them all get the same 202.
    """
    company = await given.company()
    headers = {} if key is None else {"Idempotency-Key": key}
    url = f"/v1/companies/{company.id}/journeys"

    answers = await asyncio.gather(
        *(api.post(url, json=ASKED, headers=headers) for _ in range(200))
    )

    statuses = [answer.status_code for answer in answers]
    assert accepted == statuses.count(202)
    assert 200 - accepted == statuses.count(409)
    assert 1 == len({answer.json()["id"] for answer in answers if answer.is_success})
    async with database.reading() as session:
        assert 1 == len((await session.exec(select(JourneyRow))).all())


async def test_a_journey_that_nobody_takes_up_is_stuck(
    app: FastAPI, api: httpx.AsyncClient, given: Given
) -> None:
    """
    Stuck is a matter of time alone: true while Temporal and every worker are away.
    """
    company = await given.company()
    made = await asked(api, company)
    app.state.clock = lambda: datetime.now(UTC) + timedelta(minutes=11)

    shown = (await api.get(f"/v1/journeys/{made['id']}")).json()

    assert shown["stuck"]
    for url in ("/v1/journeys?stuck=true", "/v1/companies?stuck=true"):
        assert 1 == len((await api.get(url)).json()["items"])


async def test_journeys_are_listed_newest_first(
    api: httpx.AsyncClient, given: Given
) -> None:
    """
    Each filter leaves out what does not fit; pages follow each other.
    """
    company, other = await given.company(), await given.company()
    old = await given.over(company)
    stuck = await given.journey(
        company, stage=Stage.AUTHORIZING, stuck_after=NOW - timedelta(days=400)
    )
    calm = await given.journey(other, stuck_after=NOW + timedelta(days=40_000))
    every = [calm.id, stuck.id, old.id]

    async def ids(query: str) -> list[str]:
        answer = await api.get(f"/v1/journeys?{query}")
        return [each["id"] for each in answer.json()["items"]]

    assert every == await ids("")
    assert [stuck.id, old.id] == await ids(f"company_id={company.id}")
    assert [stuck.id] == await ids("stage=authorizing")
    assert [stuck.id] == await ids("stuck=true")
    assert [calm.id, old.id] == await ids("stuck=false")
    assert [calm.id, stuck.id] == await ids("open=true")
    assert [old.id] == await ids("open=false")
    first = (await api.get("/v1/journeys?limit=2")).json()
    rest = await ids(f"limit=2&cursor={first['next_cursor']}")
    assert every == [*(each["id"] for each in first["items"]), *rest]


async def test_a_journey_shows_its_legal_entities_and_why_it_stands(
    api: httpx.AsyncClient, given: Given
) -> None:
    """
    Each entity has its stage, status and reason; the journey is stuck since its limit passed.
    """
    company = await given.company()
    journey = await given.journey(
        company, stage=Stage.FETCHING, finished=True, went_out=True, delivery=Delivery.LINK,
        stage_since=NOW - timedelta(days=400), run_id="a-run", version=9,
    )  # fmt: skip
    done = await given.connection(journey)
    failed = await given.connection(
        journey, stage=EntityStage.FAILED, trouble=Reason.INVALID_DATA, detail="Bills, row 7.",
        failed_at=NOW,
    )  # fmt: skip

    shown = (await api.get(f"/v1/journeys/{journey.id}")).json()

    assert [done.id, failed.id] == [each["id"] for each in shown["entities"]]
    assert ["Available", "Error"] == [each["status"] for each in shown["entities"]]
    assert None is shown["entities"][0]["reason"]
    assert "invalid_data" == shown["entities"][1]["reason"]["code"]
    assert ("Error", "invalid_data") == (shown["status"], shown["reason"]["code"])
    assert shown["reason"]["message"].endswith("Bills, row 7.")
    assert "contact_operator" == shown["reason"]["action"]
    assert shown["stuck"]
    assert shown["stuck_since"] is not None
    assert ("operator", "a-run") == (shown["explanation"]["waits_for"], shown["run_id"])


async def test_the_timeline_goes_from_the_oldest_to_the_newest(
    api: httpx.AsyncClient, given: Given
) -> None:
    """
    Every transition comes once, however it is cut into pages.
    """
    journey = await given.journey(await given.company())
    await given.moves(journey, 12)
    url, cursor, seqs = f"/v1/journeys/{journey.id}/timeline", "", []

    while True:
        page = (await api.get(f"{url}?limit=5{cursor}")).json()
        seqs += [each["seq"] for each in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"

    assert list(range(1, 13)) == seqs


ACTIONS = [
    ("resend", None),
    ("link", None),
    ("retry", None),
    ("cancel", {"reason": "They moved."}),
    ("extend", {"days": 3}),
    ("skip", {"entity_id": "cn_1", "reason": "Dormant."}),
]  # fmt: skip


@pytest.mark.parametrize(("action", "body"), ACTIONS)
async def test_while_temporal_is_away_actions_wait(
    api: httpx.AsyncClient, given: Given, action: str, body: Any
) -> None:
    """
    What needs the workflow is 503 with Retry-After, and changes nothing.
    """
    journey = await given.journey(await given.company())
    before = await given.everything()

    answer = await api.post(f"/v1/journeys/{journey.id}/{action}", json=body)

    assert (503, "temporal_unavailable") == (answer.status_code, answer.json()["code"])
    assert answer.headers["retry-after"].isdecimal()
    assert before == await given.everything()


@pytest.mark.parametrize(("action", "body"), ACTIONS)
async def test_a_journey_that_is_over_takes_no_action(
    api: httpx.AsyncClient,
    live: httpx.AsyncClient,
    given: Given,
    action: str,
    body: Any,
) -> None:
    """
    Every call on it is 409, with Temporal or without, with a key or without.
    """
    journey = await given.over(await given.company())
    url = f"/v1/journeys/{journey.id}/{action}"

    away = await api.post(url, json=body)
    there = await live.post(url, json=body, headers={"Idempotency-Key": "1"})

    for answer in (away, there):
        assert (409, "journey_closed") == (answer.status_code, answer.json()["code"])


@pytest.mark.parametrize(
    ("action", "body"),
    [
        ("resend", {"to": "x@y.test"}),
        ("link", {"days": 1}),
        ("retry", []),
        ("cancel", None),
        ("cancel", {}),
        ("cancel", {"reason": " "}),
        ("cancel", {"reason": "x" * 501}),
        ("extend", {}),
        ("extend", {"days": 0}),
        ("extend", {"days": 366}),
        ("extend", {"days": 1.5}),
        ("skip", {"reason": "Dormant."}),
        ("skip", {"entity_id": "cn_1"}),
    ],
)
async def test_an_action_that_is_not_whole_is_refused(
    api: httpx.AsyncClient, given: Given, action: str, body: Any
) -> None:
    """
    Missing, unknown and impossible fields are 422 before anybody is asked.
    """
    journey = await given.journey(await given.company())

    answer = await api.post(f"/v1/journeys/{journey.id}/{action}", json=body)

    assert (422, "invalid_request") == (answer.status_code, answer.json()["code"])


async def test_the_bank_moves_a_journey_through_its_workflow(
    working: httpx.AsyncClient, given: Given
) -> None:
    """
    A fresh link, more time, an end: each answer shows the move, and the timeline keeps it.
    """
    made = await asked(working, await given.company(), BY_LINK)
    url = f"/v1/journeys/{made['id']}"

    link = await working.post(f"{url}/link")
    extended = await working.post(f"{url}/extend", json={"days": 5})
    cancelled = await working.post(f"{url}/cancel", json={"reason": "They moved."})
    timeline = (await working.get(f"{url}/timeline")).json()["items"]

    assert 200 == link.status_code
    assert link.json()["link_url"] != made["link_url"]
    assert [202, 202] == [extended.status_code, cancelled.status_code]
    assert extended.json()["expires_at"] > made["expires_at"]
    assert ("cancelled", None) == (
        cancelled.json()["stage"],
        cancelled.json()["status"],
    )
    assert EVENTS == [each["event"] for each in timeline]
    assert ["bank"] * 4 == [each["actor"] for each in timeline]
    assert [1, 2, 3, 4] == [each["seq"] for each in timeline]


async def test_what_the_workflow_refuses_is_said_with_its_code(
    working: httpx.AsyncClient, given: Given
) -> None:
    """
    Each action that can't be done now is refused with a code, and leaves no trace.
    """
    made = await asked(working, await given.company(), BY_LINK)
    await moved(working, made, 1)
    url = f"/v1/journeys/{made['id']}"
    skip = {"entity_id": "cn_1", "reason": "Dormant."}

    answers = [
        await working.post(f"{url}/resend"),
        await working.post(f"{url}/retry"),
        await working.post(f"{url}/skip", json=skip),
    ]

    assert [
        (409, "not_emailed"),
        (409, "nothing_to_retry"),
        (409, "action_not_allowed"),
    ] == [(answer.status_code, answer.json()["code"]) for answer in answers]
    assert 1 == len((await working.get(f"{url}/timeline")).json()["items"])


async def test_an_action_with_a_key_happens_once(
    working: httpx.AsyncClient, given: Given
) -> None:
    """
    The same key gives the first answer again, even to the action that ended the journey.
    """
    made = await asked(working, await given.company(), BY_LINK)
    url, key = f"/v1/journeys/{made['id']}", {"Idempotency-Key": "1"}

    links = [(await working.post(f"{url}/link", headers=key)).json() for _ in range(2)]
    extended = [
        (await working.post(f"{url}/extend", json={"days": days}, headers=key)).json()
        for days in (1, 1, 2)
    ]
    ends = [
        await working.post(f"{url}/cancel", json={"reason": "They moved."}, headers=key)
        for _ in range(2)
    ]

    assert links[0] == links[1]
    assert (
        extended[0]["expires_at"]
        == extended[1]["expires_at"]
        < extended[2]["expires_at"]
    )
    assert [202, 202] == [answer.status_code for answer in ends]
    assert 5 == len((await working.get(f"{url}/timeline")).json()["items"])


async def test_a_journey_that_was_made_while_temporal_was_away_starts_with_the_first_action(
    api: httpx.AsyncClient, working: httpx.AsyncClient, given: Given
) -> None:
    """
    Who asks first starts the workflow that could not be started.
    """
    made = await asked(api, await given.company(), BY_LINK)

    answer = await working.post(f"/v1/journeys/{made['id']}/extend", json={"days": 1})

    assert 202 == answer.status_code
    assert answer.json()["run_id"] is not None
    assert "Requested" == answer.json()["status"]


async def test_a_request_that_is_sent_again_starts_what_was_not_started(
    api: httpx.AsyncClient, working: httpx.AsyncClient, given: Given
) -> None:
    """
    The same key while Temporal is there again: the same answer, and the journey moves.
    """
    company, key = await given.company(), {"Idempotency-Key": "1"}
    url = f"/v1/companies/{company.id}/journeys"

    first = (await api.post(url, json=BY_LINK, headers=key)).json()
    again = (await working.post(url, json=BY_LINK, headers=key)).json()

    assert first == again
    assert Status.REQUESTED == (await moved(working, first, 1))["status"]
    assert first == (await working.post(url, json=BY_LINK, headers=key)).json()


async def test_a_journey_whose_workflow_was_terminated_is_over(
    working: httpx.AsyncClient, given: Given, temporal: WorkflowEnvironment
) -> None:
    """
    The store may not show it yet, but nobody is there to ask: 409, and no second workflow.
    """
    made = await asked(working, await given.company(), BY_LINK)
    await moved(working, made, 1)
    handle = temporal.client.get_workflow_handle(made["id"])
    await handle.terminate("by an operator")

    answer = await working.post(f"/v1/journeys/{made['id']}/extend", json={"days": 1})

    assert (409, "journey_closed") == (answer.status_code, answer.json()["code"])
    assert WorkflowExecutionStatus.TERMINATED is (await handle.describe()).status
