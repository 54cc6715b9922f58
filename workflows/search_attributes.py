"""What operators can search by: bounded values only, never a name or an address."""

from collections.abc import Sequence
from typing import Any, Final

from temporalio import workflow
from temporalio.common import (
    SearchAttributeKey,
    SearchAttributePair,
    TypedSearchAttributes,
)

with workflow.unsafe.imports_passed_through():
    from domain.state import Entity, Journey

ORGANIZATION: Final = SearchAttributeKey.for_keyword("RapportOrganization")
COMPANY: Final = SearchAttributeKey.for_keyword("RapportCompany")
JOURNEY: Final = SearchAttributeKey.for_keyword("RapportJourney")
STAGE: Final = SearchAttributeKey.for_keyword("RapportStage")
STATUS: Final = SearchAttributeKey.for_keyword("RapportStatus")
REASON: Final = SearchAttributeKey.for_keyword("RapportReason")
SOFTWARE: Final = SearchAttributeKey.for_keyword("RapportSoftware")
STAGE_SINCE: Final = SearchAttributeKey.for_datetime("RapportStageSince")
STUCK_AFTER: Final = SearchAttributeKey.for_datetime("RapportStuckAfter")
EXPIRES_AT: Final = SearchAttributeKey.for_datetime("RapportExpiresAt")
NEEDS_ATTENTION: Final = SearchAttributeKey.for_bool("RapportNeedsAttention")

SEARCH_ATTRIBUTES: Final[Sequence[SearchAttributeKey[Any]]] = (
    ORGANIZATION,
    COMPANY,
    JOURNEY,
    STAGE,
    STATUS,
    REASON,
    SOFTWARE,
    STAGE_SINCE,
    STUCK_AFTER,
    EXPIRES_AT,
    NEEDS_ATTENTION,
)

Values = dict[SearchAttributeKey[Any], Any]


def journey_values(journey: Journey) -> Values:
    """What a journey can be found by, now; None takes an attribute away."""
    return {
        STAGE: str(journey.stage),
        STATUS: str(journey.status) if journey.status else None,
        REASON: str(journey.reason) if journey.reason else None,
        STAGE_SINCE: journey.stage_since,
        STUCK_AFTER: journey.stuck_after,
        EXPIRES_AT: journey.expires_at,
        NEEDS_ATTENTION: journey.needs_attention,
    }


def entity_values(entity: Entity) -> Values:
    """What a legal entity's connection can be found by, now."""
    return {
        STAGE: str(entity.stage),
        STATUS: str(entity.status) if entity.status else None,
        REASON: str(entity.trouble) if entity.trouble else None,
        SOFTWARE: entity.software,
    }


def at_start(
    organization_id: str,
    company_id: str,
    journey_id: str | None,
    values: Values | None = None,
) -> TypedSearchAttributes:
    """What never changes about a workflow, and what `values` are true at first: both cost no event."""
    pairs: list[SearchAttributePair[Any]] = [
        SearchAttributePair(ORGANIZATION, organization_id),
        SearchAttributePair(COMPANY, company_id),
    ]
    if journey_id is not None:
        pairs.append(SearchAttributePair(JOURNEY, journey_id))
    pairs += [
        SearchAttributePair(key, value)
        for key, value in (values or {}).items()
        if value is not None
    ]
    return TypedSearchAttributes(pairs)


def changes(before: Values, after: Values) -> list[Any]:
    """The updates that lead from one to the other; an event in the history only if there are any."""
    return [
        key.value_unset() if value is None else key.value_set(value)
        for key, value in after.items()
        if before.get(key) != value
    ]
