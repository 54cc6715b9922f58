"""Adding a company and editing one."""

import secrets
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from api.companies import add_company, edit_company, find_company, shown
from api.deps import CompanyId, Now, Store
from api.portal.acting import once_per_form
from api.portal.company_form import CompanyForm
from api.portal.people import Editor, Person
from api.portal.route import PortalRoute
from api.portal.view import Notice, answer, moved
from api.schemas import CompanyOut
from domain.roles import Role
from store.database import Database
from store.users import users

router = APIRouter(route_class=PortalRoute, include_in_schema=False)


@router.get("/companies/new")
async def new(request: Request, person: Editor, database: Store) -> Response:
    """Show an empty form; whoever looks after companies looks after this one too."""
    mine = person.user.role is Role.RELATIONSHIP_MANAGER
    form = CompanyForm(
        users=[person.user.email] if mine else [], once=secrets.token_urlsafe()
    )
    return await _form(request, person, database, form, None)


@router.post("/companies/new")
async def add(request: Request, person: Editor, database: Store, now: Now) -> Response:
    """Add the company, and go on to what to ask it for."""
    form = await CompanyForm.sent(request)
    company = form.as_new()
    if isinstance(company, CompanyForm):
        return await _form(request, person, database, company, None)
    wanted = company

    async def create(session: AsyncSession) -> CompanyOut:
        row = await add_company(
            session, person.organization, wanted, now, person.user.id
        )
        return await shown(session, row)

    once = await once_per_form(request, person, database, now)
    made = await once.answer(HTTPStatus.CREATED, CompanyOut, create)
    return moved(
        request, f"/companies/{made.id}/request", Notice(f"{made.name} was added.")
    )


@router.get("/companies/{company_id}/edit")
async def edit(
    request: Request, company_id: CompanyId, person: Editor, database: Store
) -> Response:
    """Show the form as the company is."""
    company = await _company(database, person, company_id)
    return await _form(request, person, database, CompanyForm.of(company), company)


@router.post("/companies/{company_id}/edit")
async def change(
    request: Request, company_id: CompanyId, person: Editor, database: Store, now: Now
) -> Response:
    """Change the company; the next email goes to the new contact."""
    form = await CompanyForm.sent(request)
    wanted = form.as_change()
    if isinstance(wanted, CompanyForm):
        company = await _company(database, person, company_id)
        return await _form(request, person, database, wanted, company)
    async with database.transaction() as session:
        row = await find_company(session, person.organization, company_id, lock=True)
        await edit_company(session, row, wanted, now, person.user.id)
    return moved(request, f"/companies/{company_id}", Notice("Your changes are kept."))


async def _company(database: Database, person: Person, company_id: str) -> CompanyOut:
    async with database.reading() as session:
        row = await find_company(session, person.organization, company_id)
        return await shown(session, row)


async def _form(
    request: Request,
    person: Person,
    database: Database,
    form: CompanyForm,
    company: CompanyOut | None,
) -> Response:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.problems else HTTPStatus.OK
    async with database.reading() as session:
        people = await users(session, person.organization.id)
    return answer(
        request,
        "company_form.html",
        person,
        status,
        form=form,
        company=company,
        colleagues=_choices(people, form),
    )


def _choices(people: Any, form: CompanyForm) -> dict[str, str]:
    """Who may look after a company; who does already stays, though they left."""
    there = {each.email: each.name for each in people if each.deactivated_at is None}
    return {**{email: email for email in form.users}, **there}
