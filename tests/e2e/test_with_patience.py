"""What takes its time: giving up, trying again by itself, slow and large books."""

from tests.e2e.conftest import Early
from tests.e2e.patience import until
from tests.e2e.world import World, content, standing


async def test_server_that_always_says_later(world: World, early: Early) -> None:
    """
    Sending is given up after a while and waits for an operator; a retry takes the new address.
    """
    deferred = early.deferred
    error = await deferred.becomes("Error", "email_failed")
    parked = await deferred.journey()

    await deferred.moves_to("later@hoxton.example")
    content(await deferred.bank("retry"), 202)
    await deferred.becomes("Requested")

    assert "operator" == error["reason"]["who"]
    assert ("sending", True) == (parked["stage"], parked["stuck"])
    assert "awaiting_customer" == (await deferred.journey())["stage"]
    assert 1 == len(world.mailbox.letters("later@hoxton.example"))


async def test_link_that_arrived_some_other_way(early: Early) -> None:
    """
    A link that is opened while its mail is still tried has arrived; what becomes of the
    mail moves nothing any more.
    """
    overtaken = early.overtaken
    events = await until(overtaken.events, lambda events: "request_failed" in events)

    assert ["requested", "link_replaced", "opened", "request_failed"] == events
    assert "selecting_software" == (await overtaken.look())["stage"]
    assert ("Requested", None) == standing(await overtaken.company())


async def test_outage_mends_itself(world: World, early: Early) -> None:
    """
    Software that stays away is given up, then asked again by itself until it is back.
    """
    error = await early.out.becomes("Error", "provider_unavailable")
    parked = await early.out.journey()

    await world.behaves(early.out.name, "default")
    await early.out.becomes("Available")

    assert ("wait", "wait") == (error["reason"]["who"], error["reason"]["action"])
    assert ("fetching", False) == (parked["stage"], parked["stuck"])
    assert parked["explanation"]["next_at"] is not None


async def test_slow_software_is_read(early: Early) -> None:
    """
    Slowness is no trouble.
    """
    await early.slow.becomes("Available")

    assert "entity_failed" not in await early.slow.events()


async def test_large_books_are_read_whole(early: Early) -> None:
    """
    A hundred thousand bills are stored, page by page.
    """
    await early.large.becomes("Available")

    (sync,) = await early.large.syncs()
    bills = next(each for each in sync["datasets"] if each["name"] == "bills")
    assert (100_000, "done") == (bills["records"], bills["state"])
