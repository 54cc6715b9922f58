"""What shows that workflows are deterministic: a sandbox around each that is replayed in a test."""

from typing import Final

from temporalio.worker.workflow_sandbox import (
    SandboxedWorkflowRunner,
    SandboxRestrictions,
)

PASSED_THROUGH: Final = (
    "activities",
    "domain",
    "emails",
    "providers",
    "reports",
    "store",
    "workflows.ids",
    "workflows.search_attributes",
    "workflows.steps",
    "workflows.view",
)
"""What workflows only name: the sandbox need not run it anew for each of them."""


def workflow_sandbox() -> SandboxedWorkflowRunner:
    """Return what keeps workflows from clocks, chance and I/O."""
    restrictions = SandboxRestrictions.default.with_passthrough_modules(*PASSED_THROUGH)
    return SandboxedWorkflowRunner(restrictions=restrictions)
