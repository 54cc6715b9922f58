"""Tables: a workbook's sheets as records, with a complaint for whatever does not fit."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from domain.journey import DataType
from providers.workbook.cells import Cell, Wrong, read
from providers.workbook.columns import IGNORED, SHEETS, Column, Sheet, sheets_for
from providers.workbook.complaints import Complaints, Unreadable, letters, shortened

_HEADINGS: Final = 1
"""The row that names the columns."""


class Place(NamedTuple):
    """A column of the template, and where the customer's sheet has it."""

    column: Column
    number: int

    def __str__(self) -> str:
        return f"{self.column.heading} ({letters(self.number)})"


@dataclass(frozen=True, slots=True)
class Record:
    """One row of a sheet, as values by the columns' names; `row` as the customer counts."""

    row: int
    values: Mapping[str, Any]
    is_sound: bool
    table: "Table"

    def __getitem__(self, name: str) -> Any:
        """Return the value of the column of that name; None where the cell is empty."""
        return self.values.get(name)

    @property
    def id(self) -> str:
        """The customer's own id, or the record's place in the workbook."""
        own: str | None = self["id"]
        return own or f"{self.table.name}!{self.row}"

    def complain(self, name: str, message: str) -> None:
        """Say what is wrong with the record, at one of its columns."""
        self.table.complain(message, self.row, name)


class Table:
    """
    One sheet of the customer's workbook.

    `is_whole` says whether it is there with all columns it needs: otherwise none of
    its records is sound, and nobody should miss what it would have held. `filled`
    counts the rows that were gone through.
    """

    def __init__(
        self, sheet: Sheet, found: CalamineSheet | None, complaints: Complaints
    ) -> None:
        self.name = sheet.name
        self.filled = 0
        self._sheet, self._complaints = sheet, complaints
        self._found = found
        self._places: dict[str, Place] = {}
        self.is_whole = found is not None and self._read_headings(found)
        if found is None:
            complaints.add(
                "This sheet is missing. Copy it back from the template.", sheet.name
            )

    def records(self) -> Iterator[Record]:
        """Give every row that is not empty. Can be gone through once."""
        if self._found is None:
            return
        known = {place.number for place in self._places.values()}
        for row, cells in enumerate(_rows(self._found), start=1):
            if row > _HEADINGS and any(_is_filled(cell) for cell in cells):
                self.filled += 1
                self._complain_of_strays(row, cells, known)
                yield self._record(row, cells)

    def complain(
        self, message: str, row: int | None = None, name: str | None = None
    ) -> None:
        """Say what is wrong with the sheet, at one of its rows and columns."""
        place = self._places.get(name or "")
        column = (
            str(place) if place else name and self._sheet.heading(name)
        )  # a column that the customer's sheet lacks has no letter
        self._complaints.add(message, self._sheet.name, row, column)

    def _record(self, row: int, cells: list[Cell]) -> Record:
        values: dict[str, Any] = {}
        is_sound = self.is_whole
        for name, (column, number) in self._places.items():
            try:
                values[name] = read(column, cells[number])
            except Wrong as wrong:
                self.complain(str(wrong), row, name)
                values[name], is_sound = None, False
        return Record(row, values, is_sound, self)

    def _read_headings(self, found: CalamineSheet) -> bool:
        """Find the template's columns, in whatever order they are."""
        columns = {each.heading.casefold(): each for each in self._sheet.columns}
        headings = next(_rows(found), [])
        for index, heading in enumerate(headings):
            name = heading.strip().casefold() if isinstance(heading, str) else "?"
            column = columns.get(name)
            if column is None:
                self._complain_of_heading(name, index)
            elif column.name in self._places:
                message = f"There are two columns {column.heading}: remove one."
                self._complaints.add(
                    message, self._sheet.name, _HEADINGS, letters(index)
                )
            else:
                self._places[column.name] = Place(column, index)
        missing = [
            column
            for column in self._sheet.columns
            if column.required and column.name not in self._places
        ]
        for column in missing:
            self.complain("This column is missing.", _HEADINGS, column.name)
        return not missing

    def _complain_of_heading(self, name: str, index: int) -> None:
        if name:
            message = "The template has no column of this name: remove or rename it."
            self._complaints.add(message, self._sheet.name, _HEADINGS, letters(index))

    def _complain_of_strays(self, row: int, cells: list[Cell], known: set[int]) -> None:
        """A value that no heading stands above would be lost; one is told, then it is known."""
        for index, cell in enumerate(cells):
            if index not in known and _is_filled(cell):
                known.add(index)
                message = "No heading of the template stands above this: remove it."
                self._complaints.add(message, self._sheet.name, row, letters(index))


class Tables:
    """The sheets that some data types ask for, in one workbook."""

    def __init__(
        self, path: Path, data_types: Iterable[DataType], complaints: Complaints
    ) -> None:
        self._complaints = complaints
        asked = sheets_for(data_types)
        try:
            self._workbook = CalamineWorkbook.from_path(path)
            found = {
                name.strip().casefold(): name for name in self._workbook.sheet_names
            }
            self._complain_of_others(found)
            self._tables = {
                sheet.name: Table(
                    sheet, self._sheet(found.get(sheet.name.casefold())), complaints
                )
                for sheet in asked
            }
        except CalamineError:
            raise Unreadable(
                "This file can't be read. Copy your rows into a new template."
            ) from None

    def __getitem__(self, sheet: Sheet) -> Table:
        """Return one of the sheets that were asked for."""
        return self._tables[sheet.name]

    def _sheet(self, name: str | None) -> CalamineSheet | None:
        return None if name is None else self._workbook.get_sheet_by_name(name)

    def _complain_of_others(self, found: Mapping[str, str]) -> None:
        """A sheet of the customer's own may be what we miss, under another name."""
        known = IGNORED | {sheet.name.casefold() for sheet in SHEETS}
        for key, name in found.items():
            if key not in known and self._workbook.get_sheet_by_name(name).height:
                message = "The template has no sheet of this name: remove or rename it."
                self._complaints.add(message, shortened(name))


def _rows(found: CalamineSheet) -> Iterator[list[Cell]]:
    """Give a sheet's rows from its first, with all its columns from A."""
    shift: list[Cell] = [""] * (found.start or (0, 0))[1]
    for row in found.iter_rows():
        yield [*shift, *row]


def _is_filled(cell: Cell) -> bool:
    return bool(cell.strip()) if isinstance(cell, str) else True
