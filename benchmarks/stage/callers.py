"""Callers of a web server that cost next to nothing themselves: one question, asked over and over."""

import asyncio
import time
from typing import NamedTuple

from home import LOOPBACK

END = b"\r\n\r\n"
LENGTH = b"content-length: "


class Asked(NamedTuple):
    """What some callers together got: answers a second, and how long each took in milliseconds."""

    per_second: float
    times: list[float]


async def ask(port: int, path: str, key: str, *, callers: int, each: int) -> Asked:
    """Let so many callers ask so often each, without a pause."""
    question = (
        f"GET {path} HTTP/1.1\r\nHost: {LOOPBACK}\r\nAuthorization: Bearer {key}\r\n\r\n"
    ).encode()
    times: list[float] = []
    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(callers):
            group.create_task(_ask(port, question, each, times))
    return Asked(len(times) / (time.perf_counter() - began), times)


async def _ask(port: int, question: bytes, often: int, times: list[float]) -> None:
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    for _ in range(often):
        began = time.perf_counter()
        writer.write(question)
        head = await reader.readuntil(END)
        assert head.startswith(b"HTTP/1.1 200"), head
        start = head.index(LENGTH) + len(LENGTH)
        await reader.readexactly(int(head[start : head.index(b"\r", start)]))
        times.append(1000 * (time.perf_counter() - began))
    writer.close()
