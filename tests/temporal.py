"""The real Temporal server that tests run on: it can skip time, and be told what a long history is."""

import sysconfig
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import TimeSkippingConfig, WorkflowEnvironment

from workflows.search_attributes import SEARCH_ATTRIBUTES

TEMPORAL: Final = Path(sysconfig.get_path("scripts")) / "temporal"
SETTINGS: Final = {
    "frontend.WorkflowTimeSkippingEnabled": "true",
    "history.transferProcessorMaxPollRPS": "2000",
}
SUGGEST_NEW_RUN: Final = "limit.historyCount.suggestContinueAsNew"


@asynccontextmanager
async def server(long_history: int | None = None) -> AsyncIterator[WorkflowEnvironment]:
    """
    Start one; time is skipped only for a journey whose test asks for it.

    `long_history` is after how many events it suggests a new run, where others take thousands.
    """
    settings = dict(SETTINGS)
    if long_history is not None:
        settings[SUGGEST_NEW_RUN] = str(long_history)
    arguments = [
        argument
        for name, value in settings.items()
        for argument in ("--dynamic-config-value", f"{name}={value}")
    ]
    async with await WorkflowEnvironment.start_time_skipping_v2(
        data_converter=pydantic_data_converter,
        dev_server_existing_path=str(TEMPORAL),
        search_attributes=list(SEARCH_ATTRIBUTES),
        ts_config=TimeSkippingConfig(enabled=False),
        dev_server_extra_args=arguments,
    ) as environment:
        yield environment
