"""
Snapshots: what one sync read, stored whole and never changed.

    snapshots/{company_id}/{sync_id}/{dataset}/{number}-{sha256}.parquet
    snapshots/{company_id}/{sync_id}/manifest.json

Parts are written page by page; the manifest is written last, at once, and never
again: that is the moment of publication. Readers begin at the manifest, so a sync
that ended half way shows nothing. A part's name holds the hash of its bytes: a
page that is read again lands on the same name or beside it, and a straggler
can't change what was published.
"""

import asyncio
import hashlib
import io
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

from domain.datasets import Dataset, Part, Row
from domain.message import Message
from store.frames import schema_of, to_frame
from store.objects import Objects

FOLDER: Final = "snapshots"
MANIFEST: Final = "manifest.json"


class NotPublished(Exception):
    """There is no such snapshot: the sync still runs, ended half way, or was deleted."""


class Damaged(Exception):
    """A stored part is not what the manifest says."""


class StoredDataset(Message):
    """One dataset of a snapshot; `columns` are names and Polars types."""

    rows: int
    bytes: int
    columns: Mapping[str, str]
    parts: tuple[Part, ...]


class Manifest(Message):
    """What a snapshot holds. `fetched_at` is when its sync began to read."""

    format_version: Literal[1] = 1
    company_id: str
    sync_id: str
    fetched_at: datetime
    datasets: Mapping[Dataset, StoredDataset]


def encode(dataset: Dataset, rows: Sequence[Row]) -> bytes:
    """Pack rows as Parquet. Keeps a core busy: call it in a thread."""
    packed = io.BytesIO()
    to_frame(dataset, rows).write_parquet(packed, compression="zstd")
    return packed.getvalue()


class Draft:
    """
    A snapshot that is being written: nobody sees it until it is published.

    A sync has one, wherever and however often its steps run.
    """

    def __init__(self, objects: Objects, company_id: str, sync_id: str) -> None:
        self._objects = objects
        self._company_id, self._sync_id = company_id, sync_id
        self._folder = _folder(company_id, sync_id)

    async def write(self, dataset: Dataset, number: int, rows: Sequence[Row]) -> Part:
        """
        Store one page; keep what comes back for `publish`.

        Safe to run twice: the same rows give the same object, other rows another.
        """
        packed = await asyncio.to_thread(encode, dataset, rows)
        part = Part(
            dataset=dataset,
            number=number,
            rows=len(rows),
            bytes=len(packed),
            sha256=hashlib.sha256(packed).hexdigest(),
        )
        await self._objects.put(f"{self._folder}/{_name(part)}", packed)
        return part

    async def publish(
        self, fetched_at: datetime, parts: Mapping[Dataset, Iterable[Part]]
    ) -> Manifest:
        """
        Make the parts a snapshot, all at once.

        `parts` names every dataset, an empty one too. Safe to run twice: the first
        manifest stays, and comes back. Raises `Damaged` where a stored part is gone.
        """
        manifest = Manifest(
            company_id=self._company_id,
            sync_id=self._sync_id,
            fetched_at=fetched_at,
            datasets={name: _describe(name, chosen) for name, chosen in parts.items()},
        )
        await self._insist_on_parts(manifest)
        written = manifest.model_dump_json(indent=2).encode()
        if await self._objects.put_if_absent(f"{self._folder}/{MANIFEST}", written):
            return manifest
        published = await open_snapshot(self._objects, self._company_id, self._sync_id)
        return published.manifest

    async def _insist_on_parts(self, manifest: Manifest) -> None:
        """Refuse to publish what a clean-up has taken away meanwhile."""
        stored = set(await self._objects.keys(self._folder))
        for dataset in manifest.datasets.values():
            for part in dataset.parts:
                if f"{self._folder}/{_name(part)}" not in stored:
                    raise Damaged(f"{_name(part)} is not there")


async def open_snapshot(objects: Objects, company_id: str, sync_id: str) -> "Snapshot":
    """Find a published snapshot, or raise `NotPublished`."""
    try:
        written = await objects.get(f"{_folder(company_id, sync_id)}/{MANIFEST}")
    except FileNotFoundError:
        raise NotPublished(sync_id) from None
    return Snapshot(objects, Manifest.model_validate_json(written))


async def delete_unpublished(objects: Objects, company_id: str, sync_id: str) -> None:
    """
    Remove what a sync left that ended before it published; leave a snapshot alone.

    Only for a sync that is over. Safe to run twice.
    """
    try:
        await open_snapshot(objects, company_id, sync_id)
    except NotPublished:
        await objects.delete_folder(_folder(company_id, sync_id))


async def delete_snapshot(objects: Objects, company_id: str, sync_id: str) -> None:
    """Remove a snapshot, from the reader's eye first. Safe to run twice."""
    folder = _folder(company_id, sync_id)
    await objects.delete(f"{folder}/{MANIFEST}")
    await objects.delete_folder(folder)


class Snapshot:
    """
    One published snapshot.

    It is copied part by part, which needs the memory of one, however many there are.
    """

    def __init__(self, objects: Objects, manifest: Manifest) -> None:
        self._objects = objects
        self.manifest = manifest

    async def copy(self, dataset: Dataset, folder: Path) -> None:
        """Put the parts into a folder as they are, under names in their order."""
        await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
        number = 0
        async for packed in self._packed(dataset):
            part = folder / f"{number:05}.parquet"
            await asyncio.to_thread(part.write_bytes, packed)
            number += 1

    async def _packed(self, dataset: Dataset) -> AsyncIterator[bytes]:
        folder = _folder(self.manifest.company_id, self.manifest.sync_id)
        for part in self.manifest.datasets[dataset].parts:
            packed = await self._objects.get(f"{folder}/{_name(part)}")
            if hashlib.sha256(packed).hexdigest() != part.sha256:
                raise Damaged(f"{_name(part)} has changed")
            yield packed


def _describe(dataset: Dataset, parts: Iterable[Part]) -> StoredDataset:
    ordered = tuple(sorted(parts, key=lambda part: part.number))
    if [part.number for part in ordered] != list(range(len(ordered))):
        raise ValueError(f"the parts of {dataset} are not numbered from 0, each once")
    return StoredDataset(
        rows=sum(part.rows for part in ordered),
        bytes=sum(part.bytes for part in ordered),
        columns={name: str(kind) for name, kind in schema_of(dataset).items()},
        parts=ordered,
    )


def _name(part: Part) -> str:
    return f"{part.dataset}/{part.number:05}-{part.sha256}.parquet"


def _folder(*names: str) -> str:
    if not all(name.strip() and "/" not in name for name in names):
        raise ValueError("an id is neither empty nor a path")
    return "/".join((FOLDER, *names))
