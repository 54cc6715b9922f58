"""
What is measured: from stored books to the finished workbook of the spend analysis.

    python -m benchmarks.workbook FOLDER
"""

import sys
from pathlib import Path

from reports import spend_analysis
from reports.books import open_books
from reports.request import REQUEST, BuildReports
from reports.writers.xlsx import write_xlsx


def write(folder: Path) -> None:
    request = BuildReports.model_validate_json((folder / REQUEST).read_bytes())
    document = spend_analysis.build(open_books(folder, request.books), request)
    write_xlsx(document, folder / "workbook.xlsx")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
