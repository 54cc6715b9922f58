"""Ids and queues. A workflow's id is derived from its record's, so that asking twice starts once."""

from typing import Final

TASK_QUEUE: Final = "rapport"
RECONCILE: Final = "reconcile"


def reports_workflow_id(company_id: str) -> str:
    """One at a time per company."""
    return f"reports-{company_id}"


def sync_workflow_id(company_id: str) -> str:
    """One sync at a time per company."""
    return f"sync-{company_id}"


def revoke_workflow_id(connection_id: str) -> str:
    """A connection is revoked once."""
    return f"revoke-{connection_id}"


def note_workflow_id(journey_id: str, number: int) -> str:
    """A customer's wish for a new link is noted once per link."""
    return f"new-link-{journey_id}-{number}"


def removal_workflow_id(company_id: str) -> str:
    """A company is removed once."""
    return f"remove-{company_id}"
