"""The books over HTTP: nine kinds of data, read page by page with an access token."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from sandbox.books.library import Books, Shelf
from sandbox.desk import MINUTE, AtDesk, Call, Desk
from sandbox.refusals import INVALID_TOKEN, NO_SUCH_DATA, Refusal, Refused

PAGE_SIZE: Final = 500
LARGEST_PAGE: Final = 5_000
LAST_PAGE: Final = 1_000_000
ORGANISATION: Final = "organisation"
SHELVES: Final[Mapping[str, Callable[[Books], Shelf]]] = {
    ORGANISATION: Books.organisation,
    "accounts": Books.accounts,
    "profit-and-loss": Books.profit_and_loss,
    "balance-sheet": Books.balance_sheet,
    "suppliers": Books.suppliers,
    "bills": Books.bills,
    "bill-payments": Books.bill_payments,
    "expenses": Books.expenses,
    "payment-methods": Books.payment_methods,
}
EMPTY: Final = Shelf.of([])


def _spoil_a_balance(body: bytes) -> bytes:
    return re.sub(b'("current_balance":)"[^"]*"', rb'\1"12,5x"', body, count=1)


def _cut_off(body: bytes) -> bytes:
    return body[: len(body) // 2]


# Each data type that a client may want reads one of these two.
MALFORMED: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    "accounts": _spoil_a_balance,
    "bills": _cut_off,
}


class PageQuery(BaseModel):
    """Which page, and how long pages are."""

    page: Annotated[int, Field(ge=1, le=LAST_PAGE)] = 1
    page_size: Annotated[int, Field(ge=1, le=LARGEST_PAGE)] = PAGE_SIZE


router = APIRouter(prefix="/api", tags=["data"])


async def admit(
    desk: AtDesk,
    request: Request,
    authorization: Annotated[str, Header()] = "",
) -> Call:
    """Let a token in, count the call against its login's limit, and act out the scenario."""
    call = _enter(desk, authorization.removeprefix("Bearer ").strip())
    left, reset = _limits(desk, call)
    request.state.limits = {
        "X-RateLimit-Limit": str(desk.settings.calls_a_minute),
        "X-RateLimit-Remaining": str(max(left, 0)),
        "X-RateLimit-Reset": str(reset),
    }
    if left < 0:
        raise Refused(Refusal(429, "too_many_requests", "Too many calls.", reset))
    await desk.wait(call.behaviour)
    trouble = call.behaviour.trouble(call.login.calls)
    if trouble is not None:
        raise Refused(trouble)
    return call


@router.get("/{data}")
async def read(
    desk: AtDesk,
    request: Request,
    call: Annotated[Call, Depends(admit)],
    data: Annotated[str, Path(description=f"One of {', '.join(SHELVES)}.")],
    wanted: Annotated[PageQuery, Query()],
) -> Response:
    """Read one page of one kind of data."""
    if data not in SHELVES:
        raise Refused(NO_SUCH_DATA)
    books = desk.books_of(call.login)
    is_empty = call.behaviour.is_empty and data != ORGANISATION
    body = await run_in_threadpool(
        lambda: _page(EMPTY if is_empty else SHELVES[data](books), wanted)
    )
    if call.behaviour.is_malformed and data in MALFORMED:
        body = MALFORMED[data](body)
    return Response(body, media_type="application/json", headers=request.state.limits)


def _enter(desk: Desk, token: str) -> Call:
    pair = desk.storage.pair_of_access(token)
    if pair is None or pair.expires_at <= desk.now().timestamp():
        raise Refused(INVALID_TOKEN)
    if desk.storage.login(pair.login_id).is_revoked:
        raise Refused(INVALID_TOKEN)
    desk.storage.use_pair(pair)
    return desk.count_call(pair.login_id)


def _limits(desk: Desk, call: Call) -> tuple[int, int]:
    """How many calls are left in this minute, and in how many seconds the next one begins."""
    left = desk.settings.calls_a_minute - call.login.calls_this_minute
    return left, MINUTE - int(desk.now().timestamp()) % MINUTE


def _page(shelf: Shelf, wanted: PageQuery) -> bytes:
    start = (wanted.page - 1) * wanted.page_size
    stop = min(start + wanted.page_size, shelf.total)
    answer: dict[str, Any] = {
        "items": shelf.read(start, stop) if start < stop else [],
        "page": wanted.page,
        "page_size": wanted.page_size,
        "total": shelf.total,
        "has_more": stop < shelf.total,
    }
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()
