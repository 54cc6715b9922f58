"""
The catcher's mail as pages: whoever plays a customer reads it here, and follows its links.

Letters hold keys. So it answers only on this machine's own names: a page from elsewhere
whose name suddenly means this machine gets nothing.
"""

import re
from http import HTTPStatus
from itertools import islice
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import FileResponse, HTMLResponse, Response
from starlette.exceptions import HTTPException

from sandbox.letters import NAME, Envelope, Letter, Letters
from sandbox.rendering import HEADERS, PAGES, page

SHOWN: Final = 50
"""Letters on one page."""

_OURS: Final = re.compile(r"(127\.0\.0\.1|\[::1\]|(.+\.)?localhost)(:\d+)?")
_HEAD: Final = re.compile(r"<head[^>]*>", re.IGNORECASE)
_IN_A_NEW_TAB: Final = '<base target="_blank">'

_AROUND: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "frame-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
_WITHIN: Final = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; "
    "style-src 'unsafe-inline'; img-src http: https: data:; form-action 'none'; "
    "frame-ancestors 'self'"
)


def _on_this_machine(request: Request) -> None:
    if _OURS.fullmatch(request.headers.get("host", "")) is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)


def _letters(request: Request) -> Letters:
    letters: Letters = request.app.state.letters
    return letters


AtHand = Annotated[Letters, Depends(_letters)]
Name = Annotated[str, Path(max_length=220)]
Before = Annotated[str | None, Query(max_length=220, pattern=NAME)]

router = APIRouter(
    include_in_schema=False, dependencies=[Depends(_on_this_machine)], prefix="/mailbox"
)


@router.get("")
def mailbox(letters: AtHand, before: Before = None) -> Response:
    """List what came, newest first; a page that is open shows what comes in."""
    names = [name for name in letters.names() if before is None or name < before]
    shown = [*_envelopes(letters, names)]
    older = shown[-1].name if len(names) > SHOWN and shown else None
    return _page("mailbox.html", shown=shown, older=older, later=before is not None)


@router.get("/mailbox.css")
def style() -> Response:
    """Give the look that these pages have beside everybody's."""
    return FileResponse(PAGES / "mailbox.css", media_type="text/css")


@router.get("/mailbox.js")
def script() -> Response:
    """Give the little that keeps the list fresh."""
    return FileResponse(PAGES / "mailbox.js", media_type="text/javascript")


@router.get("/{name}")
def letter(name: Name, letters: AtHand) -> Response:
    """Show one letter: as its reader sees it, as plain text, and as it was sent."""
    found = _found(letters, name)
    names = letters.names()
    at = names.index(name) if name in names else 0
    return _page(
        "letter.html",
        letter=found,
        newer=names[at - 1] if at else None,
        older=next(iter(names[at + 1 : at + 2]), None),
    )


@router.get("/{name}/html")
def html(name: Name, letters: AtHand) -> Response:
    """Give a letter's HTML to its frame: it may show itself and open tabs, nothing else."""
    found = _found(letters, name).html
    if found is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    guarded = {**HEADERS, "Content-Security-Policy": _WITHIN}
    return HTMLResponse(_in_a_new_tab(found), headers=guarded)


def _envelopes(letters: Letters, names: list[str]) -> list[Envelope]:
    """Read as many as one page shows; one that was taken away meanwhile is not there."""
    read = (letters.envelope(name) for name in islice(names, SHOWN))
    return [envelope for envelope in read if envelope is not None]


def _found(letters: Letters, name: str) -> Letter:
    letter = letters.letter(name)
    if letter is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return letter


def _in_a_new_tab(html: str) -> str:
    """Let links open beside the mailbox; without a head, what comes first becomes it."""
    marked, found = _HEAD.subn(lambda head: head[0] + _IN_A_NEW_TAB, html, count=1)
    return marked if found else _IN_A_NEW_TAB + html


def _page(name: str, **values: Any) -> HTMLResponse:
    answer = page(name, **values)
    answer.headers["Content-Security-Policy"] = _AROUND
    return answer
