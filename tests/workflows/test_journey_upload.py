"""A workbook instead of a connection: read, refused later, uploaded again, swept."""

import hashlib
from datetime import UTC, datetime, timedelta

from domain.journey import Delivery, EntityStage, Stage, Status
from domain.messages import SyncState
from domain.reasons import Reason
from domain.uploads import UPLOADED_FILE
from store import uploads
from store.tables import UploadRow
from tests.providers.workbook.workbooks import GOOD, filled
from tests.workflows.customer import Customer
from tests.workflows.world import SPEND, World

BOOKS = filled(GOOD)


async def at_software(world: World) -> Customer:
    """A customer with one company, who uses no software."""
    customer = await world.ask(SPEND, delivery=Delivery.LINK)
    await customer.begins()
    await customer.does("choose_structure", structure="single")
    return customer


async def stored(world: World, customer: Customer, workbook: bytes = BOOKS) -> str:
    """Store a file, as the API does before it tells the journey; return what names it."""
    sha256 = hashlib.sha256(workbook).hexdigest()
    async with world.database.transaction() as session:
        await uploads.note(session, customer.id, sha256, datetime.now(UTC))
    await world.objects.put(uploads.key_of(customer.id, sha256), workbook)
    return sha256


async def test_an_upload_is_read_at_once(world: World) -> None:
    """
    There is nobody to ask for leave: the journey goes on to fetching, and completes.
    """
    customer = await at_software(world)
    file = await stored(world, customer)

    uploaded = await customer.does("upload", upload=file)
    completed = await customer.stands(Stage.COMPLETED)

    (entity,) = completed.entities
    assert Stage.FETCHING is uploaded.stage
    assert (UPLOADED_FILE.key, file) == (entity.software, entity.upload)
    assert (Status.AVAILABLE, None) == await customer.status()
    assert [SyncState.SUCCEEDED] == [row.state for row in await customer.syncs()]


async def test_a_worker_that_was_away_reads_what_was_uploaded(world: World) -> None:
    """
    What the store and the journey know is enough for another worker.
    """
    customer = await at_software(world)
    file = await stored(world, customer)
    await customer.does("upload", upload=file)

    async with world.downtime():
        pass
    await customer.stands(Stage.COMPLETED)

    assert 1 == (await customer.events()).count("entity_done")


async def test_a_file_that_is_gone_is_asked_for_again(world: World) -> None:
    """
    The customer is told, uploads once more in a repair, and the journey completes.
    """
    customer = await at_software(world)
    await customer.does("upload", upload="a file that is gone")

    broken = await customer.reaches(lambda journey: journey.repairing)
    told = await customer.status()
    await customer.does("upload", upload=await stored(world, customer))
    completed = await customer.stands(Stage.COMPLETED)

    assert Stage.SELECTING_SOFTWARE is broken.stage
    assert (Status.ERROR, Reason.UPLOAD_REJECTED) == told
    assert [EntityStage.DONE] == [each.stage for each in completed.entities]


async def test_software_may_follow_a_file_that_can_not_be_read(world: World) -> None:
    """
    In a repair the customer may as well connect.
    """
    customer = await at_software(world)
    await customer.does("upload", upload="a file that is gone")
    await customer.reaches(lambda journey: journey.repairing)

    await customer.connects()
    completed = await customer.stands(Stage.COMPLETED)

    assert [("ledgerly", None)] == [
        (each.software, each.upload) for each in completed.entities
    ]


async def test_an_upload_is_nothing_to_read_again(world: World) -> None:
    """
    A refresh that got past the door all the same ends, and what is there stays.
    """
    customer = await at_software(world)
    await customer.does("upload", upload=await stored(world, customer))
    await customer.stands(Stage.COMPLETED)
    before = await customer.snapshots()

    refreshed = await customer.refreshes()

    assert Reason.ACCESS_REVOKED is refreshed.reason
    assert [row.sync_id for row in before] == [
        row.sync_id for row in await customer.snapshots()
    ]


async def test_a_file_that_nobody_stands_for_is_swept(world: World) -> None:
    """
    A day later it is gone; the one that was read stays.
    """
    customer = await at_software(world)
    read = await stored(world, customer)
    unread = await stored(world, customer, b"another")
    await customer.does("upload", upload=read)
    await customer.stands(Stage.COMPLETED)

    await world.sweep("sweep_objects", after=timedelta(hours=23))
    early = await world.objects.keys(uploads.folder_of(customer.id))
    for _ in range(2):
        await world.sweep("sweep_objects", after=timedelta(hours=25))

    assert uploads.key_of(customer.id, unread) in early
    assert [uploads.key_of(customer.id, read)] == await world.objects.keys(
        uploads.folder_of(customer.id)
    )
    assert [read] == [row.sha256 for row in await world.rows(UploadRow)]
