"""Giving access back, at the provider too, for as long as it takes."""

from temporalio import workflow

from workflows import steps, view

with workflow.unsafe.imports_passed_through():
    from activities.connections import ConnectionActivities
    from domain.messages import Ask, Recorded, RevokeConnection


@workflow.defn(name="RevokeConnection")
class ConnectionRevocation:
    """Shut the connection here at once, then tell the provider, trying until it listens."""

    @workflow.init
    def __init__(self, command: RevokeConnection) -> None:
        self._visible = False

    @workflow.run
    async def run(self, command: RevokeConnection) -> None:
        workflow.set_current_details(
            f"## {view.revoke_title(command)}\nShut here first."
        )
        await workflow.execute_activity_method(
            ConnectionActivities.shut,
            command,
            **steps.RECORD("Shut the connection here"),
        )
        self._visible = True
        await workflow.execute_activity_method(
            ConnectionActivities.give_back,
            command,
            **steps.REVOKE("Give the access back at the provider"),
        )
        await workflow.wait_condition(workflow.all_handlers_finished)

    @workflow.update(
        description="Answer once the store shows that the connection is shut."
    )
    async def recorded(self, ask: Ask) -> Recorded:
        await workflow.wait_condition(lambda: self._visible)
        return Recorded()
