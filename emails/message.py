"""An email as it goes over the wire: headers that nobody's name can break."""

import re
from datetime import datetime
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime, quote
from hashlib import sha256
from typing import Any, Final

import idna

from domain.emails import Email, one_line

_ATOM: Final = re.compile(r"[A-Za-z0-9_.-]+")
_LONGEST_LINE: Final = 998  # RFC 5322, 2.1.1
_ENCODED_WORD: Final = 75  # RFC 2047, 2
_QUOTABLE: Final = 60  # a name that fits a line together with its header's


def message_id(journey_id: str, template: str, number: int, domain: str) -> str:
    """Return the one Message-ID of an email, so that a second copy is known as a copy."""
    left, right = f"{journey_id}.{template}.{number}", _ascii(domain)
    if not (_ATOM.fullmatch(left) and _ATOM.fullmatch(right)):
        raise ValueError(
            "a Message-ID is made of letters, digits, dots, dashes and underscores"
        )
    return f"<{left}@{right}>"


def build_message(
    email: Email, sender: str, sender_name: str, message_id: str, date: datetime
) -> EmailMessage:
    """
    Build multipart/alternative; the same arguments give the same bytes.

    A domain is written in its ASCII form, so that only a mailbox in another
    script needs a server that takes international addresses (RFC 6531).
    """
    message = EmailMessage(policy=WirePolicy())
    message["From"] = _address(sender_name, sender)
    message["To"] = _address(email.to_name, email.to)
    message["Subject"] = _harmless(email.subject)
    message["Date"] = format_datetime(date)
    message["Message-ID"] = message_id
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: holiday notices stay away
    message.set_content(email.text, cte=_encoding(email.text))
    message.add_alternative(email.html, subtype="html", cte="quoted-printable")
    message.set_boundary(sha256(message_id.encode()).hexdigest()[:32])
    return message


class WirePolicy(EmailPolicy):
    """
    The standard library's policy for SMTP, but for the headers with people's words.

    It folds a long name without its quotes, which makes addresses of its commas.
    """

    linesep = "\r\n"
    utf8 = True

    def fold(self, name: str, value: Any) -> str:
        match name:
            case "From" | "To":
                (address,) = value.addresses
                words = (
                    f"{_phrase(address.display_name)} <{address.addr_spec}>".lstrip()
                )
            case "Subject":
                words = _unstructured(value)
            case _:
                return str(super().fold(name, value))
        return f"{name}: {words}{self.linesep}"

    def fold_binary(self, name: str, value: Any) -> bytes:
        return self.fold(name, value).encode()


def _phrase(name: str) -> str:
    if not name:
        return ""
    return f'"{quote(name)}"' if _is_short(name) else f"{_encoded_words(name)}\r\n"


def _unstructured(text: str) -> str:
    return str(text) if _is_short(text) else _encoded_words(text)


def _is_short(text: str) -> bool:
    return text.isascii() and len(text) <= _QUOTABLE


def _encoded_words(text: str) -> str:
    """Return ASCII in lines of their own; what is in an encoded word can't end a header."""
    header = Header(text, "utf-8", maxlinelen=_ENCODED_WORD, header_name="Subject")
    return header.encode(linesep="\r\n")


def _address(name: str, mailbox: str) -> Address:
    local, _, domain = mailbox.rpartition("@")
    return Address(_harmless(name), local, _ascii(domain))


def _harmless(text: str) -> str:
    """Return one line that does not look encoded already: decoded, it could be two."""
    return one_line(text).replace("=?", "= ?")


def _ascii(domain: str) -> str:
    return domain if domain.isascii() else idna.encode(domain, uts46=True).decode()


def _encoding(text: str) -> str:
    """Leave plain ASCII as it is, so that the link's line stays whole on the wire too."""
    fits = all(len(line) <= _LONGEST_LINE for line in text.splitlines())
    return "7bit" if text.isascii() and fits else "quoted-printable"
