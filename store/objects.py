"""Objects: named bytes in a folder of this machine, or in a bucket of anybody's S3."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import obstore
from obstore.exceptions import AlreadyExistsError
from obstore.store import LocalStore, from_url


class Objects:
    """
    What `url` names: `file:///folder`, or `s3://bucket/prefix`.

    Keys are paths with slashes. An object appears whole or not at all, also when
    the machine stops in the middle of a put. Access to S3 is set by the usual
    `AWS_*` variables. A missing object is a `FileNotFoundError`; what the storage
    can't do rises as `obstore.exceptions.BaseError`, worth another try.
    """

    def __init__(self, url: str) -> None:
        is_folder = url.startswith("file:")
        self._store = (
            LocalStore.from_url(url, mkdir=True) if is_folder else from_url(url)
        )

    async def put(self, key: str, data: bytes) -> None:
        """Store, in place of what was there. Safe to run twice."""
        await obstore.put_async(self._store, key, data)

    async def put_file(self, key: str, path: Path) -> None:
        """Store a file of any size, in place of what was there. Safe to run twice."""
        await obstore.put_async(self._store, key, path)

    async def put_if_absent(self, key: str, data: bytes) -> bool:
        """Store unless the key is taken; say whether it was free. One of many wins."""
        try:
            await obstore.put_async(self._store, key, data, mode="create")
        except AlreadyExistsError:
            return False
        return True

    async def get(self, key: str) -> bytes:
        """Return the whole object."""
        answer = await obstore.get_async(self._store, key)
        return (await answer.bytes_async()).to_bytes()

    async def open(self, key: str) -> AsyncIterator[bytes]:
        """Find the object, and only then return it piece by piece, whatever its size."""
        answer = await obstore.get_async(self._store, key)

        async def pieces() -> AsyncIterator[bytes]:
            async for piece in answer.stream():
                yield bytes(piece)

        return pieces()

    async def keys(self, folder: str) -> list[str]:
        """Name what is under a folder, at any depth, in order."""
        found = await obstore.list(self._store, folder).collect_async()
        return sorted(each["path"] for each in found)

    async def delete(self, key: str) -> None:
        """Remove one object. Safe to run twice."""
        with suppress(FileNotFoundError):
            await obstore.delete_async(self._store, key)

    async def delete_folder(self, folder: str) -> None:
        """Remove all that is under a folder. Safe to run twice, and at the same time."""
        while keys := await self.keys(folder):
            with suppress(FileNotFoundError):
                await obstore.delete_async(self._store, keys)
        await self._sweep(folder)

    async def _sweep(self, folder: str) -> None:
        """Remove what a list doesn't show: empty folders, and halves that a crash left."""
        if isinstance(self._store, LocalStore) and self._store.prefix:
            place = self._store.prefix / folder
            await asyncio.to_thread(shutil.rmtree, place, ignore_errors=True)
