"""The link flow for programs: a bank that shows it inside its own application."""

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Request, Response

from api.link.actions import ActionIn, RequestNewLinkIn
from api.link.conversation import Conversation
from api.link.examples import ACTION, LINK_STATE
from api.openapi import documented
from api.schemas import LinkOut

GONE = ("not_found", "link_expired", "link_replaced", "journey_cancelled")

router = APIRouter(prefix="/v1/link", tags=["link"])


def _conversation(request: Request) -> Conversation:
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
