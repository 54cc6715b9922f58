"""The link flow for programs: a bank that shows it inside its own application."""

from typing import Annotated, Final

from fastapi import APIRouter, Body, Depends, Form, Request, Response, UploadFile

from api.link.actions import ActionIn, RequestNewLinkIn
from api.link.conversation import Conversation
from api.link.examples import ACTION, LINK_STATE, UPLOAD_TERMS
from api.openapi import documented
from api.schemas import In, LinkOut, UploadTermsOut
from domain.uploads import MEDIA_TYPE, TEMPLATE_NAME

GONE = ("not_found", "link_expired", "link_replaced", "journey_cancelled")

_FILE: Final = {
    "schema": {"type": "string", "format": "binary"},
    "example": "the bytes of a file that ends in .xlsx",
}

_FORM: Final = {"example": {"file": "the filled-in template", "consent": True}}

router = APIRouter(prefix="/v1/link", tags=["link"])


class UploadIn(In):
    """A filled-in template, and leave to use it."""

    file: UploadFile
    consent: bool = False


async def _conversation(request: Request) -> Conversation:
    conversation: Conversation = request.app.state.link
    return conversation


Customer = Annotated[Conversation, Depends(_conversation)]


@router.get(
    "/{token}",
    operation_id="get_link_state",
    summary="Where the customer is",
    responses=documented(LINK_STATE, *GONE, guarded=False),
)
async def get_link_state(token: str, customer: Customer) -> LinkOut:
    """Return LinkState. It needs no API key: the token is the key. It moves nothing."""
    return await customer.state(token)


@router.post(
    "/{token}",
    operation_id="act_on_link",
    summary="Do what the customer does",
    responses=documented(
        LINK_STATE,
        *GONE,
        "invalid_request",
        "action_not_allowed",
        "no_entity",
        "name_taken",
        "unknown_software",
        "unknown_entity",
        "entity_done",
        "consent_required",
        "too_large",
        "temporal_unavailable",
        guarded=False,
    ),
)
async def act_on_link(
    token: str,
    action: Annotated[ActionIn, Body(examples=[ACTION])],
    customer: Customer,
    response: Response,
) -> LinkOut:
    """
    Do one action, and return the new LinkState once the store shows it.

    After `authorize` it holds `redirect_url`: where the customer goes on. Asking
    for a new link answers 202.
    """
    state = await customer.do(token, action)
    if isinstance(action, RequestNewLinkIn):
        response.status_code = 202
    return state


@router.get(
    "/{token}/upload",
    operation_id="get_upload_terms",
    summary="What can be uploaded instead",
    responses=documented(UPLOAD_TERMS, *GONE, "feature_disabled", guarded=False),
)
async def get_upload_terms(token: str, customer: Customer) -> UploadTermsOut:
    """Return what the customer agrees to with a file, and where its template is."""
    return await customer.terms(token)


@router.post(
    "/{token}/upload",
    operation_id="upload_workbook",
    summary="Upload a workbook instead of connecting software",
    openapi_extra={"requestBody": {"content": {"multipart/form-data": _FORM}}},
    responses=documented(
        LINK_STATE,
        *GONE,
        "bad_request",
        "invalid_request",
        "feature_disabled",
        "action_not_allowed",
        "consent_required",
        "upload_rejected",
        "too_large",
        "temporal_unavailable",
        guarded=False,
    ),
)
async def upload_workbook(
    token: str,
    upload: Annotated[UploadIn, Form(media_type="multipart/form-data")],
    customer: Customer,
) -> LinkOut:
    """
    Take a filled-in template, and return the new LinkState once the store shows it.

    What does not fit is told all at once: 422 `upload_rejected`, whose `errors` say sheet,
    row and column in `loc`.
    """
    return await customer.upload(token, upload.file.file, consent=upload.consent)


@router.get(
    "/{token}/template",
    operation_id="get_upload_template",
    summary="The workbook to fill in",
    response_class=Response,
    responses={
        200: {"content": {MEDIA_TYPE: _FILE}},
        **documented(None, *GONE, "feature_disabled", guarded=False),
    },
)
async def get_upload_template(token: str, customer: Customer) -> Response:
    """Return an empty workbook with the sheets that this request needs."""
    return workbook(await customer.template(token))


def workbook(template: bytes) -> Response:
    """Let a browser save it."""
    headers = {
        "Content-Disposition": f'attachment; filename="{TEMPLATE_NAME}"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(template, media_type=MEDIA_TYPE, headers=headers)
