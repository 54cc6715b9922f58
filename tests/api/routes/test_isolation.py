from typing import Any

import httpx
import pytest

from tests.api.given import ASKED, COMPANY, Bank, Given

NEVER = "01" + "z" * 24

ADDRESSES = [
    ("GET", "/v1/companies/{company}", None),
    ("PATCH", "/v1/companies/{company}", {"name": "Ours now"}),
    ("GET", "/v1/companies?parent_id={company}", None),
    ("GET", "/v1/companies/{company}/email-preview?data_types=financials", None),
    ("POST", "/v1/companies/{company}/journeys", ASKED),
    ("POST", "/v1/companies/{company}/refresh", None),
    ("GET", "/v1/companies/{company}/syncs", None),
    ("GET", "/v1/companies/{company}/connections", None),
    ("GET", "/v1/journeys?company_id={company}", None),
    ("GET", "/v1/journeys/{journey}", None),
    ("GET", "/v1/journeys/{journey}/timeline", None),
    ("POST", "/v1/journeys/{journey}/resend", None),
    ("POST", "/v1/journeys/{journey}/link", None),
    ("POST", "/v1/journeys/{journey}/cancel", {"reason": "Ours now"}),
    ("POST", "/v1/journeys/{journey}/extend", {"days": 1}),
    ("POST", "/v1/journeys/{journey}/retry", None),
    ("POST", "/v1/journeys/{journey}/skip", {"entity_id": "cn_1", "reason": "Ours now"}),
    ("GET", "/v1/syncs/{sync}", None),
    ("DELETE", "/v1/connections/{connection}", None),
    ("DELETE", "/v1/companies/{company}", None),
]  # fmt: skip


@pytest.mark.parametrize(("method", "address", "body"), ADDRESSES)
async def test_what_belongs_to_another_bank_does_not_exist(
    api: httpx.AsyncClient,
    other_bank: Bank,
    method: str,
    address: str,
    body: dict[str, Any] | None,
) -> None:
    """
    Another organization's id is 404, as is one that was never given or can't be one.
    """
    theirs = other_bank.given
    company = await theirs.company()
    journey = await theirs.journey(company)
    ids = {
        "company": company.id,
        "journey": journey.id,
        "connection": (await theirs.connection(journey)).id,
        "sync": (await theirs.sync(company)).id,
    }
    never = {name: f"{each[:3]}{NEVER}" for name, each in ids.items()}
    malformed = dict.fromkeys(ids, "x%00x")
    before = await theirs.everything()

    answers = [
        await api.request(method, address.format(**each), json=body)
        for each in (ids, never, malformed)
    ]

    assert [404] * 3 == [answer.status_code for answer in answers]
    assert {"not_found"} == {answer.json()["code"] for answer in answers}
    assert before == await theirs.everything()


async def test_lists_show_what_is_ours(
    api: httpx.AsyncClient, given: Given, other_bank: Bank
) -> None:
    """
    No list and no search finds anything of another organization.
    """
    await given.journey(await given.company(name="Ours"))
    await other_bank.given.journey(await other_bank.given.company(name="Theirs"))

    companies = (await api.get("/v1/companies")).json()["items"]
    found = (await api.get("/v1/companies?q=theirs")).json()["items"]
    journeys = (await api.get("/v1/journeys")).json()["items"]

    assert ["Ours"] == [each["name"] for each in companies]
    assert [] == found
    assert [companies[0]["id"]] == [each["company_id"] for each in journeys]


async def test_keys_of_idempotency_are_a_bank_s_own(
    api: httpx.AsyncClient, other_bank: Bank
) -> None:
    """
    Two banks may choose the same key; each gets its own company.
    """
    key = {"Idempotency-Key": "1"}

    ours = await api.post("/v1/companies", json=COMPANY, headers=key)
    theirs = await api.post(
        "/v1/companies",
        json=COMPANY,
        headers={**key, "Authorization": f"Bearer {other_bank.key}"},
    )

    assert (201, 201) == (ours.status_code, theirs.status_code)
    assert ours.json()["id"] != theirs.json()["id"]
