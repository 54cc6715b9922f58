"""What a crash, a terminate or a reset left behind is put right, every minute."""

from typing import Final

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception

from workflows import steps, view

with workflow.unsafe.imports_passed_through():
    from activities.bulk import BulkActivities
    from activities.reconcile import ReconcileActivities
    from domain.messages import RunReconcile, Sweep


@workflow.defn
class Reconcile:
    """Short sweeps, none of which waits for another; one that fails is done again a minute later."""

    @workflow.run
    async def run(self, command: RunReconcile) -> None:
        sweep = Sweep(at=workflow.now(), run_id=workflow.info().run_id)
        removals = REMOVALS if workflow.patched("start-removals") else ()
        deeds = DEEDS if workflow.patched("start-bulk-deeds") else ()
        for step, summary in (*SWEEPS, *removals, *deeds):
            workflow.set_current_details(view.reconcile_details(f"Now: {summary}."))
            try:
                await workflow.execute_activity_method(
                    step, sweep, **steps.SWEEP(summary)
                )
            except ActivityError as error:
                if is_cancelled_exception(error):
                    raise
                workflow.logger.warning("reconcile.failed", extra={"sweep": summary})
        workflow.set_current_details(view.reconcile_details("All of it was looked at."))


SWEEPS: Final = (
    (ReconcileActivities.start_journeys, "Start journeys whose row has no workflow"),
    (ReconcileActivities.mirror_journeys, "Show what was terminated or reset"),
    (ReconcileActivities.mirror_syncs, "End syncs whose workflow is over"),
    (ReconcileActivities.retry_syncs, "Refresh again what had to wait"),
    (ReconcileActivities.rebuild_reports, "Build reports again that are out of date"),
    (ReconcileActivities.sweep_objects, "Delete what nobody reads any more"),
)
REMOVALS: Final = (
    (ReconcileActivities.start_removals, "Go on with removals that nobody works on"),
)
DEEDS: Final = (
    (BulkActivities.start_deeds, "Start deeds in bulk that have no workflow"),
)
