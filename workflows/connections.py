"""How a journey keeps the connections of its legal entities in line with itself."""

from temporalio import workflow
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError

from workflows import search_attributes, view
from workflows.entity import EntityConnection

with workflow.unsafe.imports_passed_through():
    from domain.journey import EntityStage
    from domain.messages import ConnectEntity
    from domain.state import Entity, Journey


async def bring_in_line(before: Journey, after: Journey) -> None:
    """Tell each connection that a move touched; let those go that the journey has no use for."""
    if not before.open:
        return
    for entity in before.entities:
        if _is_connected(entity) and _has_no_use_for(after, entity):
            await _let_go(entity)
    for entity in after.entities:
        known = before.entity(entity.id)
        if entity == known or not after.open or not _is_connected(entity):
            continue
        if _is_connected(known):
            await _tell(after, entity)
        else:
            await _connect(after, entity)


def _is_connected(entity: Entity | None) -> bool:
    """Whether a connection follows this entity: from the choice of software until it is over."""
    return entity is not None and entity.software is not None and not entity.over


def _has_no_use_for(journey: Journey, entity: Entity) -> bool:
    """Whether its connection has to be ended; one that is done ends by itself."""
    left = journey.entity(entity.id)
    if left is None or left.stage is EntityStage.SKIPPED:
        return True
    return not journey.open and not left.over


async def _tell(journey: Journey, entity: Entity) -> None:
    try:
        await _handle(entity).signal(EntityConnection.follow, entity)
    except ApplicationError:  # it is gone, ended by an operator for example
        await _connect(journey, entity)


async def _connect(journey: Journey, entity: Entity) -> None:
    """
    Start an entity's connection; one that runs already, after a reset, is told instead.

    It outlives this run of the journey: a new run, which a long history leads
    to, would end its children otherwise.
    """
    start = ConnectEntity(
        journey_id=journey.id,
        organization_id=journey.organization_id,
        client_id=journey.company_id,
        data_types=journey.data_types,
        rules=journey.rules,
        entity=entity,
        retry_at=entity.retry_at,
    )
    try:
        _ = await workflow.start_child_workflow(
            EntityConnection.run,
            start,
            id=entity.id,
            parent_close_policy=workflow.ParentClosePolicy.ABANDON,
            static_summary=view.entity_title(start),
            search_attributes=search_attributes.at_start(
                journey.organization_id,
                entity.company_id,
                journey.id,
                search_attributes.entity_values(entity),
            ),
        )
    except WorkflowAlreadyStartedError:
        await _handle(entity).signal(EntityConnection.follow, entity)


async def _let_go(entity: Entity) -> None:
    try:
        await _handle(entity).cancel(reason="no longer part of the journey")
    except ApplicationError:  # it has ended already
        workflow.logger.info("entity.gone_already", extra={"entity": entity.id})


def _handle(entity: Entity) -> workflow.ExternalWorkflowHandle[EntityConnection]:
    return workflow.get_external_workflow_handle_for(EntityConnection.run, entity.id)
