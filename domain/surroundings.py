"""What a process that meets customers' files is told of its surroundings: no key of ours."""

from collections.abc import Mapping
from typing import Final

NEEDED: Final = frozenset(
    {"HOME", "LANG", "LANGUAGE", "LD_LIBRARY_PATH", "PATH", "TMPDIR", "TZ"}
)
NEEDED_OF_A_KIND: Final = ("COVERAGE_", "LC_", "PYTHON")


def harmless(environment: Mapping[str, str]) -> dict[str, str]:
    """
    Return what Python needs to start, of this process's environment.

    Named is what may pass: what is added one day, by us or by whoever runs this, may be
    a secret.
    """
    return {
        name: value
        for name, value in environment.items()
        if name in NEEDED or name.startswith(NEEDED_OF_A_KIND)
    }
