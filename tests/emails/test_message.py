from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import getaddresses

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from domain.emails import Email, one_line
from emails.message import build_message, message_id
from emails.render import render
from tests.emails.letters import LINK, letter

ID = "<jo_01.request.1@rapport.example>"
SENT_AT = datetime(2026, 1, 3, 12, 30, tzinfo=UTC)


def build(email: Email, *, sender_name: str = "Ada Byron") -> EmailMessage:
    return build_message(email, "no-reply@rapport.example", sender_name, ID, SENT_AT)


def received(message: EmailMessage) -> EmailMessage:
    """Return what a mail program reads from the bytes on the wire."""
    return message_from_bytes(message.as_bytes(), policy=policy.default)


def test_a_message_has_both_forms() -> None:
    """
    A mail program finds the plain text first, then the HTML, each as it was written.
    """
    email = render(letter(company="M\u00fcller & S\u00f6hne \U0001f600"))

    message = received(build(email))

    assert "multipart/alternative" == message.get_content_type()
    text, html = message.iter_parts()
    assert email.text.splitlines() == text.get_content().splitlines()
    assert email.html.splitlines() == html.get_content().splitlines()


def test_its_headers_come_from_the_caller() -> None:
    """
    Who, what, when and which: nothing is invented on the way.
    """
    message = received(build(render(letter())))

    assert "Ada Byron <no-reply@rapport.example>" == message["From"]
    assert "Grace Hopper <grace@acme.example>" == message["To"]
    assert "Northwind Bank asks for your financial statements" == message["Subject"]
    assert SENT_AT == message["Date"].datetime
    assert ID == message["Message-ID"]
    assert "auto-generated" == message["Auto-Submitted"]


def test_the_same_message_has_the_same_bytes() -> None:
    """
    A second copy can be told to be one.
    """
    email = render(letter())

    assert build(email).as_bytes() == build(email).as_bytes()


def test_a_plain_link_is_whole_on_the_wire() -> None:
    """
    The link's line is not broken by the encoding where plain ASCII needs none.
    """
    wire = build(render(letter())).as_bytes()

    assert LINK.encode() in wire.split(b"\r\n")


@pytest.mark.parametrize("company", ["x" * 5000, "M\u00fcller"])
def test_long_and_foreign_names_fit_the_wire(company: str) -> None:
    """
    No line is longer than mail allows, and every byte is ASCII.
    """
    wire = build(render(letter(company=company))).as_bytes()

    assert wire.isascii()
    assert max(map(len, wire.split(b"\r\n"))) <= 998


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=150))
@example("")
@example("Grace\r\nBcc: all@bank.example")
@example("=?utf-8?q?Grace=0D=0ABcc:_all@bank.example?=")
@example("Byron, Ada <ada@evil.example>")
@example("\\" + '"Ada" <ada@evil.example>, ' * 20)
@example("\u00fc, <ada@evil.example>")
@example("\u00fc, " * 60 + "<ada@evil.example>")
@example("x" * 3000)
@example("((((" + "a b" * 50)
@example("@")
def test_no_name_breaks_a_header(name: str) -> None:
    """
    A name of any length and script leaves one recipient, one sender and no new header.
    """
    email = Email("grace@acme.example", name, f"{name} asks", "<p>", "text")

    wire = build(email, sender_name=name).as_bytes()

    shown = one_line(name).replace("=?", "= ?")
    read = message_from_bytes(wire)
    assert set(build(render(letter())).keys()) == set(read.keys())
    assert [(shown, "grace@acme.example")] == people(read["To"])
    assert [(shown, "no-reply@rapport.example")] == people(read["From"])
    assert one_line(f"{shown} asks") == decoded(read["Subject"])
    assert max(map(len, wire.split(b"\r\n"))) <= 998


def people(header: str) -> list[tuple[str, str]]:
    return [(decoded(name), mailbox) for name, mailbox in getaddresses([header])]


def decoded(words: str) -> str:
    return str(make_header(decode_header(words)))


def test_a_foreign_domain_is_written_in_ascii() -> None:
    """
    Every mail server can take an address of which only the domain is international.
    """
    message = build(render(letter(contact_email="grace@m\u00fcller.example")))

    assert "grace@xn--mller-kva.example" == message["To"].addresses[0].addr_spec
    assert message.as_bytes().isascii()


def test_a_foreign_mailbox_is_written_as_it_is() -> None:
    """
    A mailbox in another script has no ASCII form: its header goes out in UTF-8.
    """
    message = build(render(letter(contact_email="gr\u00e4ce@acme.example")))

    assert "gr\u00e4ce@acme.example" == message["To"].addresses[0].addr_spec
    assert "<gr\u00e4ce@acme.example>".encode() in message.as_bytes()


def test_a_message_id_is_the_same_for_the_same_email() -> None:
    """
    Journey, template and number name an email, in any process and at any time.
    """
    assert ID == message_id("jo_01", "request", 1, "rapport.example")
    assert ID != message_id("jo_01", "request", 2, "rapport.example")
    assert message_id("jo_01", "expiry", 1, "b\u00fccher.example").isascii()


@pytest.mark.parametrize(
    ("journey_id", "domain"),
    [
        ("jo_01>\r\nBcc: x", "rapport.example"),
        ("jo_01", "rapport.example>"),
        ("jo_01", ""),
    ],
)
def test_a_message_id_takes_nothing_odd(journey_id: str, domain: str) -> None:
    """
    What could break a header is refused before it is one.
    """
    with pytest.raises(ValueError, match="Message-ID"):
        message_id(journey_id, "request", 1, domain)
