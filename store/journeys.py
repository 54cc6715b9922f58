"""A journey as rows, and back: the only writer of a stage or a status."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam
from sqlalchemy import select as columns
from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.journey import Actor, EntityStage, Event, Stage, Status
from domain.messages import NoteNewLinkAsked, RecordMove
from domain.milestones import furthest
from domain.removals import is_of_a_removal
from domain.state import Entity, Journey
from store.companies import join_legal_entity, leave_legal_entities, restate
from store.credentials import drop_code, drop_credential
from store.glance import plain
from store.removals import standing_journey
from store.tables import (
    CompanyRow,
    ConnectionRow,
    JourneyRow,
    JourneyRunRow,
    MoveRow,
)

KEPT_ELSEWHERE: Final = {"entities"}


def first_row(journey: Journey) -> JourneyRow:
    """Return the row that makes a new journey readable, before its workflow starts."""
    return JourneyRow(**_columns(journey))


async def load(session: AsyncSession, journey_id: str) -> Journey | None:
    """Return the journey as its workflow last recorded it, or None for one that is unknown or taken away."""
    row = await session.get(JourneyRow, journey_id)
    if row is None or is_of_a_removal(row.organization_id):
        return None
    return await from_row(session, row)


_ENTITIES: Final = (
    columns(*(getattr(ConnectionRow, name) for name in Entity.model_fields))
    .where(col(ConnectionRow.journey_id) == bindparam("journey_id"))
    .order_by(col(ConnectionRow.id))
)


async def from_row(session: AsyncSession, row: JourneyRow) -> Journey:
    """Return the journey of `row` with its entities."""
    return assembled(row, await plain(session, _ENTITIES, journey_id=row.id))


def assembled(row: JourneyRow, connections: Any) -> Journey:
    """Return the journey that `row` and its connections hold."""
    entities = tuple(
        Entity.model_validate(each, from_attributes=True) for each in connections
    )
    fields = {
        name: getattr(row, name) for name in Journey.model_fields if name != "entities"
    }
    return Journey.model_validate({**fields, "entities": entities})


async def write_move(session: AsyncSession, command: RecordMove) -> bool:
    """
    Write one move; return False where it is written already, comes too late, or is of a
    company that is taken away.

    Runs in one transaction. The journey's row is locked, so that `seq` counts
    up by one; once a newer run has written, an older one's moves are ignored.
    """
    row = await standing_journey(session, command.journey.id)
    if row is None:
        return False
    if row.run_id == command.run_id and command.journey.version <= row.version:
        return False
    if row.run_id != command.run_id and not await _of_newest_run(session, command):
        return False
    before = _given(row)
    for name, value in (*_columns(command.journey).items(), *command.standing):
        setattr(row, name, value)
    row.run_id = command.run_id
    row.reached = furthest(row.reached, command.event, row.stage)
    session.add(row)
    await _write_entities(session, command)
    move = MoveRow(
        journey_id=row.id,
        seq=await _next_seq(session, row.id),
        run_id=command.run_id,
        number=command.journey.version,
        at=command.at,
        actor=command.actor,
        event=command.event,
        stage=row.stage,
        entity_id=command.entity_id,
        status=row.status,
        reason=command.reason,
        detail=command.detail,
    )
    session.add(move)
    await session.flush()
    if _given(row) != before or await _mends_an_error(session, row, command.actor):
        await restate(session, row.company_id, command.at)
    return True


async def _mends_an_error(session: AsyncSession, row: JourneyRow, actor: Actor) -> bool:
    """Whether the customer goes on although the company shows an Error, of a refresh for example."""
    if actor is not Actor.CUSTOMER or row.status is not Status.REQUESTED:
        return False
    status = select(CompanyRow.status).where(CompanyRow.id == row.company_id)
    return (await session.exec(status)).first() is Status.ERROR


def _given(row: JourneyRow) -> tuple[Any, ...]:
    """What a journey gives to its company."""
    return row.status, row.status_at, row.reason, row.reason_detail


async def _of_newest_run(session: AsyncSession, command: RecordMove) -> bool:
    """Note a run that was not seen before: it is the newest. Refuse those before it."""
    statement = (
        select(JourneyRunRow)
        .where(JourneyRunRow.journey_id == command.journey.id)
        .order_by(col(JourneyRunRow.ordinal))
    )
    runs = (await session.exec(statement)).all()
    if command.run_id in [run.run_id for run in runs]:
        return runs[-1].run_id == command.run_id
    session.add(
        JourneyRunRow(
            journey_id=command.journey.id, run_id=command.run_id, ordinal=len(runs) + 1
        )
    )
    return True


async def _write_entities(session: AsyncSession, command: RecordMove) -> None:
    journey = command.journey
    for entity in await _changed(session, command):
        await _write_entity(session, journey, entity, command.at)
    removed = await _removed(session, command)
    gone = [*removed, *(each.id for each in command.entities if not each.authorized)]
    if journey.stage is Stage.CANCELLED:
        gone += await _unfinished(session, journey.id)
    await leave_legal_entities(session, journey.company_id, gone)
    for connection_id in removed:
        await _forget(session, connection_id)


async def _changed(session: AsyncSession, command: RecordMove) -> list[Entity]:
    """
    Return the entities that are not stored as they are, in as many statements for any number.

    A new run says all that there are, most of them as they were.
    """
    if not command.entities:
        return []
    ids = [entity.id for entity in command.entities]
    statement = select(ConnectionRow).where(col(ConnectionRow.id).in_(ids))
    rows = {row.id: row for row in (await session.exec(statement)).all()}
    company_ids = [entity.company_id for entity in command.entities]
    known = select(CompanyRow.id).where(col(CompanyRow.id).in_(company_ids))
    standing = {*(await session.exec(known)).all()}
    return [
        entity
        for entity in command.entities
        if not _is_stored(entity, rows.get(entity.id))
        or (entity.authorized and entity.company_id not in standing)
    ]


def _is_stored(entity: Entity, row: ConnectionRow | None) -> bool:
    return (
        row is not None
        and row.status == entity.status
        and all(getattr(row, name) == value for name, value in entity)
    )


async def _removed(session: AsyncSession, command: RecordMove) -> Sequence[str]:
    """Return the connections that are gone; one that says all there are leaves no other."""
    if not command.whole:
        return command.removed
    kept = [entity.id for entity in command.entities]
    statement = select(ConnectionRow.id).where(
        ConnectionRow.journey_id == command.journey.id,
        col(ConnectionRow.id).not_in(kept),
    )
    return (await session.exec(statement)).all()


async def _forget(session: AsyncSession, connection_id: str) -> None:
    """Take a connection away, with what opens the books."""
    await session.exec(
        delete(ConnectionRow).where(col(ConnectionRow.id) == connection_id)
    )
    await drop_code(session, connection_id)
    await drop_credential(session, connection_id)


async def _write_entity(
    session: AsyncSession, journey: Journey, entity: Entity, at: datetime
) -> None:
    row = await session.get(ConnectionRow, entity.id) or ConnectionRow(
        id=entity.id,
        organization_id=journey.organization_id,
        journey_id=journey.id,
        client_id=journey.company_id,
        company_id=entity.company_id,
        name=entity.name,
        stage=entity.stage,
    )
    renamed = row.name != entity.name
    for name in Entity.model_fields:
        setattr(row, name, getattr(entity, name))
    row.status = entity.status
    if entity.stage is EntityStage.FETCHING and row.authorized_at is None:
        row.authorized_at = at
    session.add(row)
    await session.flush()
    if entity.company_id != journey.company_id and entity.authorized:
        await join_legal_entity(session, journey, entity, at, renamed=renamed)
        await restate(session, entity.company_id, at)


async def _unfinished(session: AsyncSession, journey_id: str) -> list[str]:
    statement = select(ConnectionRow.id).where(
        ConnectionRow.journey_id == journey_id, ConnectionRow.stage != EntityStage.DONE
    )
    return list((await session.exec(statement)).all())


async def note_new_link_asked(
    session: AsyncSession, command: NoteNewLinkAsked, run_id: str, at: datetime
) -> None:
    """Add one row to the timeline of a journey that is over; nothing else changes."""
    row = await standing_journey(session, command.journey_id)
    if row is None:
        return
    known = select(MoveRow.seq).where(
        MoveRow.journey_id == row.id, MoveRow.run_id == run_id
    )
    if (await session.exec(known)).first() is not None:
        return
    session.add(
        MoveRow(
            journey_id=row.id,
            seq=await _next_seq(session, row.id),
            run_id=run_id,
            number=command.number,
            at=at,
            actor=Actor.CUSTOMER,
            event=Event.NEW_LINK_ASKED,
            stage=row.stage,
            status=row.status,
        )
    )


async def _next_seq(session: AsyncSession, journey_id: str) -> int:
    statement = (
        select(MoveRow.seq)
        .where(MoveRow.journey_id == journey_id)
        .order_by(col(MoveRow.seq).desc())
        .limit(1)
    )
    return ((await session.exec(statement)).first() or 0) + 1


def _columns(journey: Journey) -> dict[str, Any]:
    """The columns of a journey's row that are its own fields."""
    return {
        **{
            name: getattr(journey, name)
            for name in Journey.model_fields
            if name not in KEPT_ELSEWHERE
        },
        "data_types": [str(each) for each in journey.data_types],
        "rules": journey.rules.model_dump(mode="json"),
    }
