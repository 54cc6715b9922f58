"""Forms that another site makes a browser send."""

from collections import defaultdict

import pytest

from domain.roles import Role
from tests.api.portal.desk import Desk
from tests.api.portal.test_roles import ACTIONS, NOBODY, OPEN_TO_ALL

POSTS = sorted(path for method, path in {*ACTIONS, *OPEN_TO_ALL} if method == "POST")


@pytest.mark.parametrize("path", POSTS)
async def test_nothing_is_done_for_another_site(desk: Desk, path: str) -> None:
    """
    Every form refuses what another site sent, though the cookie of an administrator came with it.
    """
    company = await desk.given.company()
    journey = await desk.given.journey(company)
    browser = await desk.at_work(Role.ADMIN)
    known = {"company_id": company.id, "journey_id": journey.id}
    address = path.format_map(defaultdict(lambda: NOBODY, known))

    answer = await browser.post(address, headers={"Sec-Fetch-Site": "cross-site"})

    assert 403 == answer.status_code
    assert "another site" in answer.text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 303),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
        ({"Origin": "http://rapport.test"}, 303),
        ({"Origin": "http://evil.test"}, 403),
        ({"Origin": "null"}, 403),
        ({}, 403),
    ],
)
async def test_where_a_form_was_decides(
    desk: Desk, headers: dict[str, str], status: int
) -> None:
    """
    A form of ours is known by what the browser says of it; what says nothing is no browser.
    """
    browser = await desk.at_work(Role.VIEWER)
    del browser.headers["Sec-Fetch-Site"]

    answer = await browser.post("/sign-out", headers=headers)

    assert status == answer.status_code


async def test_every_answer_is_guarded(desk: Desk) -> None:
    """
    Pages, refusals and redirects alike run no script but ours, and are kept by nobody.
    """
    browser = await desk.at_work(Role.VIEWER)

    answers = [await browser.get(path) for path in ("/", "/users", "/companies/nobody")]

    policies = {answer.headers["content-security-policy"] for answer in answers}
    (policy,) = policies
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert {"no-store"} == {answer.headers["cache-control"] for answer in answers}
    assert all(
        "<script>" not in each.text and " style=" not in each.text for each in answers
    )
