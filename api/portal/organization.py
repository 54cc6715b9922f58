"""The settings: how customers see the organization, by which rules requests go, what is on offer."""

import json
from collections.abc import Mapping
from hashlib import blake2b
from http import HTTPStatus
from typing import Final, NamedTuple

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from api.deps import Catalogue, Store
from api.errors import ApiError
from api.organization import edit_organization, locked_organization, organization_out
from api.portal.organization_form import FEATURES, STAGES, UNITS, OrganizationForm
from api.portal.organization_preview import FRAMES, Preview, drafted
from api.portal.people import Configurer, Person
from api.portal.route import PortalRoute
from api.portal.view import Notice, answer, draw, is_script, moved
from api.schemas import OrganizationIn
from domain.journey import FACES, LIMITS, Stage
from domain.software import Software
from store.database import Database
from store.tables import OrganizationRow

router = APIRouter(route_class=PortalRoute, include_in_schema=False)

PATH: Final = "/settings"


class Feature(NamedTuple):
    """What can be switched off, and what that means."""

    label: str
    hint: str


LABELS: Final[Mapping[str, str]] = {
    "name": "Name",
    "sender_name": "Sender of the emails",
    "logo_url": "Logo",
    "colour": "Colour",
    "reminders_days": "Days of the reminders",
    "expires_days": "Days until a link ends",
    "stage_limits": "When a request counts as stuck",
    "all_software": "Software on offer",
    "software": "Software on offer",
    "features": "Ways to answer",
}
SWITCHES: Final[Mapping[str, Feature]] = {
    "manual_upload": Feature(
        "Upload a spreadsheet",
        "Customers whose software is not listed fill in a template. Counts at once.",
    ),
    "copy_link": Feature(
        "Pass on the link",
        "Your colleagues may copy a customer's link instead of having it emailed. "
        "Counts at once.",
    ),
    "multi_entity": Feature(
        "Several legal entities",
        "Customers who are asked for spend analysis alone may name several. "
        "Counts for requests made from now on.",
    ),
}


class Meanwhile(Exception):
    """Somebody else has changed the settings since they were shown."""

    def __init__(self, stored: OrganizationForm) -> None:
        super().__init__()
        self.stored = stored


@router.get(PATH)
async def show(
    request: Request, person: Configurer, database: Store, catalogue: Catalogue
) -> Response:
    """Show the settings as they are."""
    async with database.reading() as session:
        row = await session.get_one(OrganizationRow, person.organization.id)
    form = OrganizationForm.of(row, shown=stamp(row))
    return _page(request, person, catalogue, form)


@router.post(PATH)
async def keep(
    request: Request, person: Configurer, database: Store, catalogue: Catalogue
) -> Response:
    """Keep them, unless something is wrong or somebody has changed them meanwhile."""
    form = await OrganizationForm.sent(request)
    wanted = form.meaning()
    if isinstance(wanted, OrganizationForm):
        return _page(request, person, catalogue, wanted)
    try:
        await _kept(database, person, form, wanted, catalogue)
    except ApiError as refused:
        problems = {"software": refused.detail}
        return _page(request, person, catalogue, form._replace(problems=problems))
    except Meanwhile as meanwhile:
        return _page(request, person, catalogue, form, meanwhile.stored)
    return moved(request, PATH, Notice("The settings are kept."))


@router.post(FRAMES)
async def preview(
    request: Request, person: Configurer, catalogue: Catalogue
) -> Response:
    """Show what customers would see; nothing is kept. A script is answered with the frames."""
    form = await OrganizationForm.sent(request)
    meant = form.meaning()
    checked = meant if isinstance(meant, OrganizationForm) else form
    if not is_script(request):
        return _page(request, person, catalogue, checked)
    shown = _preview(person, checked)
    if shown.digest == (await request.form()).get("seen"):
        return Response(status_code=HTTPStatus.NO_CONTENT)
    return HTMLResponse(draw("organization/frames.html", person, preview=shown))


def stamp(row: OrganizationRow) -> str:
    """Return what stands for the settings as they are: another after every change."""
    shown = organization_out(row).model_dump(mode="json")
    words = json.dumps(shown, sort_keys=True).encode()
    return blake2b(words, digest_size=12).hexdigest()


async def _kept(
    database: Database,
    person: Person,
    form: OrganizationForm,
    wanted: OrganizationIn,
    catalogue: tuple[Software, ...],
) -> None:
    """Change the settings; a form that is sent twice changes nothing the second time."""
    async with database.transaction() as session:
        row = await locked_organization(session, person.organization.id)
        there = stamp(row)
        stored = OrganizationForm.of(row, shown=there)
        if edit_organization(row, wanted, catalogue) and form.shown != there:
            raise Meanwhile(stored)
        session.add(row)


def _page(
    request: Request,
    person: Person,
    catalogue: tuple[Software, ...],
    form: OrganizationForm,
    stored: OrganizationForm | None = None,
) -> Response:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.problems else HTTPStatus.OK
    return answer(
        request,
        "organization.html",
        person,
        HTTPStatus.CONFLICT if stored else status,
        form=form._replace(shown=stored.shown) if stored else form,
        stored=_told(form, stored, catalogue) if stored else {},
        preview=_preview(person, form),
        catalogue=catalogue,
        stages={
            stage: (FACES[Stage(stage)].label, LIMITS[Stage(stage)]) for stage in STAGES
        },
        units=tuple(UNITS),
        switches=SWITCHES,
    )


def _preview(person: Person, form: OrganizationForm) -> Preview:
    """Return what would be seen; what is wrong stays as it is stored, and is named."""
    fields = [field.partition(".")[0] for field in form.problems]
    unfit = dict.fromkeys(LABELS[field] for field in fields)
    return Preview.of(drafted(person.organization, form.sound()), tuple(unfit))


def _told(
    form: OrganizationForm, stored: OrganizationForm, catalogue: tuple[Software, ...]
) -> dict[str, str]:
    """Say what is stored now, of all that is another in the form."""
    return {
        LABELS[name]: _said(stored, name, catalogue) for name in form.differing(stored)
    }


def _said(stored: OrganizationForm, name: str, catalogue: tuple[Software, ...]) -> str:
    match name:
        case "stage_limits":
            said = [
                f"{FACES[Stage(stage)].label} {limit.amount} {limit.unit}"
                for stage, limit in stored.stage_limits.items()
                if limit.amount
            ]
        case "software" | "all_software":
            offered = stored.all_software, stored.software
            said = [
                each.name for each in catalogue if offered[0] or each.key in offered[1]
            ]
        case "features":
            said = [
                SWITCHES[each].label for each in FEATURES if each in stored.features
            ]
        case _:
            said = [getattr(stored, name)]
    return ", ".join(filter(None, said)) or "nothing"
