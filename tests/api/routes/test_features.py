import httpx
import pytest

from domain.journey import Structure
from tests.api.given import BY_LINK, Given

SPEND = {"data_types": ["spend_analysis"], "delivery": "email"}


async def switched_off(api: httpx.AsyncClient, feature: str) -> None:
    answer = await api.patch("/v1/organization", json={"features": {feature: False}})
    assert 200 == answer.status_code


async def test_a_bank_that_copies_no_links_is_given_none(
    api: httpx.AsyncClient, given: Given
) -> None:
    """
    With `copy_link` switched off a journey can't be delivered by link, and none is made.
    """
    company = await given.company()
    await switched_off(api, "copy_link")

    answer = await api.post(f"/v1/companies/{company.id}/journeys", json=BY_LINK)

    assert (409, "feature_disabled") == (answer.status_code, answer.json()["code"])
    assert [] == (await api.get("/v1/journeys")).json()["items"]


@pytest.mark.parametrize(
    ("several", "structure"), [(True, None), (False, Structure.SINGLE)]
)
async def test_only_a_bank_that_wants_them_asks_for_several_legal_entities(
    api: httpx.AsyncClient, given: Given, *, several: bool, structure: Structure | None
) -> None:
    """
    With `multi_entity` switched off even spend analysis alone is about one legal entity.
    """
    company = await given.company()
    if not several:
        await switched_off(api, "multi_entity")

    answer = await api.post(f"/v1/companies/{company.id}/journeys", json=SPEND)

    assert structure == answer.json()["structure"]
