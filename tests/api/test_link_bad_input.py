"""Temporal is away in all of these: what is refused is refused before anybody is asked."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

import pytest

from domain.journey import DataType, EntityStage, Stage, Structure
from domain.links import Link, Signer
from store.tables import JourneyRow, OrganizationRow
from tests.api.given import NOW, Given
from tests.api.live import ShutOffice, said

NEVER: Final = "jo_" + "0" * 26
SPEND: Final = [DataType.SPEND_ANALYSIS]

Situation = Callable[[Given], Awaitable[JourneyRow]]


async def naming(given: Given) -> JourneyRow:
    """A journey whose customer names a second legal entity; the first is Hoxton Café."""
    row = await given.journey(
        await given.company(),
        stage=Stage.NAMING_ENTITY,
        structure=Structure.MULTIPLE,
        data_types=SPEND,
    )
    await given.connection(row, name="Hoxton Café")
    return row


async def authorizing(given: Given) -> JourneyRow:
    row = await given.journey(
        await given.company(), stage=Stage.AUTHORIZING, focus="cn_1"
    )
    await given.connection(row, id="cn_1", stage=EntityStage.AUTHORIZING)
    return row


async def selecting(given: Given) -> JourneyRow:
    return await given.journey(await given.company(), stage=Stage.SELECTING_SOFTWARE)


async def reviewing(given: Given) -> JourneyRow:
    row = await naming(given)
    row.stage = Stage.REVIEWING_ENTITIES
    await given.connection(row, id="cn_failed", stage=EntityStage.FAILED)
    await given.connection(row, id="cn_done", stage=EntityStage.DONE)
    await given.written(row)
    return row


SHAPELESS: Final[list[Any]] = [
    None,
    [],
    "open",
    {},
    {"action": "upload"},
    {"action": ["open"]},
    {"action": "Open"},
    {"action": "open", "structure": "single"},
    {"action": "open", "token": "x"},
    {"action": "choose_structure"},
    {"action": "choose_structure", "structure": "many"},
    {"action": "select_software"},
    {"action": "select_software", "software": None},
    {"action": "select_software", "software": "x" * 101},
    {"action": "authorize", "consent": "true"},
    {"action": "authorize", "consent": 1},
    {"action": "authorize", "consent": None},
    {"action": "remove_entity"},
    {"action": "request_new_link", "to": "x@y.test"},
    {"action": "name_entity"},
    {"action": "name_entity", "name": 7},
    {"action": "name_entity", "name": ""},
    {"action": "name_entity", "name": " \t\u00a0\u3000 "},
    {"action": "name_entity", "name": "\u200b\u2060"},
    {"action": "name_entity", "name": "x" * 101},
    {"action": "name_entity", "name": "x" * 10_000},
    {"action": "name_entity", "name": "Hoxton\nTea"},
    {"action": "name_entity", "name": "Hoxton\x00Tea"},
    {"action": "name_entity", "name": "Hoxton\u2028Tea"},
]
UNREADABLE: Final = [
    b"",
    b"open",
    b'{"action": "open"',
    b"\xff\xfe",
    b'{"action": NaN}',
]


async def test_what_has_no_shape_is_refused_in_any_stage(shut: ShutOffice) -> None:
    """
    Unknown actions and fields, missing ones and impossible ones are 422, and say where.
    """
    address = shut.address(await naming(shut.given))
    before = await shut.given.everything()

    answers = [await shut.door.post(address, json=body) for body in SHAPELESS]
    answers += [await shut.door.post(address, content=each) for each in UNREADABLE]

    for answer in answers:
        assert (422, "invalid_request") == said(answer), answer.request.content
        assert {"loc", "msg"} == set(answer.json()["errors"][0])
    assert before == await shut.given.everything()


VALUES: Final[list[tuple[Situation, dict[str, Any], str]]] = [
    (naming, {"action": "name_entity", "name": "Hoxton Café"}, "name_taken"),
    (naming, {"action": "name_entity", "name": " HOXTON CAFÉ "}, "name_taken"),
    (naming, {"action": "name_entity", "name": "hoxton cafe\u0301"}, "name_taken"),
    (selecting, {"action": "select_software", "software": "abacus"}, "unknown_software"),
    (selecting, {"action": "select_software", "software": ""}, "unknown_software"),
    (selecting, {"action": "select_software", "software": "Ledgerly"}, "unknown_software"),
    (authorizing, {"action": "authorize"}, "consent_required"),
    (authorizing, {"action": "authorize", "consent": False}, "consent_required"),
    (reviewing, {"action": "remove_entity", "entity": "cn_never"}, "unknown_entity"),
    (reviewing, {"action": "remove_entity", "entity": "cn_done"}, "entity_done"),
]  # fmt: skip


@pytest.mark.parametrize(("situation", "body", "code"), VALUES)
async def test_values_are_held_against_what_is_known(
    shut: ShutOffice, situation: Situation, body: dict[str, Any], code: str
) -> None:
    """
    A name that is taken, software that nobody knows, consent that is not given: 422,
    with nothing recorded.
    """
    journey = await situation(shut.given)
    before = await shut.given.everything()

    answer = await shut.told(journey, **body)

    assert (422, code) == said(answer)
    assert before == await shut.given.everything()


async def test_the_stage_counts_before_the_values(shut: ShutOffice) -> None:
    """
    What would be refused for its value is 409 where it is not its turn, with the present state.
    """
    journey = await shut.given.journey(
        await shut.given.company(), stage=Stage.CHOOSING_STRUCTURE
    )
    state = (await shut.seen(journey)).json()

    answers = [await shut.told(journey, **body) for _, body, _ in VALUES]

    for answer in answers:
        assert (409, "action_not_allowed") == said(answer)
        assert state == answer.json()["state"]


async def test_software_that_the_bank_switched_off_is_unknown(shut: ShutOffice) -> None:
    """
    What the organization does not offer can't be picked, though Rapport knows it.
    """
    journey = await selecting(shut.given)
    async with shut.given.database.transaction() as session:
        bank = await session.get_one(OrganizationRow, journey.organization_id)
        bank.software = ["sumline"]

    answer = await shut.told(journey, "select_software", software="ledgerly")

    assert (422, "unknown_software") == said(answer)


async def test_nothing_is_finished_with_nothing(shut: ShutOffice) -> None:
    """
    Finishing while no legal entity is authorized is 409, and shows what can be done.
    """
    journey = await shut.given.journey(
        await shut.given.company(),
        stage=Stage.REVIEWING_ENTITIES,
        structure=Structure.MULTIPLE,
        data_types=SPEND,
    )

    answer = await shut.told(journey, "finish")

    assert (409, "no_entity") == said(answer)
    assert ["open", "add_entity", "exit"] == answer.json()["state"]["allowed"]


CHANGES: Final[list[Callable[[str], str]]] = [
    lambda token: "x",
    lambda token: token.rpartition(".")[0],
    lambda token: token.rpartition(".")[0] + ".",
    lambda token: token[:-1],
    lambda token: token[: len(token) // 2],
    lambda token: token + "A",
    lambda token: token + ".",
    lambda token: NEVER + token[len(NEVER) :],
    lambda token: token.replace(".1.", ".2.", 1),
    lambda token: token[:-1] + ("A" if token[-1] != "A" else "B"),
    str.upper,
    lambda token: Signer(b"another secret").link(
        Link(token.partition(".")[0], 1)
    ),
    lambda token: token[:-1] + "%C3%A9",
]  # fmt: skip


async def test_a_token_that_was_never_issued_is_not_found(shut: ShutOffice) -> None:
    """
    A token that was changed in any part leads nowhere: 404 to a look and to an action.
    """
    journey = await naming(shut.given)
    good = shut.signer.link(Link(journey.id, 1))
    ahead = shut.signer.link(Link(journey.id, 2))
    gone = shut.signer.link(Link(NEVER, 1))

    for token in [*(change(good) for change in CHANGES), ahead, gone]:
        answers = [
            await shut.door.get(f"/v1/link/{token}"),
            await shut.door.post(f"/v1/link/{token}", json={"action": "open"}),
            await shut.door.post(
                f"/v1/link/{token}", json={"action": "request_new_link"}
            ),
        ]
        assert [(404, "not_found")] * 3 == [said(answer) for answer in answers], token


GONE: Final = [
    ({"stage": Stage.EXPIRED, "closed_at": NOW}, "link_expired", ["request_new_link"]),
    ({"stage": Stage.CANCELLED, "closed_at": NOW}, "journey_cancelled", []),
    ({"stage": Stage.SELECTING_SOFTWARE, "link_number": 2}, "link_replaced", ["request_new_link"]),
    ({"stage": Stage.FETCHING, "link_number": 2}, "link_replaced", ["request_new_link"]),
    ({"stage": Stage.EXPIRED, "closed_at": NOW, "link_number": 2}, "link_replaced", ["request_new_link"]),
    ({"stage": Stage.CANCELLED, "closed_at": NOW, "link_number": 2}, "journey_cancelled", []),
    ({"stage": Stage.COMPLETED, "closed_at": NOW, "link_number": 2}, "link_replaced", []),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "code", "allowed"), GONE)
async def test_a_link_that_has_ended_says_why_and_what_helps(
    shut: ShutOffice, changes: dict[str, Any], code: str, allowed: list[str]
) -> None:
    """
    Expired, replaced, cancelled: 410 to a look and to an action, with `allowed`; and nothing
    of where the journey stands.
    """
    journey = await shut.given.journey(
        await shut.given.company(name="Hoxton Tea"), **changes
    )
    await shut.given.connection(journey)
    before = await shut.given.everything()

    answers = [await shut.seen(journey), await shut.told(journey, "open")]

    for answer in answers:
        shown = answer.json()
        assert (410, code) == said(answer)
        assert allowed == shown["allowed"]
        assert "Hoxton Tea" == shown["state"]["company"]["name"]
        assert [] == shown["state"]["entities"]
    assert before == await shut.given.everything()


async def test_after_completion_there_is_nothing_to_do(shut: ShutOffice) -> None:
    """
    A completed journey is shown, with nothing allowed; every action is 409.
    """
    journey = await shut.given.over(await shut.given.company())

    seen = await shut.seen(journey)
    answers = [
        await shut.told(journey, action)
        for action in ("open", "exit", "back", "request_new_link")
    ]

    state = seen.json()
    assert (200, "completed", []) == (
        seen.status_code,
        state["stage"],
        state["allowed"],
    )
    for answer in answers:
        assert (409, "action_not_allowed") == said(answer)
        assert state == answer.json()["state"]


async def test_a_new_link_is_asked_for_only_where_it_helps(shut: ShutOffice) -> None:
    """
    With a link that works it is 409; in a cancelled journey it is 410 like all else.
    """
    journey = await naming(shut.given)
    cancelled = await shut.given.journey(
        await shut.given.company(), stage=Stage.CANCELLED, closed_at=NOW
    )

    answers = [
        await shut.told(each, "request_new_link") for each in (journey, cancelled)
    ]

    assert [(409, "action_not_allowed"), (410, "journey_cancelled")] == [
        said(answer) for answer in answers
    ]
