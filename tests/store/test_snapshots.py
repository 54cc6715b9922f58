"""Snapshots: what was read comes back exactly, all of it or nothing."""

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.datasets import DATASETS, Dataset, Part, Row
from domain.journey import DataType
from store.frames import schema_of
from store.objects import Objects
from store.snapshots import (
    Damaged,
    Draft,
    NotPublished,
    Snapshot,
    delete_snapshot,
    delete_unpublished,
    encode,
    open_snapshot,
)
from tests.store.canonical import any_rows
from tests.store.copies import rows_of

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
COMPANY, SYNC = "co_1", "sy_1"


def bill(number: int, **other: Any) -> Row:
    return {
        "id": f"bill-{number}",
        "reference": None,
        "supplier_id": "sup-1",
        "supplier_name": "Cedar Metals",
        "issued_on": date(2026, 4, 1),
        "due_on": None,
        "status": "open",
        "currency": "EUR",
        "currency_rate": Decimal(1),
        "net_amount": Decimal("10.10"),
        "tax_amount": Decimal("1.90"),
        "total_amount": Decimal("12.00"),
        "amount_due": Decimal("12.00"),
        "note": None,
        "lines": [],
        **other,
    }


def page(number: int, rows: int = 3) -> list[Row]:
    return [bill(number * rows + index) for index in range(rows)]


async def publish(objects: Objects, pages: Sequence[Sequence[Row]]) -> Snapshot:
    """Write bills page by page, and publish them."""
    draft = Draft(objects, COMPANY, SYNC)
    parts = [
        await draft.write(Dataset.BILLS, number, rows)
        for number, rows in enumerate(pages)
    ]
    await draft.publish(NOON, {Dataset.BILLS: parts})
    return await open_snapshot(objects, COMPANY, SYNC)


async def ids(snapshot: Snapshot) -> list[str]:
    return [row["id"] for row in await rows_of(snapshot, Dataset.BILLS)]


@pytest.mark.parametrize("dataset", Dataset)
@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_rows_come_back_as_they_were(dataset: Dataset, data: st.DataObject) -> None:
    """
    Amounts to the last digit, days, texts in any script, None, lists in rows: all equal.
    """
    rows = data.draw(any_rows(dataset))

    assert rows == pl.read_parquet(encode(dataset, rows)).to_dicts()


@pytest.mark.parametrize("dataset", Dataset)
def test_an_empty_page_has_its_columns(dataset: Dataset) -> None:
    """
    Nothing to store is stored with the same columns as everything.
    """
    assert dict(schema_of(dataset)) == pl.read_parquet(encode(dataset, [])).schema


async def test_a_snapshot_is_what_was_read(objects: Objects) -> None:
    """
    All datasets of a data type come back, row by row, in the software's order.
    """
    draft = Draft(objects, COMPANY, SYNC)
    datasets = DATASETS[DataType.SPEND_ANALYSIS]
    parts: dict[Dataset, list[Part]] = {dataset: [] for dataset in datasets}
    parts[Dataset.BILLS] = [
        await draft.write(Dataset.BILLS, number, page(number)) for number in range(3)
    ]

    await draft.publish(NOON, parts)
    snapshot = await open_snapshot(objects, COMPANY, SYNC)

    assert set(datasets) == snapshot.manifest.datasets.keys()
    assert NOON == snapshot.manifest.fetched_at
    assert [f"bill-{number}" for number in range(9)] == await ids(snapshot)
    assert page(0) == (await rows_of(snapshot, Dataset.BILLS))[:3]
    assert [] == await rows_of(snapshot, Dataset.EXPENSES)


async def publish_nothing(objects: Objects) -> Snapshot:
    draft = Draft(objects, COMPANY, "sy_empty")
    await draft.publish(NOON, {Dataset.BILLS: []})
    return await open_snapshot(objects, COMPANY, "sy_empty")


async def test_a_manifest_tells_what_there_is(objects: Objects) -> None:
    """
    Rows, bytes, columns and hashes can be read by anybody, without Rapport.
    """
    await publish(objects, [page(0), page(1, rows=1)])

    manifest = json.loads(
        await objects.get(f"snapshots/{COMPANY}/{SYNC}/manifest.json")
    )
    bills = manifest["datasets"]["bills"]

    assert 1 == manifest["format_version"]
    assert 4 == bills["rows"]
    assert bills["bytes"] == sum(part["bytes"] for part in bills["parts"])
    assert "Date" == bills["columns"]["issued_on"]
    assert [0, 1] == [part["number"] for part in bills["parts"]]


async def test_without_a_manifest_there_is_nothing(objects: Objects) -> None:
    """
    However many parts are written: before publication nobody sees a snapshot.
    """
    draft = Draft(objects, COMPANY, SYNC)
    await draft.write(Dataset.BILLS, 0, page(0))

    with pytest.raises(NotPublished):
        await open_snapshot(objects, COMPANY, SYNC)


async def test_a_page_that_is_read_again_counts_once(objects: Objects) -> None:
    """
    The same page lands on the same part, however often a step is run.
    """
    draft = Draft(objects, COMPANY, SYNC)

    first = await draft.write(Dataset.BILLS, 0, page(0))
    again = await draft.write(Dataset.BILLS, 0, page(0))
    await draft.publish(NOON, {Dataset.BILLS: [again]})
    stored = await objects.keys(f"snapshots/{COMPANY}/{SYNC}/bills")

    assert first == again
    assert 1 == len(stored)


async def test_a_straggler_changes_nothing(objects: Objects) -> None:
    """
    A step that was given up, but writes its page after publication, is not heard.
    """
    snapshot = await publish(objects, [page(0)])

    late = Draft(objects, COMPANY, SYNC)
    part = await late.write(Dataset.BILLS, 0, page(7))
    published = await late.publish(NOON, {Dataset.BILLS: [part]})

    assert snapshot.manifest == published
    assert ["bill-0", "bill-1", "bill-2"] == await ids(
        await open_snapshot(objects, COMPANY, SYNC)
    )


async def test_publishing_twice_at_once_gives_one_snapshot(objects: Objects) -> None:
    """
    Of two that publish the same sync one is first, and both are told the same.
    """
    draft = Draft(objects, COMPANY, SYNC)
    offers = [
        [await draft.write(Dataset.BILLS, 0, page(number))] for number in range(2)
    ]

    first, second = await asyncio.gather(
        *[draft.publish(NOON, {Dataset.BILLS: parts}) for parts in offers]
    )

    assert first == second


async def test_parts_that_are_gone_are_not_published(objects: Objects) -> None:
    """
    A step that comes back after the clean-up can't publish what was cleaned up.
    """
    draft = Draft(objects, COMPANY, SYNC)
    part = await draft.write(Dataset.BILLS, 0, page(0))
    await delete_unpublished(objects, COMPANY, SYNC)

    with pytest.raises(Damaged):
        await draft.publish(NOON, {Dataset.BILLS: [part]})
    with pytest.raises(NotPublished):
        await open_snapshot(objects, COMPANY, SYNC)


@pytest.mark.parametrize("numbers", [[1], [0, 2], [0, 0]])
async def test_no_page_is_left_out(tmp_path: Path, numbers: list[int]) -> None:
    """
    A page that is missing between others, or there twice, stops the publication.
    """
    draft = Draft(Objects(tmp_path.as_uri()), COMPANY, SYNC)
    parts = [await draft.write(Dataset.BILLS, number, page(0)) for number in numbers]

    with pytest.raises(ValueError, match="bills are not numbered"):
        await draft.publish(NOON, {Dataset.BILLS: parts})


async def test_a_damaged_part_is_not_taken_for_data(objects: Objects) -> None:
    """
    Bytes that changed on the disk are found before anybody counts on them.
    """
    snapshot = await publish(objects, [page(0)])
    (key,) = await objects.keys(f"snapshots/{COMPANY}/{SYNC}/bills")
    await objects.put(key, encode(Dataset.BILLS, page(1)))

    with pytest.raises(Damaged):
        await ids(snapshot)


async def test_a_half_written_part_never_shows(tmp_path: Path) -> None:
    """
    What a killed process left of a part is neither published nor read.
    """
    objects = Objects(tmp_path.as_uri())
    folder = tmp_path / "snapshots" / COMPANY / SYNC / "bills"
    folder.mkdir(parents=True)
    (folder / "00000-abc.parquet#1").write_bytes(b"PAR1")

    snapshot = await publish(objects, [page(0)])

    assert ["bill-0", "bill-1", "bill-2"] == await ids(snapshot)
    await delete_snapshot(objects, COMPANY, SYNC)
    assert not folder.exists()


async def test_clean_up_takes_only_what_was_not_published(objects: Objects) -> None:
    """
    Orphans go, a snapshot stays.
    """
    await publish(objects, [page(0)])
    orphan = Draft(objects, COMPANY, "sy_2")
    await orphan.write(Dataset.BILLS, 0, page(0))

    await delete_unpublished(objects, COMPANY, SYNC)
    await delete_unpublished(objects, COMPANY, "sy_2")

    assert 3 == len(await ids(await open_snapshot(objects, COMPANY, SYNC)))
    assert [] == await objects.keys(f"snapshots/{COMPANY}/sy_2")


async def test_deleting_takes_one_snapshot(objects: Objects) -> None:
    """
    A deleted snapshot is gone, and leaves the company's others; twice is fine.
    """
    await publish(objects, [page(0)])
    await publish_nothing(objects)

    await delete_snapshot(objects, COMPANY, SYNC)
    await delete_snapshot(objects, COMPANY, SYNC)

    kept = [f"snapshots/{COMPANY}/sy_empty/manifest.json"]
    assert kept == await objects.keys("snapshots")


@pytest.mark.parametrize("wrong", ["", " ", "a/b"])
async def test_an_id_is_never_a_path(tmp_path: Path, wrong: str) -> None:
    """
    An id that is empty can't name all snapshots, nor another one's folder.
    """
    objects = Objects(tmp_path.as_uri())

    with pytest.raises(ValueError, match="an id"):
        await delete_snapshot(objects, COMPANY, wrong)
    with pytest.raises(ValueError, match="an id"):
        await delete_snapshot(objects, wrong, SYNC)


async def test_a_later_format_is_refused(tmp_path: Path) -> None:
    """
    What a newer release wrote is not guessed at.
    """
    objects = Objects(tmp_path.as_uri())
    snapshot = await publish_nothing(objects)
    later = snapshot.manifest.model_dump(mode="json") | {"format_version": 2}
    key = f"snapshots/{COMPANY}/sy_empty/manifest.json"
    await objects.put(key, json.dumps(later).encode())

    with pytest.raises(ValidationError):
        await open_snapshot(objects, COMPANY, "sy_empty")


async def test_a_dataset_is_copied_as_it_is(objects: Objects, tmp_path: Path) -> None:
    """
    Part by part, under names in the order of reading; an empty one leaves an empty folder.
    """
    pages = [page(number) for number in range(12)]
    snapshot = await publish(objects, pages)

    await snapshot.copy(Dataset.BILLS, tmp_path / "bills")

    parts = sorted((tmp_path / "bills").iterdir())
    copied = [each for part in parts for each in pl.read_parquet(part)["id"]]
    assert [row["id"] for rows in pages for row in rows] == copied
