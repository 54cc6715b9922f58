"""
One journey's workflow, seen from the API: started, asked, and read back.

A journey whose row has no workflow yet, because Temporal was away when it was
made, is started by whoever asks it for something first.
"""

from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from http import HTTPStatus
from typing import Annotated, Any, NamedTuple, TypeVar
from uuid import uuid4

from fastapi import Depends
from sqlmodel.ext.asyncio.session import AsyncSession

from api.answers import AsSeen, Seen, journey_out
from api.deps import Bank, Configured, Links, Store, Temporal
from api.errors import ApiError, not_found, refusal
from api.idempotency import OnlyOnce
from api.schemas import JourneyOut
from api.temporal import NotRunning, Question, TemporalDoor
from domain.links import Link, Signer
from domain.message import Message
from domain.messages import Moved
from domain.state import Journey
from store import queries, questions
from store.audit import note_move
from store.database import Database
from store.journeys import load
from store.removals import journey_stands
from store.tables import JourneyRow, OrganizationRow
from workflows.start import start_journey

Asked = TypeVar("Asked", bound=Message)
JourneyQuestion = Question[Any, Asked, Moved]


class JourneyDoor:
    """The way to any journey's workflow."""

    def __init__(self, temporal: TemporalDoor, database: Database) -> None:
        self._temporal = temporal
        self._database = database

    async def start(self, journey_id: str) -> None:
        """Start a new journey's workflow; safe to do twice."""
        journey = await self._stored(journey_id)
        if journey is None or journey.version > 0:
            return
        await self._temporal.now_or_later(
            lambda client: start_journey(client, journey),
            "journey.not_started",
            journey=journey_id,
        )

    async def ask(
        self,
        journey_id: str,
        question: JourneyQuestion[Asked],
        argument: Asked,
        update_id: str | None = None,
        *,
        otherwise: str | None = None,
    ) -> int:
        """
        Ask for a move, and return its number when the store shows it.

        What got no answer a moment ago is asked under the same id again, so that it
        happens once; `otherwise` is the id of a question that was not asked before.
        Raises ApiError: what the workflow refused, `journey_closed`, or 503.
        """
        asked = _digest(question, argument)
        before = await self._recall(journey_id, asked)
        update_id = update_id or before or otherwise or f"ask-{uuid4().hex}"
        try:
            moved = await self._ask(journey_id, question, argument, update_id)
        except ApiError as error:
            if error.status == HTTPStatus.SERVICE_UNAVAILABLE:
                await self._remember(journey_id, asked, update_id)
            elif before is not None:
                await self._forget(journey_id, asked)
            raise
        if before is not None:
            await self._forget(journey_id, asked)
        return moved.version

    async def was_asked(
        self, journey_id: str, question: JourneyQuestion[Asked], argument: Asked
    ) -> bool:
        """Whether the same was asked a moment ago, and got no answer."""
        return await self._recall(journey_id, _digest(question, argument)) is not None

    async def _ask(
        self,
        journey_id: str,
        question: JourneyQuestion[Asked],
        argument: Asked,
        update_id: str,
    ) -> Moved:
        """Ask; whom nobody has started yet is started, and asked once more."""
        update = partial(
            self._temporal.update, journey_id, question, argument, update_id
        )
        try:
            return await update()
        except NotRunning:
            await self._start_late(journey_id)
        try:
            return await update()
        except NotRunning as error:
            raise closed() from error

    async def _start_late(self, journey_id: str) -> None:
        journey = await self._stored(journey_id)
        if journey is None or not journey.open:
            raise closed()
        async with self._temporal.client() as client:
            await start_journey(client, journey)

    async def _recall(self, journey_id: str, asked: str) -> str | None:
        async with self._database.reading() as session:
            return await questions.recall(session, journey_id, asked, datetime.now(UTC))

    async def _remember(self, journey_id: str, asked: str, update_id: str) -> None:
        async with self._database.transaction() as session:
            now = datetime.now(UTC)
            if await journey_stands(session, journey_id):
                await questions.remember(session, journey_id, asked, update_id, now)

    async def _forget(self, journey_id: str, asked: str) -> None:
        async with self._database.transaction() as session:
            await questions.forget(session, journey_id, asked)

    async def _stored(self, journey_id: str) -> Journey | None:
        async with self._database.reading() as session:
            return await load(session, journey_id)


def _digest(question: JourneyQuestion[Asked], argument: Asked) -> str:
    """Return the same text for the same question."""
    name = getattr(question, "__qualname__", "")
    return sha256(f"{name} {argument.model_dump_json()}".encode()).hexdigest()


def closed() -> ApiError:
    """Return the refusal of every call on a journey that is over."""
    return refusal(
        "journey_closed", "This journey is over; request the information again."
    )


async def find_journey(
    session: AsyncSession, bank: OrganizationRow, journey_id: str
) -> JourneyRow:
    """Return the bank's journey of that id; anybody else's is not found."""
    row = await queries.journey_row(session, bank.id, journey_id)
    if row is None:
        raise not_found("journey")
    return row


async def shown(session: AsyncSession, row: JourneyRow, seen: Seen) -> JourneyOut:
    """Return what a journey looks like in the store now."""
    (facts,) = await queries.facts_of_journeys(session, [row])
    return journey_out(facts, seen)


class LinkMaker(NamedTuple):
    """Makes the addresses of customers' links. They are signed, never stored."""

    base_url: str
    signer: Signer

    def url(self, journey_id: str, number: int) -> str:
        """Return the address of a journey's n-th link."""
        return f"{self.base_url}/link/{self.signer.link(Link(journey_id, number))}"


class Asker(NamedTuple):
    """One request of the bank to move a journey; `user_id` says whose, if it is a person's."""

    bank: OrganizationRow
    database: Database
    journeys: JourneyDoor
    seen: Seen
    update_id: str | None
    user_id: str | None = None

    async def move(
        self, journey_id: str, question: JourneyQuestion[Asked], argument: Asked
    ) -> JourneyOut:
        """Ask the workflow, then answer what the store shows."""
        row = await self.row_after(journey_id, question, argument)
        async with self.database.reading() as session:
            return await shown(session, row, self.seen)

    async def row_after(
        self, journey_id: str, question: JourneyQuestion[Asked], argument: Asked
    ) -> JourneyRow:
        """
        Ask the workflow, and return the row that it left.

        With a key the workflow is asked even when the journey is over: the first
        answer may be the one that ended it.
        """
        row = await self._row(journey_id)
        if row.closed_at is not None and self.update_id is None:
            raise closed()
        version = await self.journeys.ask(
            journey_id, question, argument, self.update_id
        )
        async with self.database.transaction() as session:
            await note_move(session, row, version, self.user_id)
        return await self._row(journey_id)

    async def _row(self, journey_id: str) -> JourneyRow:
        async with self.database.reading() as session:
            return await find_journey(session, self.bank, journey_id)


async def _journeys(temporal: Temporal, database: Store) -> JourneyDoor:
    return JourneyDoor(temporal, database)


async def _link_maker(settings: Configured, signer: Links) -> LinkMaker:
    return LinkMaker(settings.base_url, signer)


LinkUrls = Annotated[LinkMaker, Depends(_link_maker)]
Journeys = Annotated[JourneyDoor, Depends(_journeys)]


async def _asker(
    bank: Bank, database: Store, journeys: Journeys, seen: AsSeen, once: OnlyOnce
) -> Asker:
    return Asker(bank, database, journeys, seen, once.update_id)


Asking = Annotated[Asker, Depends(_asker)]
