"""
A mail server that delivers nothing: it keeps each message as a file of its own.

Run it: `python -m sandbox.catcher --port 1025 --mailbox mailbox`. Two domains
answer as bad mail servers do: `bounce.test` never takes mail, `defer.test` not now.
"""

import argparse
import asyncio
import os
import secrets
import signal
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Final

from aiosmtpd.smtp import SMTP, Envelope, Session

REFUSED_DOMAINS: Final = MappingProxyType(
    {
        "bounce.test": "550 5.1.1 There is no such mailbox here",
        "defer.test": "451 4.3.2 Not now, please try again later",
    }
)
ACCEPTED: Final = "250 OK"


class Mailbox:
    """A folder of `*.eml` files, named so that they sort by when they came."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        domain = address.rpartition("@")[2].casefold()
        if domain in REFUSED_DOMAINS:
            return REFUSED_DOMAINS[domain]
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return ACCEPTED

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Keep the message; the sender hears "OK" only once the file is there for good."""
        content = envelope.original_content or b""
        await asyncio.to_thread(self._keep, content)
        return ACCEPTED

    def _keep(self, content: bytes) -> None:
        """Write aside, then rename: whoever lists the folder sees whole messages only."""
        moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
        kept = self._folder / f"{moment}-{secrets.token_hex(4)}.eml"
        aside = self._folder / f".{kept.stem}.part"
        with aside.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        aside.rename(kept)
        _sync_folder(self._folder)


def _sync_folder(folder: Path) -> None:
    """Make the new name survive a power cut too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


async def listen(host: str, port: int, folder: Path) -> asyncio.Server:
    """Open the door; port 0 takes any free one."""
    mailbox = Mailbox(folder)
    loop = asyncio.get_running_loop()
    return await loop.create_server(
        lambda: SMTP(mailbox, hostname="catcher", enable_SMTPUTF8=True, loop=loop),
        host,
        port,
    )


async def serve(host: str, port: int, folder: Path) -> None:
    """Catch mail until SIGINT or SIGTERM."""
    over = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, over.set)
    server = await listen(host, port, folder)
    await over.wait()
    server.close()


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser("catcher", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=1025)
    parser.add_argument("--mailbox", type=Path, default=Path("mailbox"))
    chosen = parser.parse_args(arguments)
    asyncio.run(serve(chosen.host, chosen.port, chosen.mailbox))


if __name__ == "__main__":
    main()
