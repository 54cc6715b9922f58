"""How a move of a journey is told to the step that makes it visible."""

from datetime import datetime

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from domain.messages import RecordMove
    from domain.state import Happened, Journey


def record_of(
    before: Journey, after: Journey, happened: Happened, at: datetime, *, whole: bool
) -> RecordMove:
    """
    The command that makes a move visible: the journey, and those entities that changed.

    The first one of a run says everything: after a reset, nobody knows here what was
    shown of the moves that were taken back.
    """
    changed = [each for each in after.entities if each != before.entity(each.id)]
    return RecordMove(
        journey=after.but(entities=()),
        standing=after.standing,
        entities=after.entities if whole else tuple(changed),
        removed=tuple(
            each.id for each in before.entities if after.entity(each.id) is None
        ),
        whole=whole,
        run_id=workflow.info().run_id,
        at=at,
        event=happened.event,
        actor=happened.actor,
        entity_id=happened.entity_id or after.focus or before.focus,
        reason=happened.reason
        or (after.reason if after.reason != before.reason else None),
        detail=happened.detail,
    )
