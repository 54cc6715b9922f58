"""
One of several processes that write the same rows in no particular order.

`python -m tests.databases.crowd URL SEED` prints how many emails it was given to send.
Any error ends it: a deadlock, a lock that was not waited for, a key that was taken.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta
from random import Random
from typing import Any, Final

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.datasets import Dataset, Part
from domain.emails import Template
from domain.journey import DataType, EntityStage, Event
from domain.messages import BeginSync, EndSync, RunSync, SendEmail, Trigger
from domain.reasons import Reason
from store import emails, pages, sweeps, syncs
from store.companies import join_legal_entity, leave_legal_entities, restate
from store.credentials import Code, drop_code, keep_code
from store.database import Database
from store.journeys import write_move
from store.search import index_company
from store.tables import CompanyRow
from tests.activities.given import (
    COMPANY,
    CONNECTION,
    JOURNEY,
    NOW,
    VAULT,
    WRITTEN,
    Recorder,
    a_journey,
    an_entity,
)

TURNS: Final = 50
EMAILS: Final = 5
SYNCS: Final = ("sy_1", "sy_2", "sy_3")
NORTH: Final = an_entity(
    "cn_north", company_id="co_north", name="North", stage=EntityStage.FETCHING
)
NAMES: Final = ("Hoxton Tea", "Hoxton Coffee", "Camden Tea")

Deed = Callable[[AsyncSession, Random], Awaitable[Any]]


def _moves() -> list[Any]:
    workflow = Recorder(a_journey())
    begun = [workflow.begin(), workflow.move(Event.REQUEST_SENT)]
    links = [
        workflow.move(Event.LINK_REPLACED, NOW + timedelta(minutes=n)) for n in range(9)
    ]
    return [*begun, *links]


MOVES: Final = _moves()


async def move(session: AsyncSession, chance: Random) -> None:
    await write_move(session, chance.choice(MOVES))


async def claim(session: AsyncSession, chance: Random) -> bool:
    number = chance.randint(1, EMAILS)
    email = SendEmail(journey_id=JOURNEY, template=Template.REMINDER, number=number)
    await emails.reserve(session, email, NOW)
    return await emails.hand_over(session, email, WRITTEN, NOW)


async def begin(session: AsyncSession, chance: Random) -> None:
    sync = RunSync(
        sync_id=chance.choice(SYNCS),
        organization_id="or_1",
        company_id=COMPANY,
        connection_id=CONNECTION,
        trigger=Trigger.MANUAL,
        data_types=(DataType.FINANCIALS,),
    )
    command = BeginSync(sync=sync, workflow_id="w", run_id="r", at=NOW)
    await syncs.begin(session, command)


async def read(session: AsyncSession, chance: Random) -> None:
    sync_id = chance.choice(SYNCS)
    part = Part(dataset=Dataset.ACCOUNTS, number=0, rows=3, bytes=9, sha256="0" * 64)
    if await pages.progress(session, sync_id):
        await pages.note_page(session, sync_id, part, None)


async def end(session: AsyncSession, chance: Random) -> None:
    sync_id, reason = chance.choice(SYNCS), chance.choice([None, Reason.INTERNAL])
    if await pages.progress(session, sync_id):
        await syncs.end(session, EndSync(sync_id=sync_id, at=NOW, reason=reason))


async def edit(session: AsyncSession, chance: Random) -> None:
    company_id = chance.choice([COMPANY, NORTH.company_id])
    row = await session.get(CompanyRow, company_id, with_for_update=True)
    if row is not None:
        row.name = chance.choice(NAMES)
        await session.flush()
        await index_company(session, row)


async def join(session: AsyncSession, chance: Random) -> None:
    await join_legal_entity(session, a_journey(), NORTH, NOW)
    await restate(session, NORTH.company_id, NOW)
    await restate(session, COMPANY, NOW)


async def leave(session: AsyncSession, chance: Random) -> None:
    await leave_legal_entities(session, COMPANY, [NORTH.id])


async def authorize(session: AsyncSession, chance: Random) -> None:
    await keep_code(session, VAULT, CONNECTION, Code("code", "http://r.test"), NOW)


async def exchange(session: AsyncSession, chance: Random) -> None:
    await drop_code(session, CONNECTION)


async def look(session: AsyncSession, chance: Random) -> None:
    await sweeps.to_check(session, NOW, 10)


DEEDS: Final[tuple[Deed, ...]] = (
    move,
    begin,
    read,
    end,
    edit,
    join,
    leave,
    authorize,
    exchange,
    look,
)


async def main(url: str, seed: int) -> None:
    """Do one thing after the other, each in a transaction of its own; the last move last."""
    chance, database, claims = Random(seed), Database(url), 0  # noqa: S311
    for _ in range(TURNS):
        async with database.transaction() as session:
            claims += await claim(session, chance)
        async with database.transaction() as session:
            await chance.choice(DEEDS)(session, chance)
    async with database.transaction() as session:
        await write_move(session, MOVES[-1])
    await database.close()
    sys.stdout.write(str(claims))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
