"""Who was paid: suppliers as numbers that still tell their id, or their name."""

from typing import Final

import polars as pl

SUPPLIER: Final = pl.Categorical()
BY_ID: Final = "#"
BY_NAME: Final = "~"
NOBODY: Final = BY_NAME


def supplier(*, with_name: bool = True) -> pl.Expr:
    """
    Who was paid: two suppliers of one name stay apart by their id.

    Somebody without id is known by name, somebody without either is nobody known.
    """
    by_name = pl.col("supplier_name") if with_name else pl.lit(None, pl.String)
    name = pl.lit(BY_NAME) + by_name.fill_null("")
    return pl.coalesce(pl.lit(BY_ID) + pl.col("supplier_id"), name).cast(SUPPLIER)


def supplier_id(key: pl.Expr) -> pl.Expr:
    """The id in a supplier's key, or null."""
    text = key.cast(pl.String)
    return pl.when(text.str.starts_with(BY_ID)).then(text.str.slice(1))


def supplier_name(key: pl.Expr) -> pl.Expr:
    """The name in the key of a supplier without id, or null."""
    text = key.cast(pl.String)
    is_named = text.str.starts_with(BY_NAME) & (text.str.len_chars() > 1)
    return pl.when(is_named).then(text.str.slice(1))
