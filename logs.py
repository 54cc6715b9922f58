"""How Rapport logs: facts as key and value, for people or for machines, no secrets."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, Final, Literal, TextIO

import structlog
from structlog.typing import EventDict, ExcInfo, Processor, WrappedLogger

from domain.defects import Defect, family, trail

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
_QUOTING: Final = 3
"""Characters of an error's text from which on it may quote somebody."""

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
                withhold_texts,
                structlog.processors.ExceptionRenderer(_trail),
                hide_secrets,
                _renderer(form, colors=stream.isatty()),
            ],
        )
    )
    handler.addFilter(_NoTexts())
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


def withhold_texts(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """
    Leave out what errors say: it may quote a customer's data, or a key.

    Libraries put an error into their own sentences, too: asyncio shows the task that
    failed, with its error.
    """
    error = _error_of(event.get("exc_info"))
    for key, value in event.items():
        if key != "exc_info" and isinstance(value, BaseException):
            event[key] = str(Defect.of(value))
    if error is not None:
        event["event"] = _without_texts(str(event["event"]), error)
    return event


def _without_texts(said: str, error: BaseException) -> str:
    """Longer texts first: one may hold another. A text of a letter or two quotes nobody."""
    texts = sorted(map(str, family(error)), key=len, reverse=True)
    for text in texts:
        if len(text) >= _QUOTING:
            said = said.replace(text, HIDDEN)
    return said


def _error_of(given: Any) -> BaseException | None:
    """Return what a call logs as `exc_info`: an error, its three parts, or the present one."""
    if isinstance(given, BaseException):
        return given
    if isinstance(given, tuple):
        return given[1] if isinstance(given[1], BaseException) else None
    return sys.exc_info()[1] if given else None


def _trail(exc_info: ExcInfo) -> str:
    return trail(exc_info[1])


class _NoTexts(logging.Filter):
    """Tells of errors that a library logs as a message, or in one, as of any other."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = _told(record.msg)
        if isinstance(record.args, tuple):
            record.args = tuple(map(_told, record.args))
        return True


def _told(value: Any) -> Any:
    """The system's own errors quote no customer: which port is taken has to be said."""
    if isinstance(value, BaseException) and not isinstance(value, OSError):
        return str(Defect.of(value))
    return value


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
