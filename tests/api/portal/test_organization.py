"""The settings, as an administrator sees and changes them."""

import asyncio
import re
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from domain.colour import BLACK, WHITE, contrast
from domain.roles import Role
from store.tables import OrganizationRow
from tests.api.portal.desk import Desk, text_of

HARM = "<script>alert(1)</script>"
SCRIPT = {"HX-Request": "true"}


async def kept(desk: Desk) -> OrganizationRow:
    async with desk.database.reading() as session:
        return await session.get_one(OrganizationRow, desk.bank.id)


async def form_of(browser: httpx.AsyncClient) -> dict[str, Any]:
    """Open the page and return what its form would send."""
    return fields((await browser.get("/settings")).text)


def fields(page: str) -> dict[str, Any]:
    """Return what a browser would send of a page's form."""
    sent: dict[str, Any] = {}
    for tag in re.findall(r"<input [^>]*>", page.partition("<form id=")[2]):
        given = {
            name: unescape(value) for name, value in re.findall(r'(\S+)="([^"]*)"', tag)
        }
        if given.get("type") == "radio":
            continue
        if given.get("type") != "checkbox":
            sent[given["name"]] = given.get("value", "")
        elif " checked" in tag:
            sent.setdefault(given["name"], []).append(given.get("value", "on"))
    for name, options in re.findall(
        r'<select name="(\S+)"[^>]*>(.*?)</select>', page, re.DOTALL
    ):
        (sent[name],) = re.findall(r"<option selected>(\w+)", options)
    return sent


def frames(page: str) -> list[str]:
    return [unescape(each) for each in re.findall(r'<iframe [^>]*src="([^"]*)"', page)]


async def test_what_is_kept_is_what_the_api_says(desk: Desk) -> None:
    """
    Every setting can be changed here, and programs see the same.
    """
    admin = await desk.at_work(Role.ADMIN)
    form = await form_of(admin)
    del form["all_software"], form["copy_link"]

    answer = await admin.post(
        "/settings",
        data={
            **form,
            "name": " Börse & Co ",
            "sender_name": "Börse",
            "logo_url": "https://bank.test/logo.png",
            "colour": "#0B5D4E",
            "reminders_days": "1, 3;7",
            "expires_days": "45",
            "stage_limits.sending": "20",
            "unit.sending": "minutes",
            "software": ["sumline"],
        },
    )
    key = {"Authorization": f"Bearer {desk.bank.key}"}
    shown = (await admin.get("/v1/organization", headers=key)).json()

    assert (303, "/settings") == (answer.status_code, answer.headers["location"])
    assert ("Börse & Co", "Börse") == (shown["name"], shown["sender_name"])
    assert ("https://bank.test/logo.png", "#0b5d4e") == (
        shown["logo_url"],
        shown["colour"],
    )
    assert ([1, 3, 7], 45) == (shown["reminders_days"], shown["expires_days"])
    assert 1200 == shown["stage_limits"]["sending"]
    assert ["sumline"] == shown["software"]
    assert {"manual_upload": True, "copy_link": False, "multi_entity": True} == shown[
        "features"
    ]


async def test_keeping_what_is_shown_changes_nothing(desk: Desk) -> None:
    """
    Whoever opens the settings and keeps them has changed none, whatever they were.
    """
    async with desk.database.transaction() as session:
        row = await session.get_one(OrganizationRow, desk.bank.id)
        row.stage_limits = {"sending": 90, "authorizing": 7200, "fetching": 86400}
        row.reminders_days = []
        row.software = ["sumline", "ledgerly"]
        row.features = {**row.features, "multi_entity": False}
        session.add(row)
    before = (await kept(desk)).model_dump()
    admin = await desk.at_work(Role.ADMIN)

    answer = await admin.post("/settings", data=await form_of(admin))

    after = (await kept(desk)).model_dump()
    assert 303 == answer.status_code
    assert {"sumline", "ledgerly"} == set(after.pop("software"))
    assert {**before, "software": None} == {**after, "software": None}


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"name": ""}, "Please fill this in."),
        ({"name": "x" * 101}, "This is too long."),
        ({"sender_name": "a\u2028b"}, "control characters and line breaks"),
        ({"logo_url": "javascript:alert(1)"}, "http or https address of a picture"),
        ({"colour": "red"}, "# and six digits, like #1f4e79"),
        ({"reminders_days": "5, 2"}, "each later than the one before"),
        ({"reminders_days": "soon"}, "up to ten days from 1 to 365"),
        ({"reminders_days": "9" * 5000}, "up to ten days from 1 to 365"),
        ({"expires_days": "0"}, "a whole number of days from 1 to 365"),
        ({"expires_days": "1.5"}, "a whole number of days from 1 to 365"),
        ({"stage_limits.sending": "-1"}, "a year is the longest"),
        ({"stage_limits.fetching": "9999999"}, "a year is the longest"),
        ({"all_software": None}, "Choose at least one"),
        ({"all_software": None, "software": ["abacus"]}, "'abacus' is not known"),
    ],
)
async def test_what_is_wrong_is_told_and_nothing_is_kept(
    desk: Desk, change: dict[str, Any], complaint: str
) -> None:
    """
    A value that can't be is told at its field; all that was typed stays, and nothing is kept.
    """
    admin = await desk.at_work(Role.ADMIN)
    before = await desk.given.everything()
    form = {**await form_of(admin), "expires_days": "44", **change}
    sent = {name: value for name, value in form.items() if value is not None}

    answer = await admin.post("/settings", data=sent)

    assert 422 == answer.status_code
    assert complaint in text_of(answer)
    if "expires_days" not in change:
        assert 'value="44"' in answer.text
    assert before["organizations"] == (await desk.given.everything())["organizations"]


async def test_all_that_is_wrong_is_told_at_once(desk: Desk) -> None:
    """
    Several mistakes are not told one after the other.
    """
    admin = await desk.at_work(Role.ADMIN)
    wrong = {"name": "", "colour": "red", "expires_days": "never"}

    answer = await admin.post("/settings", data={**await form_of(admin), **wrong})

    complaints = re.findall(r'id="(\w+)-problem"', answer.text)
    assert ["name", "colour", "expires_days"] == complaints


async def test_the_later_of_two_is_told(desk: Desk) -> None:
    """
    Whoever keeps settings that somebody changed meanwhile is told, keeps what was typed, and may insist.
    """
    one, other = await desk.at_work(Role.ADMIN), await desk.at_work(Role.ADMIN)
    first, second = await form_of(one), await form_of(other)

    await one.post("/settings", data={**first, "expires_days": "10"})
    told = await other.post("/settings", data={**second, "sender_name": "The other"})
    between = await kept(desk)
    insisted = await other.post("/settings", data=fields(told.text))

    assert 409 == told.status_code
    assert "Days until a link ends: 10" in text_of(told)
    assert "The other" in told.text
    assert (10, "Meridian Bank") == (between.expires_days, between.sender_name)
    assert 303 == insisted.status_code
    assert "The other" == (await kept(desk)).sender_name


async def test_what_somebody_changed_is_said_in_words(desk: Desk) -> None:
    """
    Limits, software and ways to answer are told as people read them.
    """
    one, other = await desk.at_work(Role.ADMIN), await desk.at_work(Role.ADMIN)
    first, second = await form_of(one), await form_of(other)
    del first["all_software"], first["manual_upload"]
    limits = {"stage_limits.sending": "2", "unit.sending": "hours"}

    await one.post("/settings", data={**first, **limits, "software": ["sumline"]})
    told = text_of(await other.post("/settings", data={**second, "name": "Other"}))

    assert "When a request counts as stuck: Sending 2 hours" in told
    assert "Software on offer: Sumline" in told
    assert "Ways to answer: Pass on the link, Several legal entities" in told


async def test_a_double_click_is_one_change(desk: Desk) -> None:
    """
    The same form sent twice, even at once, is kept once and refused never.
    """
    admin = await desk.at_work(Role.ADMIN)
    form = {**await form_of(admin), "expires_days": "10"}

    answers = await asyncio.gather(
        admin.post("/settings", data=form), admin.post("/settings", data=form)
    )

    assert [303, 303] == [answer.status_code for answer in answers]
    assert 10 == (await kept(desk)).expires_days


async def test_a_preview_keeps_nothing(desk: Desk) -> None:
    """
    What is typed is shown as the real email and the real pages, and stays typed.
    """
    admin = await desk.at_work(Role.ADMIN)
    before = await desk.given.everything()
    form = {**await form_of(admin), "name": "New & Old", "colour": "#ffee00"}

    whole = await admin.post("/settings/preview", data=form)
    part = await admin.post("/settings/preview", data=form, headers=SCRIPT)
    shown = [await admin.get(each) for each in frames(part.text)]

    assert 'value="New &amp; Old"' in whole.text
    assert frames(whole.text) == frames(part.text)
    assert ["New & Old" in unescape(each.text) for each in shown] == [True] * 3
    assert before["organizations"] == (await desk.given.everything())["organizations"]


async def test_a_preview_that_looks_the_same_is_not_drawn_again(desk: Desk) -> None:
    """
    Whoever types what customers don't see keeps their place in the preview.
    """
    admin = await desk.at_work(Role.ADMIN)
    form = await form_of(admin)

    same = {**form, "reminders_days": "3"}
    other = {**form, "name": "Another"}
    answers = [
        await admin.post("/settings/preview", data=each, headers=SCRIPT)
        for each in (same, other)
    ]

    assert [204, 200] == [answer.status_code for answer in answers]


async def test_a_preview_shows_what_is_right_already(desk: Desk) -> None:
    """
    While a colour is half typed everything else is shown, and that the colour is not.
    """
    admin = await desk.at_work(Role.ADMIN)
    form = {**await form_of(admin), "name": "New Name", "colour": "#12"}

    part = await admin.post("/settings/preview", data=form, headers=SCRIPT)
    (email, *_) = frames(part.text)
    seen = parse_qs(urlsplit(email).query)

    assert "not right yet: Colour." in text_of(part)
    assert (["New Name"], ["#1f4e79"]) == (seen["name"], seen["colour"])


@pytest.mark.parametrize("colour", ["#ffffff", "#000000", "#ffee00", "#808080"])
async def test_a_bad_colour_can_be_read(desk: Desk, colour: str) -> None:
    """
    Whatever colour is chosen, buttons and words in it can be read by everybody.
    """
    admin = await desk.at_work(Role.ADMIN)
    form = {**await form_of(admin), "colour": colour}

    part = await admin.post("/settings/preview", data=form, headers=SCRIPT)
    accent, ink, _ = re.findall(r'fill="(#[0-9a-f]{6})"', part.text)
    text = WHITE if "carry white text" in part.text else BLACK

    assert contrast(text, accent) >= 4.5
    assert contrast(ink, WHITE) >= 4.5


async def test_the_frames_can_do_nothing(desk: Desk) -> None:
    """
    What is shown in a frame runs no script, sends no form, leads nowhere, and is no HTML but ours.
    """
    admin = await desk.at_work(Role.ADMIN)
    form = {**await form_of(admin), "name": HARM, "sender_name": HARM}

    part = await admin.post("/settings/preview", data=form, headers=SCRIPT)
    shown = [await admin.get(each) for each in frames(part.text)]

    assert HARM not in part.text
    assert shown
    for each in shown:
        policy = each.headers["content-security-policy"]
        assert 200 == each.status_code
        assert HARM not in each.text
        assert '<base target="_blank">' in each.text
        assert policy.startswith("sandbox; default-src 'none'")
        assert "img-src 'none'" in policy
        assert "script-src" not in policy


async def test_a_logo_is_fetched_from_where_it_is(desk: Desk) -> None:
    """
    The frames show the logo that was typed, and no picture from elsewhere.
    """
    admin = await desk.at_work(Role.ADMIN)
    form = {**await form_of(admin), "logo_url": "https://pictures.test/logo.png"}

    part = await admin.post("/settings/preview", data=form, headers=SCRIPT)
    shown = [await admin.get(each) for each in frames(part.text)]

    assert shown
    for each in shown:
        policy = each.headers["content-security-policy"]
        assert 'src="https://pictures.test/logo.png"' in each.text
        assert "img-src https://pictures.test;" in policy


async def test_software_on_offer_is_what_the_preview_offers(desk: Desk) -> None:
    """
    The page on which customers choose shows what would be on offer, and the upload if it is.
    """
    admin = await desk.at_work(Role.ADMIN)
    form = {**await form_of(admin), "software": ["sumline"]}
    del form["all_software"], form["manual_upload"]

    part = await admin.post("/settings/preview", data=form, headers=SCRIPT)
    page = await admin.get(frames(part.text)[2])

    assert "Sumline" in page.text
    assert "Ledgerly" not in page.text
    assert "Upload a spreadsheet" not in page.text


async def test_a_frame_of_nothing_known_is_refused(desk: Desk) -> None:
    """
    An address that was made up shows no frame.
    """
    admin = await desk.at_work(Role.ADMIN)

    answers = [
        await admin.get("/settings/preview/email?name=&colour=red"),
        await admin.get("/settings/preview/pages/other"),
    ]

    assert [422, 404] == [answer.status_code for answer in answers]
