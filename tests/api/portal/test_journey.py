"""The support page of a journey: what it says, draws and offers, wherever the journey stands."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.journey import (
    FACES,
    Actor,
    DataType,
    Delivery,
    EntityStage,
    Event,
    Stage,
    Structure,
)
from domain.reasons import Reason
from domain.roles import Role
from settings import Settings
from store.portal.stays import HANDFUL
from store.tables import CompanyRow, JourneyRow, MoveRow, OrganizationRow
from tests.api.given import NOW
from tests.api.portal.desk import Desk, text_of

S = Stage

PARKED = {"unsent": True, "trouble": Reason.EMAIL_UNDELIVERABLE}
LEFT = {
    "stage": S.SELECTING_SOFTWARE,
    "went_out": True,
    "trouble": Reason.AUTHORIZATION_EXITED,
}
READING = {"stage": S.FETCHING, "finished": True, "went_out": True}
SPEND = {"data_types": [DataType.SPEND_ANALYSIS], "structure": Structure.MULTIPLE}


async def a_journey(desk: Desk, **changes: Any) -> JourneyRow:
    """Write one down that came to its stage just now."""
    since = {"stage_since": datetime.now(UTC)}
    return await desk.given.journey(await desk.given.company(), **since | changes)


async def went(
    desk: Desk, journey: JourneyRow, steps: Sequence[tuple[Stage, int]]
) -> None:
    """Write the moves that led to each stage after so many minutes."""
    await desk.given.written(
        *(
            MoveRow(
                journey_id=journey.id,
                seq=seq,
                run_id="a-run",
                number=seq,
                at=NOW + timedelta(minutes=minutes),
                actor=Actor.CUSTOMER,
                event=Event.OPENED,
                stage=stage,
            )
            for seq, (stage, minutes) in enumerate(steps, start=1)
        )
    )


async def page_of(desk: Desk, journey: JourneyRow, role: Role = Role.SUPPORT) -> Any:
    browser = await desk.at_work(role)
    answer = await browser.get(f"/journeys/{journey.id}")
    assert 200 == answer.status_code, answer.text
    return answer


def offered(page: Any) -> list[str]:
    """Return what the page offers to do, in its order."""
    return [part.split('"')[0] for part in page.text.split('id="mend-')[1:]]


def suggested(page: Any) -> list[str]:
    return [
        each
        for each in offered(page)
        if f'id="mend-{each}" class="mend" open' in page.text
    ]


@pytest.mark.parametrize(
    ("changes", "mends", "best"),
    [
        ({}, ["resend", "link", "extend", "cancel"], []),
        (PARKED, ["resend", "retry", "link", "extend", "cancel"], ["resend"]),
        (LEFT, ["resend", "link", "extend", "cancel"], ["resend"]),
        (
            {**LEFT, "delivery": Delivery.LINK},
            ["link", "extend", "cancel"],
            ["link"],
        ),
        (READING, ["link", "cancel"], []),
        ({**READING, "unbuilt": True, "trouble": Reason.REPORT_FAILED}, ["retry", "link", "cancel"], ["retry"]),
    ],
)  # fmt: skip
async def test_what_is_offered_is_what_is_possible(
    desk: Desk, changes: dict[str, Any], mends: list[str], best: list[str]
) -> None:
    """
    The page offers what can be done now, and first what the reason suggests.
    """
    page = await page_of(desk, await a_journey(desk, **changes))

    assert mends == offered(page)
    assert best == suggested(page)


async def test_a_silent_customer_may_need_a_nudge(desk: Desk) -> None:
    """
    Where a journey is stuck without a reason, sending again is suggested.
    """
    journey = await a_journey(
        desk,
        stage=S.AWAITING_CUSTOMER,
        went_out=True,
        stage_since=datetime.now(UTC) - timedelta(days=9),
    )

    page = await page_of(desk, journey)

    assert ["resend"] == suggested(page)
    assert "Stuck" in text_of(page)


async def test_what_is_over_can_be_requested_again(desk: Desk) -> None:
    """
    An expired request suggests the next one, to who may ask; only from the newest.
    """
    company = await desk.given.company()
    ended = {
        "stage": S.EXPIRED,
        "trouble": Reason.LINK_EXPIRED,
        "went_out": True,
    }
    first = await desk.given.over(company, **ended)
    second = await desk.given.over(company, **ended)

    page = await page_of(desk, second, Role.RELATIONSHIP_MANAGER)

    assert (["request"], ["request"]) == (offered(page), suggested(page))
    assert f"/companies/{company.id}/request?data_types=financials" in page.text
    assert [] == offered(await page_of(desk, first, Role.RELATIONSHIP_MANAGER))
    assert [] == offered(await page_of(desk, second, Role.SUPPORT))
    assert "Nothing: this request is over." in text_of(await page_of(desk, second))


async def test_a_viewer_sees_and_does_nothing(desk: Desk) -> None:
    """
    Who may only look is offered nothing, and is told so.
    """
    page = await page_of(desk, await a_journey(desk, **PARKED), Role.VIEWER)

    assert [] == offered(page)
    assert "nothing that is yours to do" in text_of(page)


async def test_a_legal_entity_can_be_left_out(desk: Desk) -> None:
    """
    Those that are not read yet can be chosen, those that failed first.
    """
    journey = await a_journey(desk, **READING, **SPEND)
    for name, stage, trouble in (
        ("Done", EntityStage.DONE, None),
        ("Reading", EntityStage.FETCHING, None),
        ("Broken", EntityStage.FAILED, Reason.INVALID_DATA),
    ):
        await desk.given.connection(journey, name=name, stage=stage, trouble=trouble)

    page = await page_of(desk, journey)

    options = page.text.split('id="skip-entity"')[1].split("</select>")[0]
    assert options.index("Broken: Data not understood") < options.index("Reading")
    assert "Done" not in options
    assert ["retry"] == suggested(page)
    assert "1 failed, 1 being read, 1 connected" in text_of(page)


async def test_the_picture_shows_the_way(desk: Desk) -> None:
    """
    The way taken, how long it took, where it stands and what is ahead: drawn, and in words.
    """
    journey = await a_journey(
        desk,
        stage=S.SELECTING_SOFTWARE,
        went_out=True,
        stage_since=datetime.now(UTC) - timedelta(days=9),
    )
    steps = [(S.SENDING, 0), (S.AWAITING_CUSTOMER, 1), (S.SELECTING_SOFTWARE, 121)]
    await went(
        desk, journey, [*steps, (S.AUTHORIZING, 122), (S.SELECTING_SOFTWARE, 125)]
    )

    page = await page_of(desk, journey)

    assert 2 == page.text.count('role="img"')
    assert 2 == page.text.count('<g class="node here trouble">')
    assert 2 * 3 == page.text.count('<g class="node past">')
    assert 2 * 4 == page.text.count('class="line taken"')
    assert (
        "Done so far: Sending, Waiting for the customer, Authorizing. "
        "Now: Selecting software (stuck). Ahead: Fetching, Completed."
    ) in text_of(page)
    assert ">2 h</text>" in page.text


@pytest.mark.parametrize("stage", Stage)
async def test_every_stage_is_drawn(desk: Desk, stage: Stage) -> None:
    """
    Wherever a journey stands, its picture marks the stage; nothing in it is styled in place.
    """
    closed_at = NOW if stage in (S.COMPLETED, S.EXPIRED, S.CANCELLED) else None
    journey = await a_journey(desk, stage=stage, closed_at=closed_at)
    await went(desk, journey, [(S.SENDING, 0), (stage, 5)])

    page = await page_of(desk, journey)

    assert 2 == page.text.count('<g class="node here')
    assert f"Now: {FACES[stage].label}" in text_of(page)
    assert "style=" not in page.text


async def test_the_timeline_says_what_is_usual(desk: Desk) -> None:
    """
    Once there is a handful of completed requests, each stage is measured by their median.
    """
    for _ in range(HANDFUL):
        done = await desk.given.over(await desk.given.company())
        await went(desk, done, [(S.SENDING, 0), (S.FETCHING, 120), (S.COMPLETED, 200)])
    journey = await a_journey(desk)
    await went(desk, journey, [(S.SENDING, 0), (S.FETCHING, 4 * 24 * 60)])

    text = text_of(await page_of(desk, journey))

    assert "Sending for 4 d, usually 2 hours" in text
    assert "UTC , usually 2 hours" in text


async def test_a_thousand_legal_entities_are_not_all_shown_at_once(desk: Desk) -> None:
    """
    Those come first that need somebody; all of them are one click away.
    """
    journey = await a_journey(desk, **READING, **SPEND)
    for number in range(35):
        await desk.given.connection(journey, name=f"Done {number:02}")
    await desk.given.connection(
        journey, name="Broken", stage=EntityStage.FAILED, trouble=Reason.NO_DATA
    )
    browser = await desk.at_work(Role.SUPPORT)

    few = await browser.get(f"/journeys/{journey.id}")
    every = await browser.get(f"/journeys/{journey.id}?entities=all")

    assert "Broken" in text_of(few)
    assert "These 30 need most. Show all 36" in text_of(few)
    assert "Done 34" not in text_of(few)
    assert "Done 34" in text_of(every)
    assert "changes?entities=all" in every.text


async def test_without_a_temporal_ui_nothing_links_to_it(
    desk: Desk, settings: Settings
) -> None:
    """
    An installation that does not say where Temporal's UI is shows no dead link.
    """
    nowhere = settings.model_copy(update={"temporal_ui_url": None})
    desk.app.state.settings = nowhere

    page = await page_of(desk, await a_journey(desk))

    assert "Temporal UI" not in text_of(page)


async def test_a_feature_that_is_off_is_not_offered(desk: Desk) -> None:
    """
    Where links are not passed on, the page has no link to show.
    """
    async with desk.database.transaction() as session:
        bank = await session.get_one(OrganizationRow, desk.bank.id)
        bank.features = {**bank.features, "copy_link": False}
        session.add(bank)

    assert "link" not in offered(await page_of(desk, await a_journey(desk)))


async def test_nothing_that_is_shown_is_taken_for_markup(desk: Desk) -> None:
    """
    Names and details are text, whatever is in them, and however long.
    """
    name = "<script>alert(1)</script>" + "Ω" * 75
    company: CompanyRow = await desk.given.company(name=name)
    journey = await desk.given.journey(company, **READING, **SPEND)
    await desk.given.connection(
        journey,
        name="<img src=x>",
        stage=EntityStage.FAILED,
        trouble=Reason.INTERNAL,
        detail="<b>why</b>",
    )

    page = await page_of(desk, journey)

    for markup in ("<script>alert", "<img src=x>", "<b>why"):
        assert markup not in page.text
        assert markup in text_of(page) or markup == "<script>alert"
