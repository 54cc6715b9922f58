"""LinkState: how a journey looks to its customer. Nothing is asked here, nothing decided."""

from collections.abc import Sequence

from api.features import offers
from api.schemas import (
    ConsentOut,
    LinkCompanyOut,
    LinkEntityOut,
    LinkFocusOut,
    LinkOrganizationOut,
    LinkOut,
    LinkSoftwareOut,
    MessageOut,
)
from domain.consent import consent
from domain.journey import LINK_ACTIONS, LinkAction, Stage
from domain.moves import possible
from domain.reasons import NOTICES, Reason
from domain.software import Software
from domain.state import Entity, Journey
from domain.uploads import UPLOADED_FILE
from store.tables import OrganizationRow


def link_out(
    journey: Journey,
    organization: OrganizationRow,
    catalogue: Sequence[Software],
    redirect_url: str | None = None,
) -> LinkOut:
    """Return where the customer is, and what can be done there."""
    focus = journey.entity(journey.focus)
    return LinkOut(
        journey_id=journey.id,
        organization=LinkOrganizationOut.model_validate(organization),
        company=LinkCompanyOut(name=journey.company_name),
        data_types=journey.data_types,
        structure=journey.structure,
        stage=journey.stage,
        entity=LinkFocusOut.model_validate(focus) if focus else None,
        entities=[_entity_out(entity) for entity in journey.entities],
        software=_software_out(journey, organization, catalogue),
        consent=_consent_out(journey, organization, catalogue),
        allowed=allowed(journey, organization),
        message=_message_out(journey),
        redirect_url=redirect_url,
    )


def old_link_out(journey: Journey, organization: OrganizationRow) -> LinkOut:
    """Return what the holder of a link that does not work any more may see: whose it was."""
    stage = Stage.EXPIRED if journey.open else journey.stage
    bare = journey.but(entities=(), focus=None, trouble=None, stage=stage)
    return link_out(bare, organization, ())


def offered(
    organization: OrganizationRow, catalogue: Sequence[Software]
) -> list[Software]:
    """Return what the organization lets its customers pick."""
    chosen = organization.software
    return [each for each in catalogue if chosen is None or each.key in chosen]


def allowed(journey: Journey, organization: OrganizationRow) -> list[str]:
    """Return the actions that the journey takes now, but what the organization switched off."""
    takes_files = offers(organization, "manual_upload") and may_upload(journey)
    off = set() if takes_files else {LinkAction.UPLOAD}
    return [
        action
        for action, event in LINK_ACTIONS.items()
        if action not in off and possible(journey, event)
    ]


def may_upload(journey: Journey) -> bool:
    """In a repair a file only takes the place of a file: what was connected is connected again."""
    entity = journey.entity(journey.focus)
    was_uploaded = entity is not None and entity.software == UPLOADED_FILE.key
    return was_uploaded or not journey.repairing


def _entity_out(entity: Entity) -> LinkEntityOut:
    """Of what the bank has left out, nothing is asked of the customer any more."""
    return LinkEntityOut(
        id=entity.id,
        name=entity.name,
        stage=entity.stage,
        software=entity.software,
        reason=None if entity.over else entity.trouble,
    )


def _software_out(
    journey: Journey, organization: OrganizationRow, catalogue: Sequence[Software]
) -> list[LinkSoftwareOut] | None:
    if journey.stage is not Stage.SELECTING_SOFTWARE:
        return None
    return [
        LinkSoftwareOut(key=each.key, name=each.name)
        for each in offered(organization, catalogue)
    ]


def _consent_out(
    journey: Journey, organization: OrganizationRow, catalogue: Sequence[Software]
) -> ConsentOut | None:
    """Name the software even where the bank has stopped to offer it since."""
    entity = journey.entity(journey.focus)
    if journey.stage is not Stage.AUTHORIZING or entity is None:
        return None
    names = {each.key: each.name for each in catalogue}
    name = names.get(entity.software or "", "your accounting software")
    asked = consent(organization.name, name, journey.data_types)
    return ConsentOut(version=asked.version, text=asked.text, items=list(asked.items))


def _message_out(journey: Journey) -> MessageOut | None:
    """Say what went wrong last: with the journey, or with the entity at hand."""
    focus = journey.entity(journey.focus)
    reason = journey.trouble or (focus.trouble if focus else None) or journey.reason
    if reason is None or not journey.open:
        return None
    file = focus.detail if focus and reason is Reason.UPLOAD_REJECTED else ""
    return MessageOut(code=reason, text=f"{NOTICES[reason].customer} {file}".strip())
