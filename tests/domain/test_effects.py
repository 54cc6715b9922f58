"""What each event changes: the link flow's table row by row, then what is behind it."""

from datetime import timedelta
from typing import Final

import pytest

from domain.journey import Delivery, EntityStage, Event, Stage, Status, Structure
from domain.moves import advance
from domain.reasons import Reason
from domain.state import Happened, Journey
from tests.domain.acts import (
    ADDED,
    BACK,
    BOTH,
    CANCELLED,
    CONNECTED,
    EXITED,
    FINANCIALS,
    FINISHED,
    GAVE_UP,
    LEFT,
    NOW,
    ONE,
    OPENED,
    REFUSED,
    RESENT,
    RETRIED,
    SENT,
    SEVERAL,
    TIME_UP,
    UNCONFIRMED,
    Step,
    abandoned,
    approved,
    by_customer,
    connected,
    declined,
    done,
    entity,
    failed,
    named,
    naming,
    one_fetching,
    picked,
    play,
    removed,
    requested,
    reviewing,
    several_fetching,
    skipped,
)

REQUESTED, AVAILABLE, ERROR = Status
LATER: Final = NOW + timedelta(hours=1)
REVOKED: Final = Reason.ACCESS_REVOKED
DOWN: Final = Reason.PROVIDER_UNAVAILABLE

sending = requested()
awaiting = play(sending, SENT)
choosing = play(awaiting, OPENED)
selecting = play(requested(FINANCIALS), SENT, OPENED)
authorizing = play(selecting, picked(), LEFT)
naming_first = naming()
selecting_first = play(naming_first, named("a"))
authorizing_first = play(selecting_first, picked(), LEFT)
reviewing_one = reviewing("a")
naming_second = play(reviewing_one, ADDED)
reviewing_two = reviewing("ab")
fetching_one = one_fetching()
fetching_two = several_fetching("ab")
repairing_one = play(fetching_one, failed())
repairing_two = play(fetching_two, failed("a"), failed("b"))
left_repair = play(repairing_one, EXITED)


def row(
    what: str,
    before: Journey,
    step: Step,
    stage: Stage,
    status: Status | None,
    reason: Reason | None = None,
) -> object:
    return pytest.param(before, step, stage, status, reason, id=what)


TABLE: Final = [
    row("email accepted", sending, SENT, Stage.AWAITING_CUSTOMER, REQUESTED),
    row("email refused", sending, REFUSED, Stage.SENDING, ERROR, Reason.EMAIL_UNDELIVERABLE),
    row("email given up", sending, GAVE_UP, Stage.SENDING, ERROR, Reason.EMAIL_FAILED),
    row("email in doubt", sending, UNCONFIRMED, Stage.AWAITING_CUSTOMER, REQUESTED),
    row("resend, parked", play(sending, GAVE_UP), RESENT, Stage.SENDING, ERROR, Reason.EMAIL_FAILED),
    row("retry, parked", play(sending, GAVE_UP), RETRIED, Stage.SENDING, ERROR, Reason.EMAIL_FAILED),
    row("accepted after all", play(sending, GAVE_UP, RESENT), SENT, Stage.AWAITING_CUSTOMER, REQUESTED),
    row("open, spend", awaiting, OPENED, Stage.CHOOSING_STRUCTURE, REQUESTED),
    row("open, financials", play(requested(FINANCIALS), SENT), OPENED, Stage.SELECTING_SOFTWARE, REQUESTED),
    row("open, both", play(requested(BOTH), SENT), OPENED, Stage.SELECTING_SOFTWARE, REQUESTED),
    row("open, from sending", sending, OPENED, Stage.CHOOSING_STRUCTURE, REQUESTED),
    row("open, parked", play(sending, REFUSED), OPENED, Stage.CHOOSING_STRUCTURE, REQUESTED),
    row("late email accepted", play(sending, OPENED), SENT, Stage.CHOOSING_STRUCTURE, REQUESTED),
    row("late email refused", play(sending, OPENED), REFUSED, Stage.CHOOSING_STRUCTURE, REQUESTED),
    row("open again", choosing, OPENED, Stage.CHOOSING_STRUCTURE, REQUESTED),
    row("open while fetching", fetching_one, OPENED, Stage.FETCHING, REQUESTED),
    row("open after an exit", play(authorizing, EXITED), OPENED, Stage.AUTHORIZING, REQUESTED),
    row("open after leaving a repair", left_repair, OPENED, Stage.SELECTING_SOFTWARE, REQUESTED),
    row("choose single", choosing, ONE, Stage.SELECTING_SOFTWARE, REQUESTED),
    row("choose multiple", choosing, SEVERAL, Stage.NAMING_ENTITY, REQUESTED),
    row("name", naming_first, named("a"), Stage.SELECTING_SOFTWARE, REQUESTED),
    row("select software", selecting, picked(), Stage.AUTHORIZING, REQUESTED),
    row("authorize", play(selecting, picked()), LEFT, Stage.AUTHORIZING, REQUESTED),
    row("approved, single", authorizing, approved, Stage.FETCHING, REQUESTED),
    row("approved, multiple", authorizing_first, approved, Stage.REVIEWING_ENTITIES, REQUESTED),
    row("declined, single", authorizing, declined, Stage.SELECTING_SOFTWARE, ERROR, Reason.AUTHORIZATION_DECLINED),
    row("abandoned, single", authorizing, abandoned, Stage.SELECTING_SOFTWARE, ERROR, Reason.AUTHORIZATION_ABANDONED),
    row("declined, multiple", authorizing_first, declined, Stage.SELECTING_SOFTWARE, REQUESTED),
    row("abandoned, multiple", authorizing_first, abandoned, Stage.SELECTING_SOFTWARE, REQUESTED),
    row("add", reviewing_one, ADDED, Stage.NAMING_ENTITY, REQUESTED),
    row("remove", reviewing_two, removed("a"), Stage.REVIEWING_ENTITIES, REQUESTED),
    row("finish", reviewing_two, FINISHED, Stage.FETCHING, REQUESTED),
    row("finish, all done", play(reviewing_one, done()), FINISHED, Stage.COMPLETED, AVAILABLE),
    row("finish, one failed", play(reviewing_two, failed("a")), FINISHED, Stage.SELECTING_SOFTWARE, ERROR, REVOKED),
    row("finish, one waits", play(reviewing_two, failed("a", DOWN)), FINISHED, Stage.FETCHING, ERROR, DOWN),
    row("exit, sending", sending, EXITED, Stage.SENDING, ERROR, Reason.AUTHORIZATION_EXITED),
    row("exit, reviewing", reviewing_two, EXITED, Stage.REVIEWING_ENTITIES, ERROR, Reason.AUTHORIZATION_EXITED),
    row("exit, repair", repairing_one, EXITED, Stage.SELECTING_SOFTWARE, ERROR, Reason.AUTHORIZATION_EXITED),
    row("done", fetching_one, done(), Stage.COMPLETED, AVAILABLE),
    row("one of two done", fetching_two, done("a"), Stage.FETCHING, REQUESTED),
    row("done while naming", naming_second, done(), Stage.NAMING_ENTITY, REQUESTED),
    row("failed while naming", naming_second, failed(), Stage.NAMING_ENTITY, REQUESTED),
    row("failed for the customer", fetching_one, failed(), Stage.SELECTING_SOFTWARE, ERROR, REVOKED),
    row("failed for anyone else", fetching_one, failed("a", DOWN), Stage.FETCHING, ERROR, DOWN),
    row("retry, fetching", play(fetching_one, failed("a", DOWN)), RETRIED, Stage.FETCHING, REQUESTED),
    row("done by itself", play(fetching_one, failed("a", DOWN)), done(), Stage.COMPLETED, AVAILABLE),
    row("repaired", play(repairing_one, picked(), LEFT), approved, Stage.FETCHING, REQUESTED),
    row("repaired, next", play(repairing_two, picked(), LEFT), approved, Stage.SELECTING_SOFTWARE, ERROR, REVOKED),
    row("repair declined", play(repairing_one, picked(), LEFT), declined, Stage.SELECTING_SOFTWARE, ERROR, Reason.AUTHORIZATION_DECLINED),
    row("back in a repair", play(repairing_one, picked(), LEFT), BACK, Stage.SELECTING_SOFTWARE, REQUESTED),
    row("skip, fetching", fetching_two, skipped("a"), Stage.FETCHING, REQUESTED),
    row("skip the last open one", play(fetching_two, done("a")), skipped("b"), Stage.COMPLETED, AVAILABLE),
    row("skip the failed one", play(fetching_two, failed("a", DOWN)), skipped("a"), Stage.FETCHING, REQUESTED),
    row("skip, next repair", repairing_two, skipped("a"), Stage.SELECTING_SOFTWARE, ERROR, REVOKED),
    row("skip another in repair", repairing_two, skipped("b"), Stage.SELECTING_SOFTWARE, ERROR, REVOKED),
    row("skip, then fetching", play(fetching_two, failed("a")), skipped("a"), Stage.FETCHING, REQUESTED),
    row("skip, then completed", play(fetching_two, done("b"), failed("a")), skipped("a"), Stage.COMPLETED, AVAILABLE),
    row("skip what was left", play(fetching_two, failed("a"), EXITED), skipped("a"), Stage.FETCHING, REQUESTED),
    row("time up, sending", sending, TIME_UP, Stage.EXPIRED, ERROR, Reason.LINK_EXPIRED),
    row("time up, awaiting", awaiting, TIME_UP, Stage.EXPIRED, ERROR, Reason.LINK_EXPIRED),
    row("time up, authorizing", authorizing, TIME_UP, Stage.EXPIRED, ERROR, Reason.LINK_EXPIRED),
    row("time up, one authorized", play(naming_second, named("b")), TIME_UP, Stage.FETCHING, REQUESTED),
    row("time up after an exit", play(naming_second, EXITED), TIME_UP, Stage.FETCHING, REQUESTED),
    row("time up, all done", play(naming_second, done()), TIME_UP, Stage.COMPLETED, AVAILABLE),
    row("time up, repair", repairing_two, TIME_UP, Stage.EXPIRED, ERROR, Reason.LINK_EXPIRED),
    row("cancel", repairing_one, CANCELLED, Stage.CANCELLED, None),
    row("cancel, sending", sending, CANCELLED, Stage.CANCELLED, None),
    row("back, authorizing", authorizing, BACK, Stage.SELECTING_SOFTWARE, REQUESTED),
    row("back, to the name", selecting_first, BACK, Stage.NAMING_ENTITY, REQUESTED),
    row("back, to the choice", play(choosing, ONE), BACK, Stage.CHOOSING_STRUCTURE, REQUESTED),
    row("back, none authorized", naming_first, BACK, Stage.CHOOSING_STRUCTURE, REQUESTED),
    row("back, one authorized", naming_second, BACK, Stage.REVIEWING_ENTITIES, REQUESTED),
]  # fmt: skip


@pytest.mark.parametrize(("before", "step", "stage", "status", "reason"), TABLE)
def test_the_table_of_the_link_flow(
    before: Journey,
    step: Step,
    stage: Stage,
    status: Status | None,
    reason: Reason | None,
) -> None:
    """
    What happens, from which stage, to which stage, and the client's status then.
    """
    after = play(before, step)

    assert (stage, status, reason) == (after.stage, after.status, after.reason)


@pytest.mark.parametrize(
    ("delivery", "stage", "status", "requests"),
    [
        (Delivery.EMAIL, Stage.SENDING, None, 1),
        (Delivery.LINK, Stage.AWAITING_CUSTOMER, REQUESTED, 0),
    ],
)
def test_a_journey_begins(
    delivery: Delivery, stage: Stage, status: Status | None, requests: int
) -> None:
    """
    An email has to be accepted before the client is Requested; a link counts as handed over.
    """
    journey = requested(FINANCIALS, delivery)

    assert (1, stage, status) == (journey.version, journey.stage, journey.status)
    assert requests == journey.requests


def test_an_entity_is_kept_through_reconnecting() -> None:
    """
    Whatever goes wrong with it, one legal entity keeps its id and its company.
    """
    after = play(repairing_one, picked("z"), LEFT, approved, failed(), picked("y"))

    assert [("cn_a", "co_client")] == [
        (each.id, each.company_id) for each in after.entities
    ]


def test_software_is_kept_after_a_no() -> None:
    """
    Who declined can try again with one click: the software stays picked.
    """
    after = entity(play(authorizing_first, declined), "a")

    assert EntityStage.SELECTING_SOFTWARE is after.stage
    assert "ledgerly" == after.software
    assert Reason.AUTHORIZATION_DECLINED is after.trouble


def test_going_back_names_the_same_entity_again() -> None:
    """
    A second thought about a name changes the name, and makes no second entity.
    """
    after = play(selecting_first, BACK, named("b", "Tea Rooms"))

    assert ["Tea Rooms"] == [each.name for each in after.entities]
    assert "cn_a" == after.focus


def test_going_back_drops_the_unfinished_one() -> None:
    """
    Back from naming, only those that were authorized are reviewed.
    """
    after = play(naming_second, named("b"), BACK, BACK)

    assert Stage.REVIEWING_ENTITIES is after.stage
    assert ["cn_a"] == [each.id for each in after.entities]


def test_starting_over_forgets_the_choice() -> None:
    """
    Back at the choice between one and several, nothing is chosen.
    """
    after = play(selecting_first, BACK, BACK)

    assert (None, (), None) == (after.structure, after.entities, after.focus)


@pytest.mark.parametrize("data_types", [FINANCIALS, BOTH])
def test_who_is_not_asked_is_single(data_types: tuple[object, ...]) -> None:
    """
    Only spend analysis on its own can cover several legal entities.
    """
    journey = play(requested(data_types), SENT, OPENED)  # type: ignore[arg-type]

    assert not journey.asks_structure
    assert Structure.SINGLE is journey.structure


def test_time_up_drops_what_was_never_authorized() -> None:
    """
    When the time is up the authorized entities are read, the others are gone.
    """
    after = play(naming_second, named("b"), picked(), LEFT, TIME_UP)

    assert ["cn_a"] == [each.id for each in after.entities]
    assert after.finished


def test_skipping_the_one_in_focus_ends_the_trip() -> None:
    """
    The next entity's repair starts afresh: no older trip to the software counts for it.
    """
    away = play(repairing_two, picked(), LEFT)

    after = play(away, skipped("a"))

    assert "cn_b" == after.focus
    assert after.sent_away_at is None


def test_retry_takes_up_all_that_does_not_wait_for_the_customer() -> None:
    """
    One retry is enough for every failed step that can succeed without the customer.
    """
    parked = play(
        several_fetching("abc"),
        failed("a", DOWN, retry_at=LATER),
        failed("b", Reason.INTERNAL),
    )

    after = play(parked, RETRIED)

    assert {EntityStage.FETCHING} == {each.stage for each in after.entities}
    assert {None} == {each.retry_at for each in after.entities}


def test_the_first_failure_is_the_earliest() -> None:
    """
    Trying again and failing again does not make a failure younger.
    """
    first = play(fetching_two, failed("b", DOWN))
    both = play(first, failed("a", Reason.INTERNAL), at=LATER)

    after = play(both, failed("b", DOWN), at=LATER + timedelta(hours=1))

    assert NOW == entity(after, "b").failed_at
    assert DOWN is after.reason


def test_a_second_email_is_asked_for_by_number() -> None:
    """
    Each resend is a message of its own; a retry of one that failed as well.
    """
    assert 2 == play(awaiting, RESENT).requests
    assert 2 == play(sending, GAVE_UP, RETRIED).requests
    assert 1 == play(fetching_one, failed("a", DOWN), RETRIED).requests


def test_who_leaves_has_the_link() -> None:
    """
    An exit shows that the link arrived: nobody has to mend the email any more.
    """
    after = play(sending, REFUSED, EXITED)

    assert not after.parked
    assert not after.needs_attention


def test_a_fresh_link_has_the_next_number() -> None:
    """
    Earlier links stop working because their number is no longer the present one.
    """
    after = play(awaiting, Happened(event=Event.LINK_REPLACED))

    assert awaiting.link_number + 1 == after.link_number


def test_extending_adds_to_the_expiry() -> None:
    """
    Days are added to what was left, not counted from today.
    """
    after = play(awaiting, Happened(event=Event.EXTENDED, days=7))

    assert awaiting.expires_at + timedelta(days=7) == after.expires_at


def test_only_events_with_an_effect_change_anything() -> None:
    """
    What is only noted for the timeline leaves the journey as it was.
    """
    asked = Happened(event=Event.NEW_LINK_ASKED)

    after = advance(awaiting, asked, LATER)

    assert awaiting.but(version=after.version) == after


def test_a_failure_without_a_reason_is_internal() -> None:
    """
    Anything that nobody gave a reason for is an operator's to look at.
    """
    silent = Happened(event=Event.ENTITY_FAILED, entity_id="cn_a")

    assert Reason.INTERNAL is play(fetching_one, silent).reason
    assert Reason.INTERNAL is play(sending, Happened(event=Event.REQUEST_FAILED)).reason


def test_an_unconfirmed_reminder_moves_nothing() -> None:
    """
    The timeline says so and the reminder counts as sent; the stage stays.
    """
    after = play(choosing, Happened(event=Event.SENT_UNCONFIRMED, number=2))

    assert Stage.CHOOSING_STRUCTURE is after.stage
    assert 2 == after.reminders_sent


def test_removing_leaves_the_others() -> None:
    """
    One legal entity goes, the rest of them stays as it is.
    """
    after = play(reviewing_two, removed("a"))

    assert ["cn_b"] == [each.id for each in after.entities]


def test_the_client_is_the_single_entity() -> None:
    """
    Where there is one legal entity, it is the client itself, under the client's name.
    """
    only = entity(play(selecting, picked()), "a")

    assert ("co_client", "Hoxton Tea") == (only.company_id, only.name)


def test_each_of_several_is_a_company_of_its_own() -> None:
    """
    A named legal entity has its own company and its own connection.
    """
    after = play(naming_first, *connected("a"), ADDED, *connected("b"))

    assert [("cn_a", "co_a"), ("cn_b", "co_b")] == [
        (each.id, each.company_id) for each in after.entities
    ]


def test_coming_back_with_a_no_is_an_action_too() -> None:
    """
    Who left and then declines for one of several entities is there again: no exit stands.
    """
    gone = play(authorizing_first, EXITED)

    assert play(gone, declined).reason is None
    assert Reason.AUTHORIZATION_EXITED is play(gone, abandoned).reason


def test_connecting_again_clears_old_trouble() -> None:
    """
    Once authorized, nothing is left of what went wrong before.
    """
    again = play(authorizing, declined, *CONNECTED)

    assert (None, "") == (entity(again, "a").trouble, again.detail)
    assert by_customer(Event.OPENED) == OPENED
