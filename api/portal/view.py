"""A page as an answer: what every template knows, and the headers that guard it."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Mapping
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import quote, urlencode, urlsplit

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from api.portal.people import Person, is_secure
from api.portal.words import FILTERS
from domain import logo
from domain.roles import TITLES, Permission

NOTICE: Final = "rapport-notice"
LONGEST_NOTICE: Final = 600

HEADERS: Final[Mapping[str, str]] = {
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)


class Notice(NamedTuple):
    """What came of an action: `tone` is done or trouble."""

    text: str
    tone: str = "done"


def answer(
    request: Request,
    template: str,
    person: Person | None,
    status: int = 200,
    **facts: Any,
) -> HTMLResponse:
    """Write a page."""
    shown = _notice(request)
    page = HTMLResponse(
        draw(template, person, path=request.url.path, notice=shown, **facts), status
    )
    if shown is not None:
        page.delete_cookie(NOTICE)
    return page


def draw(template: str, person: Person | None, **facts: Any) -> Markup:
    """Write a template, a whole page or a part of one."""
    known = {"person": person, "titles": TITLES, "Permission": Permission, **facts}
    # Every value is escaped on its way in: that makes the whole safe to put in another.
    return Markup(_environment().get_template(template).render(known))  # noqa: S704


def said(request: Request, notice: Notice, back: str, status: int = 200) -> Response:
    """Answer a form: with the notice alone for a script, else with the page to go to."""
    if is_script(request):
        return HTMLResponse(draw("notice.html", None, notice=notice, live=True), status)
    return moved(request, back, notice)


def moved(request: Request, to: str, notice: Notice | None = None) -> Response:
    """Lead to another page, which shows the notice."""
    if is_script(request):
        page = Response(headers={"HX-Redirect": to})
    else:
        page = RedirectResponse(to, HTTPStatus.SEE_OTHER)
    if notice is not None:
        words = json.dumps([notice.text[:LONGEST_NOTICE], notice.tone]).encode()
        page.set_cookie(
            NOTICE,
            urlsafe_b64encode(words).decode(),
            max_age=60,
            httponly=True,
            samesite="lax",
            secure=is_secure(request.app.state.settings),
        )
    return page


def is_script(request: Request) -> bool:
    """Whether a part of a page asks, rather than the browser for a whole one."""
    return "hx-request" in request.headers


def guard(page: Response, logo_url: str | None = None) -> None:
    """Give an answer the headers that every one has, but those it chose itself."""
    pictures = logo.origin(logo_url)
    policy = (
        POLICY.replace("img-src 'self'", f"img-src 'self' {pictures}")
        if pictures
        else POLICY
    )
    for name, value in {**HEADERS, "Content-Security-Policy": policy}.items():
        page.headers.setdefault(name, value)


def framed(
    html: str, logo_url: str | None, styles: str = "'unsafe-inline'"
) -> HTMLResponse:
    """Answer with what its reader sees elsewhere, for a frame of ours: nothing in it can act."""
    page = HTMLResponse(html)
    pictures = logo.origin(logo_url) or "'none'"
    page.headers["Content-Security-Policy"] = (
        f"sandbox; default-src 'none'; style-src {styles}; img-src {pictures}; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    )
    return page


def within(address: str | None, otherwise: str = "/") -> str:
    """Return an address of ours that somebody named; anything else leads home."""
    if not address or not address.startswith("/") or address.startswith(("//", "/\\")):
        return otherwise
    parts = urlsplit(address)
    if parts.scheme or parts.netloc or any(ord(each) < ord(" ") for each in address):
        return otherwise
    return address


def with_query(path: str, **wanted: Any) -> str:
    """Return a path with what its page should show; what is None is left out."""
    given = {name: value for name, value in wanted.items() if value not in (None, "")}
    return f"{quote(path)}?{urlencode(given, doseq=True)}" if given else quote(path)


def _notice(request: Request) -> Notice | None:
    """Read the notice that the page before left; whatever else it is, it is text."""
    try:
        text, tone = json.loads(urlsafe_b64decode(request.cookies.get(NOTICE, "")))
    except (NotBase64, ValueError, TypeError):
        return None
    return Notice(
        str(text)[:LONGEST_NOTICE], "trouble" if tone == "trouble" else "done"
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(FILTERS)
    environment.globals["with_query"] = with_query
    return environment
