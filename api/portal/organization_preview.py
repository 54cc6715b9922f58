"""What customers would see with other settings: the real email and the real pages, in frames."""

from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Annotated, Any, Final, Literal, NamedTuple, Self

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, Field

from api.deps import Catalogue, Configured, Now
from api.fields import Colour, Name, Picture
from api.letters import Letterhead
from api.link import view as link_view
from api.link.answers import link_out
from api.link.pages import page_of
from api.organization import changes
from api.portal.people import Configurer
from api.portal.route import PortalRoute
from api.portal.view import framed, with_query
from api.schemas import OrganizationIn
from domain.colour import WHITE, Palette, palette
from domain.journey import DataType, Delivery, Stage, Structure
from domain.state import Journey
from emails.render import render
from store.tables import CompanyRow, OrganizationRow

router = APIRouter(route_class=PortalRoute, include_in_schema=False)

FRAMES: Final = "/settings/preview"
COMPANY: Final = "Example Trading"
CONTACT: Final = "Alex Example"
ADDRESS: Final = "alex@trading.example"

_NOWHERE: Final = '<head><base target="_blank">'
"""A new tab is what a frame of ours may not open: so its links lead nowhere."""


class Draft(BaseModel):
    """What can be seen of the settings; a frame's address holds it."""

    name: Name
    sender_name: Name
    logo_url: Picture | Literal[""] = ""
    colour: Colour
    expires_days: Annotated[int, Field(ge=1, le=365)]
    software: Annotated[list[str], Field(max_length=100)] = []
    manual_upload: bool = True

    def organization(self, row: OrganizationRow) -> OrganizationRow:
        """Return an organization that has these settings, and is stored nowhere."""
        seen: dict[str, Any] = self.model_dump()
        features = {**row.features, "manual_upload": seen.pop("manual_upload")}
        nothing = {name: seen[name] or None for name in ("logo_url", "software")}
        return OrganizationRow(
            **{**row.model_dump(), **seen, **nothing, "features": features}
        )


def drafted(row: OrganizationRow, change: OrganizationIn) -> Draft:
    """Return what the settings would look like with this change."""
    seen = row.model_dump() | changes(row, change)
    return Draft.model_construct(
        name=seen["name"],
        sender_name=seen["sender_name"],
        logo_url=seen["logo_url"] or "",
        colour=seen["colour"],
        expires_days=seen["expires_days"],
        software=seen["software"] or [],
        manual_upload=seen["features"].get("manual_upload", True),
    )


class Preview(NamedTuple):
    """The addresses of the frames, how the colour is made readable, and what is not shown yet."""

    email: str
    welcome: str
    software: str
    palette: Palette
    unfit: tuple[str, ...]

    @classmethod
    def of(cls, draft: Draft, unfit: tuple[str, ...]) -> Self:
        """Return the frames that show a draft."""
        seen = draft.model_dump()
        return cls(
            email=with_query(f"{FRAMES}/email", **seen),
            welcome=with_query(f"{FRAMES}/pages/welcome", **seen),
            software=with_query(f"{FRAMES}/pages/software", **seen),
            palette=palette(draft.colour),
            unfit=unfit,
        )

    @property
    def white_on_it(self) -> bool:
        """Whether the buttons' text is white."""
        return self.palette.on_accent == WHITE

    @property
    def digest(self) -> str:
        """What two previews that look the same share."""
        return blake2b(repr(self).encode(), digest_size=12).hexdigest()


@router.get(f"{FRAMES}/email")
async def email(
    draft: Annotated[Draft, Query()],
    person: Configurer,
    settings: Configured,
    now: Now,
) -> Response:
    """Show the request as it would arrive; nothing in it can act."""
    organization = draft.organization(person.organization)
    letterhead = Letterhead(organization, settings.base_url, now)
    written = render(letterhead.request(_company(organization, now), list(DataType)))
    return framed(_still(written.html), organization.logo_url)


@router.get(f"{FRAMES}/pages/{{step}}")
async def customer_page(
    step: Annotated[Literal["welcome", "software"], Path()],
    draft: Annotated[Draft, Query()],
    person: Configurer,
    catalogue: Catalogue,
    now: Now,
) -> Response:
    """Show a page of the link flow as it would be; nothing in it can act."""
    organization = draft.organization(person.organization)
    journey = _journey(organization, _STEPS[step], now)
    page = page_of("preview", link_out(journey, organization, catalogue))
    html = _still(link_view.html(page))
    return framed(html, organization.logo_url, styles="'self'")


_STEPS: Final = {
    "welcome": Stage.AWAITING_CUSTOMER,
    "software": Stage.SELECTING_SOFTWARE,
}


def _company(organization: OrganizationRow, now: datetime) -> CompanyRow:
    return CompanyRow(
        id="co_preview",
        organization_id=organization.id,
        name=COMPANY,
        contact_name=CONTACT,
        contact_email=ADDRESS,
        created_at=now,
        updated_at=now,
    )


def _journey(organization: OrganizationRow, stage: Stage, now: datetime) -> Journey:
    return Journey(
        id="jo_preview",
        organization_id=organization.id,
        company_id="co_preview",
        company_name=COMPANY,
        data_types=tuple(DataType),
        delivery=Delivery.EMAIL,
        created_at=now,
        expires_at=now + timedelta(days=organization.expires_days),
        stage=stage,
        stage_since=now,
        structure=Structure.SINGLE,
    )


def _still(html: str) -> str:
    return html.replace("<head>", _NOWHERE, 1)
