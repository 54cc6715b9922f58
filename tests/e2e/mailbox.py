"""The mail that the catcher took, as its addressees would read it."""

import email
import email.policy
import re
from email.message import EmailMessage
from pathlib import Path
from typing import Final

LINK: Final = re.compile(r"^https?://\S+/link/(\S+)$", re.MULTILINE)


class Mailbox:
    """A folder of messages, one file each."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def letters(self, address: str) -> list[EmailMessage]:
        """Read all mail to an address, in the order in which it came."""
        files = sorted(
            self._folder.glob("*.eml"), key=lambda file: file.stat().st_mtime_ns
        )
        letters = [
            email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
            for file in files
        ]
        return [letter for letter in letters if address in str(letter["To"])]

    def tokens(self, address: str) -> list[str]:
        """Read the links in it: each stands alone on its line of the plain text."""
        return [_token(letter) for letter in self.letters(address)]


def _token(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    assert body is not None
    (token,) = LINK.findall(body.get_content().replace("\r\n", "\n"))
    return str(token)
