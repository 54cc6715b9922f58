"""
On which databases a test runs.

What stands next to the database runs on both. Of the tests of the API and the
workflows, which are many, each runs on one of the two: which one, its name decides, so
that it is always the same. `RAPPORT_TEST_DATABASES=both` runs every test on both,
`sqlite` and `postgresql` run every test on that one.
"""

from collections.abc import Mapping
from typing import Final
from zlib import crc32

SQLITE: Final = "sqlite"
POSTGRESQL: Final = "postgresql"
BOTH: Final = (SQLITE, POSTGRESQL)

ASKED: Final[Mapping[str, tuple[str, ...]]] = {
    "both": BOTH,
    SQLITE: (SQLITE,),
    POSTGRESQL: (POSTGRESQL,),
}
ON_BOTH: Final = ("tests/store/", "tests/databases/", "tests/api/test_at_once.py")
ON_ONE: Final = ("tests/api/", "tests/workflows/")


def kinds_for(test: str, asked: str | None = None) -> tuple[str, ...]:
    """Return the databases for a test, named by its file and its function."""
    if asked:
        return ASKED[asked]
    if test.startswith(ON_BOTH):
        return BOTH
    if test.startswith(ON_ONE):
        return (BOTH[crc32(test.encode()) % 2],)
    return (SQLITE,)
