"""What the doors say to bad input: the right status, a code and a sentence, and no change."""

from typing import Any

from tests.e2e.world import FINANCIALS, SPEND, World, content, refused

ACTIONS: dict[str, dict[str, Any]] = {
    "open": {},
    "choose_structure": {"structure": "single"},
    "name_entity": {"name": "Tea Imports"},
    "select_software": {"software": "ledgerly"},
    "authorize": {"consent": True},
    "add_entity": {},
    "remove_entity": {"entity": "cn_00000000000000000000000000"},
    "finish": {},
    "back": {},
    "exit": {},
}
ALLOWED = {
    "awaiting_customer": {"open", "exit"},
    "choosing_structure": {"open", "choose_structure", "exit"},
    "naming_entity": {"open", "name_entity", "back", "exit"},
    "selecting_software": {"open", "select_software", "upload", "back", "exit"},
    "authorizing": {"open", "authorize", "back", "exit"},
    "reviewing_entities": {"open", "add_entity", "remove_entity", "finish", "exit"},
}


async def test_every_stage_knows_what_it_takes(world: World) -> None:
    """
    At each stage LinkState names what is allowed; all else answers 409 with the
    present state, and moves nothing.
    """
    customer = await world.ask(SPEND, delivery="link")

    for stage, allowed in ALLOWED.items():
        state = await customer.walks_to(stage)

        assert allowed == set(state["allowed"])
        for action in ACTIONS.keys() - allowed:
            answer = await customer.tries(action, **ACTIONS[action])

            assert (409, "action_not_allowed") == refused(answer), (stage, action)
            assert state == answer.json()["state"]


SHAPES = [
    {},
    {"action": "dance"},
    {"action": "open", "unknown": 1},
    {"action": "choose_structure"},
    {"action": "choose_structure", "structure": "several"},
    {"action": "name_entity", "name": ""},
    {"action": "name_entity", "name": "  "},
    {"action": "name_entity", "name": "x" * 101},
    {"action": "name_entity", "name": "x" * 10_000},
    {"action": "authorize", "consent": "yes"},
    {"action": "select_software"},
    {"action": "remove_entity"},
]


async def test_shape_is_judged_first(world: World) -> None:
    """
    What is no action answers 422 with its problems, at a stage that would not take it too.
    """
    customer = await world.ask(delivery="link")

    path = await customer.path()
    for body in SHAPES:
        answer = await world.browser.post(path, json=body)

        assert (422, "invalid_request") == refused(answer), body
        assert {"loc", "msg"} == set(answer.json()["errors"][0])

    assert "awaiting_customer" == (await customer.look())["stage"]


async def test_values_are_judged_last(world: World) -> None:
    """
    What can't be chosen answers 422 where the stage would take it, 409 where it would not.
    """
    customer = await world.ask(SPEND, delivery="link")
    await customer.has_several()
    too_soon = await customer.tries("select_software", software="abacus")
    await customer.adds("Café Tea")
    unknown_entity = await customer.tries("remove_entity", entity="cn_unknown")
    await customer.does("add_entity")

    taken = [
        await customer.tries("name_entity", name=name)
        for name in ("Café Tea", "  CAFÉ TEA  ", "Cafe\u0301 Tea")
    ]
    await customer.does("name_entity", name="Tea Retail")
    unknown_software = await customer.tries("select_software", software="abacus")
    await customer.does("select_software", software="ledgerly")
    no_consent = [
        await customer.tries("authorize"),
        await customer.tries("authorize", consent=False),
    ]

    assert (409, "action_not_allowed") == refused(too_soon)
    assert (422, "unknown_entity") == refused(unknown_entity)
    assert [(422, "name_taken")] * 3 == [refused(each) for each in taken]
    assert (422, "unknown_software") == refused(unknown_software)
    assert [(422, "consent_required")] * 2 == [refused(each) for each in no_consent]


async def test_names_are_taken_as_they_are(world: World) -> None:
    """
    Emoji, right-to-left text and HTML are names like any other, on pages and at the software too.
    """
    names = ["شركة الشاي", "Tea 🫖 & <b>Sons</b>", "x" * 100]
    customer = await world.ask(SPEND)
    await customer.has_several()

    for name in names:
        await customer.adds(name)
    page = await world.browser.get((await customer.path()).removeprefix("/v1"))
    await customer.does("finish")
    await customer.becomes("Available")

    assert sorted(names) == sorted(
        each["name"] for each in await customer.legal_entities()
    )
    assert "&lt;b&gt;Sons" in page.text
    assert "<b>Sons" not in page.text


async def test_tokens_that_were_never_issued(world: World) -> None:
    """
    A tampered or truncated link leads nowhere, and says no more than that.
    """
    customer = await world.ask(delivery="link")
    path = await customer.path()
    swapped = path[:-1] + ("A" if path[-1] != "A" else "B")

    for wrong in (path[:-1], path + "A", swapped, "/v1/link/preview", "/v1/link/~"):
        looked = await world.browser.get(wrong)
        acted = await world.browser.post(wrong, json={"action": "open"})

        assert [(404, "not_found")] * 2 == [refused(looked), refused(acted)]


async def test_looking_moves_nothing(world: World) -> None:
    """
    Mail scanners follow links: neither the JSON nor the page counts as opened.
    """
    customer = await world.ask()
    path = await customer.path()
    await customer.becomes("Requested")
    before = await customer.timeline()

    for look in (path, path.removeprefix("/v1")):
        await world.browser.get(look)
        await world.browser.head(look)

    assert before == await customer.timeline()
    assert "awaiting_customer" == (await customer.look())["stage"]


REQUESTS = [
    {"data_types": [], "delivery": "email"},
    {"data_types": ["financials", "financials"], "delivery": "email"},
    {"data_types": ["horoscopes"], "delivery": "email"},
    {"data_types": ["financials"], "delivery": "pigeon"},
    {"data_types": ["financials"], "delivery": "email", "unknown": 1},
]


async def test_requests_that_ask_for_nothing(world: World) -> None:
    """
    What can't be asked for starts no journey.
    """
    company = await world.add_company()
    path = f"/v1/companies/{company['id']}/journeys"

    for body in REQUESTS:
        answer = await world.bank.post(path, json=body)

        assert (422, "invalid_request") == refused(answer), body
        assert "application/problem+json" == answer.headers["content-type"]

    after = content(await world.bank.get(f"/v1/companies/{company['id']}"))
    assert company == after


async def test_time_that_can_not_be_given(world: World) -> None:
    """
    A journey is extended by 1 to 365 whole days.
    """
    customer = await world.ask(delivery="link")
    before = await customer.journey()

    answers = [await customer.bank("extend", days=each) for each in (0, 366, 1.5, "3")]

    assert {(422, "invalid_request")} == {refused(answer) for answer in answers}
    assert before["expires_at"] == (await customer.journey())["expires_at"]


async def test_key_that_was_used_for_something_else(world: World) -> None:
    """
    The same key and body give the first answer again; with another body it is refused.
    """
    company = await world.add_company()
    path = f"/v1/companies/{company['id']}/journeys"
    key = {"Idempotency-Key": f"request of {company['id']}".replace(" ", "-")}
    body = {"data_types": FINANCIALS, "delivery": "link"}

    first = await world.bank.post(path, json=body, headers=key)
    again = await world.bank.post(path, json=body, headers=key)
    other = await world.bank.post(path, json={**body, "delivery": "email"}, headers=key)

    assert content(first, 202) == content(again, 202)
    assert (422, "idempotency_key_reused") == refused(other)


async def test_strangers_are_not_let_in(world: World) -> None:
    """
    Without the organization's key there is nothing to see.
    """
    wrong = {"Authorization": "Bearer rk_wrong"}

    answers = [
        await world.browser.get("/v1/companies"),
        await world.browser.get("/v1/companies", headers=wrong),
    ]

    assert [(401, "unauthorized")] * 2 == [refused(each) for each in answers]


NOWHERE = [
    "/v1/companies/co_00000000000000000000000000",
    "/v1/companies/anything",
    "/v1/journeys/jo_00000000000000000000000000/timeline",
    "/v1/syncs/sy_00000000000000000000000000",
]


async def test_ids_that_nobody_has(world: World) -> None:
    """
    An unknown and a malformed id are the same to us.
    """
    answers = [await world.bank.get(path) for path in NOWHERE]

    assert {(404, "not_found")} == {refused(answer) for answer in answers}
