"""The customer changes their mind: back, no, leaving, coming back, taking out."""

import asyncio

from tests.e2e.world import SPEND, Customer, World, refused, standing


async def several(world: World) -> Customer:
    """Bring a customer to where the legal entities are named."""
    customer = await world.ask(SPEND, delivery="link")
    await customer.has_several()
    return customer


async def at_software(world: World) -> Customer:
    """Bring a customer to the choice of the software."""
    customer = await world.ask(delivery="link")
    await customer.does("open")
    return customer


async def test_back_from_consent_voids_the_trip(world: World) -> None:
    """
    Back leads to the choice of software even after the redirect; the old state is void then.
    """
    customer = await at_software(world)
    await customer.does("select_software", software="bookwise")
    way_back = await customer.decides(await customer.leaves())

    state = await customer.does("back")
    late = await customer.returns(way_back)

    assert ("selecting_software", "bookwise") == (
        state["stage"],
        state["entity"]["software"],
    )
    assert 410 == late.status_code
    assert "selecting_software" == (await customer.look())["stage"]
    assert ("Requested", None) == standing(await customer.company())


async def test_back_to_the_choice_between_one_and_several(world: World) -> None:
    """
    Who chose too soon may choose again, from the software's choice and from the first name.
    """
    customer = await world.ask(SPEND, delivery="link")
    await customer.does("open")
    await customer.does("choose_structure", structure="single")

    again = await customer.does("back")
    await customer.does("choose_structure", structure="multiple")
    once_more = await customer.does("back")

    assert ("choosing_structure", None) == (again["stage"], again["structure"])
    assert ("choosing_structure", None) == (once_more["stage"], once_more["structure"])


async def test_back_to_the_name_keeps_the_entity(world: World) -> None:
    """
    Back from the software names the same legal entity again.
    """
    customer = await several(world)
    first = await customer.does("name_entity", name="Tea Retial")

    back = await customer.does("back")
    renamed = await customer.does("name_entity", name="Tea Retail")

    assert "naming_entity" == back["stage"]
    assert "Tea Retail" == renamed["entity"]["name"]
    assert first["entity"]["id"] == renamed["entity"]["id"]


async def test_back_from_one_name_too_many(world: World) -> None:
    """
    Back from naming one more drops the unfinished one, and keeps what is connected.
    """
    customer = await several(world)
    await customer.adds("Tea Retail")
    await customer.does("add_entity")
    await customer.does("name_entity", name="Tea Wholesale")
    await customer.does("back")

    state = await customer.does("back")

    assert "reviewing_entities" == state["stage"]
    assert ["Tea Retail"] == [each["name"] for each in state["entities"]]


async def test_back_has_an_end(world: World) -> None:
    """
    Where there is nothing to go back to, back is not allowed and moves nothing.
    """
    opened, single = await asyncio.gather(
        world.ask(SPEND, delivery="link"), at_software(world)
    )
    reviewing = await several(world)
    await reviewing.adds("Tea Retail")

    answers = [await each.tries("back") for each in (opened, single, reviewing)]

    assert [(409, "action_not_allowed")] * 3 == [refused(each) for each in answers]


async def test_no_at_the_software_is_an_error_until_a_yes(world: World) -> None:
    """
    Declining shows to the bank; the same entity with its software waits for another try.
    """
    customer = await at_software(world)
    before = await customer.does("select_software", software="sumline")
    back = await customer.returns(
        await customer.decides(await customer.leaves(), "deny")
    )
    declined = await customer.becomes("Error", "authorization_declined")

    state = await customer.look()
    await customer.connects("sumline")
    await customer.becomes("Available")

    assert 303 == back.status_code
    assert ("fresh_link", "customer") == (
        declined["reason"]["action"],
        declined["reason"]["who"],
    )
    assert "selecting_software" == state["stage"]
    assert "authorization_declined" == state["message"]["code"]
    assert (before["entity"]["id"], "sumline") == (
        state["entity"]["id"],
        state["entity"]["software"],
    )


async def test_no_for_one_of_several_is_between_customer_and_software(
    world: World,
) -> None:
    """
    Before finish nothing that happens to one legal entity reaches the client.
    """
    customer = await several(world)
    await customer.does("name_entity", name="Tea Retail")
    await customer.does("select_software", software="ledgerly")

    await customer.returns(await customer.decides(await customer.leaves(), "deny"))

    state = await customer.look()
    assert ("selecting_software", "Tea Retail") == (
        state["stage"],
        state["entity"]["name"],
    )
    assert ("Requested", None) == standing(await customer.company())


async def test_leaving_and_coming_back(world: World) -> None:
    """
    Leaving shows as an Error at any stage; whoever opens the link again is where they were.
    """
    await asyncio.gather(*(leave_at(world, stage) for stage in STAGES))


async def leave_at(world: World, stage: str) -> None:
    customer = await world.ask(SPEND, delivery="link")
    await customer.walks_to(stage)

    left = await customer.does("exit")
    error = standing(await customer.company())
    back = await customer.does("open")

    assert stage == left["stage"]
    assert ("Error", "authorization_exited") == error
    assert STAGES[stage] == back["stage"]
    assert ("Requested", None) == standing(await customer.company())


STAGES = {
    "awaiting_customer": "choosing_structure",
    "choosing_structure": "choosing_structure",
    "naming_entity": "naming_entity",
    "selecting_software": "selecting_software",
    "authorizing": "authorizing",
    "reviewing_entities": "reviewing_entities",
}
"""Each stage that the customer can leave, and where they are when they come back."""


async def test_entity_that_failed_can_be_taken_out(world: World) -> None:
    """
    A legal entity that is not read yet can be removed, and its company with it.
    """
    customer = await several(world)
    await customer.adds("Tea Retail")
    await customer.adds("Tea Wholesale", "forbidden")
    failed = await customer.has("Tea Wholesale", "failed")

    state = await customer.does("remove_entity", entity=failed["id"])

    assert ["Tea Retail"] == [each["name"] for each in state["entities"]]
    assert ["Tea Retail"] == [each["name"] for each in await customer.legal_entities()]
    assert "entity_removed" in await customer.events()


async def test_entity_that_is_read_stays(world: World) -> None:
    """
    What is read can't be taken out any more, only what is not.
    """
    customer = await several(world)
    await customer.adds("Tea Retail")
    await customer.adds("Tea Wholesale", "forbidden")
    entity = await customer.has("Tea Retail", "done")

    answer = await customer.tries("remove_entity", entity=entity["id"])

    assert (422, "entity_done") == refused(answer)
    assert 2 == len((await customer.look())["entities"])


async def test_nothing_to_finish(world: World) -> None:
    """
    Finishing takes at least one authorized legal entity; until then one may be added.
    """
    customer = await several(world)
    await customer.adds("Tea Retail", "forbidden")
    failed = await customer.has("Tea Retail", "failed")
    await customer.does("remove_entity", entity=failed["id"])

    answer = await customer.tries("finish")

    assert (409, "no_entity") == refused(answer)
    assert "reviewing_entities" == answer.json()["state"]["stage"]
    assert "add_entity" in answer.json()["state"]["allowed"]
