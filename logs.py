"""How Rapport logs: facts as key and value, for people or for machines, no secrets."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Final, Literal, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

HIDDEN: Final = "…"

_SECRET_KEY: Final = re.compile(
    r"authori[sz]ation(_code)?$|cookie|email$|key$|password|secret|token", re.IGNORECASE
)
_SECRET_TEXT: Final = re.compile(
    r"(?<=/link/)(?!return\b)[\w.~-]+"  # a link's token is its key
    r"|(?<=\bcode=)[^&\s\"']+"
    r"|(?<=\bstate=)[^&\s\"']+"
    r"|(?<=\bBearer )\S+"
    r"|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)",  # a name and a password in an address
    re.IGNORECASE,
)
_NOISY: Final = (
    "alembic.runtime.plugins",
    "httpcore",
    "httpx",
    "uvicorn.access",
)


def configure(
    form: Literal["pretty", "json"], level: str, stream: TextIO | None = None
) -> None:
    """Send what structlog and the standard library log to `stream` (standard error)."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    stream = stream or sys.stderr
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder(), flatten],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.stdlib.PositionalArgumentsFormatter(),
                structlog.processors.format_exc_info,  # without local variables
                hide_secrets,
                _renderer(form, colors=stream.isatty()),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)


def hide_secrets(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Blank what a careless call put in: by the name of its key, or by its shape."""
    for key, value in event.items():
        if _SECRET_KEY.search(key) and value is not None:
            event[key] = HIDDEN
        elif isinstance(value, str):
            event[key] = _SECRET_TEXT.sub(HIDDEN, value)
    return event


def flatten(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Turn what Temporal and uvicorn attach into keys like everybody else's."""
    event.pop("color_message", None)
    for nested in ("temporal_workflow", "temporal_activity"):
        facts = event.pop(nested, None)
        if isinstance(facts, MutableMapping):
            event.update({key: facts[key] for key in _TEMPORAL_FACTS if key in facts})
    return event


_TEMPORAL_FACTS: Final = (
    "workflow_id",
    "run_id",
    "workflow_run_id",
    "workflow_type",
    "activity_type",
    "attempt",
)


def _renderer(form: Literal["pretty", "json"], *, colors: bool) -> Processor:
    if form == "json":
        return structlog.processors.JSONRenderer(default=str)
    return structlog.dev.ConsoleRenderer(
        colors=colors, exception_formatter=structlog.dev.plain_traceback
    )
