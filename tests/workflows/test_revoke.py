"""Access is given back."""

from domain.journey import Delivery, Status
from domain.messages import Ask, RevokeConnection, SyncState
from domain.reasons import Reason
from store.tables import ConnectionRow, CredentialRow
from tests.workflows.customer import Customer
from tests.workflows.world import World
from workflows.ids import revoke_workflow_id
from workflows.revoke import ConnectionRevocation


async def revoked(world: World, customer: Customer) -> ConnectionRow:
    """Revoke the customer's connection, as the API does, and wait until it is given back."""
    (connection,) = await customer.connections()
    handle = await world.client.start_workflow(
        ConnectionRevocation.run,
        RevokeConnection(connection_id=connection.id),
        id=revoke_workflow_id(connection.id),
        task_queue=world.task_queue,
    )
    await world.asks(handle, ConnectionRevocation.recorded, Ask())
    (shut,) = await customer.connections()
    await handle.result()
    return shut


async def test_a_connection_that_is_revoked_is_shut_at_once_and_given_back(
    world: World,
) -> None:
    """
    The status stays; the software takes the tokens no more, and we have forgotten them.
    """
    customer = await world.ask(delivery=Delivery.LINK)
    await customer.completes()
    (credential,) = await world.rows(CredentialRow)
    token = world.vault.open(credential.access)

    shut = await revoked(world, customer)

    answer = await world.books.get(
        "/api/organisation", headers={"Authorization": f"Bearer {token}"}
    )
    assert shut.revoked_at is not None
    assert (Status.AVAILABLE, None) == await customer.status()
    assert [] == list(await world.rows(CredentialRow))
    assert 401 == answer.status_code


async def test_nothing_is_read_through_a_revoked_connection(world: World) -> None:
    """
    Not even by a refresh that was on its way.
    """
    customer = await world.ask(delivery=Delivery.LINK)
    await customer.completes()
    await world.scenario(customer.name, "slow")
    world.slow.add(customer.name)
    sync_id = await customer.starts_refresh()

    await revoked(world, customer)
    row = await customer.sync_ends(sync_id)

    assert (SyncState.FAILED, Reason.ACCESS_REVOKED) == (row.state, row.reason)
