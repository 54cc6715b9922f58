"""
Handing a message to a mail server, and knowing what became of it.

"Never twice" stands on telling three outcomes apart, so this speaks SMTP command
by command: until the message itself goes out, nothing can have been accepted.
"""

import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from email.message import EmailMessage
from typing import Final, Protocol
from urllib.parse import unquote, urlsplit

from aiosmtplib import (
    SMTP,
    SMTPException,
    SMTPRecipientRefused,
    SMTPResponseException,
    SMTPServerDisconnected,
)
from aiosmtplib.protocol import SMTPProtocol
from aiosmtplib.response import SMTPResponse

from emails.schemes import SCHEMES

# RFC 5321, 4.1.3: a client without a name of its own gives its address. Looking
# the name up instead would ask a name server, which may take long to answer.
OURSELVES: Final = "[127.0.0.1]"
PARTING: Final = timedelta(seconds=1)

_ACCEPTED: Final = range(200, 300)
_GO_AHEAD: Final = 354
_REFUSED: Final = range(400, 600)
_NEVER: Final = range(500, 600)
_NO_ANSWER: Final = (SMTPException, OSError)


class HandOverFailed(Exception):
    """`answer` is the server's, for people; the text of this exception is for logs."""

    def __init__(self, summary: str, answer: str = "") -> None:
        super().__init__(summary)
        self.answer = answer


class Undeliverable(HandOverFailed):
    """The recipient or the message is refused for good."""


class TryLater(HandOverFailed):
    """Certainly not accepted; another try may be."""


class Unconfirmed(HandOverFailed):
    """The message went out and no answer came back: nobody knows."""


class Transport(Protocol):
    """Something that takes a message to its recipient's mail server."""

    async def hand_over(self, message: EmailMessage) -> None:
        """Return once it is accepted; else raise one of the three above."""
        ...


class SmtpTransport:
    """
    Speaks SMTP to `smtp://`, `smtps://` or `smtp+starttls://[user:password@]host[:port]`.

    One connection per message; `timeout` is how long each answer may take.
    """

    def __init__(
        self,
        url: str,
        *,
        timeout: timedelta = timedelta(seconds=30),
        tls_context: ssl.SSLContext | None = None,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in SCHEMES or not parts.hostname:
            raise ValueError(
                f"a mail server's address begins with one of {', '.join(SCHEMES)}"
            )
        self._scheme = SCHEMES[parts.scheme]
        self.host, self.port = parts.hostname, parts.port or self._scheme.port
        self._username = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password) if parts.password else None
        self._timeout, self._tls_context = timeout, tls_context

    async def hand_over(self, message: EmailMessage) -> None:
        """Hand `message` to the server: to its one sender's and one recipient's address."""
        body = _framed(message)
        async with self._connected() as client:
            await _say_whom(client, message)
            await _ask_to_send(client)
            _put(client, body)
            await self._await_receipt(client)
            await _part(client)

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[SMTP]:
        client = SMTP(
            hostname=self.host,
            port=self.port,
            username=self._username,
            password=self._password,
            use_tls=self._scheme.use_tls,
            start_tls=self._scheme.start_tls,
            tls_context=self._tls_context,
            local_hostname=OURSELVES,
            timeout=self._timeout.total_seconds(),
        )
        try:
            await client.connect()
        except _NO_ANSWER as error:
            raise _not_yet("connecting", error) from None
        try:
            yield client
        finally:
            client.close()

    async def _await_receipt(self, client: SMTP) -> None:
        """From here on silence no longer means no."""
        try:
            answer = await _protocol(client).read_response(
                self._timeout.total_seconds()
            )
        except _NO_ANSWER as error:
            raise Unconfirmed(f"no receipt: {type(error).__name__}") from None
        if answer.code in _REFUSED:
            raise _refused("the message", answer)
        if answer.code not in _ACCEPTED:
            raise Unconfirmed(f"the message was answered {answer.code}", answer.message)


async def _say_whom(client: SMTP, message: EmailMessage) -> None:
    """
    Name the sender and the recipient.

    Only the recipient can be refused for good here: what the server has against
    us or our sender's address is the operator's to mend, not the bank's.
    """
    sender, recipient = _mailbox(message, "From"), _mailbox(message, "To")
    try:
        options = () if (sender + recipient).isascii() else await _international(client)
        await client.mail(sender, options=options, encoding="utf-8")
        await client.rcpt(recipient, encoding="utf-8")
    except SMTPRecipientRefused as error:
        raise _refused("RCPT", SMTPResponse(error.code, error.message)) from None
    except _NO_ANSWER as error:
        raise _not_yet("the envelope", error) from None


async def _international(client: SMTP) -> tuple[str, ...]:
    await client.ehlo()
    if not client.supports_extension("smtputf8"):
        raise Undeliverable("the mail server does not take international addresses")
    return "SMTPUTF8", "BODY=8BITMIME"


async def _ask_to_send(client: SMTP) -> None:
    try:
        answer = await client.execute_command(b"DATA")
    except _NO_ANSWER as error:
        raise _not_yet("DATA", error) from None
    if answer.code != _GO_AHEAD:
        raise _refused("DATA", answer)


def _put(client: SMTP, body: bytes) -> None:
    try:
        _protocol(client).write(body)
    except SMTPServerDisconnected as error:
        raise _not_yet("the message", error) from None


async def _part(client: SMTP) -> None:
    """Say goodbye; what was accepted stays accepted, whatever the server replies."""
    with suppress(*_NO_ANSWER):
        await client.quit(timeout=PARTING.total_seconds())


def _protocol(client: SMTP) -> SMTPProtocol:
    if client.protocol is None:
        raise SMTPServerDisconnected("the connection is gone")
    return client.protocol


def _mailbox(message: EmailMessage, header: str) -> str:
    (address,) = message[header].addresses
    return str(address.addr_spec)


def _framed(message: EmailMessage) -> bytes:
    """Return the message as DATA carries it: a dot that begins a line is doubled."""
    return re.sub(rb"(?m)^\.", b"..", message.as_bytes()) + b".\r\n"


def _refused(step: str, answer: SMTPResponse) -> HandOverFailed:
    kind = Undeliverable if answer.code in _NEVER else TryLater
    return kind(f"{step} was answered {answer.code}", answer.message)


def _not_yet(step: str, error: Exception) -> TryLater:
    """Leave the error itself behind (`from None`): its text may name the recipient."""
    if isinstance(error, SMTPResponseException):
        return TryLater(f"{step} was answered {error.code}", error.message)
    return TryLater(f"{step} failed: {type(error).__name__}")
