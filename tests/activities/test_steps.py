"""Each class of steps says itself what a worker does of it."""

from inspect import getmembers, isfunction
from typing import Any

import pytest
from temporalio.activity import _Definition  # nothing public knows a step's name

from activities.bulk import BulkActivities
from activities.connections import ConnectionActivities
from activities.emails import EmailActivities
from activities.journeys import JourneyActivities
from activities.reconcile import ReconcileActivities
from activities.removals import RemovalActivities
from activities.reports import ReportActivities
from activities.syncs import SyncActivities


@pytest.mark.parametrize(
    "kind",
    [
        BulkActivities,
        ConnectionActivities,
        EmailActivities,
        JourneyActivities,
        ReconcileActivities,
        RemovalActivities,
        ReportActivities,
        SyncActivities,
    ],
)
def test_no_step_is_forgotten(kind: type[Any]) -> None:
    """
    What is written as a step is one that a worker takes.
    """
    steps = {
        name
        for name, each in getmembers(kind, isfunction)
        if _Definition.from_callable(each)
    }

    listed = object.__new__(kind).steps

    assert steps
    assert steps == {each.__name__ for each in listed}
    assert len(steps) == len(listed)
