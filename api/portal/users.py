"""Who of the organization may sign in: added, given another role, deactivated."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Path, Request, Response

from api.deps import Now, Store
from api.errors import not_found, refusal
from api.portal.accounts import Unfit, add_account
from api.portal.passwords import Passwords
from api.portal.people import Person, UserManager
from api.portal.route import PortalRoute
from api.portal.view import Notice, answer, moved
from domain.roles import Role
from store import users
from store.database import Database

router = APIRouter(route_class=PortalRoute, include_in_schema=False)

PATH = "/users"
UserId = Annotated[str, Path(pattern="^us_[0-9a-z]{26}$")]


@router.get(PATH)
async def show(request: Request, person: UserManager, database: Store) -> Response:
    """Show everybody."""
    return await _page(request, person, database, {}, None)


@router.post(PATH)
async def add(request: Request, person: UserManager, database: Store) -> Response:
    """Add somebody with a first password."""
    form = await request.form(max_files=0, max_fields=10)
    wish = {
        name: str(form.get(name, "")) for name in ("email", "name", "role", "password")
    }
    passwords: Passwords = request.app.state.passwords
    try:
        made = await add_account(database, person.organization.id, wish, passwords)
    except Unfit as unfit:
        return await _page(request, person, database, wish, str(unfit))
    return moved(request, PATH, Notice(f"{made.name} may sign in now."))


@router.post("/users/{user_id}/role")
async def change_role(
    request: Request,
    user_id: UserId,
    person: UserManager,
    database: Store,
    role: Annotated[Role, Form()],
) -> Response:
    """Give somebody another role; it holds from their next click on."""
    _insist_on_another(person, user_id)
    async with database.transaction() as session:
        row = await users.user(session, person.organization.id, user_id, lock=True)
        if row is None:
            raise not_found("person")
        row.role = role
        session.add(row)
    return moved(request, PATH, Notice(f"{row.name} has another role now."))


@router.post("/users/{user_id}/deactivate")
async def deactivate(
    request: Request, user_id: UserId, person: UserManager, database: Store, now: Now
) -> Response:
    """Let somebody in no more, and sign them out everywhere."""
    _insist_on_another(person, user_id)
    async with database.transaction() as session:
        row = await users.user(session, person.organization.id, user_id, lock=True)
        if row is None:
            raise not_found("person")
        row.deactivated_at = row.deactivated_at or now
        session.add(row)
        await users.close_sessions(session, user_id)
    return moved(request, PATH, Notice(f"{row.name} may not sign in any more."))


@router.post("/users/{user_id}/activate")
async def activate(
    request: Request, user_id: UserId, person: UserManager, database: Store
) -> Response:
    """Let somebody in again, with the password that they had."""
    async with database.transaction() as session:
        row = await users.user(session, person.organization.id, user_id, lock=True)
        if row is None:
            raise not_found("person")
        row.deactivated_at = None
        session.add(row)
    return moved(request, PATH, Notice(f"{row.name} may sign in again."))


def _insist_on_another(person: Person, user_id: str) -> None:
    """Nobody shuts the door behind themselves: there is always an administrator."""
    if user_id == person.user.id:
        raise refusal(
            "action_not_allowed", "Somebody else has to do this to your account."
        )


async def _page(
    request: Request,
    person: Person,
    database: Database,
    typed: dict[str, str],
    problem: str | None,
) -> Response:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK
    async with database.reading() as session:
        people = await users.users(session, person.organization.id)
    return answer(
        request,
        "users.html",
        person,
        status,
        people=people,
        roles=tuple(Role),
        typed=typed,
        problem=problem,
    )
