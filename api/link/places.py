"""Where a token leads: to a journey with its organization and client, or nowhere any more."""

from typing import Final, NamedTuple

from fastapi.encoders import jsonable_encoder

from api.errors import ApiError, not_found, refusal
from api.link.answers import old_link_out
from domain.links import Link, Signer
from domain.state import Journey
from domain.validity import Ended, new_link_helps, why_ended
from store.database import Database
from store.journeys import load
from store.tables import CompanyRow, OrganizationRow

NEW_LINK: Final = "request_new_link"


class Place(NamedTuple):
    """What a token leads to."""

    link: Link
    journey: Journey
    organization: OrganizationRow
    company: CompanyRow

    @property
    def may_ask_new_link(self) -> bool:
        """A new link helps where this one has ended, or was replaced while the journey goes on."""
        return new_link_helps(self.journey, self.link)


class Places:
    """Reads tokens. Nothing is moved by that: mail scanners follow links too."""

    def __init__(self, database: Database, signer: Signer) -> None:
        self._database = database
        self._signer = signer

    async def at(self, token: str) -> Place:
        """Return the place of a token that is still good; raise ApiError: 404, 410."""
        place = await self.find(token)
        if ended := why_ended(place.journey, place.link):
            raise _gone(place, ended)
        return place

    async def again(self, seen: Place) -> Place:
        """Return how a place looks by now."""
        return await self.at(self._signer.link(seen.link))

    async def find(self, token: str) -> Place:
        """Return the place of any token that was ever given; raise ApiError: 404."""
        link = self._signer.read_link(token)
        if link is None:
            raise not_found("link")
        async with self._database.reading() as session:
            journey = await load(session, link.journey_id)
            if journey is None or link.number > journey.link_number:
                raise not_found("link")
            return Place(
                link,
                journey,
                await session.get_one(OrganizationRow, journey.organization_id),
                await session.get_one(CompanyRow, journey.company_id),
            )


def _gone(place: Place, ended: Ended) -> ApiError:
    state = old_link_out(place.journey, place.organization)
    return refusal(
        ended.code,
        ended.detail,
        allowed=[NEW_LINK] if place.may_ask_new_link else [],
        state=jsonable_encoder(state),
    )
