"""The emails of one journey. They go out beside its inbox: a slow mail server keeps nobody waiting."""

import asyncio
from collections.abc import Callable
from typing import Final

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception

from workflows import steps

with workflow.unsafe.imports_passed_through():
    from activities.emails import EmailActivities
    from domain.emails import Template
    from domain.journey import Event
    from domain.messages import SendEmail
    from domain.state import Happened

OUTCOMES: Final = {
    Template.REQUEST: (Event.REQUEST_SENT, Event.REQUEST_FAILED),
    Template.REMINDER: (Event.REMINDER_SENT, Event.REMINDER_FAILED),
    Template.EXPIRY: (Event.EXPIRY_SENT, Event.EXPIRY_FAILED),
}

NUMBERED: Final = (Template.REMINDER,)
"""Whose number counts in the journey."""


class Post:
    """Hands letters to the mail server, and tells `outcome` what became of each."""

    def __init__(self, journey_id: str, outcome: Callable[[Happened], None]) -> None:
        self._journey_id = journey_id
        self._outcome = outcome
        self._letters: list[tuple[Template, asyncio.Task[None]]] = []

    @property
    def busy(self) -> bool:
        """A letter is on its way."""
        return bool(self._on_their_way())

    @property
    def reminding(self) -> bool:
        """A reminder is on its way, so that no other one is due."""
        return any(
            template is Template.REMINDER for template, _ in self._on_their_way()
        )

    def send(self, template: Template, number: int) -> None:
        """Send a letter; whoever sends it does not wait."""
        letter = asyncio.create_task(self._send(template, number))
        self._letters = [*self._on_their_way(), (template, letter)]

    def recall(self) -> None:
        """Stop trying to send what has not left yet."""
        for _, letter in self._letters:
            letter.cancel()

    async def _send(self, template: Template, number: int) -> None:
        sent, failed = OUTCOMES[template]
        counted = number if template in NUMBERED else 0
        try:
            answer = await workflow.execute_activity_method(
                EmailActivities.send_email,
                SendEmail(
                    journey_id=self._journey_id, template=template, number=number
                ),
                **steps.EMAIL(f"Send the {template} email ({number})"),
            )
        except ActivityError as error:
            if is_cancelled_exception(error):
                return
            reason, detail, _ = steps.trouble_of(error)
            happened = Happened(
                event=failed, number=counted, reason=reason, detail=detail
            )
        else:
            event = sent if answer.confirmed else Event.SENT_UNCONFIRMED
            happened = Happened(event=event, number=counted)
        self._outcome(happened)

    def _on_their_way(self) -> list[tuple[Template, asyncio.Task[None]]]:
        return [letter for letter in self._letters if not letter[1].done()]
