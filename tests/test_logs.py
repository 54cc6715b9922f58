"""Logs carry facts for people or machines, and never a secret."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from logs import configure


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """Other tests log as they did."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


@pytest.fixture
def written() -> io.StringIO:
    return io.StringIO()


def test_json_is_one_object_per_line(written: io.StringIO) -> None:
    """
    A machine finds the event, its level, its logger, its time and its facts.
    """
    configure("json", "INFO", written)

    structlog.get_logger("store").info("journey.moved", stage="fetching")

    line = json.loads(written.getvalue())
    assert line.pop("timestamp").endswith("Z")
    assert {
        "event": "journey.moved",
        "level": "info",
        "logger": "store",
        "stage": "fetching",
    } == line


def test_pretty_is_for_people(written: io.StringIO) -> None:
    """
    A person reads the event and its facts in a line, without colours in a file.
    """
    configure("pretty", "INFO", written)

    structlog.get_logger().info("journey.moved", stage="fetching")

    assert "journey.moved" in written.getvalue()
    assert "stage=fetching" in written.getvalue()
    assert "\x1b" not in written.getvalue()


def test_level_is_obeyed(written: io.StringIO) -> None:
    """
    What is below the level is not written, whoever logs it.
    """
    configure("json", "WARNING", written)

    structlog.get_logger().info("quiet")
    logging.getLogger("uvicorn").info("quiet")

    assert not written.getvalue()


def test_libraries_log_in_the_same_form(written: io.StringIO) -> None:
    """
    What the standard library's loggers say looks like our own, Temporal's facts flat.
    """
    configure("json", "INFO", written)
    facts = {"workflow_id": "jo_1", "attempt": 2, "namespace": "default"}

    logging.getLogger("temporalio.activity").warning(
        "Completing %s", "activity", extra={"temporal_activity": facts}
    )

    line = json.loads(written.getvalue())
    assert "Completing activity" == line["event"]
    assert ("jo_1", 2) == (line["workflow_id"], line["attempt"])
    assert "temporal_activity" not in line


@pytest.mark.parametrize(
    "facts",
    [
        {"token": "hunter2"},
        {"refresh_token": "hunter2"},
        {"api_key": "hunter2"},
        {"Authorization": "Bearer hunter2"},
        {"contact_email": "hunter2@customer.example"},
        {"path": "/v1/link/hunter2.AbC"},
        {"url": "http://a.example/link/return/sandbox?code=hunter2&state=hunter2"},
        {"header": "Bearer hunter2"},
        {"authorization_code": "hunter2"},
        {"database": "postgresql://me:hunter2@db.example/rapport"},
    ],
)
def test_secrets_are_blanked(facts: dict[str, str], written: io.StringIO) -> None:
    """
    Keys, tokens, passwords and addresses don't reach a log, even by mistake.
    """
    configure("json", "INFO", written)

    structlog.get_logger().info("careless", **facts)

    assert "hunter2" not in written.getvalue()
    assert "…" in json.loads(written.getvalue())[next(iter(facts))]


@pytest.mark.parametrize("form", ["pretty", "json"])
def test_traceback_shows_no_values(form: str, written: io.StringIO) -> None:
    """
    A traceback says where, not what the variables held, nor which link it was.
    """
    configure("json" if form == "json" else "pretty", "INFO", written)

    def fail() -> None:
        held = "hunter" + str(2)
        raise ValueError(f"{len(held)} at /link/hun" + "ter2.signed")

    try:
        fail()
    except ValueError:
        structlog.get_logger().exception("failed")

    assert "ValueError" in written.getvalue()
    assert "hunter2" not in written.getvalue()


def raised(error: Exception) -> Exception:
    """That error with a place, and another one that brought it about."""
    try:
        try:
            raise LookupError("Hoxton Tea owes 12.50")  # noqa: TRY301 (a cause)
        except LookupError as cause:
            raise error from cause
    except type(error) as caught:
        return caught


@pytest.mark.parametrize("form", ["pretty", "json"])
@pytest.mark.parametrize("logger", ["uvicorn.error", "temporalio.worker", "ours"])
def test_an_error_is_told_by_kind_and_place(
    form: str, logger: str, written: io.StringIO
) -> None:
    """
    Whoever logs it: what brought it about is told, too, and no text of either.
    """
    configure("json" if form == "json" else "pretty", "INFO", written)
    error = raised(ValueError("input_value='Hoxton Tea'"))

    if logger == "ours":
        structlog.get_logger().error("failed", exc_info=error)
    else:
        logging.getLogger(logger).error("failed", exc_info=error)

    assert "Hoxton" not in written.getvalue()
    for told in ("failed", "LookupError", "ValueError", "test_logs.py:", "in raised"):
        assert told in written.getvalue()


def test_an_error_in_a_sentence_is_told_by_kind_and_place(
    written: io.StringIO,
) -> None:
    """
    As a part of the message, as the message, as a fact, or shown as what a task ended with.
    """
    configure("json", "INFO", written)
    error = raised(ValueError("Hoxton Tea"))

    logging.getLogger("library").error("it failed: %s", error)
    logging.getLogger("library").error(error)
    structlog.get_logger().error("failed", error=error)
    logging.getLogger("asyncio").error("future: <%r>" % error, exc_info=error)  # noqa: UP031, G002 (as asyncio does)

    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    assert 4 == len(lines)
    assert "Hoxton" not in written.getvalue()
    assert lines[0]["event"].startswith("it failed: ValueError at test_logs.py:")
    assert lines[1]["event"].startswith("ValueError at test_logs.py:")
    assert lines[2]["error"].startswith("ValueError at test_logs.py:")
    assert lines[3]["event"] == "future: <ValueError('…')>"


def test_what_the_system_says_is_kept(written: io.StringIO) -> None:
    """
    That a port is taken quotes no customer, and whoever starts Rapport has to know.
    """
    configure("json", "INFO", written)

    logging.getLogger("uvicorn.error").error(OSError(98, "address already in use"))

    assert "address already in use" in json.loads(written.getvalue())["event"]
