"""
Run a module in a process of its own and say how long it took and what it held.

    python -m benchmarks.measured MODULE FOLDER

A process counts as held what its parent held when it began, so that a small one
has to stand between the tests and what is measured.
"""

import json
import os
import subprocess
import sys
import time


def measure(module: str, folder: str) -> dict[str, float]:
    """Give wall time in seconds and the most memory in MB."""
    began = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", module, folder])
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(process.returncode)
    # The kernel counts in kilobytes, macOS in bytes.
    memory = usage.ru_maxrss / (1024**2 if sys.platform == "darwin" else 1024)
    return {"seconds": time.perf_counter() - began, "memory": memory}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(*sys.argv[1:])))
