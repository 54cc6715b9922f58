"""States that only the store knows: they make a step that runs twice run once."""

from enum import StrEnum


class EmailState(StrEnum):
    """
    How far an email is.

    `handing_over` is committed just before the message is handed to the mail
    server: whoever finds it does not know whether it left, and sends no more.
    """

    RESERVED = "reserved"
    HANDING_OVER = "handing_over"
    SENT = "sent"
    FAILED = "failed"


class DatasetState(StrEnum):
    """How far a sync is with one dataset."""

    PENDING = "pending"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class ReportState(StrEnum):
    """What came of the newest try to build a report; an older one may still be there."""

    READY = "ready"
    FAILED = "failed"
