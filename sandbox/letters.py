"""
The mail that the catcher kept, read for people: however odd a file is, it can be shown.

The standard library's older policy reads any bytes as a message; what it can't decode
is shown as it came.
"""

import re
from datetime import UTC, datetime
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import Header, decode_header, make_header
from email.message import Message
from pathlib import Path
from typing import Final, NamedTuple

NAME: Final = r"[0-9A-Za-z][0-9A-Za-z._-]{0,200}\.eml"
LARGEST: Final = 4 * 1024 * 1024
"""Bytes of a file that are read: more than any letter of ours."""

HEAD: Final = 32 * 1024
"""Bytes that hold who writes to whom about what."""

_NAMED: Final = re.compile(NAME)


class Envelope(NamedTuple):
    """What a list says of a letter; `name` is its file's."""

    name: str
    at: datetime
    sender: str
    to: str
    subject: str


class Letter(NamedTuple):
    """A letter as it can be read; what it does not have is None."""

    envelope: Envelope
    html: str | None
    text: str | None
    source: str


class Letters:
    """A folder of letters, whose names sort by when they came."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def names(self) -> list[str]:
        """Return all names, newest first; the folder may not be there yet."""
        if not self._folder.is_dir():
            return []
        there = (file.name for file in self._folder.iterdir())
        return sorted(filter(_NAMED.fullmatch, there), reverse=True)

    def envelope(self, name: str) -> Envelope | None:
        """Return what the list says of a letter; None if it is gone."""
        content = self._content(name, HEAD)
        return None if content is None else self._envelope(name, _parsed(content))

    def letter(self, name: str) -> Letter | None:
        """Return a letter whole; None if there is none of that name."""
        content = self._content(name, LARGEST)
        if content is None:
            return None
        message = _parsed(content)
        return Letter(
            self._envelope(name, message),
            html=_part(message, "text/html"),
            text=_part(message, "text/plain"),
            source=content.decode(errors="replace").replace("\r\n", "\n"),
        )

    def _envelope(self, name: str, message: Message) -> Envelope:
        modified = (self._folder / name).stat().st_mtime
        return Envelope(
            name=name,
            at=datetime.fromtimestamp(modified, UTC),
            sender=_words(message["From"]),
            to=_words(message["To"]),
            subject=_words(message["Subject"]),
        )

    def _content(self, name: str, most: int) -> bytes | None:
        file = self._folder / name
        if not _NAMED.fullmatch(name) or not file.is_file():
            return None
        with file.open("rb") as opened:
            return opened.read(most)


def _parsed(content: bytes) -> Message:
    return message_from_bytes(content)


def _words(header: str | Header | None) -> str:
    """Return a header as one line that people read."""
    if header is None:
        return ""
    try:
        words = str(make_header(decode_header(header)))
    except (HeaderParseError, LookupError, ValueError):
        words = str(header)
    return _sound(" ".join(words.split()))


def _part(message: Message, kind: str) -> str | None:
    """Return the first part of that kind, in whatever letters it is written."""
    for part in message.walk():
        content = part.get_payload(decode=True)
        if part.get_content_type() == kind and isinstance(content, bytes):
            return _decoded(content, part.get_content_charset("utf-8"))
    return None


def _decoded(content: bytes, charset: str) -> str:
    try:
        return _sound(content.decode(charset, "replace"))
    except (LookupError, ValueError):
        return content.decode(errors="replace")


def _sound(text: str) -> str:
    """Return text without halves of characters, which no page could hold."""
    return text.encode(errors="replace").decode()
