"""
A builder of reports that builds none: told a folder, it says that it is done.

It stands where `python -m reports` does, and speaks as that does.
"""

import json
import sys
from pathlib import Path


def build(folder: Path) -> None:
    request = json.loads((folder / "request.json").read_text())
    out = folder / "out"
    out.mkdir()
    (out / "accounts.json").write_text(json.dumps({"companies": []}))
    result = {"as_of": request["as_of"], "files": []}
    (out / "result.json").write_text(json.dumps(result))


if __name__ == "__main__":
    for line in sys.stdin:
        build(Path(line.removesuffix("\n")))
        sys.stdout.write("done\n")
        sys.stdout.flush()
