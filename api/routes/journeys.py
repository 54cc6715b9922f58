"""Journeys: requested in one transaction, read from the store, moved through their workflow."""

from typing import Annotated, Final

from fastapi import APIRouter, Body, Query

from api import examples
from api.answers import AsSeen, journey_out, move_out
from api.companies import find_company
from api.deps import Bank, CompanyId, JourneyId, Reading
from api.features import insist_on
from api.journeys import Asking, LinkUrls, find_journey, shown
from api.openapi import ON_JOURNEYS, documented
from api.paging import Listing, Paging, Plain
from api.requests import Requesting
from api.schemas import (
    CancelIn,
    ExtendIn,
    JourneyIn,
    JourneyMadeOut,
    JourneyOut,
    LinkUrlOut,
    MoveOut,
    NothingIn,
    Page,
    SkipIn,
)
from domain.journey import Actor, Delivery, Stage
from domain.messages import Ask, Cancel, Extend, Skip
from store import queries
from store.queries import JOURNEYS_NEWEST_FIRST, TIMELINE, JourneyFilter
from workflows.journey import CustomerJourney

router = APIRouter(prefix="/v1", tags=["journeys"])

_OUR_ASKING: Final = Ask(actor=Actor.BANK)


class JourneyListing(Listing):
    """Which journeys."""

    company_id: str | None = Query(None, max_length=100)
    stage: Stage | None = None
    stuck: bool | None = None
    open: bool | None = None


@router.post(
    "/companies/{company_id}/journeys",
    status_code=202,
    summary="Request data from a client",
    responses=documented(
        examples.JOURNEY,
        "not_found",
        "journey_in_progress",
        "legal_entity",
        "feature_disabled",
        "idempotency_key_reused",
        status=202,
    ),
)
async def request_data(
    company_id: CompanyId,
    wanted: Annotated[
        JourneyIn, Body(openapi_examples=examples.body(examples.JOURNEY_IN))
    ],
    requesting: Requesting,
    links: LinkUrls,
) -> JourneyMadeOut:
    """
    Start a journey: it can be read at once, and starts moving as soon as Temporal is there.

    With `delivery: link` no email is sent, and `link_url` is for the bank to hand over.
    """
    made = await requesting.request(company_id, wanted)
    url = links.url(made.id, 1) if made.delivery is Delivery.LINK else None
    return JourneyMadeOut(**made.model_dump(), link_url=url)


@router.get(
    "/journeys",
    summary="Find journeys",
    responses=documented(
        examples.page(examples.JOURNEY), "invalid_cursor", "not_found"
    ),
)
async def list_journeys(
    listing: Annotated[JourneyListing, Query()],
    bank: Bank,
    session: Reading,
    paging: Paging,
    seen: AsSeen,
) -> Page[JourneyOut]:
    """List journeys, newest first: of one company, in one stage, stuck, open."""
    if listing.company_id is not None:
        await find_company(session, bank, listing.company_id)
    wanted = JourneyFilter(
        seen.now, listing.company_id, listing.stage, listing.stuck, listing.open
    )
    cut = paging.cut(listing, JOURNEYS_NEWEST_FIRST)
    rows = await queries.journeys(session, bank.id, wanted, cut)
    facts = await queries.facts_of_journeys(session, rows[: cut.limit])
    items = [journey_out(each, seen) for each in facts]
    return paging.page(rows, items, cut.limit, cut.sort.place)


@router.get(
    "/journeys/{journey_id}",
    summary="One journey",
    responses=documented(examples.JOURNEY, "not_found"),
)
async def get_journey(
    journey_id: JourneyId, bank: Bank, session: Reading, seen: AsSeen
) -> JourneyOut:
    """Return where a journey stands, why, and what happens next."""
    return await shown(session, await find_journey(session, bank, journey_id), seen)


@router.get(
    "/journeys/{journey_id}/timeline",
    summary="Everything that happened in a journey",
    responses=documented(examples.page(examples.MOVE), "not_found", "invalid_cursor"),
)
async def list_timeline(
    journey_id: JourneyId,
    listing: Plain,
    bank: Bank,
    session: Reading,
    paging: Paging,
) -> Page[MoveOut]:
    """List every transition, oldest first; `seq` counts up by one."""
    await find_journey(session, bank, journey_id)
    cut = paging.cut(listing, TIMELINE)
    rows = await queries.timeline(session, journey_id, cut)
    items = [move_out(row) for row in rows]
    return paging.page(rows, items, cut.limit, cut.sort.place)


@router.post(
    "/journeys/{journey_id}/resend",
    status_code=202,
    summary="Send the email again",
    responses=documented(
        examples.JOURNEY, *ON_JOURNEYS, "not_emailed", "already_authorized", status=202
    ),
)
async def resend_email(
    journey_id: JourneyId, asking: Asking, nothing: NothingIn | None = None
) -> JourneyOut:
    """Send the request again, with the same link, to the company's present contact."""
    return await asking.move(journey_id, CustomerJourney.resend, _OUR_ASKING)


@router.post(
    "/journeys/{journey_id}/link",
    summary="Make a fresh link",
    responses=documented(examples.LINK_URL, *ON_JOURNEYS, "feature_disabled"),
)
async def replace_link(
    journey_id: JourneyId,
    asking: Asking,
    links: LinkUrls,
    nothing: NothingIn | None = None,
) -> LinkUrlOut:
    """Make a fresh link; earlier links of the journey stop working."""
    insist_on(asking.bank, "copy_link")
    row = await asking.row_after(journey_id, CustomerJourney.replace_link, _OUR_ASKING)
    return LinkUrlOut(link_url=links.url(row.id, row.link_number))


@router.post(
    "/journeys/{journey_id}/cancel",
    status_code=202,
    summary="End a journey",
    responses=documented(examples.JOURNEY, *ON_JOURNEYS, status=202),
)
async def cancel_journey(
    journey_id: JourneyId,
    cancel: Annotated[
        CancelIn, Body(openapi_examples=examples.body(examples.CANCEL_IN))
    ],
    asking: Asking,
) -> JourneyOut:
    """End it: the client's status is again what it was before this journey."""
    command = Cancel(reason=cancel.reason, actor=Actor.BANK)
    return await asking.move(journey_id, CustomerJourney.cancel, command)


@router.post(
    "/journeys/{journey_id}/extend",
    status_code=202,
    summary="Give the customer more time",
    responses=documented(
        examples.JOURNEY, *ON_JOURNEYS, "action_not_allowed", status=202
    ),
)
async def extend_journey(
    journey_id: JourneyId,
    extend: Annotated[
        ExtendIn, Body(openapi_examples=examples.body(examples.EXTEND_IN))
    ],
    asking: Asking,
) -> JourneyOut:
    """Move the expiry by that many days."""
    command = Extend(days=extend.days, actor=Actor.BANK)
    return await asking.move(journey_id, CustomerJourney.extend, command)


@router.post(
    "/journeys/{journey_id}/retry",
    status_code=202,
    summary="Try again what failed",
    responses=documented(
        examples.JOURNEY,
        *ON_JOURNEYS,
        "waits_for_customer",
        "nothing_to_retry",
        status=202,
    ),
)
async def retry_journey(
    journey_id: JourneyId, asking: Asking, nothing: NothingIn | None = None
) -> JourneyOut:
    """Try again each failed step whose reason is not the customer's to act on."""
    return await asking.move(journey_id, CustomerJourney.retry, _OUR_ASKING)


@router.post(
    "/journeys/{journey_id}/skip",
    status_code=202,
    summary="Go on without one legal entity",
    responses=documented(
        examples.JOURNEY,
        *ON_JOURNEYS,
        "unknown_entity",
        "no_entity",
        "entity_done",
        "action_not_allowed",
        status=202,
    ),
)
async def skip_entity(
    journey_id: JourneyId,
    skip: Annotated[SkipIn, Body(openapi_examples=examples.body(examples.SKIP_IN))],
    asking: Asking,
) -> JourneyOut:
    """Leave one legal entity out; the journey goes on with the others."""
    command = Skip(entity_id=skip.entity_id, reason=skip.reason, actor=Actor.BANK)
    return await asking.move(journey_id, CustomerJourney.skip, command)
