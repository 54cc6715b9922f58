"""
Manual uploads: what is told about a workbook that a customer filled in.

A problem says where and what was expected, never what stands there: it may cross
processes, and be logged, without a customer's figure in it.
"""

from collections.abc import Mapping
from typing import Final

from pydantic import Field

from domain.datasets import Dataset
from domain.message import Message
from domain.software import Software

UPLOADED_FILE: Final = Software("upload", "Uploaded file", "upload")
"""What stands where a connection names its software; nobody can pick it."""

LARGEST_UPLOAD: Final = 10 * 1024 * 1024
"""Bytes of a workbook that is still taken."""

MOST_PROBLEMS: Final = 500
"""Problems that are told at once; the others are counted."""

TEMPLATE_NAME: Final = "upload.xlsx"
MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Problem(Message):
    """
    One thing to mend, where the customer's spreadsheet program shows it.

    `row` counts from 1, which is the headings'; `column` is "Issue date (D)", or
    the letter alone. What is None is not where the problem is.
    """

    sheet: str | None = None
    row: int | None = None
    column: str | None = None
    message: str


class Outcome(Message):
    """
    What reading a workbook came to: records by dataset, or problems.

    `untold` counts the problems beyond the `MOST_PROBLEMS` that are told.
    """

    problems: tuple[Problem, ...] = ()
    untold: int = 0
    records: Mapping[Dataset, int] = Field(default_factory=dict)

    @property
    def accepted(self) -> bool:
        return not self.problems
