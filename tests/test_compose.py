"""The containers are described as Compose understands it."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_compose_file_is_valid() -> None:
    """
    Compose's own schema accepts the file, without asking anybody outside.
    """
    check = subprocess.run(
        [
            sys.executable,
            *("-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"),
            str(ROOT / "docker-compose.yml"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (0, "") == (check.returncode, check.stderr), check.stdout
