"""The portal as a whole: its pages, and what they share in one process."""

from typing import Final

from fastapi import FastAPI

from api.portal import (
    bulk,
    categories,
    companies,
    company,
    deeds,
    journeys,
    letters,
    mending,
    organization,
    organization_preview,
    overview,
    relationships,
    removals,
    requests,
    sign_in,
    stuck,
    users,
)
from api.portal.brakes import Brakes
from api.portal.feed import Feed
from api.portal.passwords import Passwords
from api.portal.sign_in import Reception
from api.portal.ways import DemoSignIn, PasswordSignIn, SignIn
from settings import Settings
from store.database import Database

ROUTERS: Final = (
    sign_in.router,
    relationships.router,
    companies.router,
    company.router,
    requests.router,
    journeys.router,
    mending.router,
    letters.router,
    categories.router,
    organization.router,
    organization_preview.router,
    stuck.router,
    bulk.router,
    deeds.router,
    overview.router,
    removals.router,
    users.router,
)


def reception(
    settings: Settings, database: Database, passwords: Passwords | None = None
) -> Reception:
    """Return the ways in that this installation has."""
    ways: dict[str, SignIn] = {
        "password": PasswordSignIn(database, passwords or Passwords())
    }
    if settings.demo_sign_in:
        ways["demo"] = DemoSignIn(database)
    return Reception(ways, Brakes())


def install(app: FastAPI, settings: Settings, database: Database) -> None:
    """Let `app` serve the portal too."""
    app.state.passwords = Passwords()
    app.state.reception = reception(settings, database, app.state.passwords)
    app.state.feed = Feed(database)
    for router in ROUTERS:
        app.include_router(router)
