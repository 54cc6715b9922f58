"""Open journeys survive an upgrade: what was lived once can be gone through again."""

from collections.abc import Sequence

import pytest
from temporalio.workflow import _Definition  # nothing public knows a workflow's name

from domain.journey import ROWS
from tests.histories import changed
from tests.histories.fingerprints import (
    MESSAGES,
    WORKFLOWS,
    accepted,
    complaints,
    fingerprints_of,
)
from tests.histories.gate import Replay, replayed
from tests.histories.lives import LIVES
from tests.histories.recordings import Recording, recordings
from tests.histories.rows import JOURNEY, rows_of
from worker import WORKFLOWS as TYPES

PATCHED = "Put the change behind workflow.patched; see docs/operations.md"


@pytest.fixture(scope="session")
def all_recorded() -> Sequence[Recording]:
    return recordings()


@pytest.fixture(scope="session")
async def replay(all_recorded: Sequence[Recording]) -> Replay:
    return await replayed(all_recorded)


@pytest.fixture
def revocations(all_recorded: Sequence[Recording]) -> Sequence[Recording]:
    """The recorded revocations: short, and so good to be broken."""
    mine = [
        Recording(
            each.name, tuple(one for one in each.lived if one.type == changed.NAME)
        )
        for each in all_recorded
    ]
    return [each for each in mine if each.lived]


def test_every_recorded_life_can_be_gone_through_again(replay: Replay) -> None:
    """
    With the workflows, the sandbox and the converter of production's worker.
    """
    assert [] == replay.complaints, "\n".join(replay.complaints)


def test_nothing_changed_that_nobody_thought_of(replay: Replay) -> None:
    """
    What workflows take and issue, and the fields of their messages, are as accepted.
    """
    changes = complaints(accepted(), fingerprints_of(replay))

    assert [] == changes, "\n".join(changes)


def test_the_recorded_lives_take_every_row_of_the_move_table(
    all_recorded: Sequence[Recording],
) -> None:
    """
    Whatever a journey can go through is recorded at least once.
    """
    taken = {
        row
        for recording in all_recorded
        for lived in recording.lived
        if lived.type == JOURNEY
        for row in rows_of(lived)
    }

    assert [] == [row for row in ROWS if row not in taken]


def test_every_workflow_and_every_life_is_recorded(
    all_recorded: Sequence[Recording],
) -> None:
    """
    Those that the worker runs, and those that the table lists.
    """
    types = {lived.type for recording in all_recorded for lived in recording.lived}
    lives = {recording.life for recording in all_recorded}

    expected = {_Definition.must_from_class(each).name for each in TYPES}
    assert expected == types
    assert {life.name for life in LIVES} <= lives


@pytest.mark.parametrize("workflow", [changed.OneStepMore, changed.OtherWayRound])
async def test_another_order_of_steps_is_caught(
    revocations: Sequence[Recording], workflow: type
) -> None:
    """
    The sentence names the life, what it means for open journeys, and what to do.
    """
    broken = await replayed(revocations, [workflow])

    assert len(revocations) == len(broken.complaints) > 0
    for recording, complaint in zip(revocations, broken.complaints, strict=True):
        assert f"The recorded life {recording.name!r} breaks" in complaint
        assert "open journeys would stop there" in complaint
        assert PATCHED in complaint


@pytest.mark.parametrize("workflow", [changed.Unchanged, changed.OneStepMoreForNewOnes])
async def test_other_words_and_patches_are_let_through(
    revocations: Sequence[Recording], workflow: type
) -> None:
    """
    What open journeys do not notice is nobody's business.
    """
    replay = await replayed(revocations, [workflow])

    assert [] == replay.complaints


async def test_a_renamed_field_is_caught_where_a_replay_sees_nothing(
    revocations: Sequence[Recording],
) -> None:
    """
    Both halves of it are told, with what to do and how to accept it.
    """
    before = fingerprints_of(await replayed(revocations, [changed.Unchanged]))

    replay = await replayed(revocations, [changed.AnotherField])
    lost, new = complaints(before, fingerprints_of(replay))

    assert [] == replay.complaints
    assert lost.startswith("RevokeConnection has lost the field “connection_id”")
    assert new.startswith("RevokeConnection has the new field “connection”")
    for complaint in (lost, new):
        assert "open journeys" in complaint
        assert "docs/operations.md" in complaint
        assert "`make histories` accepts it" in complaint


def test_another_command_is_told_in_both_directions() -> None:
    """
    What is done no more, and what is done now.
    """
    before = {WORKFLOWS: {"Some": ["activity: a()"]}, MESSAGES: {}}
    after = {WORKFLOWS: {"Some": ["activity: b()"]}, MESSAGES: {}}

    gone, come = complaints(before, after)

    assert gone.startswith("Some does “activity: a()” no more")
    assert come.startswith("Some does “activity: b()” now")
