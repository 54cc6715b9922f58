"""Books are read page by page; whatever happens, each page counts once and nothing is lost."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pytest
from sqlmodel import delete
from temporalio.testing import ActivityEnvironment

from activities.access import Access
from activities.builder import Builder
from activities.building import Press
from activities.patience import TryAgain
from activities.reading import Reader
from activities.reports import Publisher
from activities.syncs import SyncActivities
from domain.datasets import Dataset, Part
from domain.journey import DataType
from domain.message import Message
from domain.messages import (
    BeginSync,
    EndSync,
    PublishSync,
    ReadBooks,
    RunSync,
    SyncBegun,
    SyncEnded,
    SyncState,
    Trigger,
)
from domain.reasons import Reason, Refused
from providers.base import Throttled, Unavailable
from settings import Settings
from store import pages
from store.database import Database
from store.objects import Objects
from store.plans import Terms
from store.snapshots import open_snapshot
from store.states import DatasetState
from store.tables import (
    CompanyRow,
    ConnectionRow,
    SnapshotRow,
    SyncDatasetRow,
    SyncRow,
)
from tests.activities.books import PAGES, Books
from tests.activities.given import (
    COMPANY,
    CONNECTION,
    NOW,
    VAULT,
    Killed,
    MortalDatabase,
    a_connection,
    given,
    given_request,
    given_tokens,
)
from tests.store.copies import rows_of

Answer = TypeVar("Answer")

SYNC = "sy_1"
FINANCIALS = (DataType.FINANCIALS,)
READ = ReadBooks(
    sync_id=SYNC, company_id=COMPANY, connection_id=CONNECTION, data_types=FINANCIALS
)
RUN = RunSync(
    sync_id=SYNC,
    organization_id="or_1",
    company_id=COMPANY,
    connection_id=CONNECTION,
    trigger=Trigger.MANUAL,
    data_types=FINANCIALS,
)
BEGIN = BeginSync(sync=RUN, workflow_id="sync-co_1", run_id="run 1", at=NOW)
LATER = NOW + timedelta(minutes=5)
PUBLISH = PublishSync(sync_id=SYNC, at=LATER)
GIVE_UP = timedelta(seconds=4)
EVERYTHING = PAGES + 3
"""Pages of the chart of accounts, and one of each of the three other datasets."""


class Desk:
    """The steps of a sync, with software that answers as planned."""

    def __init__(self, database: Database, objects: Objects, builder: Builder) -> None:
        self.database, self.objects, self.builder = database, objects, builder
        self.books = Books()
        self.worth_storing = 1

    def steps(self, database: Database | None = None) -> SyncActivities:
        database = database or self.database
        reader = Reader(
            database,
            self.objects,
            Access(database, VAULT),
            give_up=GIVE_UP,
            worth_storing=self.worth_storing,
        )
        press = Press(self.objects, Terms(), self.builder)
        return SyncActivities(
            database,
            self.objects,
            {"sandbox": self.books},
            reader,
            Publisher(database, press),
        )

    async def begin(self, command: BeginSync = BEGIN) -> SyncBegun:
        return await run(self.steps().begin_sync, command)

    async def read(self, database: Database | None = None) -> SyncEnded:
        return await run(self.steps(database).read_books, READ)

    async def end(self, reason: Reason | None = None) -> SyncEnded:
        if reason is None:
            return await run(self.steps().publish_sync, PUBLISH)
        command = EndSync(sync_id=SYNC, at=LATER, reason=reason)
        return await run(self.steps().end_sync, command)

    async def show(self) -> SyncEnded:
        """Let readers see the data, as it is seen where its reports could not be built."""
        return await self.end(Reason.REPORT_FAILED)

    async def row(self) -> SyncRow:
        async with self.database.reading() as session:
            return await session.get_one(SyncRow, SYNC)

    async def dataset(self, dataset: Dataset) -> SyncDatasetRow:
        async with self.database.reading() as session:
            return await session.get_one(SyncDatasetRow, (SYNC, dataset))

    async def snapshot(self) -> SnapshotRow | None:
        async with self.database.reading() as session:
            return await session.get(SnapshotRow, (COMPANY, DataType.FINANCIALS))


async def run(step: Callable[[Any], Awaitable[Answer]], command: Message) -> Answer:
    return await ActivityEnvironment().run(step, command)


@pytest.fixture
async def desk(database: Database, settings: Settings, builder: Builder) -> Desk:
    """A client whose books may be read, and a sync of them that has begun."""
    await given_request(database)
    connection = a_connection()
    await given(database, connection)
    await given_tokens(database, connection)
    desk = Desk(database, Objects(settings.objects_url), builder)
    await desk.begin()
    return desk


async def accounts(desk: Desk) -> Sequence[str]:
    snapshot = await open_snapshot(desk.objects, COMPANY, SYNC)
    return [row["id"] for row in await rows_of(snapshot, Dataset.ACCOUNTS)]


async def test_a_sync_begins_once(desk: Desk) -> None:
    """
    Asked again, it gives the same answer and plans nothing twice.
    """
    again = await desk.begin()

    async with desk.database.reading() as session:
        planned = await pages.progress(session, SYNC)
    assert SyncBegun(connection_id=CONNECTION, data_types=FINANCIALS) == again
    assert 4 == len(planned)
    assert {DatasetState.PENDING} == {row.state for row in planned}


async def test_every_page_is_read_and_published(desk: Desk) -> None:
    """
    In order; the snapshot is what the software gave. It ends when its reports are built.
    """
    await desk.read()
    before = datetime.now(UTC)
    ended = await desk.end()

    row, snapshot = await desk.row(), await desk.snapshot()
    assert EVERYTHING == len(desk.books.read)
    assert ["0", "1", "2"] == await accounts(desk)
    assert (None, SyncState.SUCCEEDED) == (ended.reason, row.state)
    assert row.finished_at is not None
    assert row.finished_at >= max(LATER, before)
    assert snapshot is not None
    assert SYNC == snapshot.sync_id


@pytest.mark.parametrize("commits", range(1, EVERYTHING + 1))
async def test_a_crash_after_any_page_goes_on_with_the_next(
    desk: Desk, commits: int
) -> None:
    """
    No page that was noted is read again, and none is missing.
    """
    mortal = MortalDatabase(desk.database.url, lives=commits)
    with pytest.raises(Killed):
        await desk.read(mortal)
    await mortal.close()
    before = list(desk.books.read)

    await desk.read()
    await desk.show()

    assert commits == len(before)
    assert EVERYTHING == len(desk.books.read) == len(set(desk.books.read))
    assert ["0", "1", "2"] == await accounts(desk)
    assert 3 == (await desk.dataset(Dataset.ACCOUNTS)).records


@pytest.mark.parametrize(
    ("worth_storing", "parts"), [(1, PAGES), (2, 2), (PAGES, 1), (100, 1)]
)
async def test_small_pages_are_stored_together(
    desk: Desk, worth_storing: int, parts: int
) -> None:
    """
    As many at a time as are worth it, in order.
    """
    desk.worth_storing = worth_storing

    await desk.read()
    await desk.show()

    read = await desk.dataset(Dataset.ACCOUNTS)
    assert (parts, PAGES) == (read.pages, read.records)
    assert ["0", "1", "2"] == await accounts(desk)


async def test_what_came_before_a_failure_is_kept(desk: Desk) -> None:
    """
    However little it is: software that fails now and then is read to its end.
    """
    desk.worth_storing = 100
    desk.books.troubles = [None, None, Unavailable("503")]

    with pytest.raises(TryAgain):
        await desk.read()
    before = await desk.dataset(Dataset.ACCOUNTS)
    await desk.read()
    await desk.show()

    assert (1, "1") == (before.records, before.cursor)
    assert EVERYTHING == len(desk.books.read)
    assert ["0", "1", "2"] == await accounts(desk)


@pytest.mark.parametrize("worth_storing", [1, 100])
async def test_nothing_is_left_of_a_company_that_is_deleted_meanwhile(
    desk: Desk, worth_storing: int
) -> None:
    """
    Not what is on its way to the store in that moment, either.
    """
    desk.worth_storing = worth_storing

    async def remove(_token: str) -> None:
        async with desk.database.transaction() as session:
            await session.exec(delete(SyncRow))
        await desk.objects.delete_folder("snapshots")

    desk.books.before_reading = remove
    with pytest.raises(Refused) as refused:
        await desk.read()

    assert Reason.ACCESS_REVOKED is refused.value.reason
    assert [] == await desk.objects.keys("snapshots")


async def test_a_straggler_changes_nothing(desk: Desk) -> None:
    """
    Two tries at once, one of which everybody thought dead: each page counts once.
    """
    await asyncio.gather(*[desk.read() for _ in range(3)])
    await desk.show()

    read = await desk.dataset(Dataset.ACCOUNTS)
    assert (3, 3, DatasetState.DONE) == (read.records, read.pages, read.state)
    assert ["0", "1", "2"] == await accounts(desk)


async def test_a_page_that_is_noted_late_does_not_take_progress_back(
    desk: Desk,
) -> None:
    """
    The first note of a page stays.
    """
    await desk.read()
    late = Part(dataset=Dataset.ACCOUNTS, number=0, rows=9, bytes=9, sha256="other")

    async with desk.database.transaction() as session:
        await pages.note_page(session, SYNC, late, "1")

    read = await desk.dataset(Dataset.ACCOUNTS)
    assert (3, DatasetState.DONE, None) == (read.records, read.state, read.cursor)
    await desk.show()
    assert ["0", "1", "2"] == await accounts(desk)


async def test_an_end_that_is_told_twice_stays_as_it_was(desk: Desk) -> None:
    """
    The step may run twice.
    """
    await desk.read()

    first, second = await desk.end(), await desk.end()

    assert first == second
    assert SyncState.SUCCEEDED is (await desk.row()).state


@pytest.mark.parametrize("first", [None, Reason.INTERNAL])
async def test_of_two_ends_the_first_one_counts(
    desk: Desk, first: Reason | None
) -> None:
    """
    A sync that was cancelled while it was publishing is either published or failed, never both.
    """
    await desk.read()
    second = None if first else Reason.INTERNAL

    ends = [await desk.end(first), await desk.end(second)]

    published = await desk.snapshot() is not None
    assert [first, first] == [each.reason for each in ends]
    assert published is (first is None)


async def test_a_failed_sync_names_the_dataset_and_publishes_nothing(
    desk: Desk,
) -> None:
    """
    The first one that was not read to its end.
    """
    desk.books.troubles = [None, None, Refused(Reason.INVALID_DATA, "row 1, field x")]
    with pytest.raises(Refused):
        await desk.read()

    await desk.end(Reason.INVALID_DATA)

    read = await desk.dataset(Dataset.ACCOUNTS)
    other = await desk.dataset(Dataset.BALANCE_SHEET)
    assert (DatasetState.FAILED, "invalid_data", 1) == (
        read.state,
        read.error,
        read.pages,
    )
    assert (DatasetState.PENDING, None) == (other.state, other.error)
    assert await desk.snapshot() is None


async def test_a_legal_entity_that_left_meanwhile_gets_no_snapshot(
    desk: Desk,
) -> None:
    """
    Its company is gone; what was read of it is swept.
    """
    await desk.read()
    async with desk.database.transaction() as session:
        await session.delete(await session.get_one(CompanyRow, COMPANY))

    await desk.end()

    assert await desk.snapshot() is None
    assert SyncState.SUCCEEDED is (await desk.row()).state


async def test_software_that_does_not_answer_is_asked_again_and_then_given_up(
    desk: Desk,
) -> None:
    """
    After longer and longer pauses; only failing time counts.
    """
    desk.books.troubles = [Unavailable("503") for _ in range(9)]

    pauses = []
    for _ in range(3):
        with pytest.raises(TryAgain) as again:
            await desk.read()
        pauses.append(again.value.after)
    with pytest.raises(Refused) as given_up:
        await desk.read()

    assert [timedelta(seconds=1), timedelta(seconds=2)] == pauses[:2]
    assert pauses[2] is not None
    assert pauses[2] <= timedelta(seconds=1)
    assert Reason.PROVIDER_UNAVAILABLE is given_up.value.reason


@pytest.mark.parametrize("worth_storing", [1, 100])
async def test_a_good_answer_makes_up_for_all_failures_before(
    desk: Desk, worth_storing: int
) -> None:
    """
    Progress resets tries and pauses, also where it is not stored yet.
    """
    desk.worth_storing = worth_storing
    silence = Unavailable("503")
    desk.books.troubles = [None, silence, None, silence, None, silence]

    pauses = []
    for _ in range(3):
        with pytest.raises(TryAgain) as again:
            await desk.read()
        pauses.append(again.value.after)

    assert [timedelta(seconds=1)] * 3 == pauses
    assert 1 == (await desk.row()).failures


async def test_a_short_retry_after_is_waited_for_in_place(desk: Desk) -> None:
    """
    And is no failure.
    """
    desk.books.troubles = [Throttled(timedelta(seconds=0.1))] * 3

    await desk.read()

    assert 0 == (await desk.row()).failures


async def test_a_long_retry_after_is_a_reason(desk: Desk) -> None:
    """
    With the time at which the software allows it again.
    """
    desk.books.troubles = [Throttled(timedelta(hours=1))]

    with pytest.raises(Refused) as refused:
        await desk.read()

    assert (Reason.RATE_LIMITED, timedelta(hours=1)) == (
        refused.value.reason,
        refused.value.retry_after,
    )


async def test_books_that_hold_nothing_but_a_name_are_no_data(desk: Desk) -> None:
    """
    The customer connected, and there is nothing to share.
    """
    desk.books.is_empty = True

    with pytest.raises(Refused) as refused:
        await desk.read()

    assert Reason.NO_DATA is refused.value.reason


async def test_a_connection_that_was_removed_is_read_no_more(desk: Desk) -> None:
    """
    Whatever was under way ends without a defect.
    """
    async with desk.database.transaction() as session:
        await session.delete(await session.get_one(ConnectionRow, CONNECTION))

    with pytest.raises(Refused) as refused:
        await desk.read()

    assert Reason.ACCESS_REVOKED is refused.value.reason


async def test_it_says_where_it_is(desk: Desk) -> None:
    """
    With every page.
    """
    beats: list[tuple[object, ...]] = []
    elsewhere = ActivityEnvironment()
    elsewhere.on_heartbeat = lambda *place: beats.append(place)

    await elsewhere.run(desk.steps().read_books, READ)

    assert (Dataset.ACCOUNTS, 2) in beats


async def test_a_token_that_is_refused_is_renewed_before_that_is_final(
    desk: Desk,
) -> None:
    """
    With the new one the reading goes on.
    """
    desk.books.troubles = [Refused(Reason.ACCESS_REVOKED)]

    await desk.read()

    assert ["refresh 1"] == desk.books.refreshed
    assert {"access after refresh 1"} == set(desk.books.tokens)


async def test_access_that_is_refused_with_a_new_token_too_has_ended(
    desk: Desk,
) -> None:
    """
    The customer has to connect again.
    """
    revoked = Refused(Reason.ACCESS_REVOKED)
    desk.books.troubles = [revoked, None, revoked]

    with pytest.raises(Refused) as refused:
        await desk.read()

    assert Reason.ACCESS_REVOKED is refused.value.reason
    assert ["refresh 1"] == desk.books.refreshed
