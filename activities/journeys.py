"""Steps that record where a journey stands."""

from datetime import UTC, datetime

import structlog
from temporalio import activity

from activities.edge import Steps
from domain.messages import NoteNewLinkAsked, RecordMove
from store.database import Database
from store.journeys import note_new_link_asked, write_move

log = structlog.get_logger()


class JourneyActivities:
    """The only writer of a journey's stage and of its company's status."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def steps(self) -> Steps:
        """What a worker does of this."""
        return (self.record_move, self.note_new_link_asked)

    @activity.defn
    async def record_move(self, command: RecordMove) -> str | None:
        """
        Make a move of the journey visible, and return the run that showed it.

        Safe to run twice: a move is keyed by journey, run and number, and one
        that a newer run has overtaken is dropped.
        """
        async with self._database.transaction() as session:
            written = await write_move(session, command)
        log.info(
            "journey.moved" if written else "journey.moved_already",
            journey=command.journey.id,
            event_name=command.event,
            stage=command.journey.stage,
            reason=command.reason,
        )
        return command.run_id

    @activity.defn
    async def note_new_link_asked(self, command: NoteNewLinkAsked) -> None:
        """
        Show in the timeline that the customer asked for a new link.

        Safe to run twice: the row is keyed by the workflow's run.
        """
        async with self._database.transaction() as session:
            await note_new_link_asked(
                session,
                command,
                activity.info().workflow_run_id or "",
                datetime.now(UTC),
            )
