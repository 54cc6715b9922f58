"""
Rows that came twice, because the software's pages overlapped: the last one counts.

Nearly always there are none. So a first look takes 8 bytes a row, and only books in
which something repeats are gone through id by id.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl


def superseded(parts: Sequence[Path], key: str) -> Mapping[Path, pl.Series]:
    """Return, for each part that has some, the places of rows that come again later."""
    if not parts or not _something_repeats(parts, key):
        return {}
    rows = pl.concat(
        pl.read_parquet(part, columns=[key], row_index_name="place").with_columns(
            part=pl.lit(number)
        )
        for number, part in enumerate(parts)
    )
    earlier = rows.filter(~pl.col(key).is_last_distinct())
    places = earlier.group_by("part").agg("place").iter_rows()
    return {
        parts[number]: pl.Series(found, dtype=pl.UInt32) for number, found in places
    }


def _something_repeats(parts: Sequence[Path], key: str) -> bool:
    """Two ids of one hash are so rare that the second look may find nothing."""
    plan = pl.scan_parquet(list(parts), glob=False).select(pl.col(key).hash().sort())
    hashes = plan.collect().to_series()
    return bool((hashes == hashes.shift()).any())
