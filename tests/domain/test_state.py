"""What follows from where a journey stands."""

from datetime import timedelta
from typing import Final

import pytest

from domain.journey import LIMITS, OPEN, Delivery, EntityStage, Stage, Status
from domain.reasons import Reason, Who
from domain.state import Entity, Journey, Rules
from tests.domain.acts import (
    CANCELLED,
    FINANCIALS,
    GAVE_UP,
    NOW,
    REFUSED,
    RESENT,
    SENT,
    TIME_UP,
    done,
    entity,
    failed,
    one_fetching,
    play,
    requested,
    reviewing,
    several_fetching,
    skipped,
)

LATER: Final = NOW + timedelta(hours=5)
DOWN: Final = Reason.PROVIDER_UNAVAILABLE


@pytest.mark.parametrize(
    ("changes", "status", "reason"),
    [
        ({"stage": EntityStage.AUTHORIZING, "authorized": False}, None, None),
        ({"stage": EntityStage.AUTHORIZING}, Status.REQUESTED, None),
        ({"stage": EntityStage.FETCHING}, Status.REQUESTED, None),
        ({"stage": EntityStage.DONE}, Status.AVAILABLE, None),
        ({"stage": EntityStage.FAILED}, Status.ERROR, Reason.NO_DATA),
        ({"stage": EntityStage.SKIPPED}, Status.ERROR, Reason.NO_DATA),
    ],
)
def test_an_entity_has_a_status_of_its_own(
    changes: dict[str, object], status: Status | None, reason: Reason | None
) -> None:
    """
    Nothing before it is authorized, Requested until its first fetch ends, then what came of it.
    """
    known = Entity(id="cn_a", company_id="co_a", name="A", authorized=True)

    one = known.but(trouble=Reason.NO_DATA, **changes)

    assert (status, reason) == (one.status, one.reason)


def test_the_detail_belongs_to_the_reason() -> None:
    """
    What is known beyond the notice is told with its reason, and never without one.
    """
    unread = play(one_fetching(), failed("a", DOWN, detail="It said 503."))

    assert "It said 503." == unread.reason_detail
    assert "" == play(unread, CANCELLED).reason_detail
    assert "" == play(unread, done()).reason_detail


def test_the_earliest_failure_speaks_for_the_client() -> None:
    """
    With several failures the bank reads the first one, whoever can act on it.
    """
    journey = play(several_fetching(), failed("b", DOWN))
    journey = play(journey, failed("a", Reason.INTERNAL), at=LATER)

    assert DOWN is journey.reason
    assert ["cn_b", "cn_a"] == [each.id for each in journey.failed()]


@pytest.mark.parametrize(
    ("reasons", "who"),
    [
        ((DOWN, DOWN), Who.WAIT),
        ((DOWN, Reason.INTERNAL), Who.OPERATOR),
        ((Reason.INVALID_DATA, DOWN), Who.OPERATOR),
    ],
)
def test_parked_waits_for_whoever_must_act(
    reasons: tuple[Reason, Reason], who: Who
) -> None:
    """
    An operator comes before waiting: what goes on by itself needs nobody.
    """
    first, second = reasons
    journey = play(several_fetching(), failed("a", first), failed("b", second))

    assert journey.parked
    assert who is journey.waits_for
    assert (who is Who.OPERATOR) is journey.needs_attention


def test_an_email_that_failed_waits_for_its_party() -> None:
    """
    A refused address is the bank's to correct, all other failures an operator's.
    """
    assert Who.BANK is play(requested(), REFUSED).waits_for
    assert Who.OPERATOR is play(requested(), GAVE_UP).waits_for
    assert play(requested(), GAVE_UP, RESENT).waits_for is None


def test_a_repair_comes_before_parking() -> None:
    """
    While the customer can mend something, nobody else is called.
    """
    journey = play(several_fetching(), failed("a", Reason.INTERNAL), failed("b"))

    assert Stage.SELECTING_SOFTWARE is journey.stage
    assert not journey.parked
    assert not journey.needs_attention


@pytest.mark.parametrize("stage", OPEN)
def test_stuck_after_the_limit_of_the_stage(stage: Stage) -> None:
    """
    A journey is stuck when it sits in a stage longer than that stage's limit.
    """
    journey = requested().but(stage=stage, stage_since=LATER)

    assert LATER + LIMITS[stage] == journey.stuck_after


def test_the_organization_may_set_its_own_limits() -> None:
    """
    A limit that the organization set replaces the default; the others stay.
    """
    rules = Rules(limits={Stage.SENDING: timedelta(seconds=30)})
    journey = requested(rules=rules)

    assert NOW + timedelta(seconds=30) == journey.stuck_after
    assert NOW + LIMITS[Stage.AWAITING_CUSTOMER] == play(journey, SENT).stuck_after


def test_parked_for_somebody_is_stuck_at_once() -> None:
    """
    What waits for the bank or an operator does not have to wait for a limit too.
    """
    journey = play(one_fetching(), failed("a", Reason.INTERNAL), at=LATER)

    assert LATER == journey.stuck_after


def test_waiting_for_the_software_has_its_limit() -> None:
    """
    Parked for a software that does not answer, it is stuck only after the stage's limit.
    """
    journey = play(one_fetching(), failed("a", DOWN), at=LATER)

    assert LATER + LIMITS[Stage.FETCHING] == journey.stuck_after


def test_what_is_over_is_never_stuck() -> None:
    """
    Nobody has to look after a journey that ended, however it did.
    """
    expired = play(requested(), TIME_UP)

    assert expired.stuck_after is None
    assert expired.waits_for is None


def test_standing_says_it_all_at_once() -> None:
    """
    What is stored beside the journey is what its properties say.
    """
    journey = play(one_fetching(), failed("a", DOWN, detail="It said 503."))

    standing = journey.standing

    assert (Status.ERROR, DOWN) == (standing.status, standing.reason)
    assert "It said 503." == standing.reason_detail
    assert journey.stuck_after == standing.stuck_after


def test_who_can_mend_what() -> None:
    """
    Failures are for the customer, or can be tried again without; none is both.
    """
    journey = play(reviewing("abc"), failed("a"), failed("b", DOWN), done("c"))

    assert ["cn_a"] == [each.id for each in journey.broken()]
    assert ["cn_b"] == [each.id for each in journey.retryable()]


def test_an_unknown_entity_is_none() -> None:
    """
    Asking for what is not here is no error.
    """
    assert one_fetching().entity("cn_unknown") is None
    assert one_fetching().entity(None) is None


def test_a_journey_outlives_a_restart() -> None:
    """
    Written and read back, a journey is the same, with all that follows from it.
    """
    journey = play(several_fetching(), failed("a", DOWN), skipped("a"))

    read = Journey.model_validate_json(journey.model_dump_json())

    assert journey == read
    assert journey.standing == read.standing


def test_repairing_begins_after_finishing() -> None:
    """
    Picking software is a repair only once no more entities are named.
    """
    assert not play(requested(FINANCIALS, Delivery.LINK)).repairing
    assert play(one_fetching(), failed()).repairing
    assert EntityStage.FAILED is entity(play(one_fetching(), failed()), "a").stage
