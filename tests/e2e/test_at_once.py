"""Two tabs, double clicks, repeated callbacks, a crowd: the same again does no harm."""

import asyncio
from collections import Counter

import httpx

from tests.e2e.patience import until
from tests.e2e.world import FINANCIALS, SPEND, Json, World, content, refused


async def test_double_click_is_one_click(world: World) -> None:
    """
    The same action twice at once gets the first one's answer, and one line in the timeline.
    """
    customer = await world.ask(SPEND, delivery="link")
    await asyncio.gather(customer.look(), customer.look())  # two tabs
    steps: list[tuple[str, Json]] = [
        ("open", {}),
        ("choose_structure", {"structure": "multiple"}),
        ("name_entity", {"name": "Tea Retail"}),
        ("select_software", {"software": "ledgerly"}),
        ("authorize", {"consent": True}),
    ]

    for action, fields in steps:
        first, second = await asyncio.gather(
            *(customer.does(action, **fields) for _ in range(2))
        )

        assert first == second

    assert [
        *("requested", "opened", "structure_chosen", "entity_named"),
        *("software_selected", "authorization_started"),
    ] == await customer.events()


async def test_two_tabs_want_different_things(world: World) -> None:
    """
    One of them is first; the other reads where the journey stands by now.
    """
    customer = await world.ask(SPEND, delivery="link")
    await customer.does("open")

    answers = await asyncio.gather(
        *(
            customer.tries("choose_structure", structure=structure)
            for structure in ("single", "multiple")
        )
    )

    (refusal,) = [answer for answer in answers if answer.status_code != 200]
    assert (409, "action_not_allowed") == refused(refusal)
    assert await customer.look() == refusal.json()["state"]
    assert 1 == (await customer.events()).count("structure_chosen")


async def test_second_trip_voids_the_first(world: World) -> None:
    """
    Who goes to the software again has a new state; the way back of the first tab is void.
    """
    customer = await world.ask(delivery="link")
    await customer.does("open")
    await customer.does("select_software", software="ledgerly")
    first = await customer.decides(await customer.leaves())
    second = await customer.decides(await customer.leaves())

    late = await customer.returns(first)
    back = await customer.returns(second)

    assert (410, 303) == (late.status_code, back.status_code)
    await customer.becomes("Available")


async def test_callback_that_comes_twice_at_once(world: World) -> None:
    """
    The customer is back once, however often the browser asks.
    """
    customer = await world.ask(delivery="link")
    await customer.does("open")
    await customer.does("select_software", software="ledgerly")
    address = await customer.decides(await customer.leaves())

    answers = await asyncio.gather(*(customer.returns(address) for _ in range(5)))
    await customer.becomes("Available")

    statuses = Counter(answer.status_code for answer in answers)
    assert {303, 410} >= set(statuses)
    assert statuses[303] >= 1
    assert 1 == (await customer.events()).count("authorized")
    assert 1 == len(await customer.syncs())


async def test_crowd_asks_the_same_company(world: World) -> None:
    """
    Of two hundred requests at once for one company one is taken, and nothing else happens.
    """
    company = await world.add_company()

    answers = await crowd(world, company["id"], 200)

    outcomes = Counter(
        (answer.status_code, answer.json().get("code")) for answer in answers
    )
    assert {(202, None): 1, (409, "journey_in_progress"): 199} == outcomes
    letters = await until(
        lambda: asyncio.to_thread(world.mailbox.letters, company["contact"]["email"]),
        bool,
    )
    assert 1 == len(letters)


async def test_crowd_with_one_key(world: World) -> None:
    """
    The same request, sent many times under one key, is one journey for all.
    """
    company = await world.add_company()

    answers = await crowd(world, company["id"], 20, key=company["id"])

    assert 1 == len({content(answer, 202)["id"] for answer in answers})


async def crowd(
    world: World, company_id: str, size: int, key: str | None = None
) -> list[httpx.Response]:
    headers = {"Idempotency-Key": key} if key else {}
    return await asyncio.gather(
        *(
            world.bank.post(
                f"/v1/companies/{company_id}/journeys",
                json={"data_types": FINANCIALS, "delivery": "email"},
                headers=headers,
            )
            for _ in range(size)
        )
    )
