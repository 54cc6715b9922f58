"""
Building reports in a process of its own: snapshots in, files in the object store out.

The worker's event loop and memory stay free, and whatever happens to the process,
the worker goes on.
"""

import asyncio
import hashlib
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from activities.builder import Builder
from activities.workbench import workbench
from domain.reports import Format, ReportType
from reports.accounts import AccountList, CompanyAccounts
from reports.request import (
    ACCOUNTS,
    OUT,
    REQUEST,
    RESULT,
    BuildReports,
    BuiltFile,
    BuiltReports,
    CompanyBooks,
    folder_of,
)
from store.objects import Objects
from store.plans import Order, Plan, Terms
from store.reports import FOLDER, StoredFile
from store.snapshots import open_snapshot


class Finished(NamedTuple):
    """What a build left in its folder."""

    out: Path
    files: tuple[BuiltFile, ...]
    accounts: tuple[CompanyAccounts, ...]


Files = dict[ReportType, dict[Format, StoredFile]]


class Press:
    """Lays out what a builder needs, and puts away what it made."""

    def __init__(self, objects: Objects, terms: Terms, builder: Builder) -> None:
        self._objects = objects
        self._builder = builder
        self.terms = terms

    @asynccontextmanager
    async def build(self, plan: Plan, order: Order) -> AsyncIterator[Finished]:
        """Lend the finished files of one order; the folder is gone afterwards, come what may."""
        with workbench() as bench:
            request = await self._lay_out(plan, order, bench.folder)
            path = bench.folder / REQUEST
            await asyncio.to_thread(path.write_text, request.model_dump_json())
            await self._builder.build(bench.folder)
            yield await asyncio.to_thread(_finished, bench.folder / OUT)

    async def store(self, company_id: str, build_id: str, finished: Finished) -> Files:
        """Put the files where downloads find them. Safe to run twice."""
        stored: Files = defaultdict(dict)
        for file in finished.files:
            path = finished.out / file.name
            key = f"{FOLDER}/{company_id}/{build_id}/{file.name}"
            digest = await asyncio.to_thread(_digest, path)
            await self._objects.put_file(key, path)
            stored[file.report][file.format] = StoredFile(
                key=key, bytes=file.bytes, sha256=digest
            )
        return dict(stored)

    async def _lay_out(self, plan: Plan, order: Order, folder: Path) -> BuildReports:
        """Copy the snapshots, part by part; return what to make of them."""
        fetched = []
        for books in order.books:
            snapshot = await open_snapshot(
                self._objects, books.company_id, books.sync_id
            )
            fetched.append(snapshot.manifest.fetched_at)
            for dataset in snapshot.manifest.datasets:
                target = folder_of(folder, books.company_id, dataset)
                await snapshot.copy(dataset, target)
        return BuildReports(
            reports=order.reports,
            as_of=max(fetched),
            books=tuple(
                CompanyBooks(
                    company_id=each.company_id, name=each.name, is_entity=each.is_entity
                )
                for each in order.books
            ),
            months=self.terms.months,
            threshold=self.terms.threshold,
            confirmed=plan.confirmed,
            consolidated=order.is_consolidated(plan.company_id),
        )


def _finished(out: Path) -> Finished:
    built = BuiltReports.model_validate_json((out / RESULT).read_bytes())
    accounts = AccountList.model_validate_json((out / ACCOUNTS).read_bytes())
    return Finished(out, built.files, accounts.companies)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
