import asyncio
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from domain.emails import Email
from emails.message import build_message, message_id
from emails.render import render
from emails.transport import (
    HandOverFailed,
    SmtpTransport,
    TryLater,
    Unconfirmed,
    Undeliverable,
)
from tests.emails.certificates import certificate
from tests.emails.letters import letter
from tests.emails.servers import BODY, CUT, GREETING, SILENCE, scripted

SOON = timedelta(seconds=0.3)


def message(to: str = "grace@acme.example", text: str | None = None) -> EmailMessage:
    email: Email = render(letter(contact_email=to))
    email = email._replace(text=text or email.text)
    identity = message_id("jo_01", "request", 1, "rapport.example")
    now = datetime(2026, 1, 3, tzinfo=UTC)
    return build_message(email, "no-reply@rapport.example", "Ada Byron", identity, now)


def transport(port: int, **options: Any) -> SmtpTransport:
    return SmtpTransport(f"smtp://127.0.0.1:{port}", timeout=SOON, **options)


async def failure(
    script: dict[str, str], to: str = "grace@acme.example"
) -> HandOverFailed:
    """Hand a message to a server that follows `script`, and return what went wrong."""
    async with scripted(script) as mail:
        with pytest.raises(HandOverFailed) as caught:
            await transport(mail.port).hand_over(message(to))
    return caught.value


async def test_an_accepted_message_is_handed_over_once() -> None:
    """
    One envelope, one message, one goodbye.
    """
    async with scripted() as mail:
        await transport(mail.port).hand_over(message())

    verbs = [command.split(" ")[0] for command in mail.commands]
    assert ["EHLO", "MAIL", "RCPT", "DATA", "QUIT"] == verbs
    assert "MAIL FROM:<no-reply@rapport.example>" in mail.commands
    assert "RCPT TO:<grace@acme.example>" in mail.commands
    assert 1 == len(mail.bodies)


@pytest.mark.parametrize(
    "script",
    [
        {GREETING: CUT},
        {GREETING: SILENCE},
        {GREETING: "421 too busy"},
        {GREETING: "554 not you"},
        {"EHLO": CUT},
        {"EHLO": "500 what?", "HELO": "500 what?"},
        {"EHLO": "no number"},
        {"MAIL": CUT},
        {"MAIL": "451 later"},
        {"MAIL": "550 not this sender"},
        {"RCPT": CUT},
        {"RCPT": SILENCE},
        {"RCPT": "450 later"},
        {"RCPT": "451 later"},
        {"RCPT": "421 closing" + CUT},
        {"RCPT": "no number"},
        {"DATA": CUT},
        {"DATA": SILENCE},
        {"DATA": "451 later"},
        {"DATA": "250 what?"},
        {BODY: "451 later"},
        {BODY: "421 closing" + CUT},
    ],
    ids=str,
)
async def test_certainly_not_accepted(script: dict[str, str]) -> None:
    """
    Until the whole message is out, or if the server says "not now": it may be tried again.
    """
    assert TryLater is type(await failure(script))


@pytest.mark.parametrize(
    "script",
    [
        {"RCPT": "550 nobody here"},
        {"RCPT": "553 no"},
        {"DATA": "554 no"},
        {BODY: "554 spam"},
    ],
    ids=str,
)
async def test_refused_for_good(script: dict[str, str]) -> None:
    """
    A 5xx answer to the recipient or to the message: no further try makes sense.
    """
    error = await failure(script)

    assert Undeliverable is type(error)
    assert error.answer in "".join(script.values())


@pytest.mark.parametrize("last", [CUT, SILENCE, "354 what?", "no number"])
async def test_nobody_knows(last: str) -> None:
    """
    Once the message is out, silence, a lost line or gibberish may mean either.
    """
    assert Unconfirmed is type(await failure({BODY: last}))


async def test_going_away_is_never_accepting() -> None:
    """
    A server that says "go ahead" and goes has not said that it took anything.
    """
    error = await failure({"DATA": "354 go ahead" + CUT})

    assert type(error) in {TryLater, Unconfirmed}


async def test_a_refused_connection_is_tried_again() -> None:
    """
    A mail server that is down is not the customer's fault.
    """
    async with scripted() as mail:
        port = mail.port

    with pytest.raises(TryLater, match="connecting failed"):
        await transport(port).hand_over(message())


@pytest.mark.parametrize("goodbye", [CUT, SILENCE, "500 what?"])
async def test_a_bad_goodbye_does_no_harm(goodbye: str) -> None:
    """
    What was accepted stays accepted, whatever happens afterwards.
    """
    async with scripted({"QUIT": goodbye}) as mail:
        await transport(mail.port).hand_over(message())

    assert 1 == len(mail.bodies)


async def test_a_failure_names_nobody() -> None:
    """
    Its text is fit for a log; the server's own words, with the address, are kept apart.
    """
    answer = "5.1.1 <grace@acme.example> unknown"

    error = await failure({"RCPT": f"550 {answer}"})

    assert "RCPT was answered 550" == str(error)
    assert answer == error.answer
    assert error.__suppress_context__


async def test_dots_survive() -> None:
    """
    A line that is only a dot does not end the message early.
    """
    async with scripted() as mail:
        await transport(mail.port).hand_over(message(text="one\n.\n..two\nthree\n"))

    (body,) = mail.bodies
    assert b"one\r\n..\r\n...two\r\nthree\r\n" in body


async def test_an_international_mailbox_needs_its_server() -> None:
    """
    A server that does not know such addresses can never deliver to one.
    """
    error = await failure({}, to="gr\u00e4ce@acme.example")

    assert Undeliverable is type(error)


class Kept:
    """Keeps what a real server took, and refuses as the mail catcher does."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []

    async def handle_RCPT(  # noqa: N802 (the name is the server's)
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        if address.endswith("@bounce.test"):
            return "550 no such mailbox"
        if address.endswith("@defer.test"):
            return "451 come back later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 (the name is the server's)
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        self.envelopes.append(envelope)
        return "250 OK"


@asynccontextmanager
async def real(
    kept: Kept, tls: ssl.SSLContext | None = None, **options: Any
) -> AsyncIterator[int]:
    """Run a mail server that others wrote; yield its port."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(kept, loop=loop, hostname="mail.example", **options),
        "127.0.0.1",
        0,
        ssl=tls,
    )
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def test_a_real_server_takes_it() -> None:
    """
    Names in any script arrive, and the message can be read back.
    """
    kept = Kept()
    sent = message("gr\u00e4ce@m\u00fcller.example")
    async with real(kept, enable_SMTPUTF8=True) as port:
        await transport(port).hand_over(sent)

    (envelope,) = kept.envelopes
    assert ["gr\u00e4ce@xn--mller-kva.example"] == envelope.rcpt_tos
    assert isinstance(envelope.content, bytes)
    arrived = message_from_bytes(envelope.content, policy=policy.default)
    assert sent["Message-ID"] == arrived["Message-ID"]
    assert sent["Subject"] == arrived["Subject"]


@pytest.mark.parametrize(
    ("to", "expected"),
    [("x@bounce.test", Undeliverable), ("x@defer.test", TryLater)],
)
async def test_a_real_server_refuses(to: str, expected: type[HandOverFailed]) -> None:
    """
    550 is for good, 451 is not, though the library raises the same for both.
    """
    kept = Kept()
    async with real(kept) as port:
        with pytest.raises(expected):
            await transport(port).hand_over(message(to))

    assert [] == kept.envelopes


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
async def test_it_logs_in_over_tls(scheme: str, tmp_path: Path) -> None:
    """
    Both ways to encrypt work, and a password may contain any character.
    """
    server_side, client_side = certificate(tmp_path)
    logins: list[LoginPassword] = []

    def authenticator(
        server: SMTP,
        session: Session,
        envelope: Envelope,
        mechanism: str,
        data: LoginPassword,
    ) -> AuthResult:
        logins.append(data)
        return AuthResult(success=True)

    kept = Kept()
    options: dict[str, Any] = {
        "smtps": {"tls": server_side, "auth_require_tls": False},
        "smtp+starttls": {"tls_context": server_side, "require_starttls": True},
    }[scheme]
    async with real(kept, authenticator=authenticator, **options) as port:
        url = f"{scheme}://user%40bank:p%2Fss%3Aword@127.0.0.1:{port}"
        await SmtpTransport(url, tls_context=client_side).hand_over(message())

    assert [LoginPassword(b"user@bank", b"p/ss:word")] == logins
    assert 1 == len(kept.envelopes)


async def test_a_stranger_certificate_is_not_trusted(tmp_path: Path) -> None:
    """
    Nothing is handed to a server that can't prove who it is.
    """
    server_side, _ = certificate(tmp_path)
    kept = Kept()
    async with real(kept, tls=server_side) as port:
        with pytest.raises(TryLater):
            await SmtpTransport(f"smtps://127.0.0.1:{port}").hand_over(message())

    assert [] == kept.envelopes


async def test_starttls_is_never_left_out() -> None:
    """
    A server that offers no encryption gets nothing from an address that demands it.
    """
    async with scripted() as mail:
        with pytest.raises(TryLater):
            await SmtpTransport(f"smtp+starttls://127.0.0.1:{mail.port}").hand_over(
                message()
            )

    assert [] == mail.bodies


@pytest.mark.parametrize("url", ["", "http://127.0.0.1", "smtp://", "127.0.0.1:25"])
def test_a_bad_address_is_refused_at_once(url: str) -> None:
    """
    A wrong setting shows when the worker starts, not with the first customer.
    """
    expected = re.escape("begins with one of smtp, smtps, smtp+starttls")

    with pytest.raises(ValueError, match=expected):
        SmtpTransport(url)


@pytest.mark.parametrize(
    ("url", "port"),
    [
        ("smtp://mail", 25),
        ("smtps://mail", 465),
        ("smtp+starttls://mail", 587),
        ("smtp://mail:9", 9),
    ],
)
def test_each_scheme_has_its_port(url: str, port: int) -> None:
    """
    Without a port, the usual one of the kind of address is taken.
    """
    assert port == SmtpTransport(url).port
