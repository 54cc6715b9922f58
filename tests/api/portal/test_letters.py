"""The emails of a journey, as they were."""

from typing import Any

import pytest

from domain.emails import HIDDEN, Template
from domain.reasons import Reason
from domain.roles import Role
from store.states import EmailState
from store.tables import EmailRow, JourneyRow, LetterRow
from tests.api.given import NOW
from tests.api.portal.desk import Desk, text_of


async def an_email(
    desk: Desk, journey: JourneyRow, state: EmailState, number: int = 1
) -> str:
    """Write one down that was handed over, and return its page."""
    key: dict[str, Any] = {
        "journey_id": journey.id,
        "template": Template.REQUEST,
        "number": number,
    }
    failed = state is EmailState.FAILED
    await desk.given.written(
        EmailRow(
            **key,
            state=state,
            to="ada@hoxton.test",
            reason=Reason.EMAIL_UNDELIVERABLE if failed else None,
            at=NOW,
        ),
        LetterRow(
            **key,
            to_name="Ada <b>",
            subject="Please <i>share</i>",
            html=f"<p>As it was</p><a href='http://x/link/{HIDDEN}'>Go</a>",
            text=f"As it was\n\nhttp://x/link/{HIDDEN}\n",
        ),
    )
    return f"/journeys/{journey.id}/emails/request/{number}"


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (EmailState.SENT, "Sent"),
        (EmailState.HANDING_OVER, "Sent, unconfirmed"),
        (EmailState.FAILED, "Failed"),
    ],
)
async def test_an_email_can_be_seen_as_it_was(
    desk: Desk, state: EmailState, words: str
) -> None:
    """
    Its page has whom it went to, what came of it, how it looked, and its plain text.
    """
    journey = await desk.given.journey(await desk.given.company())
    address = await an_email(desk, journey, state)
    browser = await desk.at_work(Role.VIEWER)

    listed = await browser.get(f"/journeys/{journey.id}")
    page = await browser.get(address)

    assert f'href="{address}"' in listed.text
    for each in (listed, page):
        assert words in text_of(each)
        assert "Please <i>share</i>" in text_of(each)
    assert "ada@hoxton.test" in text_of(page)
    assert f"http://x/link/{HIDDEN}" in text_of(page)
    assert f'src="{address}/html" sandbox' in page.text


async def test_nothing_in_a_letter_can_act(desk: Desk) -> None:
    """
    What the customer got is shown in a frame that runs nothing and loads nothing.
    """
    journey = await desk.given.journey(await desk.given.company())
    address = await an_email(desk, journey, EmailState.SENT)
    browser = await desk.at_work(Role.VIEWER)

    frame = await browser.get(f"{address}/html")

    policy = frame.headers["content-security-policy"]
    assert policy.startswith("sandbox; default-src 'none'")
    assert "frame-ancestors 'self'" in policy
    assert "As it was" in frame.text


async def test_an_email_that_never_left_has_no_page(desk: Desk) -> None:
    """
    What was only reserved is told, and has nothing to show.
    """
    journey = await desk.given.journey(await desk.given.company())
    row = EmailRow(
        journey_id=journey.id,
        template=Template.REQUEST,
        number=1,
        state=EmailState.RESERVED,
        at=NOW,
    )
    await desk.given.written(row)
    browser = await desk.at_work(Role.VIEWER)

    listed = await browser.get(f"/journeys/{journey.id}")
    page = await browser.get(f"/journeys/{journey.id}/emails/request/1")

    assert "Waiting to be sent" in text_of(listed)
    assert f"/journeys/{journey.id}/emails" not in listed.text
    assert 404 == page.status_code
