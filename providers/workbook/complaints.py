"""Complaints: all that is wrong with a workbook, gathered to be told at once."""

from typing import Final

from domain.uploads import MOST_PROBLEMS, Outcome, Problem
from providers.workbook.columns import SHEETS

_ORDER: Final = {sheet.name: number for number, sheet in enumerate(SHEETS)}
_LONGEST_NAME: Final = 40  # characters of a sheet's name that are repeated


class Unreadable(Exception):
    """There is no going on with this workbook, because of one problem."""

    def __init__(
        self, message: str, sheet: str | None = None, row: int | None = None
    ) -> None:
        super().__init__(message)
        self.problem = Problem(
            sheet=sheet and shortened(sheet), row=row, message=message
        )


class Complaints:
    """Gathers problems in the order they are found, and counts those beyond the most."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.untold = 0

    def __bool__(self) -> bool:
        return bool(self.problems)

    def add(
        self,
        message: str,
        sheet: str,
        row: int | None = None,
        column: str | None = None,
    ) -> None:
        if len(self.problems) == MOST_PROBLEMS:
            self.untold += 1
            return
        self.problems.append(
            Problem(sheet=shortened(sheet), row=row, column=column, message=message)
        )

    def outcome(self) -> Outcome:
        """Tell the problems sheet by sheet, from top to bottom."""
        problems = sorted(self.problems, key=_place)
        return Outcome(problems=tuple(problems), untold=self.untold)


def _place(problem: Problem) -> tuple[int, int]:
    return _ORDER.get(problem.sheet or "", len(_ORDER)), problem.row or 0


def shortened(name: str) -> str:
    """Repeat a name that the customer gave, but never a long one."""
    printable = "".join(each if each.isprintable() else "?" for each in name)
    if len(printable) <= _LONGEST_NAME:
        return printable
    return f"{printable[: _LONGEST_NAME - 1]}…"


def letters(index: int) -> str:
    """Name a column as spreadsheets do: 0 is A, 26 is AA."""
    name = ""
    left = index + 1
    while left:
        left, rest = divmod(left - 1, 26)
        name = chr(ord("A") + rest) + name
    return name
