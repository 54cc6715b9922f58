"""One data request, from the email to the last legal entity."""

import asyncio
from typing import Final

from temporalio import workflow

from workflows import connections, search_attributes, steps, view
from workflows.alarm import Alarm
from workflows.consolidation import Consolidation
from workflows.inbox import Inbox
from workflows.moves import record_of
from workflows.post import Post

with workflow.unsafe.imports_passed_through():
    from activities.journeys import JourneyActivities
    from domain.deadlines import Deadline, Due, fallen_due, missed, next_deadline
    from domain.emails import Template
    from domain.ids import Kind, new_id
    from domain.journey import Actor, Delivery, EntityStage, Event, LinkAction, Stage
    from domain.messages import (
        Act,
        Ask,
        CameBack,
        Cancel,
        EntityRead,
        Extend,
        Moved,
        RunJourney,
        Skip,
    )
    from domain.moves import advance, begin
    from domain.state import Happened, Journey

READ_NOW: Final = (EntityStage.FETCHING, EntityStage.FAILED)
"""What an entity's connection has to say counts in these stages only; a failed one tries again."""

OVERDUE: Final = "a run that is overdue ends without a pause"


@workflow.defn
class CustomerJourney:
    """
    Ask a customer for their books, wait for weeks if need be, and lose nothing.

    Whatever happens joins the inbox. `_live` takes it from there, one event at a
    time: make the move visible, hold it, do what follows from it.
    """

    @workflow.init
    def __init__(self, start: RunJourney) -> None:
        self.journey = start.journey
        self._inbox = Inbox(start.journey)
        if start.journey.version == 0:
            requested = Happened(event=Event.REQUESTED, actor=Actor.BANK)
            self._inbox = Inbox(begin(start.journey, workflow.now()), requested)
        self._alarm = Alarm()
        self._post = Post(start.journey.id, self._inbox.put_if_possible)
        self._consolidation = Consolidation(self._inbox.put_if_possible)
        self._long = 0
        self._shown_by: str | None = None

    @workflow.run
    async def run(self, start: RunJourney) -> Stage:
        """Live. Cancelled in the Temporal UI, end as by the Update, after the move that is being made."""
        workflow.set_current_details(view.journey_details(self.journey))
        life = asyncio.create_task(self._live())
        try:
            await asyncio.shield(life)
        except asyncio.CancelledError:
            if workflow.cancellation_reason() is None:
                raise
            self._withdraw()
            await life
            raise
        return self.journey.stage

    async def _live(self) -> None:
        while self.journey.open:
            await self._something_to_happen()
            while self._inbox and self.journey.open:
                await self._take(self._inbox.take())
            self._fall_due()
        await self._say_goodbye()

    # What customers, the bank and operators do.

    @workflow.update(
        description="What the customer does in the link flow: an action with its fields."
    )
    async def act(self, act: Act) -> Moved:
        return await self._accept(self._meant(act))

    @workflow.update(
        description="The customer is back from the software, with or without approval."
    )
    async def came_back(self, back: CameBack) -> Moved:
        return await self._accept(back.happened())

    @workflow.update(description="Send the request email again, with the same link.")
    async def resend(self, ask: Ask) -> Moved:
        return await self._accept(ask.happened(Event.RESEND_ASKED))

    @workflow.update(
        description="Make a fresh link; earlier links of this journey stop working."
    )
    async def replace_link(self, ask: Ask) -> Moved:
        return await self._accept(ask.happened(Event.LINK_REPLACED))

    @workflow.update(
        description="Note that the customer, with an old link, asked for a new one."
    )
    async def ask_new_link(self, ask: Ask) -> Moved:
        return await self._accept(ask.happened(Event.NEW_LINK_ASKED))

    @workflow.update(description="Move the expiry by 1 to 365 days.")
    async def extend(self, extend: Extend) -> Moved:
        return await self._accept(extend.happened())

    @workflow.update(
        description="Try again each failed step that does not wait for the customer."
    )
    async def retry(self, ask: Ask) -> Moved:
        return await self._accept(ask.happened(Event.RETRIED))

    @workflow.update(description="Go on without one legal entity.")
    async def skip(self, skip: Skip) -> Moved:
        return await self._accept(skip.happened())

    @workflow.update(
        description="End the journey; its client's status is what it was before."
    )
    async def cancel(self, cancel: Cancel) -> Moved:
        return await self._accept(cancel.happened())

    @act.validator
    def _may_act(self, act: Act) -> None:
        self._inbox.insist(act.happened())

    @came_back.validator
    def _may_come_back(self, back: CameBack) -> None:
        self._inbox.insist(back.happened())

    @resend.validator
    def _may_resend(self, ask: Ask) -> None:
        self._inbox.insist(ask.happened(Event.RESEND_ASKED))

    @replace_link.validator
    def _may_replace_link(self, ask: Ask) -> None:
        self._inbox.insist(ask.happened(Event.LINK_REPLACED))

    @ask_new_link.validator
    def _may_ask_new_link(self, ask: Ask) -> None:
        self._inbox.insist(ask.happened(Event.NEW_LINK_ASKED))

    @extend.validator
    def _may_extend(self, extend: Extend) -> None:
        self._inbox.insist(extend.happened())

    @retry.validator
    def _may_retry(self, ask: Ask) -> None:
        self._inbox.insist(ask.happened(Event.RETRIED))

    @skip.validator
    def _may_skip(self, skip: Skip) -> None:
        self._inbox.insist(skip.happened())

    @cancel.validator
    def _may_cancel(self, cancel: Cancel) -> None:
        self._inbox.insist(cancel.happened())

    # What machines say, and what they may ask.

    @workflow.signal(
        description="Try again each failed step; for many journeys at once."
    )
    def retry_now(self, ask: Ask) -> None:
        self._inbox.put_if_possible(ask.happened(Event.RETRIED))

    @workflow.signal(
        description="A legal entity's connection says what came of reading its books."
    )
    def entity_read(self, read: EntityRead) -> None:
        entity = self._inbox.expected.entity(read.entity_id)
        if entity is not None and entity.stage in READ_NOW:
            self._inbox.put_if_possible(read.happened())

    @workflow.query(
        description="Where the journey stands, with all its legal entities."
    )
    def state(self) -> Journey:
        return self.journey

    # Waiting for what happens next.

    async def _accept(self, happened: Happened) -> Moved:
        """Queue what the validator let through; answer once the store shows it."""
        version = self._inbox.put(happened)
        await workflow.wait_condition(lambda: self.journey.version >= version)
        return Moved(version=version)

    async def _something_to_happen(self) -> None:
        self._alarm.set(self._worth_waking_for())
        self._consolidation.bring_in_line(self.journey)
        await workflow.wait_condition(
            lambda: self._something_happened() or self._is_time_for_a_new_run()
        )
        if self._something_happened():
            return
        if self._is_overdue() or await self._stays_quiet():
            workflow.continue_as_new(RunJourney(journey=self.journey))

    def _something_happened(self) -> bool:
        return bool(self._inbox) or self._alarm.rang

    def _is_time_for_a_new_run(self) -> bool:
        """The history is long, and it is quiet: nobody waits for an answer, nothing is on its way."""
        info = workflow.info()
        if not info.is_continue_as_new_suggested():
            return False
        self._long = self._long or info.get_current_history_length()
        return (
            workflow.all_handlers_finished()
            and not self._post.busy
            and not self._consolidation.busy
        )

    def _is_overdue(self) -> bool:
        """
        The history is twice as long as it should be: whoever never pauses is not waited for.

        A run takes 2,000 Updates and no more.
        """
        length = workflow.info().get_current_history_length()
        overdue = length >= 2 * self._long
        return overdue and workflow.patched(OVERDUE)

    async def _stays_quiet(self) -> bool:
        """Whoever asked last has the answer by now: an answer that got lost in between runs is asked for twice."""
        try:
            await workflow.wait_condition(
                self._something_happened,
                timeout=steps.BETWEEN_RUNS,
                timeout_summary="A long history goes on in a new run",
            )
        except TimeoutError:
            return self._is_time_for_a_new_run()
        return False

    def _worth_waking_for(self) -> Deadline | None:
        """
        What falls due next: no second reminder at once, and none when the time is up.

        The end of the link can wait for a letter that is on its way: that saves a timer.
        """
        too_late = self.journey.expires_at <= workflow.now()
        deadline = next_deadline(
            self.journey, reminding=self._post.reminding or too_late
        )
        if deadline and deadline.due is Due.EXPIRY and self._post.busy:
            return None
        return deadline

    def _fall_due(self) -> None:
        due = fallen_due(self.journey, workflow.now(), reminding=self._post.reminding)
        if due is Due.REMINDER:
            self._post.send(Template.REMINDER, self.journey.reminders_sent + 1)
        elif due is not None:
            self._inbox.put(missed(self.journey, due))

    # Taking an event: visible first, then held, then acted on.

    async def _take(self, happened: Happened) -> None:
        before, at = self.journey, workflow.now()
        first = happened.event is Event.REQUESTED
        after = begin(before, at) if first else advance(before, happened, at)
        whole = self._shown_by != workflow.info().run_id
        self._shown_by = await workflow.execute_activity_method(
            JourneyActivities.record_move,
            record_of(before, after, happened, at, whole=whole),
            **steps.RECORD(f"{happened.event} → {after.stage}"),
        )
        self.journey = after
        self._show(after if first else before)
        if after.requests > before.requests:
            self._post.send(Template.REQUEST, after.requests)
        await connections.bring_in_line(before, after)

    def _show(self, known: Journey) -> None:
        """Only what changed costs an event; what a journey begins with was said when it was started."""
        before = search_attributes.journey_values(known)
        values = search_attributes.journey_values(self.journey)
        if updates := search_attributes.changes(before, values):
            workflow.upsert_search_attributes(updates)
        workflow.set_current_details(view.journey_details(self.journey))

    # Endings.

    def _withdraw(self) -> None:
        """End it as an operator's Update does; one that is over keeps nobody waiting for an email."""
        if self.journey.open:
            cancelled = Happened(event=Event.CANCELLED, actor=Actor.OPERATOR)
            self._inbox.put_if_possible(cancelled)
        else:
            self._post.recall()

    async def _say_goodbye(self) -> None:
        """Call back what is still being sent; tell the customer, once, that the link has ended."""
        self._post.recall()
        self._consolidation.stop()
        expired = self.journey.stage is Stage.EXPIRED
        if expired and self.journey.delivery is Delivery.EMAIL:
            self._post.send(Template.EXPIRY, 1)
        await workflow.wait_condition(
            lambda: not self._post.busy and not self._consolidation.busy
        )
        while self._inbox:
            await self._take(self._inbox.take())
        await workflow.wait_condition(workflow.all_handlers_finished)

    def _meant(self, act: Act) -> Happened:
        """The event that an action asks for; a legal entity that it makes gets its ids here."""
        making = (LinkAction.NAME_ENTITY, LinkAction.SELECT_SOFTWARE, LinkAction.UPLOAD)
        if act.action not in making or self._inbox.expected.focus is not None:
            return act.happened()
        connection, company = (
            new_id(kind, workflow.now(), workflow.random())
            for kind in (Kind.CONNECTION, Kind.COMPANY)
        )
        several = act.action is LinkAction.NAME_ENTITY
        return act.happened(connection, company if several else self.journey.company_id)
