"""
The customer's pages: a form per step, in the organization's look, without JavaScript.

They decide nothing. What the conversation says is shown, and what the customer
chose is told to it; a GET never moves anything.
"""

from http import HTTPStatus
from typing import Annotated, Any, Final, Protocol

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from api.errors import ApiError
from api.link.places import NEW_LINK
from api.link.steps import (
    FIELDS,
    GONE,
    LEFT,
    PROBLEMS,
    STEPS,
    TROUBLE,
    UNKNOWN,
    problem,
)
from api.link.view import Look, Page, answer, here, look
from api.schemas import LinkOut
from domain.colour import Palette, night_palette, palette
from domain.journey import LinkAction, Stage
from domain.reasons import Reason

ASKED: Final = "asked"
AWAY: Final = "left"
NOTES: Final = {NEW_LINK: ASKED, LinkAction.EXIT.value: AWAY}
"""What a page is told about the action that led to it: it is no state of the journey."""

LONGEST_QUERY: Final = 100
SHOWN_AGAIN: Final = {HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY}

router = APIRouter(include_in_schema=False)


class Conversation(Protocol):
    """Whom the pages speak for; both raise ApiError."""

    async def state(self, token: str) -> LinkOut: ...

    async def act(self, token: str, action: dict[str, Any]) -> LinkOut: ...


@router.api_route("/link/{token}", methods=["GET", "HEAD"])
async def show(request: Request, token: str) -> Response:
    """Show where the customer is."""
    asked = request.query_params
    try:
        page = page_of(token, await _conversation(request).state(token))
    except ApiError as refusal:
        page = ended_page(token, refusal)._replace(asked=ASKED in asked)
        return answer(page, refusal.status, refusal.headers)
    if AWAY in asked:
        page = _farewell(page)
    query = asked.get("q", "")[:LONGEST_QUERY].strip()
    page = page._replace(asked=ASKED in asked, query=query)
    return answer(page, page.step.status)


@router.post("/link/{token}")
async def submit(request: Request, token: str) -> Response:
    """Tell what the customer chose, then go to where that leads."""
    action = _action(await request.form(max_files=0, max_fields=10))
    try:
        state = await _conversation(request).act(token, action)
    except ApiError as refusal:
        return await once_more(request, token, action, refusal)
    note = NOTES.get(action["action"])
    back = f"{here(token)}?{note}=yes" if note else here(token)
    return RedirectResponse(state.redirect_url or back, HTTPStatus.SEE_OTHER)


@router.get("/link/look/{colour}.css")
async def style(colour: Annotated[str, Path(pattern="^[0-9a-f]{6}$")]) -> Response:
    """Give an organization's colours: the pages' policy allows no inline style."""
    day, night = _properties(palette(colour)), _properties(night_palette(colour))
    sheet = f":root{{{day}}}@media (prefers-color-scheme:dark){{:root{{{night}}}}}"
    for_a_day = {"Cache-Control": "public, max-age=86400"}
    return Response(sheet, media_type="text/css", headers=for_a_day)


def ended(refusal: ApiError) -> Response:
    """Show a refusal to a customer who has no step to go back to."""
    return answer(ended_page("", refusal), refusal.status, refusal.headers)


def _conversation(request: Request) -> Conversation:
    conversation: Conversation = request.app.state.link
    return conversation


def _properties(look: Palette) -> str:
    names = look._asdict().items()
    return "".join(f"--{name.replace('_', '-')}:{value};" for name, value in names)


def _farewell(page: Page) -> Page:
    """Say goodbye; whoever went on since, in another tab, has not left any more."""
    state = page.state
    if state is None or state.message is None:
        return page
    if state.message.code != Reason.AUTHORIZATION_EXITED:
        return page
    quiet = state.model_copy(update={"message": None})
    return page._replace(step=LEFT, allowed=frozenset(), state=quiet)


def _action(form: FormData) -> dict[str, Any]:
    """Read the one field that belongs to the action; whatever else came is no part of it."""
    name = str(form.get("action", ""))
    field = FIELDS.get(name)
    if field is None:
        return {"action": name}
    if field.name in form:
        return {"action": name, field.name: field.meaning(str(form[field.name]))}
    return {"action": name} | (
        {} if field.absent is None else {field.name: field.absent}
    )


async def once_more(
    request: Request, token: str, action: dict[str, Any], refusal: ApiError
) -> Response:
    """Show the present page again, with a kind sentence, where there still is one."""
    if refusal.status not in SHOWN_AGAIN and refusal.code not in PROBLEMS:
        return answer(ended_page(token, refusal), refusal.status, refusal.headers)
    try:
        page = page_of(token, await _conversation(request).state(token))
    except ApiError as gone:
        return answer(ended_page(token, gone), gone.status, gone.headers)
    name = action["action"]
    why = problem(refusal.status, refusal.code, name, refusal.detail)
    field = why.field if name in page.allowed else None
    page = page._replace(problem=why._replace(field=field), typed=action.get("name"))
    return answer(page, refusal.status)


def page_of(token: str, state: LinkOut) -> Page:
    return Page(
        token=token,
        step=STEPS[Stage(state.stage)],
        look=look(state),
        allowed=frozenset(state.allowed),
        state=state,
    )


def ended_page(token: str, refusal: ApiError) -> Page:
    """Say why there is no step to show; the organization may not be known any more."""
    known = refusal.extra.get("state")
    unknown = UNKNOWN if refusal.status == HTTPStatus.NOT_FOUND else TROUBLE
    return Page(
        token=token,
        step=GONE.get(refusal.code, unknown),
        look=look(LinkOut.model_validate(known)) if known else Look(),
        allowed=frozenset(refusal.extra.get("allowed", ())),
    )
