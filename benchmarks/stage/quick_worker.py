"""
The worker of production, but that it builds no reports.

    python quick_worker.py [TASK_QUEUE]
"""

import asyncio
import sys
from pathlib import Path
from typing import Final

import worker
from logs import configure
from settings import Settings
from workflows.ids import TASK_QUEUE

NO_REPORTS: Final = ("-I", "-S", str(Path(__file__).with_name("no_reports.py")))


def main(task_queue: str = TASK_QUEUE) -> None:
    settings = Settings.load()
    configure(settings.log_format, "WARNING")
    asyncio.run(worker.run(settings, task_queue=task_queue, report_program=NO_REPORTS))


if __name__ == "__main__":
    main(*sys.argv[1:])
