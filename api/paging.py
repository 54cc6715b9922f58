"""
Lists in pages that cost the same at any depth.

A cursor says where the last page ended. It is signed together with the list that
it belongs to: edited, or used with other filters, it is refused.
"""

import hashlib
import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from typing import Annotated, Final, TypeVar
from urllib.parse import urlencode

from fastapi import Depends, Query, Request
from pydantic import Field

from api.deps import Bank, Configured
from api.errors import refusal
from api.schemas import In, Item, Page
from store.keyset import Cut, Position, Sort

LARGEST: Final = 200
_SIGNATURE_BYTES: Final = 16
_PAGED_BY: Final = ("limit", "cursor")


class Listing(In):
    """What every list takes; the lists that filter add their own."""

    limit: int = Field(50, ge=1, le=LARGEST)
    cursor: str | None = Field(None, max_length=1000)


Row = TypeVar("Row")

Plain = Annotated[Listing, Query()]


class Pager:
    """Writes and reads the cursors of one list, as one organization sees it."""

    def __init__(self, secret: bytes, listing: str) -> None:
        self._key = hmac.digest(secret, f"cursor {listing}".encode(), hashlib.sha256)

    def after(self, listing: Listing) -> Position | None:
        """Return where the page before ended; refuse a cursor that this list did not give."""
        if listing.cursor is None:
            return None
        words, _, signature = listing.cursor.partition(".")
        if not hmac.compare_digest(self._signature(words).encode(), signature.encode()):
            raise refusal(
                "invalid_cursor",
                "This cursor was not made for this list; begin again without it.",
            )
        return Position(*json.loads(urlsafe_b64decode(words)))

    def cut(self, listing: Listing, sort: Sort) -> Cut:
        """Return which part of a sorted list is asked for."""
        return Cut(sort, self.after(listing), listing.limit)

    def page(
        self,
        rows: Sequence[Row],
        items: Sequence[Item],
        limit: int,
        place: Callable[[Row], Position],
    ) -> Page[Item]:
        """Make a page of `items`; a row beyond the limit says that there is another page."""
        more = len(rows) > limit
        return Page(
            items=list(items[:limit]),
            next_cursor=self.cursor(place(rows[limit - 1])) if more else None,
        )

    def cursor(self, position: Position) -> str:
        """Return what stands for a row's place in an address."""
        words = urlsafe_b64encode(json.dumps(position).encode()).decode()
        return f"{words}.{self._signature(words)}"

    def _signature(self, words: str) -> str:
        digest = hmac.digest(self._key, words.encode(), hashlib.sha256)
        return digest[:_SIGNATURE_BYTES].hex()


async def _pager(request: Request, bank: Bank, settings: Configured) -> Pager:
    """Every filter belongs to the list; the size of the page does not."""
    filters = sorted(
        pair for pair in request.query_params.multi_items() if pair[0] not in _PAGED_BY
    )
    listing = f"{bank.id} {request.url.path}?{urlencode(filters)}"
    return Pager(settings.secret.get_secret_value().encode(), listing)


Paging = Annotated[Pager, Depends(_pager)]
