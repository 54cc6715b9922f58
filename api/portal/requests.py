"""Asking a company for its data: choose, see the email as it will arrive, send."""

import secrets
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ValidationError

from api.companies import find_client
from api.deps import CompanyId, Configured, Now, Store
from api.features import offers
from api.letters import Letterhead
from api.portal.acting import Doing, once_per_form
from api.portal.people import Person, Requester
from api.portal.route import PortalRoute
from api.portal.view import Notice, answer, framed, moved
from api.schemas import JourneyIn
from domain.emails import Email
from domain.journey import DataType, Delivery
from emails.render import render
from settings import Settings
from store import queries
from store.database import Database
from store.tables import CompanyRow

router = APIRouter(route_class=PortalRoute, include_in_schema=False)


class Choice(BaseModel):
    """What is asked for so far; the address holds it, so that it can be come back to."""

    data_types: list[DataType] = []
    delivery: Delivery = Delivery.EMAIL

    @property
    def wanted(self) -> list[DataType]:
        """Each data type once, in our order."""
        return [each for each in DataType if each in self.data_types]


@router.get("/companies/{company_id}/request")
async def choose(
    request: Request,
    company_id: CompanyId,
    choice: Annotated[Choice, Query()],
    person: Requester,
    database: Store,
) -> Response:
    """Show what can be asked for, and with a choice what it leads to."""
    company, open_one = await _client(database, person, company_id)
    return answer(
        request,
        "request.html",
        person,
        company=company,
        open_one=open_one,
        choice=choice,
        can_link=offers(person.organization, "copy_link"),
        once=secrets.token_urlsafe(),
        DataType=DataType,
        Delivery=Delivery,
    )


@router.get("/companies/{company_id}/request/email")
async def preview(  # noqa: PLR0913, PLR0917 (what a letter is made of)
    company_id: CompanyId,
    choice: Annotated[Choice, Query()],
    person: Requester,
    database: Store,
    settings: Configured,
    now: Now,
) -> Response:
    """Show the email as the customer will see it; nothing in it can act."""
    company, _ = await _client(database, person, company_id)
    email = _email(person, company, choice, settings, now)
    return framed(email.html, person.organization.logo_url)


@router.post("/companies/{company_id}/request")
async def send(  # noqa: PLR0913, PLR0917 (what a request is made of)
    request: Request,
    company_id: CompanyId,
    person: Requester,
    database: Store,
    now: Now,
    doing: Doing,
) -> Response:
    """Ask for it, once however often the form is sent."""
    form = await request.form(max_files=0, max_fields=40)
    try:
        wanted = JourneyIn.model_validate(
            {
                "data_types": [str(each) for each in form.getlist("data_types")],
                "delivery": str(form.get("delivery", "")),
            }
        )
    except ValidationError:
        nothing = Notice("Choose what to ask for first.", "trouble")
        return moved(request, f"/companies/{company_id}/request", nothing)
    once = await once_per_form(request, person, database, now)
    made = await doing.requester(person, once).request(company_id, wanted)
    if made.delivery is Delivery.LINK:
        to = f"/journeys/{made.id}/link"
        return moved(request, to, Notice("The link is ready. Pass it on yourself."))
    company, _ = await _client(database, person, company_id)
    sent = f"The request is on its way to {company.contact_email}."
    return moved(request, f"/companies/{company_id}", Notice(sent))


async def _client(
    database: Database, person: Person, company_id: str
) -> tuple[CompanyRow, str | None]:
    """Return the company, and its open journey if it has one."""
    async with database.reading() as session:
        company = await find_client(session, person.organization, company_id)
        return company, await queries.open_journey(session, company_id)


def _email(
    person: Person, company: CompanyRow, choice: Choice, settings: Settings, now: Now
) -> Email:
    letterhead = Letterhead(person.organization, settings.base_url, now)
    return render(letterhead.request(company, choice.wanted or list(DataType)))
