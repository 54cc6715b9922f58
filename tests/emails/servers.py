"""Mail servers to practise on: one that follows a script, to the word."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Final

CUT: Final = "cut the line"
SILENCE: Final = "say nothing"
GREETING: Final = "greeting"
BODY: Final = "."

USUAL: Final[Mapping[str, str]] = {
    GREETING: "220 mail.example ready",
    "EHLO": "250-mail.example\r\n250-AUTH PLAIN\r\n250 8BITMIME",
    "HELO": "250 mail.example",
    "AUTH": "235 welcome",
    "MAIL": "250 sender ok",
    "RCPT": "250 recipient ok",
    "DATA": "354 go ahead",
    BODY: "250 accepted",
    "QUIT": "221 bye",
}


class ScriptedServer:
    """Answers each verb as `script` says, and keeps what it heard."""

    def __init__(self, script: Mapping[str, str]) -> None:
        self._script = {**USUAL, **script}
        self.commands: list[str] = []
        self.bodies: list[bytes] = []
        self.port = 0

    async def converse(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Talk to one client until one of the two goes."""
        talking = await self._answer(GREETING, writer)
        while talking and (line := await reader.readline()):
            self.commands.append(line.decode().rstrip("\r\n"))
            verb = self.commands[-1].split(" ")[0]
            talking = await self._answer(verb, writer)
            if talking and verb == "DATA" and self._script[verb].startswith("354"):
                self.bodies.append(await reader.readuntil(b"\r\n.\r\n"))
                talking = await self._answer(BODY, writer)
        writer.close()

    async def _answer(self, verb: str, writer: asyncio.StreamWriter) -> bool:
        reply = self._script[verb]
        if reply == SILENCE:
            return True
        reply, cut, _ = reply.partition(CUT)
        writer.write(f"{reply}\r\n".encode() if reply else b"")
        return not cut


@asynccontextmanager
async def scripted(
    script: Mapping[str, str] | None = None, tls: ssl.SSLContext | None = None
) -> AsyncIterator[ScriptedServer]:
    """Run a server for as long as a test needs it."""
    mail = ScriptedServer(script or {})
    talks: set[asyncio.Task[None]] = set()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        talks.add(task)
        await mail.converse(reader, writer)

    server = await asyncio.start_server(talk, "127.0.0.1", 0, ssl=tls)
    mail.port = server.sockets[0].getsockname()[1]
    try:
        yield mail
    finally:
        server.close()
        await asyncio.wait(talks, timeout=5) if talks else None
