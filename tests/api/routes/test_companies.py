from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from domain.journey import DataType, Delivery, Stage, Status
from domain.messages import SyncState, Trigger
from domain.reasons import NOTICES, Reason
from tests.api.conftest import calling
from tests.api.given import COMPANY, CONTACT, NOW, Bank, Given

NAMES = ["Hoxton Tea", "Börse & Söhne", "Tea <b>Time</b>", "תה הוקסטון", "🫖 Tea"]


async def names(api: httpx.AsyncClient, query: str) -> list[str]:
    answer = await api.get(f"/v1/companies?{query}")
    assert 200 == answer.status_code, answer.text
    return [item["name"] for item in answer.json()["items"]]


async def test_a_new_client_has_no_status(api: httpx.AsyncClient) -> None:
    """
    A company that was just added can be read at once, and nothing was requested from it.
    """
    sent = {
        **COMPANY,
        "users": ["Sam@bank.test"],
        "external_id": "CRM-7",
        "description": "Tea",
    }

    answer = await api.post("/v1/companies", json=sent)
    made = answer.json()

    assert 201 == answer.status_code
    assert {**sent, "users": ["sam@bank.test"]} == {name: made[name] for name in sent}
    assert made["id"].startswith("co_")
    for name in (
        "parent_id",
        "status",
        "reason",
        "status_at",
        "last_available_at",
        "journey_id",
    ):
        assert made[name] is None
    assert ([], False) == (made["data_types"], made["refreshing"])
    assert made == (await api.get(f"/v1/companies/{made['id']}")).json()


@pytest.mark.parametrize("name", NAMES)
async def test_a_name_comes_back_as_it_was_typed(
    api: httpx.AsyncClient, name: str
) -> None:
    """
    Pictures, right-to-left text and HTML are kept as they are: a page escapes them.
    """
    made = (await api.post("/v1/companies", json={**COMPANY, "name": name})).json()

    assert name == made["name"]


@pytest.mark.parametrize(
    "changed",
    [
        {"name": ""},
        {"name": "x" * 10_000},
        {"name": None},
        {"name": "a\x00b"},
        {"nmae": "x"},
        {"status": "Available"},
        {"contact": None},
        {"contact": {"name": "Ada"}},
        {"contact": {**CONTACT, "email": "ada"}},
        {"contact": {**CONTACT, "name": "x" * 129}},
        {"contact": {**CONTACT, "phone": "1"}},
        {"description": "x" * 201},
        {"users": ["nobody"]},
        {"users": "sam@bank.test"},
        {"external_id": ""},
    ],
)
async def test_a_company_that_can_not_be_is_refused(
    api: httpx.AsyncClient, given: Given, changed: dict[str, Any]
) -> None:
    """
    Each wrong or unknown field is 422, adding a company or editing one, and changes nothing.
    """
    company = await given.company()
    before = await given.everything()

    added = await api.post("/v1/companies", json={**COMPANY, **changed})
    edited = await api.patch(f"/v1/companies/{company.id}", json=changed)

    assert 422 == added.status_code
    assert 422 == edited.status_code or changed == {"contact": {"name": "Ada"}}
    assert before == await given.everything() or edited.status_code == 200


async def test_an_edit_changes_what_is_given(
    api: httpx.AsyncClient, given: Given
) -> None:
    """
    PATCH leaves out what it does not name: a contact may be given in part, users as a whole.
    """
    company = await given.company(
        users=["a@bank.test", "b@bank.test"], description="Tea"
    )
    url = f"/v1/companies/{company.id}"

    await api.patch(
        url, json={"contact": {"email": "new@hoxton.test"}, "description": None}
    )
    edited = (await api.patch(url, json={"users": ["c@bank.test"]})).json()

    assert {"name": CONTACT["name"], "email": "new@hoxton.test"} == edited["contact"]
    assert (company.name, None) == (edited["name"], edited["description"])
    assert ["c@bank.test"] == edited["users"]
    assert edited["updated_at"] > edited["created_at"]


async def test_an_empty_edit_changes_nothing(
    api: httpx.AsyncClient, given: Given
) -> None:
    """
    A PATCH that names nothing is no edit.
    """
    company = await given.company()
    before = await given.everything()

    answer = await api.patch(f"/v1/companies/{company.id}", json={})

    assert 200 == answer.status_code
    assert before == await given.everything()


async def test_a_renamed_company_is_found_by_its_new_name_only(
    api: httpx.AsyncClient, given: Given
) -> None:
    """
    What people search for is what they see.
    """
    company = await given.company(name="Hoxton Tea")

    await api.patch(f"/v1/companies/{company.id}", json={"name": "Shoreditch Coffee"})

    assert ["Shoreditch Coffee"] == await names(api, "q=shore cof")
    assert [] == await names(api, "q=tea")


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("hoxton", True),
        ("HOX te", True),
        ("tea hoxton", True),
        ("oxton", False),
        ("hoxton coffee", False),
        ("cafe", True),
        ("café", True),
        ("strasse", True),
        ("okafor", True),
        ("ada@hoxton.test", True),
        ("CRM-20", True),
        ("20418", True),
        ("🫖", True),
        ("%", False),
        ("' or 1=1 --", False),
        ("\x00", False),
    ],
)
async def test_a_search_finds_beginnings_of_words(
    api: httpx.AsyncClient,
    given: Given,
    q: str,
    found: bool,  # noqa: FBT001
) -> None:
    """
    Every word has to begin a word of name, contact or external id, spelled roughly.
    """
    await given.company(name="Hoxton Tea Café 🫖 Straße", external_id="CRM-20418")

    answer = await api.get("/v1/companies", params={"q": q})

    assert found == bool(answer.json()["items"])


async def test_legal_entities_show_only_when_asked_for(
    api: httpx.AsyncClient, given: Given
) -> None:
    """
    The list is of clients; a legal entity is found by name, or below its client.
    """
    client = await given.company(name="Hoxton Group")
    await given.company(name="Hoxton Retail", parent_id=client.id)

    assert ["Hoxton Group"] == await names(api, "")
    assert ["Hoxton Group"] == await names(api, "q= ")
    assert ["Hoxton Retail"] == await names(api, f"parent_id={client.id}")
    assert ["Hoxton Group", "Hoxton Retail"] == await names(api, "q=hox")
    assert [] == await names(api, f"parent_id={client.id}&q=group")


async def test_filters_ask_all_at_once(api: httpx.AsyncClient, given: Given) -> None:
    """
    Status and reason are the company's; stage and stuck are its newest journey's.
    """
    long_ago = NOW - timedelta(days=400)
    calm = await given.company(
        name="Calm", status=Status.REQUESTED, users=["sam@bank.test"]
    )
    await given.journey(calm, stuck_after=NOW + timedelta(days=40_000))
    stuck = await given.company(
        name="Stuck",
        status=Status.ERROR,
        reason=Reason.LINK_EXPIRED,
        users=["zoe@bank.test"],
    )
    await given.over(stuck)
    await given.journey(stuck, stage=Stage.AUTHORIZING, stuck_after=long_ago)
    await given.company(name="New")

    assert ["Calm"] == await names(api, "status=Requested")
    assert ["Stuck"] == await names(api, "reason=link_expired")
    assert ["Stuck"] == await names(api, "stage=authorizing")
    assert [] == await names(api, "stage=completed")
    assert ["Stuck"] == await names(api, "stuck=true")
    assert ["Calm", "New"] == await names(api, "stuck=false")
    assert ["Calm"] == await names(api, "user=SAM@bank.test")
    assert ["Stuck"] == await names(
        api, "status=Error&stage=authorizing&stuck=true&q=stu"
    )
    assert [] == await names(api, "status=Error&user=sam@bank.test")


@pytest.mark.parametrize(
    "query",
    ["status=Done", "reason=x", "stage=x", "stuck=maybe", "sort=id", "sort=--name",
     "statsu=Error", "limit=0", "limit=201", "limit=x", "q=" + "x" * 201],
)  # fmt: skip
async def test_a_filter_that_is_not_known_is_refused(
    api: httpx.AsyncClient, query: str
) -> None:
    """
    A misspelt filter must not look like an answer.
    """
    answer = await api.get(f"/v1/companies?{query}")

    assert (422, "invalid_request") == (answer.status_code, answer.json()["code"])


@pytest.mark.parametrize(
    ("sort", "ordered"),
    [
        ("created_at", "BCAD"),
        ("-created_at", "DACB"),
        ("name", "ABCD"),
        ("-name", "DCBA"),
        ("status_at", "CABD"),
        ("-status_at", "ACBD"),
    ],
)
@pytest.mark.parametrize("limit", [1, 3, 4])
async def test_pages_follow_each_other_in_every_order(
    api: httpx.AsyncClient, given: Given, sort: str, ordered: str, limit: int
) -> None:
    """
    Whatever the order and the size of a page, every company comes once; no status comes last.
    """
    await given.company(name="B")
    await given.company(name="C", status_at=NOW)
    await given.company(name="A", status_at=NOW + timedelta(hours=1))
    await given.company(name="D")
    query, found = {"sort": sort, "limit": str(limit)}, ""

    while True:
        page = (await api.get("/v1/companies", params=query)).json()
        found += "".join(item["name"] for item in page["items"])
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]

    backwards = sort == "-status_at"
    assert (ordered[:2] + ordered[:1:-1] if backwards else ordered) == found


async def test_a_cursor_belongs_to_its_list(
    api: httpx.AsyncClient, app: FastAPI, given: Given, other_bank: Bank
) -> None:
    """
    A cursor that was edited, or that another list or bank was given, is 422 and shows nothing.
    """
    for name in "abc":
        await given.company(name=name)
    cursor = (await api.get("/v1/companies?limit=1")).json()["next_cursor"]
    edited = [
        "x",
        ".",
        cursor[:-1],
        cursor + "0",
        "A" + cursor[1:],
        cursor.upper(),
        "é.é",
    ]

    async with calling(app, other_bank.key) as stranger:
        answers = [
            *[
                await api.get("/v1/companies", params={"cursor": each})
                for each in edited
            ],
            await api.get("/v1/companies", params={"cursor": cursor, "sort": "name"}),
            await api.get("/v1/companies", params={"cursor": cursor, "q": "a"}),
            await api.get("/v1/journeys", params={"cursor": cursor}),
            await stranger.get("/v1/companies", params={"cursor": cursor}),
        ]

    assert {(422, "invalid_cursor")} == {
        (each.status_code, each.json()["code"]) for each in answers
    }


async def test_what_is_asked_of_a_company_adds_up(
    api: httpx.AsyncClient, given: Given
) -> None:
    """
    `data_types` is what was ever requested, but for cancelled journeys; `refreshing` a refresh that runs.
    """
    client = await given.company()
    entity = await given.company(parent_id=client.id)
    spend = await given.over(client, data_types=[DataType.SPEND_ANALYSIS])
    await given.connection(spend, company_id=entity.id)
    await given.over(client, data_types=[DataType.FINANCIALS], stage=Stage.CANCELLED)
    await given.sync(client, trigger=Trigger.JOURNEY, state=SyncState.RUNNING)
    await given.sync(entity, state=SyncState.RUNNING)

    of_client = (await api.get(f"/v1/companies/{client.id}")).json()
    of_entity = (await api.get(f"/v1/companies/{entity.id}")).json()

    assert (["spend_analysis"], False) == (
        of_client["data_types"],
        of_client["refreshing"],
    )
    assert (["spend_analysis"], True) == (
        of_entity["data_types"],
        of_entity["refreshing"],
    )


@pytest.mark.parametrize(
    ("reason", "delivery", "stage", "action"),
    [
        (
            Reason.AUTHORIZATION_DECLINED,
            Delivery.EMAIL,
            Stage.SELECTING_SOFTWARE,
            "resend",
        ),
        (
            Reason.AUTHORIZATION_DECLINED,
            Delivery.LINK,
            Stage.SELECTING_SOFTWARE,
            "fresh_link",
        ),
        (Reason.LINK_EXPIRED, Delivery.EMAIL, Stage.EXPIRED, "request_again"),
        (Reason.ACCESS_REVOKED, Delivery.EMAIL, Stage.COMPLETED, "request_again"),
        (Reason.PROVIDER_UNAVAILABLE, Delivery.EMAIL, Stage.FETCHING, "wait"),
        (Reason.INTERNAL, Delivery.EMAIL, Stage.FETCHING, "contact_operator"),
    ],
)
async def test_an_error_says_why_and_what_to_do(  # noqa: PLR0913, PLR0917 (a row of the table)
    api: httpx.AsyncClient,
    given: Given,
    reason: Reason,
    delivery: Delivery,
    stage: Stage,
    action: str,
) -> None:
    """
    A reason comes with a sentence, who can act, and what the bank can do now.
    """
    company = await given.company(
        status=Status.ERROR, reason=reason, reason_detail="In row 7."
    )
    closed_at = NOW if stage in (Stage.EXPIRED, Stage.COMPLETED) else None
    await given.journey(company, delivery=delivery, stage=stage, closed_at=closed_at)

    shown = (await api.get(f"/v1/companies/{company.id}")).json()["reason"]

    assert {
        "code": reason,
        "message": f"{NOTICES[reason].bank} In row 7.",
        "who": NOTICES[reason].who,
        "retryable": NOTICES[reason].retryable,
        "action": action,
    } == shown


async def test_a_legal_entity_is_mended_through_the_journey_that_it_belongs_to(
    api: httpx.AsyncClient, given: Given
) -> None:
    """
    While that is open its customer can still act, alone and in a list; once it is over, no more.
    """
    client = await given.company()
    failed = {"status": Status.ERROR, "reason": Reason.ACCESS_REVOKED}
    here, before = [
        await given.company(parent_id=client.id, **failed) for _ in range(2)
    ]
    over = await given.over(client)
    await given.connection(over, company_id=before.id)
    await given.connection(over, company_id=here.id)
    still_open = await given.journey(client, delivery=Delivery.LINK)
    await given.connection(still_open, company_id=here.id)

    one = (await api.get(f"/v1/companies/{here.id}")).json()
    listed = (await api.get(f"/v1/companies?parent_id={client.id}")).json()["items"]

    actions = {each["id"]: each["reason"]["action"] for each in listed}
    assert "fresh_link" == one["reason"]["action"]
    assert {here.id: "fresh_link", before.id: "request_again"} == actions


async def test_a_preview_is_the_email_and_sends_none(
    api: httpx.AsyncClient, given: Given
) -> None:
    """
    The preview is made by what makes the email, in both forms, and changes nothing.
    """
    company = await given.company(name="Hoxton <Tea>")
    before = await given.everything()
    url = f"/v1/companies/{company.id}/email-preview"

    answer = await api.get(f"{url}?data_types=financials&data_types=spend_analysis")
    preview = answer.json()

    assert CONTACT["email"] == preview["to"]
    assert "Meridian Bank" in preview["subject"]
    assert "Hoxton &lt;Tea&gt;" in preview["html"]
    assert "http://rapport.test/link/preview" in preview["text"].splitlines()
    assert 404 == (await api.get("/v1/link/preview")).status_code
    assert before == await given.everything()


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("", "invalid_request"),
        ("data_types=payroll", "invalid_request"),
        ("data_types=financials&data_types=financials", "invalid_request"),
        ("data_types=financials&to=x", "invalid_request"),
    ],
)
async def test_a_preview_of_nothing_is_refused(
    api: httpx.AsyncClient, given: Given, query: str, code: str
) -> None:
    """
    A preview asks for one or two data types, as the request does.
    """
    company = await given.company()

    answer = await api.get(f"/v1/companies/{company.id}/email-preview?{query}")

    assert (422, code) == (answer.status_code, answer.json()["code"])


async def test_a_legal_entity_gets_no_email(
    api: httpx.AsyncClient, given: Given
) -> None:
    """
    Only a client is asked: a legal entity has no email to preview.
    """
    entity = await given.company(parent_id=(await given.company()).id)

    answer = await api.get(
        f"/v1/companies/{entity.id}/email-preview?data_types=financials"
    )

    assert (409, "legal_entity") == (answer.status_code, answer.json()["code"])
