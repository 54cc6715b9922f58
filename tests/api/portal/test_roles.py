"""Who may do what, checked at the server whatever the page showed."""

from typing import Final

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from api.portal.portal import ROUTERS
from domain.journey import Delivery
from domain.roles import Permission, Role, may
from tests.api.portal.desk import Desk

P = Permission
NOBODY: Final = "us_" + "0" * 26
NO_CONNECTION: Final = "cn_" + "0" * 26
NO_DEED: Final = "bd_" + "0" * 26
NO_REMOVAL: Final = "rm_" + "0" * 26

ACTIONS: Final = {
    ("GET", "/"): P.SEE,
    ("GET", "/companies/{company_id}"): P.SEE,
    ("GET", "/journeys/{journey_id}"): P.SEE,
    ("GET", "/companies/new"): P.EDIT,
    ("POST", "/companies/new"): P.EDIT,
    ("GET", "/companies/{company_id}/edit"): P.EDIT,
    ("POST", "/companies/{company_id}/edit"): P.EDIT,
    ("GET", "/companies/{company_id}/request"): P.REQUEST,
    ("GET", "/companies/{company_id}/request/email"): P.REQUEST,
    ("POST", "/companies/{company_id}/request"): P.REQUEST,
    ("POST", "/companies/{company_id}/refresh"): P.REFRESH,
    ("GET", "/companies/{company_id}/reports/{report}"): P.DOWNLOAD,
    ("POST", "/journeys/{journey_id}/resend"): P.MEND,
    ("GET", "/journeys/{journey_id}/link"): P.MEND,
    ("POST", "/journeys/{journey_id}/link"): P.MEND,
    ("POST", "/journeys/{journey_id}/retry"): P.MEND,
    ("POST", "/journeys/{journey_id}/extend"): P.MEND,
    ("POST", "/journeys/{journey_id}/skip"): P.MEND,
    ("POST", "/journeys/{journey_id}/cancel"): P.MEND,
    ("GET", "/journeys/{journey_id}/emails/{template}/{number}"): P.SEE,
    ("GET", "/journeys/{journey_id}/emails/{template}/{number}/html"): P.SEE,
    ("GET", "/settings"): P.CONFIGURE,
    ("POST", "/settings"): P.CONFIGURE,
    ("POST", "/settings/preview"): P.CONFIGURE,
    ("GET", "/settings/preview/email"): P.CONFIGURE,
    ("GET", "/settings/preview/pages/{step}"): P.CONFIGURE,
    ("GET", "/companies/{company_id}/accounts"): P.DOWNLOAD,
    ("POST", "/companies/{company_id}/accounts/confirm"): P.CATEGORIZE,
    ("POST", "/companies/{company_id}/accounts/undo"): P.CATEGORIZE,
    ("POST", "/connections/{connection_id}/revoke"): P.MEND,
    ("GET", "/stuck"): P.SEE,
    ("GET", "/stuck/deeds/new"): P.MEND,
    ("POST", "/stuck/deeds"): P.MEND,
    ("GET", "/stuck/deeds"): P.MEND,
    ("GET", "/stuck/deeds/{deed_id}"): P.MEND,
    ("GET", "/overview"): P.SEE,
    ("GET", "/companies/{company_id}/delete"): P.DELETE,
    ("POST", "/companies/{company_id}/delete"): P.DELETE,
    ("GET", "/removals"): P.DELETE,
    ("GET", "/removals/{removal_id}"): P.DELETE,
    ("GET", "/users"): P.MANAGE_USERS,
    ("POST", "/users"): P.MANAGE_USERS,
    ("POST", "/users/{user_id}/role"): P.MANAGE_USERS,
    ("POST", "/users/{user_id}/deactivate"): P.MANAGE_USERS,
    ("POST", "/users/{user_id}/activate"): P.MANAGE_USERS,
}
OPEN_TO_ALL: Final = {
    ("GET", "/sign-in"),
    ("POST", "/sign-in"),
    ("POST", "/sign-out"),
    ("GET", "/me"),
}
STREAMS: Final = {
    ("GET", "/removals/{removal_id}/changes"),
    ("GET", "/stuck/changes"),
    ("GET", "/stuck/deeds/{deed_id}/changes"),
    ("GET", "/changes"),
    ("GET", "/companies/{company_id}/changes"),
    ("GET", "/companies/{company_id}/accounts/changes"),
    ("GET", "/journeys/{journey_id}/changes"),
}


def routes() -> set[tuple[str, str]]:
    return {
        (method, route.path)
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute)
        for method in route.methods or ()
    }


def test_the_matrix_is_whole(app: FastAPI) -> None:
    """
    No page and no action of the portal is without a line that says who may.
    """
    assert {*ACTIONS, *OPEN_TO_ALL, *STREAMS} == routes()


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize(("method", "path"), ACTIONS)
async def test_a_role_does_what_it_may(
    desk: Desk, role: Role, method: str, path: str
) -> None:
    """
    What a role may not do is refused by the server; everything else is not refused for that.
    """
    company = await desk.given.company()
    journey = await desk.given.journey(company, delivery=Delivery.LINK)
    browser = await desk.at_work(role)
    address = path.format(
        company_id=company.id,
        journey_id=journey.id,
        user_id=NOBODY,
        report="financials",
        step="welcome",
        template="request",
        number=1,
        connection_id=NO_CONNECTION,
        deed_id=NO_DEED,
        removal_id=NO_REMOVAL,
    )

    answer = await browser.request(method, address)

    allowed = may(role, ACTIONS[method, path])
    assert allowed is (403 != answer.status_code), answer.text


@pytest.mark.parametrize(("method", "path"), [*ACTIONS, ("GET", "/me")])
async def test_nobody_does_anything_unsigned(
    desk: Desk, method: str, path: str
) -> None:
    """
    Whoever is not signed in is led to the door, whatever they ask for.
    """
    company = await desk.given.company()
    journey = await desk.given.journey(company)
    browser = await desk.browser()
    address = path.format(
        company_id=company.id,
        journey_id=journey.id,
        user_id=NOBODY,
        report="financials",
        step="welcome",
        template="request",
        number=1,
        connection_id=NO_CONNECTION,
        deed_id=NO_DEED,
        removal_id=NO_REMOVAL,
    )

    answer = await browser.request(method, address)

    assert 303 == answer.status_code
    assert answer.headers["location"].startswith("/sign-in")
