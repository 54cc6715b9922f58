"""How a bank's request becomes a journey: its first row, and the company that points at it."""

from datetime import timedelta
from typing import Annotated, NamedTuple

from fastapi import Depends
from sqlmodel.ext.asyncio.session import AsyncSession

from api.answers import AsSeen, Seen, journey_out
from api.companies import find_client
from api.deps import Bank, Configured, fresh_id
from api.errors import ApiError, not_found, refusal
from api.features import insist_on, offers
from api.idempotency import Once, OnlyOnce
from api.journeys import JourneyDoor, Journeys
from api.schemas import JourneyIn, JourneyOut
from domain.audit import Done
from domain.ids import Kind
from domain.journey import FIRST, LIMITS, Delivery, Stage, Structure
from domain.state import Journey, Rules
from settings import Settings
from store import queries
from store.audit import move_key, note
from store.journeys import first_row
from store.queries import JourneyFacts
from store.removals import stands
from store.tables import CompanyRow, OrganizationRow
from store.writes import insert_new


class Requester(NamedTuple):
    """One request of the bank for a client's data."""

    bank: OrganizationRow
    once: Once
    settings: Settings
    journeys: JourneyDoor
    seen: Seen
    user_id: str | None = None

    async def request(self, company_id: str, wanted: JourneyIn) -> JourneyOut:
        """Write the journey, in one transaction with all that belongs to it; then start it."""
        if wanted.delivery is Delivery.LINK:
            insist_on(self.bank, "copy_link")

        async def make(session: AsyncSession) -> JourneyOut:
            company = await find_client(session, self.bank, company_id)
            journey = self._new_journey(company, wanted)
            await _open(session, company, journey)
            await self._note(session, company, journey)
            return journey_out(JourneyFacts(journey, None), self.seen)

        made = await self.once.answer(202, JourneyOut, make)
        await self.journeys.start(made.id)
        return made

    async def _note(
        self, session: AsyncSession, company: CompanyRow, journey: Journey
    ) -> None:
        """It is the journey's first move, which its workflow will write."""
        await note(
            session,
            company,
            Done.REQUESTED,
            self.seen.now,
            user_id=self.user_id,
            key=move_key(journey.id, 1),
            journey_id=journey.id,
        )

    def _new_journey(self, company: CompanyRow, wanted: JourneyIn) -> Journey:
        """Return a journey before its first move."""
        now = self.seen.now
        journey = Journey(
            id=fresh_id(Kind.JOURNEY, now),
            organization_id=self.bank.id,
            company_id=company.id,
            company_name=company.name,
            data_types=tuple(wanted.data_types),
            delivery=wanted.delivery,
            rules=_rules(self.bank, self.settings.authorization_timeout),
            created_at=now,
            expires_at=now + timedelta(days=self.bank.expires_days),
            stage=FIRST[wanted.delivery],
            stage_since=now,
        )
        return journey.but(
            structure=None if journey.asks_structure else Structure.SINGLE
        )


def _rules(bank: OrganizationRow, authorization_timeout: timedelta) -> Rules:
    own = {
        Stage(stage): timedelta(seconds=seconds)
        for stage, seconds in bank.stage_limits.items()
    }
    return Rules(
        reminders=tuple(timedelta(days=days) for days in bank.reminders_days),
        limits={**LIMITS, **own},
        authorization_timeout=authorization_timeout,
        several_entities=offers(bank, "multi_entity"),
    )


async def _open(session: AsyncSession, company: CompanyRow, journey: Journey) -> None:
    """
    Write a journey's first row, unless the company has an open one.

    The index decides: who looks first may be overtaken before writing. The company is
    held after its journey: one that was deleted meanwhile is not there any more.
    """
    row = first_row(journey)
    row.stuck_after = journey.stuck_after  # it counts though nobody takes it up
    if not await insert_new(session, row):
        raise await _in_progress(session, company)
    if not await stands(session, company.id):
        raise not_found("company")
    company.journey_id = journey.id
    session.add(company)


async def _in_progress(session: AsyncSession, company: CompanyRow) -> ApiError:
    open_one = await queries.open_journey(session, company.id)
    return refusal(
        "journey_in_progress",
        f"A journey of this company is open ({open_one}); "
        "resend it, or cancel it first.",
    )


async def _requester(
    bank: Bank, once: OnlyOnce, settings: Configured, journeys: Journeys, seen: AsSeen
) -> Requester:
    return Requester(bank, once, settings, journeys, seen)


Requesting = Annotated[Requester, Depends(_requester)]
