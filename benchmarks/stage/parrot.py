"""
A server that repeats stored answers, as fast as it can: accounting software that costs nothing.

    python -m benchmarks.stage.parrot PORT FOLDER

`/api/bills?page=3&page_size=500` is answered with the file `3-500.json`.
"""

import asyncio
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from home import LOOPBACK


def name_of(page: int, size: int) -> str:
    """Return the file of one page."""
    return f"{page}-{size}.json"


async def serve(port: int, answers: Mapping[str, bytes]) -> None:
    """Answer until the process is ended."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while request := await reader.readline():
            while await reader.readline() not in (b"\r\n", b""):
                pass
            query = parse_qs(urlsplit(request.split()[1].decode()).query)
            page, size = (int(query[key][0]) for key in ("page", "page_size"))
            writer.write(answers[name_of(page, size)])
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(talk, LOOPBACK, port)
    await server.serve_forever()


def stored(folder: Path) -> dict[str, bytes]:
    """Return the answers, ready to be sent, by the names of their files."""
    return {file.name: _answer(file.read_bytes()) for file in folder.iterdir()}


def _answer(body: bytes) -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), stored(Path(sys.argv[2]))))
