"""A customer whose link has ended asks for a new one: tell the bank."""

from temporalio import workflow

from workflows import steps, view

with workflow.unsafe.imports_passed_through():
    from activities.journeys import JourneyActivities
    from domain.messages import Ask, NoteNewLinkAsked, Recorded


@workflow.defn
class NewLinkWish:
    """The journey is over, so its timeline gets the row from here."""

    @workflow.init
    def __init__(self, command: NoteNewLinkAsked) -> None:
        self._visible = False

    @workflow.run
    async def run(self, command: NoteNewLinkAsked) -> None:
        workflow.set_current_details(view.wish_details(command))
        await workflow.execute_activity_method(
            JourneyActivities.note_new_link_asked,
            command,
            **steps.RECORD("Show the bank that the customer asked for a new link"),
        )
        self._visible = True
        await workflow.wait_condition(workflow.all_handlers_finished)

    @workflow.update(description="Answer once the timeline shows it.")
    async def recorded(self, ask: Ask) -> Recorded:
        await workflow.wait_condition(lambda: self._visible)
        return Recorded()
