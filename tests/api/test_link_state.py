from typing import Any, Final

import pytest

from domain.consent import CONSENT_VERSION
from domain.journey import CLOSED, EntityStage, Stage, Structure
from domain.reasons import NOTICES, Reason
from store.tables import JourneyRow, OrganizationRow
from tests.api.conftest import SOFTWARE
from tests.api.given import Given
from tests.api.live import Office, ShutOffice

AT_HAND: Final = "cn_at_hand"
WITH_ENTITY: Final = (Stage.SELECTING_SOFTWARE, Stage.AUTHORIZING)
SHOWN: Final = [stage for stage in Stage if stage not in {Stage.EXPIRED, Stage.CANCELLED}]  # fmt: skip
SELECTED: Final = {
    "software": [{"key": each.key, "name": each.name} for each in SOFTWARE]
}
AGREED: Final = {
    "consent": {
        "version": CONSENT_VERSION,
        "text": "You allow Meridian Bank to read the data listed here from Ledgerly. "
        "Nothing can be changed there, no money can be moved, and nothing else is read. "
        "You can take this back at any time in Ledgerly.",
        "items": [
            "Company details",
            "Chart of accounts with balances",
            "Profit and loss by month",
            "Balance sheet by month",
        ],
    }
}
ONLY_IN: Final[dict[Stage, dict[str, Any]]] = {
    Stage.SELECTING_SOFTWARE: SELECTED,
    Stage.AUTHORIZING: AGREED,
}


async def journey_in(given: Given, stage: Stage, **changes: Any) -> JourneyRow:
    """A journey with one legal entity, at hand where the stage is about one."""
    company = await given.company(name="Hoxton Tea")
    closed_at = company.created_at if stage in CLOSED else None
    focus = AT_HAND if stage in WITH_ENTITY else None
    row = await given.journey(
        company, **{"stage": stage, "closed_at": closed_at, "focus": focus, **changes}
    )
    await given.connection(row, id=AT_HAND, stage=EntityStage.AUTHORIZING)
    return row


async def look(shut: ShutOffice, journey: JourneyRow) -> Any:
    answer = await shut.seen(journey)
    assert 200 == answer.status_code, answer.text
    return answer.json()


@pytest.mark.parametrize("stage", SHOWN)
async def test_a_link_shows_where_the_customer_is(
    shut: ShutOffice, stage: Stage
) -> None:
    """
    LinkState has the same fields in every stage; software comes when selecting,
    the consent when authorizing, the way to the software in no GET.
    """
    row = await journey_in(shut.given, stage)

    state = await look(shut, row)

    allowed = state.pop("allowed")
    entity = {
        "id": AT_HAND,
        "name": "Hoxton Tea",
        "stage": "authorizing",
        "software": "ledgerly",
        "reason": None,
    }
    at_hand = {name: entity[name] for name in ("id", "name", "software")}
    assert state == {
        "journey_id": row.id,
        "organization": {"name": "Meridian Bank", "logo_url": None, "colour": "#1f4e79"},
        "company": {"name": "Hoxton Tea"},
        "data_types": ["financials"],
        "structure": "single",
        "stage": stage,
        "entity": at_hand if stage in WITH_ENTITY else None,
        "entities": [entity],
        "software": None,
        "consent": None,
        "message": None,
        **ONLY_IN.get(stage, {}),
    }  # fmt: skip
    assert (stage not in CLOSED) is bool(allowed)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"stage": Stage.AWAITING_CUSTOMER}, None),
        ({"stage": Stage.SENDING, "trouble": Reason.EMAIL_UNDELIVERABLE}, "email_undeliverable"),
        ({"stage": Stage.AUTHORIZING, "trouble": Reason.AUTHORIZATION_EXITED}, "authorization_exited"),
        ({"stage": Stage.SELECTING_SOFTWARE, "trouble": Reason.AUTHORIZATION_DECLINED}, "authorization_declined"),
        ({"stage": Stage.SELECTING_SOFTWARE, "trouble": Reason.AUTHORIZATION_ABANDONED}, "authorization_abandoned"),
    ],
)  # fmt: skip
async def test_the_customer_reads_what_went_wrong_last(
    shut: ShutOffice,
    changes: dict[str, Any],
    reason: str | None,
) -> None:
    """
    After leaving, a no and a failure there is a message, in words for customers.
    """
    row = await journey_in(shut.given, **changes)

    message = (await look(shut, row))["message"]

    assert message == (
        reason and {"code": reason, "text": NOTICES[Reason(reason)].customer}
    )


@pytest.mark.parametrize(
    ("stage", "finished", "shown"),
    [
        (Stage.SELECTING_SOFTWARE, True, "no_data"),
        (Stage.FETCHING, True, "no_data"),
        (Stage.REVIEWING_ENTITIES, False, None),
        (Stage.COMPLETED, True, None),
    ],
)
async def test_a_failed_legal_entity_is_told_where_it_matters(
    shut: ShutOffice,
    stage: Stage,
    finished: bool,  # noqa: FBT001 a column of the table
    shown: str | None,
) -> None:
    """
    What failed is at the entity always, and the message where it is at hand or holds up the end.
    """
    row = await journey_in(
        shut.given, stage, finished=finished, structure=Structure.MULTIPLE
    )
    await shut.given.connection(
        row, id="cn_failed", stage=EntityStage.FAILED, trouble=Reason.NO_DATA
    )
    if row.focus is not None:
        row.focus = "cn_failed"
        await shut.given.written(row)

    state = await look(shut, row)

    assert ["no_data", None] == [
        each["reason"]
        for each in sorted(state["entities"], key=lambda each: str(each["reason"]), reverse=True)
    ]  # fmt: skip
    assert shown == (state["message"] and state["message"]["code"])


async def test_a_customer_is_not_asked_about_what_was_left_out(
    shut: ShutOffice,
) -> None:
    """
    Why it failed is the bank's business, which went on without it.
    """
    row = await journey_in(
        shut.given, Stage.FETCHING, structure=Structure.MULTIPLE, finished=True
    )
    await shut.given.connection(
        row, id="cn_left", stage=EntityStage.SKIPPED, trouble=Reason.NO_DATA
    )

    shown = {each["id"]: each for each in (await look(shut, row))["entities"]}

    assert ("skipped", None) == (shown["cn_left"]["stage"], shown["cn_left"]["reason"])


async def test_what_a_bank_does_not_offer_is_not_there(shut: ShutOffice) -> None:
    """
    Only software that the organization allows can be picked; what was picked before keeps its name.
    """
    selecting = await journey_in(shut.given, Stage.SELECTING_SOFTWARE)
    async with shut.given.database.transaction() as session:
        bank = await session.get_one(OrganizationRow, shut.given.organization_id)
        bank.software = ["sumline"]

    picked = (await look(shut, selecting))["software"]
    selecting.stage = Stage.AUTHORIZING
    await shut.given.written(selecting)
    agreed = (await look(shut, selecting))["consent"]

    assert [{"key": "sumline", "name": "Sumline"}] == picked
    assert agreed == AGREED["consent"]


async def test_looking_moves_nothing(office: Office) -> None:
    """
    Mail scanners follow links: looking at a link and its page leaves every table as it is.
    """
    customer = await office.asks()
    before = await office.given.everything()

    answers = [
        await office.door.get(f"/v1/link/{customer.token}"),
        await office.door.get(f"/link/{customer.token}"),
        await office.door.head(f"/link/{customer.token}"),
        await office.door.get("/link/return/sandbox?state=guessed&code=1"),
    ]

    assert [200, 200, 200, 404] == [answer.status_code for answer in answers]
    assert before == await office.given.everything()
