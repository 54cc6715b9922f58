"""A page as an answer: what its template may know, and the headers that guard it."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import quote

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from api.link.steps import ENTITY_FACES, Problem, Step, way
from api.schemas import FieldError, LinkOut, LinkSoftwareOut, UploadTermsOut
from domain import logo
from domain.asking import asking
from domain.colour import normal
from domain.consent import NOT_READ
from domain.journey import LinkAction
from domain.leaving import LEAVINGS
from domain.reasons import NOTICES

HEADERS: Final[Mapping[str, str]] = {
    "Referrer-Policy": "no-referrer",  # the address is a key
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
    "X-Content-Type-Options": "nosniff",
}


class Look(NamedTuple):
    """Whose page it is; a logo only where it can be shown."""

    organization: str | None = None
    colour: str | None = None
    logo_url: str | None = None


class Rejected(NamedTuple):
    """All that is wrong with a file, and how much more there is."""

    errors: Sequence[FieldError]
    untold: int


class Page(NamedTuple):
    """All that a template may know."""

    token: str
    step: Step
    look: Look
    allowed: frozenset[str]
    state: LinkOut | None = None
    problem: Problem | None = None
    typed: str | None = None
    asked: bool = False
    query: str = ""
    terms: UploadTermsOut | None = None
    rejected: Rejected | None = None
    agreed: bool = False


def look(state: LinkOut) -> Look:
    """Return the organization's look."""
    shown = state.organization
    return Look(
        shown.name,
        shown.colour,
        shown.logo_url if logo.origin(shown.logo_url) else None,
    )


def answer(
    page: Page, status: int, headers: Mapping[str, str] | None = None
) -> HTMLResponse:
    """Write the page."""
    guards = {**HEADERS, "Content-Security-Policy": _policy(page), **(headers or {})}
    return HTMLResponse(html(page), status, headers=guards)


def here(token: str) -> str:
    """Return the page's own address."""
    return f"/link/{quote(token, safe='')}"


def found(software: Sequence[LinkSoftwareOut], query: str) -> list[LinkSoftwareOut]:
    """Return the software whose name has every word of a search in it."""
    words = query.casefold().split()
    return [
        each for each in software if all(word in each.name.casefold() for word in words)
    ]


def html(page: Page) -> str:
    """Return the page without what guards it."""
    state = page.state
    offered = (state.software if state else None) or []
    return (
        _environment()
        .get_template(page.step.template)
        .render(
            page=page,
            state=state,
            here=here(page.token),
            colour=normal(page.look.colour).removeprefix("#"),
            asking=asking(state.data_types) if state else None,
            milestones=way(state.data_types, state.structure) if state else (),
            faces=ENTITY_FACES,
            notices=NOTICES,
            offered=offered,
            found=found(offered, page.query),
            not_read=NOT_READ,
            leavings=LEAVINGS,
        )
    )


def _policy(page: Page) -> str:
    """
    Allow what the page is made of, and no script.

    Browsers hold a form to the policy through its redirects too, so the step
    that sends the customer to the software's own page has to name the web.
    """
    pictures = logo.origin(page.look.logo_url) or "'none'"
    forms = "'self' https: http:" if LinkAction.AUTHORIZE in page.allowed else "'self'"
    return (
        "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
        f"img-src {pictures}; form-action {forms}"
    )


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
