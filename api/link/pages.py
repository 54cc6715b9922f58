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
from api.link.steps import (
    FIELDS,
    GONE,
    PROBLEMS,
    STEPS,
    TROUBLE,
    UNKNOWN,
    problem,
)
from api.link.view import Look, Page, answer, here, look
from api.schemas import LinkOut
from domain.colour import palette
from domain.journey import Stage

ASKED: Final = "asked"
SHOWN_AGAIN: Final = {HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY}

router = APIRouter(include_in_schema=False)


class Conversation(Protocol):
    """Whom the pages speak for; both raise ApiError."""

    async def state(self, token: str) -> LinkOut: ...

    async def act(self, token: str, action: dict[str, Any]) -> LinkOut: ...


@router.api_route("/link/{token}", methods=["GET", "HEAD"])
async def show(request: Request, token: str) -> Response:
    """Show where the customer is."""
    asked = ASKED in request.query_params
    try:
        page = _page(token, await _conversation(request).state(token))
    except ApiError as refusal:
        page = _ended(token, refusal)._replace(asked=asked)
        return answer(page, refusal.status, refusal.headers)
    return answer(page._replace(asked=asked), page.step.status)


@router.post("/link/{token}")
async def submit(request: Request, token: str) -> Response:
    """Tell what the customer chose, then go to where that leads."""
    action = _action(await request.form(max_files=0, max_fields=10))
    try:
        state = await _conversation(request).act(token, action)
    except ApiError as refusal:
        return await _once_more(request, token, action, refusal)
    note = f"?{ASKED}=yes" if action["action"] == "request_new_link" else ""
    return RedirectResponse(
        state.redirect_url or here(token) + note, HTTPStatus.SEE_OTHER
    )


@router.get("/link/look/{colour}.css")
async def style(colour: Annotated[str, Path(pattern="^[0-9a-f]{6}$")]) -> Response:
    """Give an organization's colours: the pages' policy allows no inline style."""
    names = palette(colour)._asdict().items()
    properties = "".join(
        f"--{name.replace('_', '-')}:{value};" for name, value in names
    )
    forever = {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(f":root{{{properties}}}", media_type="text/css", headers=forever)


def ended(refusal: ApiError) -> Response:
    """Show a refusal to a customer who has no step to go back to."""
    return answer(_ended("", refusal), refusal.status, refusal.headers)


def _conversation(request: Request) -> Conversation:
    conversation: Conversation = request.app.state.link
    return conversation


def _action(form: FormData) -> dict[str, Any]:
    """Read the one field that belongs to the action; whatever else came is no part of it."""
    name = str(form.get("action", ""))
    field = FIELDS.get(name)
    if field is None or (field.required and field.name not in form):
        return {"action": name}
    return {"action": name, field.name: field.meaning(str(form.get(field.name)))}


async def _once_more(
    request: Request, token: str, action: dict[str, Any], refusal: ApiError
) -> Response:
    """Show the present page again, with a kind sentence, where there still is one."""
    if refusal.status not in SHOWN_AGAIN and refusal.code not in PROBLEMS:
        return answer(_ended(token, refusal), refusal.status, refusal.headers)
    try:
        page = _page(token, await _conversation(request).state(token))
    except ApiError as gone:
        return answer(_ended(token, gone), gone.status, gone.headers)
    name = action["action"]
    why = problem(refusal.status, refusal.code, name, refusal.detail)
    field = why.field if name in page.allowed else None
    page = page._replace(problem=why._replace(field=field), typed=action.get("name"))
    return answer(page, refusal.status)


def _page(token: str, state: LinkOut) -> Page:
    return Page(
        token=token,
        step=STEPS[Stage(state.stage)],
        look=look(state),
        allowed=frozenset(state.allowed),
        state=state,
    )


def _ended(token: str, refusal: ApiError) -> Page:
    """Say why there is no step to show; the organization may not be known any more."""
    known = refusal.extra.get("state")
    unknown = UNKNOWN if refusal.status == HTTPStatus.NOT_FOUND else TROUBLE
    return Page(
        token=token,
        step=GONE.get(refusal.code, unknown),
        look=look(LinkOut.model_validate(known)) if known else Look(),
        allowed=frozenset(refusal.extra.get("allowed", ())),
    )
