"""
What a recording must not tell: who took part, and on which machine.

Names of companies and legal entities are replaced by names that say nothing, the
same everywhere in a life; email addresses, hosts, processes, paths and stack traces
are taken out. What a workflow decides by stays as it was.
"""

import base64
import json
import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, Final

NAMES: Final = ("company_name", "name")
"""The fields of messages that hold what somebody is called."""

ADDRESS: Final = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+")
SOMEBODY: Final = "somebody@example.com"
STICKY: Final = "TASK_QUEUE_KIND_STICKY"

Json = Any


def redacted(histories: Iterable[Json]) -> list[Json]:
    """Return the histories of one life as they may be kept."""
    kept = list(histories)
    names = dict.fromkeys(chain.from_iterable(_names(each) for each in kept))
    aliases = {name: f"Company {number}" for number, name in enumerate(names, 1)}
    return [_redacted(each, _Aliases(aliases)) for each in kept]


class _Aliases:
    """Replaces whatever was called by a name."""

    def __init__(self, aliases: dict[str, str]) -> None:
        self._aliases = aliases
        longest_first = sorted(aliases, key=len, reverse=True)
        self._names = re.compile(
            "|".join(rf"\b{re.escape(n)}\b" for n in longest_first)
        )

    def __call__(self, text: str) -> str:
        if self._aliases:
            text = self._names.sub(lambda found: self._aliases[found[0]], text)
        return ADDRESS.sub(SOMEBODY, text)


def _redacted(value: Json, aliases: _Aliases) -> Json:
    if _is_payload(value):
        said = _strings(opened(value), aliases)
        return {**value, "data": _sealed(said)}
    if isinstance(value, list):
        return [_redacted(each, aliases) for each in value]
    if isinstance(value, dict):
        return {
            key: _redacted(_of_no_machine(key, each), aliases)
            for key, each in value.items()
            if key != "stackTrace"
        }
    return value


def _of_no_machine(key: str, value: Json) -> Json:
    """Processes sign with their host's name, and queues of one process are named for it."""
    if key == "identity":
        return "somebody"
    if key == "taskQueue" and value.get("kind") == STICKY:
        return {**value, "name": "sticky"}
    return value


def opened(payload: Json) -> Json:
    """Return what a payload says."""
    return json.loads(base64.b64decode(payload["data"]))


def _sealed(said: Json) -> str:
    return base64.b64encode(json.dumps(said, ensure_ascii=False).encode()).decode()


def _is_payload(value: Json) -> bool:
    if not isinstance(value, dict) or "metadata" not in value or "data" not in value:
        return False
    encoding = base64.b64decode(value["metadata"].get("encoding", ""))
    return encoding.startswith(b"json/")


def payloads(value: Json) -> Iterator[Json]:
    """Everything that was said in a history, opened."""
    if _is_payload(value):
        yield opened(value)
    elif isinstance(value, list | dict):
        parts = value.values() if isinstance(value, dict) else value
        for each in parts:
            yield from payloads(each)


def _names(history: Json) -> Iterator[str]:
    for said in payloads(history):
        yield from _named(said)


def _named(said: Json) -> Iterator[str]:
    if isinstance(said, list):
        for each in said:
            yield from _named(each)
    elif isinstance(said, dict):
        for key, each in said.items():
            if key in NAMES and isinstance(each, str) and each:
                yield each
            else:
                yield from _named(each)


def _strings(said: Json, aliases: _Aliases) -> Json:
    if isinstance(said, str):
        return aliases(said)
    if isinstance(said, list):
        return [_strings(each, aliases) for each in said]
    if isinstance(said, dict):
        return {key: _strings(each, aliases) for key, each in said.items()}
    return said
