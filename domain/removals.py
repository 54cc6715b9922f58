"""How a company is taken away with everything that is known of it: the steps, and what a receipt counts."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple

from domain.ids import Kind


class Step(StrEnum):
    """One part of a removal."""

    JOURNEYS = "journeys"
    WORK = "work"
    CONNECTIONS = "connections"
    FILES = "files"
    RECORDS = "records"
    CHECK = "check"


class Progress(StrEnum):
    """How far a step, or a whole removal, is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"


class Face(NamedTuple):
    """A step as people read it."""

    title: str
    hint: str


STEPS: Final[Mapping[Step, Face]] = {
    Step.JOURNEYS: Face(
        "End the open requests",
        "Links stop working, and no email goes out any more.",
    ),
    Step.WORK: Face(
        "Stop what is being read or built",
        "Readings of the books and reports that are under way come to an end.",
    ),
    Step.CONNECTIONS: Face(
        "Give the access back",
        "The accounting software is told, again and again for four weeks if need be.",
    ),
    Step.FILES: Face(
        "Delete the files",
        "Books that were read, reports, and files that were uploaded.",
    ),
    Step.RECORDS: Face(
        "Delete the records",
        "The company, its contact and legal entities, requests, emails and consents.",
    ),
    Step.CHECK: Face(
        "Look once more",
        "Half a minute later: what somebody was just writing when it began goes too.",
    ),
}
"""In the order in which they begin; access is given back beside those that follow."""


class Thing(StrEnum):
    """What a receipt counts."""

    LEGAL_ENTITIES = "legal_entities"
    JOURNEYS = "journeys"
    CONNECTIONS = "connections"
    SYNCS = "syncs"
    REPORTS = "reports"
    EMAILS = "emails"
    FILES = "files"


class Name(NamedTuple):
    """What one is called, and several."""

    one: str
    many: str


THINGS: Final[Mapping[Thing, Name]] = {
    Thing.LEGAL_ENTITIES: Name("legal entity", "legal entities"),
    Thing.JOURNEYS: Name("request", "requests"),
    Thing.CONNECTIONS: Name("connection", "connections"),
    Thing.SYNCS: Name("reading of the books", "readings of the books"),
    Thing.REPORTS: Name("report", "reports"),
    Thing.EMAILS: Name("email", "emails"),
    Thing.FILES: Name("file", "files"),
}


def counted(thing: Thing, number: int) -> str:
    """Return for example `2 legal entities`."""
    name = THINGS[thing]
    return f"{number:,} {name.one if number == 1 else name.many}"


def is_of_a_removal(organization_id: str) -> bool:
    """Whether a row's owner is no organization any more, but the removal that takes it away."""
    return organization_id.startswith(f"{Kind.REMOVAL}_")
