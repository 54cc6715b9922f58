"""
What open journeys rely on beyond the order of commands, kept in `fingerprints.json`.

For each workflow what it takes, issues and waits for in the recorded lives; for
each message that it thereby reads or writes, its fields. A change is no mistake by
itself, but somebody has to have thought of the journeys that are open.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, get_args

from pydantic import BaseModel

from tests.histories.commands import timers_of
from tests.histories.gate import READ, Replay
from tests.histories.notes import Note, is_message

FILE: Final = Path(__file__).parent / "fingerprints.json"
ACCEPT: Final = "`make histories` accepts it"

Fingerprints = Mapping[str, Mapping[str, list[str]]]
WORKFLOWS: Final = "workflows"
MESSAGES: Final = "messages"


def fingerprints_of(replay: Replay) -> Fingerprints:
    """Return what a replay has shown."""
    workflows = {
        name: sorted({str(note) for note in notes} | _timers(replay, name))
        for name, notes in sorted(replay.notes.items())
    }
    carried = set(_carried(note for notes in replay.notes.values() for note in notes))
    messages = {
        each.__name__: sorted(each.model_fields) for each in _with_parts(carried)
    }
    return {WORKFLOWS: workflows, MESSAGES: dict(sorted(messages.items()))}


def written(fingerprints: Fingerprints) -> str:
    """Return them as text whose lines tell a change."""
    return json.dumps(fingerprints, indent=2, ensure_ascii=False) + "\n"


def accepted() -> Fingerprints:
    """Return those that somebody has thought of."""
    known: Fingerprints = json.loads(FILE.read_text())
    return known


def complaints(known: Fingerprints, now: Fingerprints) -> list[str]:
    """Say in a sentence each what has changed, what it means, and what to do."""
    return [
        sentence.format(owner=owner, thing=thing)
        for section, gone, come in SENTENCES
        for owner in sorted({*known[section], *now[section]})
        for sentence, things in (
            (gone, _without(known[section].get(owner), now[section].get(owner))),
            (come, _without(now[section].get(owner), known[section].get(owner))),
        )
        for thing in things
    ]


GONE: Final = (
    "{owner} does “{thing}” no more in any recorded life: open journeys that have done it "
    f"must still be able to. Keep it for them behind workflow.patched; {READ}. "
    f"Where they are cared for, {ACCEPT}."
)
COME: Final = (
    "{owner} does “{thing}” now: open journeys that are past that point never did, and stop "
    f"there unless it is behind workflow.patched; {READ}. "
    f"Where they are cared for, {ACCEPT}."
)
LOST: Final = (
    "{owner} has lost the field “{thing}”: in open journeys' histories it is there, and what "
    f"it said is passed over in silence. Keep it and add another one; {READ}. "
    f"Where nobody needs it any more, {ACCEPT}."
)
NEW: Final = (
    "{owner} has the new field “{thing}”: open journeys' histories lack it, so it needs a "
    f"default that means what was meant before; {READ}. Where it has one, {ACCEPT}."
)

SENTENCES: Final = ((WORKFLOWS, GONE, COME), (MESSAGES, LOST, NEW))
"""What is said of a thing that was there, and of one that was not."""


def _without(some: list[str] | None, others: list[str] | None) -> list[str]:
    return [each for each in some or [] if each not in (others or [])]


def _timers(replay: Replay, workflow_type: str) -> set[str]:
    return {
        timer
        for recording in replay.recordings
        for lived in recording.lived
        if lived.type == workflow_type
        for timer in timers_of(lived.history)
    }


def _carried(notes: Iterable[Note]) -> Iterator[type[BaseModel]]:
    for note in notes:
        for kind in (*note.carries, note.answer):
            yield from _messages_in(kind)


def _with_parts(messages: set[type[BaseModel]]) -> set[type[BaseModel]]:
    """Messages with those that they are made of, at any depth."""
    found, look = set[type[BaseModel]](), list(messages)
    while look:
        message = look.pop()
        if message not in found:
            found.add(message)
            for field in message.model_fields.values():
                look.extend(_messages_in(field.annotation))
    return found


def _messages_in(kind: Any) -> Iterator[type[BaseModel]]:
    if is_message(kind):
        yield kind
    for part in get_args(kind):
        yield from _messages_in(part)
