"""One data request, from the email to the last legal entity."""

import asyncio
from collections.abc import Coroutine
from datetime import datetime
from typing import Any, Final

from temporalio import workflow
from temporalio.exceptions import (
    ActivityError,
    ApplicationError,
    ChildWorkflowError,
    is_cancelled_exception,
)

from workflows import search_attributes, steps, view
from workflows.alarm import Alarm
from workflows.entity import EntityConnection
from workflows.inbox import Inbox

with workflow.unsafe.imports_passed_through():
    from activities.emails import EmailActivities
    from activities.journeys import JourneyActivities
    from domain.deadlines import Due, missed, next_deadline
    from domain.emails import Template
    from domain.ids import Kind, new_id
    from domain.journey import Actor, Delivery, EntityStage, Event, LinkAction, Stage
    from domain.messages import (
        Act,
        Ask,
        CameBack,
        Cancel,
        ConnectEntity,
        EntityRead,
        Extend,
        Moved,
        RecordMove,
        RunJourney,
        SendEmail,
        Skip,
    )
    from domain.moves import advance, begin
    from domain.reasons import Reason
    from domain.state import Entity, Happened, Journey

LONG_HISTORY: Final = 2000
"""Events after which a quiet journey goes on in a new run, long before the server insists."""

OUTCOMES: Final = {
    Template.REQUEST: (Event.REQUEST_SENT, Event.REQUEST_FAILED),
    Template.REMINDER: (Event.REMINDER_SENT, Event.REMINDER_FAILED),
    Template.EXPIRY: (Event.EXPIRY_SENT, Event.EXPIRY_FAILED),
}


@workflow.defn
class CustomerJourney:
    """
    Ask a customer for their books, wait for weeks if need be, and lose nothing.

    Whatever happens joins the inbox. `run` takes it from there, one event at a
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
        self._mails: list[asyncio.Task[None]] = []
        self._watch: list[asyncio.Task[None]] = []
        self._reminding = False

    @workflow.run
    async def run(self, start: RunJourney) -> Stage:
        workflow.set_current_details(view.journey_details(self.journey))
        try:
            while self.journey.open:
                await self._something_to_happen()
                while self._inbox and self.journey.open:
                    await self._take(self._inbox.take())
                self._fall_due()
        except asyncio.CancelledError:
            if workflow.cancellation_reason() is None:
                raise
            await self._cancel()
            raise
        await self._say_goodbye()
        return self.journey.stage

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
        if entity is not None and entity.stage in (
            EntityStage.FETCHING,
            EntityStage.FAILED,
        ):
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
        await workflow.wait_condition(
            lambda: self.journey.version >= version or not self.journey.open
        )
        if self.journey.version < version:
            raise ApplicationError(
                "This journey has just ended.", type="journey_closed"
            )
        return Moved(version=version)

    async def _something_to_happen(self) -> None:
        self._alarm.set(next_deadline(self.journey, reminding=self._reminding))
        await workflow.wait_condition(
            lambda: (
                bool(self._inbox) or self._alarm.rang or self._is_time_for_a_new_run()
            )
        )
        if not self._inbox and self._is_time_for_a_new_run():
            workflow.continue_as_new(RunJourney(journey=self.journey))

    def _is_time_for_a_new_run(self) -> bool:
        """Long enough, and quiet: nobody waits for an answer and no email is on its way."""
        info = workflow.info()
        long = (
            info.is_continue_as_new_suggested()
            or info.get_current_history_length() > LONG_HISTORY
        )
        return (
            long
            and workflow.all_handlers_finished()
            and all(mail.done() for mail in self._mails)
        )

    def _fall_due(self) -> None:
        deadline = next_deadline(self.journey, reminding=self._reminding)
        if deadline is None or deadline.at > workflow.now():
            return
        if deadline.due is Due.REMINDER:
            self._mail(self._remind())
        else:
            self._inbox.put(missed(self.journey, deadline.due))

    # Taking an event: visible first, then held, then acted on.

    async def _take(self, happened: Happened) -> None:
        before, at = self.journey, workflow.now()
        first = happened.event is Event.REQUESTED
        after = begin(before, at) if first else advance(before, happened, at)
        await workflow.execute_activity_method(
            JourneyActivities.record_move,
            _record(before, after, happened, at),
            **steps.RECORD(f"{happened.event} → {after.stage}"),
        )
        self.journey = after
        self._show(before if not first else None)
        await self._follow(before, after)

    def _show(self, before: Journey | None) -> None:
        known = search_attributes.journey_values(before) if before else {}
        values = search_attributes.journey_values(self.journey)
        if updates := search_attributes.changes(known, values):
            workflow.upsert_search_attributes(updates)
        workflow.set_current_details(view.journey_details(self.journey))

    async def _follow(self, before: Journey, after: Journey) -> None:
        """Do what follows from a move: emails, and word to each legal entity that it touched."""
        if after.requests > before.requests:
            self._mail(self._request(after.requests))
        for entity in after.entities:
            known = before.entity(entity.id)
            if entity != known:
                await self._tell(known, entity)
        for entity in before.entities:
            if after.entity(entity.id) is None and entity.software is not None:
                await self._let_go(entity)

    async def _tell(self, known: Entity | None, entity: Entity) -> None:
        """Bring an entity's connection in line; start it when there is software to connect."""
        if entity.software is None or entity.stage is EntityStage.DONE:
            return
        if entity.stage is EntityStage.SKIPPED:
            await self._let_go(entity)
        elif known is None or known.software is None:
            await self._connect(entity)
        else:
            try:
                await self._connection(entity).signal(EntityConnection.follow, entity)
            except ApplicationError:  # it is gone, ended by an operator for example
                await self._connect(entity)

    async def _connect(self, entity: Entity) -> None:
        journey = self.journey
        start = ConnectEntity(
            journey_id=journey.id,
            organization_id=journey.organization_id,
            client_id=journey.company_id,
            data_types=journey.data_types,
            rules=journey.rules,
            entity=entity,
        )
        connection = await workflow.start_child_workflow(
            EntityConnection.run,
            start,
            id=entity.id,
            parent_close_policy=workflow.ParentClosePolicy.REQUEST_CANCEL,
            static_summary=view.entity_title(start),
            search_attributes=search_attributes.fixed(
                journey.organization_id, entity.company_id, journey.id
            ),
        )
        self._watch = [
            *self._watch,
            asyncio.create_task(self._outlive(entity, connection)),
        ]

    async def _outlive(
        self,
        entity: Entity,
        connection: workflow.ChildWorkflowHandle[EntityConnection, None],
    ) -> None:
        """A connection that ended without a word, by an operator's hand or a defect, has failed."""
        try:
            await connection
        except ChildWorkflowError:
            self.entity_read(EntityRead(entity_id=entity.id, reason=Reason.INTERNAL))

    async def _let_go(self, entity: Entity) -> None:
        try:
            await self._connection(entity).cancel(
                reason="no longer part of the journey"
            )
        except ApplicationError:  # it is gone already
            workflow.logger.info("entity.gone_already", extra={"entity": entity.id})

    def _connection(
        self, entity: Entity
    ) -> workflow.ExternalWorkflowHandle[EntityConnection]:
        return workflow.get_external_workflow_handle_for(
            EntityConnection.run, entity.id
        )

    # Emails go out beside the inbox: a slow mail server keeps nobody waiting.

    def _mail(self, mail: Coroutine[Any, Any, None]) -> None:
        on_their_way = [mail for mail in self._mails if not mail.done()]
        self._mails = [*on_their_way, asyncio.create_task(mail)]

    async def _request(self, number: int) -> None:
        self._inbox.put_if_possible(await self._send(Template.REQUEST, number))

    async def _remind(self) -> None:
        self._reminding = True
        number = self.journey.reminders_sent + 1
        happened = await self._send(Template.REMINDER, number)
        self._reminding = False
        self._inbox.put_if_possible(happened.model_copy(update={"number": number}))

    async def _send(self, template: Template, number: int) -> Happened:
        sent, failed = OUTCOMES[template]
        try:
            answer = await workflow.execute_activity_method(
                EmailActivities.send_email,
                SendEmail(journey_id=self.journey.id, template=template, number=number),
                **steps.EMAIL(f"Send the {template} email ({number})"),
            )
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            trouble = steps.trouble_of(error)
            return Happened(event=failed, reason=trouble.reason, detail=trouble.detail)
        return Happened(event=sent if answer.confirmed else Event.SENT_UNCONFIRMED)

    # Endings.

    async def _say_goodbye(self) -> None:
        """Call back what is still being sent; tell the customer, once, that the link has ended."""
        self._stop_waiting()
        if (
            self.journey.stage is Stage.EXPIRED
            and self.journey.delivery is Delivery.EMAIL
        ):
            await self._take(await self._send(Template.EXPIRY, 1))
        await workflow.wait_condition(workflow.all_handlers_finished)

    async def _cancel(self) -> None:
        """Cancelled in the Temporal UI; a move that was being recorded just then counts as made."""
        self._stop_waiting()
        if self.journey.open:
            self.journey = self.journey.but(version=self.journey.version + 1)
            await self._take(Happened(event=Event.CANCELLED, actor=Actor.OPERATOR))
        await workflow.wait_condition(workflow.all_handlers_finished)

    def _stop_waiting(self) -> None:
        self._alarm.stop()
        for mail in self._mails:
            mail.cancel()

    def _meant(self, act: Act) -> Happened:
        """The event that an action asks for; a legal entity that it makes gets its ids here."""
        making = (LinkAction.NAME_ENTITY, LinkAction.SELECT_SOFTWARE)
        if act.action not in making or self._inbox.expected.focus is not None:
            return act.happened()
        connection, company = (
            new_id(kind, workflow.now(), workflow.random())
            for kind in (Kind.CONNECTION, Kind.COMPANY)
        )
        single = act.action is LinkAction.SELECT_SOFTWARE
        return act.happened(connection, self.journey.company_id if single else company)


def _record(
    before: Journey, after: Journey, happened: Happened, at: datetime
) -> RecordMove:
    """The command that makes a move visible: the journey, and only those entities that changed."""
    changed = [each for each in after.entities if each != before.entity(each.id)]
    return RecordMove(
        journey=after.but(entities=()),
        standing=after.standing,
        entities=tuple(changed),
        removed=tuple(
            each.id for each in before.entities if after.entity(each.id) is None
        ),
        run_id=workflow.info().run_id,
        at=at,
        event=happened.event,
        actor=happened.actor,
        entity_id=happened.entity_id or after.focus or before.focus,
        reason=happened.reason
        or (after.reason if after.reason != before.reason else None),
        detail=happened.detail,
    )
