"""How what is stored becomes what is answered. Nothing is asked here, nothing decided."""

from datetime import datetime
from typing import Annotated, NamedTuple
from urllib.parse import quote

from fastapi import Depends

from api.deps import Configured, Now, Temporal
from api.schemas import (
    CompanyOut,
    ConnectionOut,
    ContactOut,
    DatasetOut,
    EntityOut,
    ExplanationOut,
    JourneyOut,
    MoveOut,
    ReasonOut,
    SyncOut,
)
from domain.explanation import explain
from domain.journey import Delivery, Status
from domain.reasons import NOTICES, Reason, action_for
from domain.state import Entity, Journey
from store.queries import (
    CompanyFacts,
    ConnectionFacts,
    JourneyFacts,
    Outlook,
    SyncFacts,
)
from store.tables import JourneyRow, MoveRow


class Seen(NamedTuple):
    """When it is looked at, and where Temporal's pages of workflows are, if anywhere."""

    now: datetime
    workflows_url: str | None

    def workflow_url(self, workflow_id: str) -> str | None:
        """Return where one workflow is shown."""
        return f"{self.workflows_url}/{workflow_id}" if self.workflows_url else None


async def _seen(now: Now, settings: Configured, temporal: Temporal) -> Seen:
    if settings.temporal_ui_url is None:
        return Seen(now, None)
    namespace = quote(temporal.namespace, safe="")
    pages = f"{settings.temporal_ui_url}/namespaces/{namespace}/workflows"
    return Seen(now, pages)


AsSeen = Annotated[Seen, Depends(_seen)]


def company_out(facts: CompanyFacts) -> CompanyOut:
    """Show one company."""
    row = facts.row
    return CompanyOut(
        id=row.id,
        external_id=row.external_id,
        name=row.name,
        description=row.description,
        parent_id=row.parent_id,
        contact=ContactOut(name=row.contact_name, email=row.contact_email),
        users=facts.users,
        status=row.status,
        reason=_reason_out(row.reason, row.reason_detail, facts.outlook),
        status_at=row.status_at,
        last_available_at=row.last_available_at,
        refreshing=facts.refreshing,
        data_types=facts.data_types,
        journey_id=row.journey_id,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def journey_out(facts: JourneyFacts, seen: Seen) -> JourneyOut:
    """Show one journey."""
    journey = facts.journey
    stuck_since = _stuck_since(journey, seen.now)
    return JourneyOut(
        id=journey.id,
        company_id=journey.company_id,
        data_types=list(journey.data_types),
        delivery=journey.delivery,
        structure=journey.structure,
        stage=journey.stage,
        stage_since=journey.stage_since,
        stuck=stuck_since is not None,
        stuck_since=stuck_since,
        entities=[_entity_out(entity, journey) for entity in journey.entities],
        status=journey.status,
        reason=_reason_of(journey, journey.reason, journey.reason_detail),
        explanation=ExplanationOut.model_validate(explain(journey)),
        reminders_sent=journey.reminders_sent,
        expires_at=journey.expires_at,
        created_at=journey.created_at,
        closed_at=journey.closed_at,
        workflow_id=journey.id,
        run_id=facts.run_id,
        temporal_url=seen.workflow_url(journey.id),
    )


def move_out(row: MoveRow) -> MoveOut:
    """Show one transition."""
    return MoveOut.model_validate(row)


def connection_out(facts: ConnectionFacts) -> ConnectionOut:
    """Show one connection."""
    row = facts.row
    reason = row.trouble if row.status is Status.ERROR else None
    return ConnectionOut(
        id=row.id,
        company_id=row.company_id,
        journey_id=row.journey_id,
        name=row.name,
        software=row.software,
        stage=row.stage,
        status=row.status,
        reason=_reason_out(reason, row.detail, facts.journey),
        authorized_at=row.authorized_at,
        revoked_at=row.revoked_at,
    )


def sync_out(facts: SyncFacts) -> SyncOut:
    """Show one sync, with those of its legal entities."""
    row = facts.row
    return SyncOut(
        id=row.id,
        company_id=row.company_id,
        trigger=row.trigger,
        state=row.state,
        reason=_reason_out(row.reason, row.detail, facts.journey),
        datasets=[
            DatasetOut(
                name=each.dataset,
                state=each.state,
                records=each.records,
                pages=each.pages,
                error=each.error,
            )
            for each in facts.datasets
        ],
        children=[sync_out(child) for child in facts.children],
        started_at=row.started_at,
        finished_at=row.finished_at,
        workflow_id=row.workflow_id,
        run_id=row.run_id,
    )


def _entity_out(entity: Entity, journey: Journey) -> EntityOut:
    return EntityOut(
        id=entity.id,
        company_id=entity.company_id,
        name=entity.name,
        stage=entity.stage,
        software=entity.software,
        status=entity.status,
        reason=_reason_of(journey, entity.reason, entity.detail),
    )


def _stuck_since(journey: Journey, now: datetime) -> datetime | None:
    limit = journey.stuck_after
    return limit if limit is not None and limit < now else None


def _reason_of(
    journey: Journey, reason: Reason | None, detail: str
) -> ReasonOut | None:
    by_link = journey.delivery is Delivery.LINK
    return _noticed(reason, detail, journey_open=journey.open, by_link=by_link)


def _reason_out(
    reason: Reason | None, detail: str, journey: JourneyRow | Outlook | None
) -> ReasonOut | None:
    """What can be done depends on the journey that it is about, if there is one."""
    journey_open = journey is not None and journey.closed_at is None
    by_link = journey is not None and journey.delivery is Delivery.LINK
    return _noticed(reason, detail, journey_open=journey_open, by_link=by_link)


def _noticed(
    reason: Reason | None, detail: str, *, journey_open: bool, by_link: bool
) -> ReasonOut | None:
    if reason is None:
        return None
    notice = NOTICES[reason]
    return ReasonOut(
        code=reason,
        message=f"{notice.bank} {detail}".strip(),
        who=notice.who,
        retryable=notice.retryable,
        action=action_for(reason, journey_open=journey_open, by_link=by_link),
    )
