"""A TCP proxy that stands between two programs, and spoils their talk for a while."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final, NamedTuple, Self

from home import LOOPBACK

Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]
PIECE: Final = 64 * 1024


class Fault(NamedTuple):
    """What is wrong with the line: nothing, unless said otherwise."""

    delay: float = 0.0
    """Seconds by which each piece is late."""

    at_most: int | None = None
    """Bytes that the server may say: when it says more, the line is cut."""


class Proxy:
    """
    Listens on a port of its own, and passes on what it hears to whoever `reach` finds.

    What a context manager here spoils is well again when its block ends.
    """

    def __init__(self, reach: Callable[[], Awaitable[Ends]], port: int = 0) -> None:
        self._reach = reach
        self.port = port
        self.said = 0  # bytes, by the server, on the line that was opened last
        self._fault = Fault()
        self._open = asyncio.Event()
        self._open.set()
        self._lines: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        await self._listen()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._refuse()

    @asynccontextmanager
    async def refusing(self) -> AsyncIterator[None]:
        """Cut every line, and let nobody connect."""
        await self._refuse()
        try:
            yield
        finally:
            await self._listen()

    @asynccontextmanager
    async def hanging(self) -> AsyncIterator[None]:
        """Let everybody connect and talk, and pass nothing on until the end."""
        self._open.clear()
        try:
            yield
        finally:
            self._open.set()

    @asynccontextmanager
    async def with_fault(self, fault: Fault) -> AsyncIterator[None]:
        """Be late, or cut each line after so many bytes of the server's."""
        self._fault = fault
        try:
            yield
        finally:
            self._fault = Fault()

    async def cut(self) -> None:
        """Cut the lines that are open; others may connect."""
        lines = list(self._lines)
        for line in lines:
            line.cancel()
        if lines:
            await asyncio.wait(lines)

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._accept, LOOPBACK, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _refuse(self) -> None:
        if self._server is not None:
            self._server.close()
            await self.cut()
            await self._server.wait_closed()

    async def _accept(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        line = asyncio.current_task()
        assert line is not None
        self._lines.add(line)
        try:
            await self._connect(reader, writer)
        except (asyncio.CancelledError, OSError):
            pass  # cut by us, or by one of the two
        finally:
            self._lines.discard(line)
            writer.transport.abort()

    async def _connect(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await self._open.wait()
        far_reader, far_writer = await self._reach()
        self.said = 0
        asking = asyncio.create_task(self._pass(reader, far_writer))
        try:
            await self._answer(far_reader, writer)
        finally:
            asking.cancel()
            far_writer.transport.abort()

    async def _pass(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        while piece := await reader.read(PIECE):
            await self._wait()
            writer.write(piece)
            await writer.drain()
        writer.write_eof()

    async def _answer(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        said = 0
        while piece := await reader.read(PIECE):
            await self._wait()
            limit = self._fault.at_most
            if limit is not None and said + len(piece) > limit:
                return
            said += len(piece)
            self.said = said
            writer.write(piece)
            await writer.drain()

    async def _wait(self) -> None:
        await self._open.wait()
        await asyncio.sleep(self._fault.delay)


def tcp(port: Callable[[], int]) -> Callable[[], Awaitable[Ends]]:
    """Reach a port of this machine, which may be chosen later."""
    return lambda: asyncio.open_connection(LOOPBACK, port())


def unix(path: str) -> Callable[[], Awaitable[Ends]]:
    """Reach a socket in the file system."""
    return lambda: asyncio.open_unix_connection(path)
