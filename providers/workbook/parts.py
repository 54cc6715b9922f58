"""
The XML parts of a workbook, looked at as they stream by: no text of theirs is kept.

Found are document types (entities that grow by the billion need one), formulas and
errors by their place, and sheets that stretch so far that a reader would run out of
memory.
"""

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Final, NamedTuple, Protocol
from xml.parsers import expat

from domain.uploads import MOST_PROBLEMS
from providers.workbook.complaints import Unreadable

MOST_COLUMNS: Final = 200
MOST_ROWS: Final = 1_048_576
MOST_CELLS: Final = 8_000_000
"""Cells of a sheet's outline: a reader makes room for all of them."""

_XML: Final = (".xml", ".rels", ".vml")
_WORKBOOK: Final = "xl/workbook.xml"
_RELATIONS: Final = "xl/_rels/workbook.xml.rels"
_FORMULA: Final = "Expected a value, found a formula: replace it by its value."
_ERROR: Final = "Expected a value, found an error such as #N/A."
_TOO_FAR: Final = (
    "Something stands far away from the rows. Delete all columns and rows beyond them."
)


class Inspector(Protocol):
    """Sees one part's bytes go by."""

    def feed(self, piece: bytes) -> None: ...
    def close(self) -> None: ...


class Unread:
    """A part that holds no XML, such as a picture: nothing to see."""

    def feed(self, piece: bytes) -> None:
        """Let it pass."""

    def close(self) -> None:
        """There is nothing to finish."""


class Fault(NamedTuple):
    """What is wrong with a cell; `row` counts from 1, `column` from 0."""

    row: int
    column: int
    message: str


class Part:
    """
    One XML part: what its elements are is asked by name, whatever their prefix.

    In a sheet only those of its own namespace count: a list to choose from is an
    "f" of another one.
    """

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.further = 0
        self.names: dict[str, str] = {}
        self.targets: dict[str, str] = {}
        self.farthest: int | None = None
        self.is_sheet = False
        self._row = self._column = 0
        self._last_row = self._last_column = 0
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._parser.StartElementHandler = self._begin
        self._elements = {
            "sheet": self._sheet,
            "Relationship": self._relationship,
        }

    def feed(self, piece: bytes) -> None:
        self._parse(piece, is_last=False)

    def close(self) -> None:
        self._parse(b"", is_last=True)
        outline = (self._last_column + 1) * self._last_row
        if self._last_column >= MOST_COLUMNS or outline > MOST_CELLS:
            self.farthest = self._last_row

    def _parse(self, piece: bytes, *, is_last: bool) -> None:
        try:
            self._parser.Parse(piece, is_last)
        except expat.ExpatError:
            raise ValueError("not well-formed") from None

    def _refuse(self, *_: object) -> None:
        raise Unreadable(
            "This file is not as a spreadsheet program writes it: it declares a document type."
        )

    def _begin(self, name: str, attributes: Mapping[str, str]) -> None:
        space, _, local = name.rpartition(" ")
        if local == "worksheet":
            self._worksheet(space)
        elif (act := self._elements.get(local)) is not None:
            act(attributes)

    def _begin_in_sheet(self, name: str, attributes: Mapping[str, str]) -> None:
        if (act := self._elements.get(name)) is not None:
            act(attributes)

    def _sheet(self, attributes: Mapping[str, str]) -> None:
        known = {name.rpartition(" ")[2]: value for name, value in attributes.items()}
        self.names[known.get("id", "")] = known.get("name", "")

    def _relationship(self, attributes: Mapping[str, str]) -> None:
        self.targets[attributes.get("Id", "")] = attributes.get("Target", "")

    def _worksheet(self, space: str) -> None:
        self.is_sheet = True
        self._parser.StartElementHandler = self._begin_in_sheet
        acts = {
            "row": self._begin_row,
            "c": self._begin_cell,
            "f": self._formula,
            "v": self._value,
            "is": self._value,
        }
        self._elements = {f"{space} {name}".strip(): act for name, act in acts.items()}

    def _begin_row(self, attributes: Mapping[str, str]) -> None:
        self._row = int(attributes.get("r", self._row + 1))
        self._column = -1
        if not 1 <= self._row <= MOST_ROWS:
            raise ValueError("no such row")

    def _begin_cell(self, attributes: Mapping[str, str]) -> None:
        place = attributes.get("r")
        self._column = self._column + 1 if place is None else _column(place)
        if attributes.get("t") == "e":
            self._fault(_ERROR)

    def _value(self, attributes: Mapping[str, str]) -> None:
        self._last_row = max(self._last_row, self._row)
        self._last_column = max(self._last_column, self._column)

    def _formula(self, attributes: Mapping[str, str]) -> None:
        self._value(attributes)
        self._fault(_FORMULA)

    def _fault(self, message: str) -> None:
        if len(self.faults) < MOST_PROBLEMS:
            self.faults.append(Fault(self._row, self._column, message))
        else:
            self.further += 1


class Parts:
    """All parts of one workbook; the sheets' names stand in one, their cells in others."""

    def __init__(self) -> None:
        self._parts: dict[str, Part] = {}

    def inspector(self, name: str) -> Inspector:
        """Say who looks at the part of that name."""
        if not name.casefold().endswith(_XML):
            return Unread()
        return self._parts.setdefault(name.casefold(), Part())

    def sheets(self) -> Iterator[tuple[str, Part]]:
        """Give every sheet with its name, or raise Unreadable for one that is too wide."""
        names = self._names()
        for path, part in self._parts.items():
            name = names.get(path, PurePosixPath(path).stem)
            if part.farthest is not None:
                raise Unreadable(_TOO_FAR, name, part.farthest)
            if part.is_sheet:
                yield name, part

    def _names(self) -> Mapping[str, str]:
        """Return the sheets' names by the path of their part."""
        targets = self._parts.get(_RELATIONS, Part()).targets
        return {
            _path(targets[key]): name
            for key, name in self._parts[_WORKBOOK].names.items()
            if key in targets
        }


def _path(target: str) -> str:
    """Resolve a relation's target, which stands relative to xl/ or to the whole."""
    target = target.casefold()
    return target.removeprefix("/") if target.startswith("/") else f"xl/{target}"


def _column(place: str) -> int:
    """Read the column out of a place such as C12: 2."""
    column = 0
    for letter in place.rstrip("0123456789").upper():
        if not "A" <= letter <= "Z":
            raise ValueError("no such column")
        column = column * 26 + ord(letter) - ord("A") + 1
    return column - 1
