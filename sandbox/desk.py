"""What every route has at hand: settings, storage, the clock and the books."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final, NamedTuple

from fastapi import Depends, Request

from sandbox.books.company import Company
from sandbox.books.library import Books, open_books
from sandbox.books.months import Period
from sandbox.scenarios import BEHAVIOURS, Behaviour, Scenario
from sandbox.settings import Settings
from sandbox.storage import Login, Storage

MINUTE: Final = 60  # seconds


class Call(NamedTuple):
    """One counted call of a login, and how that login behaves."""

    login: Login
    behaviour: Behaviour


@dataclass(frozen=True)
class Desk:
    """One sandbox at work."""

    settings: Settings
    storage: Storage

    def now(self) -> datetime:
        return self.settings.clock()

    def books(self, company: str, scenario: Scenario) -> Books:
        """Open the books that a login of this company and scenario sees."""
        bills = self.settings.bills if BEHAVIOURS[scenario].is_large else None
        period = Period.before(self.now().date())
        return open_books(_name(company, scenario), period, bills)

    def books_of(self, login: Login) -> Books:
        return self.books(login.company, Scenario(login.scenario))

    def company_of(self, login: Login) -> Company:
        return Company.named(_name(login.company, Scenario(login.scenario)))

    def count_call(self, login_id: int) -> Call:
        """Count a call to data or to a token's refresh."""
        minute = int(self.now().timestamp()) // MINUTE
        login = self.storage.count_call(login_id, minute)
        return Call(login, BEHAVIOURS[Scenario(login.scenario)])

    async def wait(self, behaviour: Behaviour) -> None:
        if behaviour.delay:
            await asyncio.sleep(behaviour.delay)


def _name(company: str, scenario: Scenario) -> str:
    """Say whose books these are: somebody else's where the login belongs elsewhere."""
    is_other = BEHAVIOURS[scenario].is_other_organisation
    return f"{company} Trading" if is_other else company


def desk(request: Request) -> Desk:
    found: Desk = request.app.state.desk
    return found


AtDesk = Annotated[Desk, Depends(desk)]
