"""Workflows as they must not be changed: `RevokeConnection`, each time with one mistake in it."""

from temporalio import workflow

from workflows import steps

with workflow.unsafe.imports_passed_through():
    from activities.connections import ConnectionActivities
    from domain.message import Message
    from domain.messages import Ask, Recorded, RevokeConnection

NAME = "RevokeConnection"


class _Revocation:
    """What all of them have in common with the real one."""

    def __init__(self) -> None:
        self._visible = False

    async def shut(self, command: Message) -> None:
        await workflow.execute_activity(
            ConnectionActivities.shut.__name__, command, **steps.RECORD("Shut it here")
        )
        self._visible = True

    async def give_back(self, command: Message) -> None:
        await workflow.execute_activity(
            ConnectionActivities.give_back.__name__,
            command,
            **steps.REVOKE("Give the access back"),
        )

    async def until_seen(self) -> Recorded:
        await workflow.wait_condition(lambda: self._visible)
        return Recorded()


@workflow.defn(name=NAME)
class Unchanged(_Revocation):
    """The same in other words: no mistake."""

    @workflow.run
    async def run(self, command: RevokeConnection) -> None:
        await self.shut(command)
        await self.give_back(command)
        await workflow.wait_condition(workflow.all_handlers_finished)

    @workflow.update
    async def recorded(self, ask: Ask) -> Recorded:
        return await self.until_seen()


@workflow.defn(name=NAME)
class OneStepMore(_Revocation):
    """It makes sure, and shuts the connection once more."""

    @workflow.run
    async def run(self, command: RevokeConnection) -> None:
        await self.shut(command)
        await self.give_back(command)
        await self.shut(command)
        await workflow.wait_condition(workflow.all_handlers_finished)

    @workflow.update
    async def recorded(self, ask: Ask) -> Recorded:
        return await self.until_seen()


@workflow.defn(name=NAME)
class OtherWayRound(_Revocation):
    """The provider is told first."""

    @workflow.run
    async def run(self, command: RevokeConnection) -> None:
        await self.give_back(command)
        await self.shut(command)
        await workflow.wait_condition(workflow.all_handlers_finished)

    @workflow.update
    async def recorded(self, ask: Ask) -> Recorded:
        return await self.until_seen()


@workflow.defn(name=NAME)
class OneStepMoreForNewOnes(_Revocation):
    """One step more, as it should be done."""

    @workflow.run
    async def run(self, command: RevokeConnection) -> None:
        await self.shut(command)
        await self.give_back(command)
        if workflow.patched("revocation-shuts-twice"):
            await self.shut(command)
        await workflow.wait_condition(workflow.all_handlers_finished)

    @workflow.update
    async def recorded(self, ask: Ask) -> Recorded:
        return await self.until_seen()


class Renamed(Message):
    """`RevokeConnection` with its field renamed, and a default, so that nobody complains."""

    connection: str = ""


Renamed.__name__ = "RevokeConnection"


@workflow.defn(name=NAME)
class AnotherField(_Revocation):
    """The same steps, about a connection that it does not know any more."""

    @workflow.run
    async def run(self, command: Renamed) -> None:
        await self.shut(command)
        await self.give_back(command)
        await workflow.wait_condition(workflow.all_handlers_finished)

    @workflow.update
    async def recorded(self, ask: Ask) -> Recorded:
        return await self.until_seen()
