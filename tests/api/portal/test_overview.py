"""The overview: numbers, charts, and where each number leads."""

from datetime import UTC, datetime, timedelta

import pytest

from api.portal.overview import STEPS, WHOSE, brief
from domain.journey import Actor, Event, Stage, Status, Structure
from domain.milestones import Milestone
from domain.reasons import Reason, Who
from domain.roles import Role
from store.tables import MoveRow
from tests.api.portal.desk import Desk, text_of


def test_every_step_and_every_party_has_words() -> None:
    """
    A milestone or a party that is added gets its words here.
    """
    assert set(Milestone) == set(STEPS)
    assert set(Who) == set(WHOSE)


async def given_requests(desk: Desk) -> None:
    """One request came to the end, one waits, and one company is in Error."""
    now = datetime.now(UTC)
    done = await desk.given.company(status=Status.AVAILABLE)
    over = await desk.given.over(
        done, created_at=now, reached=Milestone.AVAILABLE, structure=Structure.MULTIPLE
    )
    waiting = await desk.given.company(status=Status.ERROR, reason=Reason.NO_DATA)
    await desk.given.journey(
        waiting, created_at=now - timedelta(days=60), stage=Stage.AWAITING_CUSTOMER
    )
    stays = ((Stage.SENDING, 0), (Stage.AWAITING_CUSTOMER, 90), (Stage.FETCHING, 5490))
    await desk.given.written(
        *(
            MoveRow(
                journey_id=over.id,
                seq=seq,
                run_id="run",
                number=seq,
                at=now + timedelta(seconds=seconds),
                actor=Actor.RAPPORT,
                event=Event.REQUEST_SENT,
                stage=stage,
            )
            for seq, (stage, seconds) in enumerate(stays, 1)
        )
    )


async def test_each_number_stands_beside_its_bar(desk: Desk) -> None:
    """
    And leads to the list of what it counts, where there is one.
    """
    await given_requests(desk)
    browser = await desk.at_work(Role.VIEWER)

    page = await browser.get("/overview")

    text = text_of(page)
    for words in (
        "2 requests made since",
        "Requested 2 100 % 1 1 0 Opened 1 50 % 0 1 0",
        "Available 1 50 % 0 1 0",
        "Sending 1.5 min 1.5 min 0",
        "Waiting for the customer 1.5 h 1.5 h 1",
        "As it is now, 2 companies.",
        "Available 1 Requested 0 Error 1 Nothing requested 0",
        "No data in the books The customer can act 1",
    ):
        assert words in text
    for query in (
        "status=Error&amp;user=all",
        "reason=no_data&amp;user=all",
        "stage=awaiting_customer&amp;user=all",
    ):
        assert f'<a href="/?{query}">1</a>' in page.text
    assert "<style" not in page.text
    assert "style=" not in page.text


@pytest.mark.parametrize(("days", "requests"), [(30, 1), (90, 2), (365, 2)])
async def test_a_period_is_in_the_address(desk: Desk, days: int, requests: int) -> None:
    """
    What was requested before it is not counted.
    """
    await given_requests(desk)
    browser = await desk.at_work(Role.VIEWER)

    page = await browser.get(f"/overview?days={days}")

    assert f"{requests} request" in text_of(page)
    assert f'<a href="/overview?days={days}" aria-current="true">' in page.text


@pytest.mark.parametrize("days", ["7", "many", ""])
async def test_there_is_no_other_period(desk: Desk, days: str) -> None:
    """
    An address that names another one leads nowhere.
    """
    browser = await desk.at_work(Role.VIEWER)

    assert 422 == (await browser.get(f"/overview?days={days}")).status_code


async def test_a_new_bank_is_told_what_will_be_here(desk: Desk) -> None:
    """
    Empty charts say so in a sentence each.
    """
    browser = await desk.at_work(Role.VIEWER)

    text = text_of(await browser.get("/overview"))

    for words in (
        "No request was made in this time.",
        "Nothing has happened yet that could be measured.",
        "There is no company yet.",
        "No company is in Error.",
    ):
        assert words in text


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.4, "under 1 s"),
        (1, "1.0 s"),
        (42, "42 s"),
        (90, "1.5 min"),
        (3 * 3600, "3.0 h"),
        (26 * 86_400, "26 d"),
    ],
)
def test_a_duration_is_told_in_one_unit(seconds: float, said: str) -> None:
    """
    The largest that fits, with a tenth where it matters.
    """
    assert said == brief(timedelta(seconds=seconds))
