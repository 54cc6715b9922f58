"""
What workflow code does while it is replayed, written down at its edge.

A replay compares the kinds and the order of commands with the history. It doesn't
look at what they carry: that is noted here.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple, NoReturn

from pydantic import BaseModel
from temporalio import workflow
from temporalio.worker import (
    ContinueAsNewInput,
    ExecuteWorkflowInput,
    HandleSignalInput,
    HandleUpdateInput,
    Interceptor,
    SignalChildWorkflowInput,
    SignalExternalWorkflowInput,
    StartActivityInput,
    StartChildWorkflowInput,
    StartLocalActivityInput,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)


class Note(NamedTuple):
    """One thing that a workflow does: a word, a name, what it carries, what comes back."""

    word: str
    name: str
    carries: tuple[type, ...]
    answer: type | None = None

    def __str__(self) -> str:
        """For people: `activity: record_move(RecordMove)`."""
        carries = ", ".join(each.__name__ for each in self.carries)
        returns = f" -> {answer.__name__}" if (answer := self.answer) else ""
        return f"{self.word}: {self.name}({carries}){returns}"


def is_message(kind: object) -> bool:
    """Whether it has fields that are ours to change."""
    return isinstance(kind, type) and issubclass(kind, BaseModel)


Notes = dict[str, set[Note]]


class NoteTaker(Interceptor):
    """Notes by the type of the workflow."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes

    def workflow_interceptor_class(
        self, input: WorkflowInterceptorClassInput
    ) -> type[WorkflowInboundInterceptor]:
        """Return what stands at the edge of each workflow."""
        notes = self._notes

        class Inbound(_Inbound):
            taken = notes

        return Inbound


def _note(
    notes: Notes, word: str, name: str, arguments: Sequence[Any], answer: Any = None
) -> None:
    carries = tuple(type(each) for each in arguments)
    note = Note(word, name, carries, answer if is_message(answer) else None)
    notes[workflow.info().workflow_type].add(note)


class _Inbound(WorkflowInboundInterceptor):
    taken: Notes

    def init(self, outbound: WorkflowOutboundInterceptor) -> None:
        super().init(_Outbound(outbound, self.taken))

    async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:
        _note(self.taken, "begins", "", input.args)
        return await super().execute_workflow(input)

    async def handle_signal(self, input: HandleSignalInput) -> None:
        _note(self.taken, "takes signal", input.signal, input.args)
        await super().handle_signal(input)

    async def handle_update_handler(self, input: HandleUpdateInput) -> Any:
        answer = await super().handle_update_handler(input)
        _note(self.taken, "takes update", input.update, input.args, type(answer))
        return answer


class _Outbound(WorkflowOutboundInterceptor):
    def __init__(self, following: WorkflowOutboundInterceptor, taken: Notes) -> None:
        super().__init__(following)
        self._taken = taken

    def continue_as_new(self, input: ContinueAsNewInput) -> NoReturn:
        _note(self._taken, "continues as new", input.workflow or "", input.args)
        super().continue_as_new(input)

    def start_activity(self, input: StartActivityInput) -> workflow.ActivityHandle[Any]:
        _note(self._taken, "activity", input.activity, input.args, input.ret_type)
        return super().start_activity(input)

    def start_local_activity(
        self, input: StartLocalActivityInput
    ) -> workflow.ActivityHandle[Any]:
        _note(self._taken, "local activity", input.activity, input.args, input.ret_type)
        return super().start_local_activity(input)

    async def start_child_workflow(
        self, input: StartChildWorkflowInput
    ) -> workflow.ChildWorkflowHandle[Any, Any]:
        policy = input.parent_close_policy.name.lower()
        _note(
            self._taken, f"child ({policy})", input.workflow, input.args, input.ret_type
        )
        return await super().start_child_workflow(input)

    async def signal_child_workflow(self, input: SignalChildWorkflowInput) -> None:
        _note(self._taken, "signal to a child", input.signal, input.args)
        await super().signal_child_workflow(input)

    async def signal_external_workflow(
        self, input: SignalExternalWorkflowInput
    ) -> None:
        _note(self._taken, "signal", input.signal, input.args)
        await super().signal_external_workflow(input)
