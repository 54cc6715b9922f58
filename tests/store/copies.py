"""What a published snapshot holds, read as production reads it: from a copy of its parts."""

from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from domain.datasets import Dataset, Row
from store.snapshots import Snapshot


async def rows_of(snapshot: Snapshot, dataset: Dataset) -> list[Row]:
    """Return all rows in the software's order; each part is held against its hash."""
    with TemporaryDirectory() as folder:
        copied = Path(folder)
        await snapshot.copy(dataset, copied)
        parts = sorted(copied.iterdir())
        return [row for part in parts for row in pl.read_parquet(part).to_dicts()]
