from typing import Any

import httpx
import pytest

from domain.journey import LIMITS
from tests.api.given import Given

URL = "/v1/organization"


async def test_an_organization_begins_with_rules_that_work(
    api: httpx.AsyncClient,
) -> None:
    """
    Whoever sets nothing gets the defaults of the contract.
    """
    shown = (await api.get(URL)).json()

    assert ("Meridian Bank", "Meridian Bank") == (shown["name"], shown["sender_name"])
    assert ([2, 5, 10], 30) == (shown["reminders_days"], shown["expires_days"])
    assert {stage: limit.total_seconds() for stage, limit in LIMITS.items()} == shown[
        "stage_limits"
    ]
    assert (None, None) == (shown["logo_url"], shown["software"])
    assert {"manual_upload", "copy_link", "multi_entity"} == set(shown["features"])


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        ({"name": " Börse & Co "}, {"name": "Börse & Co"}),
        (
            {"logo_url": "https://bank.test/l.png"},
            {"logo_url": "https://bank.test/l.png"},
        ),
        ({"colour": "#0B5D4E"}, {"colour": "#0b5d4e"}),
        ({"sender_name": "Meridian"}, {"sender_name": "Meridian"}),
        ({"reminders_days": []}, {"reminders_days": []}),
        ({"reminders_days": [1, 365]}, {"reminders_days": [1, 365]}),
        ({"expires_days": 365}, {"expires_days": 365}),
        ({"software": ["sumline", "ledgerly"]}, {"software": ["sumline", "ledgerly"]}),
        ({}, {}),
    ],
)
async def test_a_change_touches_what_it_names(
    api: httpx.AsyncClient, change: dict[str, Any], shown: dict[str, Any]
) -> None:
    """
    PATCH answers with the whole, in which only the named fields are new.
    """
    before = (await api.get(URL)).json()

    answer = await api.patch(URL, json=change)

    assert {**before, **shown} == answer.json() == (await api.get(URL)).json()


async def test_limits_and_features_change_entry_by_entry(
    api: httpx.AsyncClient,
) -> None:
    """
    What a map does not name stays; null gives a limit its default again.
    """
    await api.patch(URL, json={"stage_limits": {"sending": 5, "fetching": 7}})
    await api.patch(URL, json={"features": {"copy_link": False}})
    shown = (await api.patch(URL, json={"stage_limits": {"sending": None}})).json()

    assert (600, 7) == (
        shown["stage_limits"]["sending"],
        shown["stage_limits"]["fetching"],
    )
    assert {"manual_upload": True, "copy_link": False, "multi_entity": True} == shown[
        "features"
    ]


async def test_logo_and_choice_of_software_can_be_taken_back(
    api: httpx.AsyncClient,
) -> None:
    """
    null takes the logo away, and allows all software again.
    """
    await api.patch(
        URL, json={"logo_url": "http://bank.test/l.png", "software": ["sumline"]}
    )

    shown = (await api.patch(URL, json={"logo_url": None, "software": None})).json()

    assert (None, None) == (shown["logo_url"], shown["software"])


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": ""}, "invalid_request"),
        ({"name": None}, "invalid_request"),
        ({"sender_name": "a\nBcc: x@y.test"}, "invalid_request"),
        ({"logo_url": "javascript:alert(1)"}, "invalid_request"),
        ({"logo_url": "data:image/png;base64,AAAA"}, "invalid_request"),
        ({"colour": "blue"}, "invalid_request"),
        ({"reminders_days": [5, 2]}, "invalid_request"),
        ({"expires_days": 0}, "invalid_request"),
        ({"expires_days": None}, "invalid_request"),
        ({"stage_limits": {"completed": 5}}, "invalid_request"),
        ({"stage_limits": {"sending": 0}}, "invalid_request"),
        ({"stage_limits": None}, "invalid_request"),
        ({"features": {"dark_mode": True}}, "invalid_request"),
        ({"features": {"copy_link": None}}, "invalid_request"),
        ({"software": []}, "invalid_request"),
        ({"software": ["xero", "ledgerly"]}, "unknown_software"),
        ({"id": "or_1"}, "invalid_request"),
        ({"currency": "EUR"}, "invalid_request"),
    ],
)
async def test_a_rule_that_can_not_be_is_refused(
    api: httpx.AsyncClient, given: Given, change: dict[str, Any], code: str
) -> None:
    """
    Each impossible value is 422 and changes nothing.
    """
    before = await given.everything()

    answer = await api.patch(URL, json=change)

    assert (422, code) == (answer.status_code, answer.json()["code"])
    assert before == await given.everything()
