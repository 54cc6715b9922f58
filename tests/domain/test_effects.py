"""What each event changes, beyond stage and status."""

from datetime import timedelta
from typing import Final

import pytest

from domain.journey import EntityStage, Event, Stage, Status, Structure
from domain.moves import advance
from domain.reasons import Reason
from domain.state import Happened
from tests.domain.acts import (
    ADDED,
    BACK,
    BOTH,
    CONNECTED,
    EXITED,
    FINANCIALS,
    GAVE_UP,
    LEFT,
    NOW,
    OPENED,
    REFUSED,
    RESENT,
    RETRIED,
    SENT,
    TIME_UP,
    abandoned,
    approved,
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

LATER: Final = NOW + timedelta(hours=1)
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


def test_a_skipped_entity_keeps_the_reason_for_which_it_failed() -> None:
    """
    Its books were not read; its client is no longer in Error for it.
    """
    after = play(several_fetching(), failed("a", DOWN, detail="503"), skipped("a"))

    left = entity(after, "a")
    assert (EntityStage.SKIPPED, Status.ERROR, DOWN, "503") == (
        left.stage,
        left.status,
        left.reason,
        left.detail,
    )
    assert (Status.REQUESTED, None) == (after.status, after.reason)


def test_a_repair_that_expires_ends_what_was_not_read() -> None:
    """
    What was read stays; what failed before keeps its own reason.
    """
    repairing = play(
        several_fetching("abcde"),
        done("a"),
        skipped("c"),
        failed("d", DOWN),
        failed("e"),
    )

    after = play(repairing, TIME_UP, at=LATER)

    assert Stage.EXPIRED is after.stage
    assert {
        "cn_a": (EntityStage.DONE, None),
        "cn_b": (EntityStage.FAILED, Reason.LINK_EXPIRED),
        "cn_c": (EntityStage.SKIPPED, Reason.LINK_EXPIRED),
        "cn_d": (EntityStage.FAILED, DOWN),
        "cn_e": (EntityStage.FAILED, Reason.ACCESS_REVOKED),
    } == {each.id: (each.stage, each.reason) for each in after.entities}
    assert {NOW, LATER} == {each.status_at for each in after.entities}


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
