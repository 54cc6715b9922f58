"""The request on its way: mail, refused mail, links by hand, again, and afresh."""

from tests.e2e.patience import until
from tests.e2e.world import BOTH, World, content, refused, standing


async def test_address_that_is_refused(world: World) -> None:
    """
    A mail server's no parks the request for the bank; with the address corrected it goes out.
    """
    customer = await world.ask(address="nobody@bounce.test")
    error = await customer.becomes("Error", "email_undeliverable")
    parked = await customer.journey()

    await customer.moves_to("somebody@hoxton.example")
    resent = content(await customer.bank("resend"), 202)
    await customer.becomes("Requested")

    assert ("bank", "resend") == (error["reason"]["who"], error["reason"]["action"])
    assert ("sending", True, "bank") == (
        parked["stage"],
        parked["stuck"],
        parked["explanation"]["waits_for"],
    )
    assert standing(error) == standing(resent)
    assert 1 == len(world.mailbox.letters("somebody@hoxton.example"))


async def test_resend_sends_the_same_link_again(world: World) -> None:
    """
    A second mail goes to the present contact, with the link that the first one had.
    """
    customer = await world.ask()
    link = await customer.path()
    await customer.does("open")
    await customer.moves_to("new@hoxton.example")

    content(await customer.bank("resend"), 202)
    await until(customer.events, lambda events: 2 == events.count("request_sent"))

    (token,) = world.mailbox.tokens("new@hoxton.example")
    assert link == f"/v1/link/{token}"
    assert 1 == len(world.mailbox.letters(customer.address))
    assert "selecting_software" == (await customer.look())["stage"]


async def test_resend_comes_too_late_for_who_has_shared(world: World) -> None:
    """
    While the books are read there is nothing to send.
    """
    customer = await world.ask()
    await customer.does("open")
    await customer.connects(scenario="slow")

    answer = await customer.bank("resend")

    assert (409, "already_authorized") == refused(answer)


async def test_what_was_not_mailed_is_not_mailed_again(world: World) -> None:
    """
    A link that the bank delivered can only be replaced.
    """
    customer = await world.ask(delivery="link")

    answer = await customer.bank("resend")

    assert (409, "not_emailed") == refused(answer)


async def test_fresh_link_ends_the_old_one(world: World) -> None:
    """
    The old link answers 410, and lets its holder ask the bank for a new one.
    """
    customer = await world.ask()
    old = await customer.path()
    fresh = content(await customer.bank("link"))["link_url"]

    looked = await world.browser.get(old)
    acted = await world.browser.post(old, json={"action": "open"})
    asked = await world.browser.post(old, json={"action": "request_new_link"})
    customer.link_url = fresh
    opened = await customer.does("open")

    assert [(410, "link_replaced")] * 2 == [refused(looked), refused(acted)]
    assert ["request_new_link"] == looked.json()["allowed"]
    assert 202 == asked.status_code
    assert "selecting_software" == opened["stage"]
    assert {"link_replaced", "new_link_asked"} <= set(await customer.events())
    assert 1 == len(world.mailbox.letters(customer.address))


async def test_link_that_works_needs_no_other(world: World) -> None:
    """
    Asking for a new link is for those whose link has ended.
    """
    customer = await world.ask(delivery="link")

    answer = await customer.tries("request_new_link")

    assert (409, "action_not_allowed") == refused(answer)
    assert await customer.look() == answer.json()["state"]


async def test_preview_is_what_is_sent(world: World) -> None:
    """
    The bank sees the very mail beforehand; only the link is the customer's own.
    """
    customer = await world.ask(BOTH)
    path = f"/v1/companies/{customer.company_id}/email-preview"
    preview = content(await world.bank.get(path, params={"data_types": BOTH}))

    token = (await customer.path()).rpartition("/")[2]
    (letter,) = world.mailbox.letters(customer.address)
    body = letter.get_body(("plain",))

    assert body is not None
    assert preview["subject"] == letter["Subject"]
    assert preview["text"].replace("/link/preview", f"/link/{token}").split() == (
        body.get_content().split()
    )


async def test_next_mail_has_the_fresh_link(world: World) -> None:
    """
    A resend after a fresh link brings the fresh one.
    """
    customer = await world.ask()
    await customer.path()
    fresh = content(await customer.bank("link"))["link_url"]

    content(await customer.bank("resend"), 202)
    await until(customer.events, lambda events: 2 == events.count("request_sent"))

    assert fresh.rpartition("/")[2] == world.mailbox.tokens(customer.address)[1]
