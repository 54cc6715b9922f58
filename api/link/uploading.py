"""The page on which a customer uploads a workbook: the way out for who uses no listed software."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import BinaryIO, Final, NamedTuple, Protocol

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException

from api.errors import ApiError
from api.errors import refusal as refused
from api.link.pages import ended_page, once_more, page_of
from api.link.routes import workbook
from api.link.steps import UPLOAD, Problem, ticked
from api.link.view import Page, Rejected, answer, here
from api.schemas import FieldError, LinkOut, UploadTermsOut
from domain.journey import LinkAction
from domain.uploads import LARGEST_UPLOAD

PROBLEMS: Final[Mapping[str, Problem]] = {
    "upload_rejected": Problem("This file can't be used yet.", "file"),
    "consent_required": Problem("Tick the box to give your permission.", "consent"),
    "invalid_request": Problem("Choose the file that you have filled in.", "file"),
    "too_large": Problem(
        f"This file is too large: at most {LARGEST_UPLOAD // 1024**2} MB can be uploaded.",
        "file",
    ),
}
"""What the customer can mend on this page."""

router = APIRouter(include_in_schema=False)


class Conversation(Protocol):
    """Whom the page speaks for; each raises ApiError."""

    async def state(self, token: str) -> LinkOut: ...

    async def terms(self, token: str) -> UploadTermsOut: ...

    async def template(self, token: str) -> bytes: ...

    async def upload(self, token: str, file: BinaryIO, *, consent: bool) -> LinkOut: ...


class Brought(NamedTuple):
    """What came with the form."""

    file: UploadFile | None
    agreed: bool


@router.get("/link/{token}/upload")
async def show_upload(request: Request, token: str) -> Response:
    """Show how to upload, where that can be done now; elsewhere the present step."""
    try:
        page = await _page(request, token)
    except ApiError as refusal:
        page = ended_page(token, refusal)
        return answer(page, refusal.status, refusal.headers)
    if page is None:
        return RedirectResponse(here(token), HTTPStatus.SEE_OTHER)
    return answer(page, page.step.status)


@router.post("/link/{token}/upload")
async def submit_upload(request: Request, token: str) -> Response:
    """Take the file in, then go to where that leads."""
    try:
        async with request.form(max_files=1, max_fields=5) as form:
            return await _submitted(request, token, _brought(form))
    except HTTPException as error:
        return await _broken_off(request, token, HTTPStatus(error.status_code))


@router.get("/link/{token}/template")
async def download_template(request: Request, token: str) -> Response:
    """Give the workbook to fill in."""
    try:
        return workbook(await _conversation(request).template(token))
    except ApiError as refusal:
        return answer(ended_page(token, refusal), refusal.status, refusal.headers)


async def _submitted(request: Request, token: str, brought: Brought) -> Response:
    if brought.file is None:
        refusal = refused("invalid_request", "No file was chosen.")
        return await _again(request, token, refusal, agreed=brought.agreed)
    try:
        await _conversation(request).upload(
            token, brought.file.file, consent=brought.agreed
        )
    except ApiError as refusal:
        return await _again(request, token, refusal, agreed=brought.agreed)
    return RedirectResponse(here(token), HTTPStatus.SEE_OTHER)


async def _broken_off(request: Request, token: str, status: HTTPStatus) -> Response:
    """The form could not be read to its end: mostly because the file is too large."""
    large = status is HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    code = "too_large" if large else "invalid_request"
    return await _again(request, token, refused(code, ""), agreed=False)


async def _again(
    request: Request, token: str, refusal: ApiError, *, agreed: bool
) -> Response:
    """Show this page again with what there is to mend, or whatever page is right by now."""
    if refusal.code not in PROBLEMS:
        return await once_more(request, token, {"action": LinkAction.UPLOAD}, refusal)
    try:
        page = await _page(request, token)
    except ApiError as gone:
        return answer(ended_page(token, gone), gone.status, gone.headers)
    if page is None:
        return RedirectResponse(here(token), HTTPStatus.SEE_OTHER)
    errors = refusal.extra.get("errors", ())
    shown = page._replace(
        problem=PROBLEMS[refusal.code],
        agreed=agreed,
        rejected=Rejected(
            [FieldError.model_validate(each) for each in errors],
            refusal.extra.get("untold", 0),
        ),
    )
    return answer(shown, refusal.status)


async def _page(request: Request, token: str) -> Page | None:
    """Return this page, or None where nothing can be uploaded now. Raises ApiError: 404, 410."""
    conversation = _conversation(request)
    page = page_of(token, await conversation.state(token))
    if LinkAction.UPLOAD not in page.allowed:
        return None
    return page._replace(step=UPLOAD, terms=await conversation.terms(token))


def _brought(form: FormData) -> Brought:
    """A browser sends a field without a name and content where nobody chose a file."""
    file = form.get("file")
    agreed = ticked(str(form.get("consent", "")))
    if isinstance(file, UploadFile) and file.filename:
        return Brought(file, agreed)
    return Brought(None, agreed)


def _conversation(request: Request) -> Conversation:
    conversation: Conversation = request.app.state.link
    return conversation
