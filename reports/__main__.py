"""
The process that builds reports: `python -m reports`, told a folder on each line of its input.

To load what reports are made with takes longer than to build most of them. So it is
loaded once, and each folder is built in a fork: its memory goes back when it ends,
and what ends it ends nothing else. One line answers each: "done", or the kind of an
error and its place, never a figure or a name. `python -m reports FOLDER` builds one.
"""

import gc
import os
import sys
import warnings
from decimal import Decimal
from pathlib import Path
from typing import Final, NoReturn, TextIO

from domain.defects import Defect
from reports.build import build
from reports.categories import AccountFacts, suggest
from reports.request import DONE

ENDED: Final = "ended by signal"


def serve(orders: TextIO, answers: TextIO) -> None:
    """Build what is ordered, one after another, until nobody is left who orders."""
    suggest(AccountFacts("", "", "", Decimal(0)))  # reads all rules, once
    gc.freeze()  # forks share what is loaded, as long as nobody writes to it
    for line in orders:
        print(_in_a_fork(Path(line.removesuffix("\n"))), file=answers, flush=True)


def _in_a_fork(folder: Path) -> str:
    reading, writing = os.pipe()
    builder = os.fork()
    if builder == 0:
        _build_and_end(folder, writing)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as pipe:
        said = pipe.read()
    _, status = os.waitpid(builder, 0)
    code = os.waitstatus_to_exitcode(status)
    return said or f"{ENDED} {-code}"


def _build_and_end(folder: Path, writing: int) -> NoReturn:
    """Say nothing but the answer: what a library prints may quote the books."""
    silence = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(silence, stream)
    try:
        build(folder)
        said = DONE
    except BaseException as error:  # noqa: BLE001 whatever it is, it is told, and the fork ends
        said = str(Defect.of(error))
    os.write(writing, said.encode())
    os._exit(0)


def main(arguments: list[str]) -> None:
    if not arguments:
        # No thread of Polars runs before the first fork, so none can be missing in it.
        warnings.filterwarnings("ignore", "Using fork", RuntimeWarning)
        serve(sys.stdin, sys.stdout)
        return
    try:
        build(Path(arguments[0]))
    except Exception as error:  # noqa: BLE001 told in one line, without its text
        sys.exit(str(Defect.of(error)))


if __name__ == "__main__":
    main(sys.argv[1:])
