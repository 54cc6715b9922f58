"""The journey in words: true, whole, and naming whose turn it is, wherever it stands."""

from datetime import timedelta
from typing import Final

import pytest
from hypothesis import given

from domain.deadlines import Due, next_deadline
from domain.explanation import NEXT, Explanation, explain
from domain.journey import FACES, Stage
from domain.reasons import NOTICES, Reason, Who
from domain.state import Journey
from tests.domain import walk
from tests.domain.acts import (
    EXITED,
    FINANCIALS,
    GAVE_UP,
    LEFT,
    NOW,
    OPENED,
    REFUSED,
    RESENT,
    SENT,
    TIME_UP,
    done,
    failed,
    naming,
    one_fetching,
    picked,
    play,
    requested,
    reviewing,
    several_fetching,
)
from tests.domain.lives import Life, lives, short_of_shrinking

DOWN: Final = Reason.PROVIDER_UNAVAILABLE
QUARTER: Final = NOW + timedelta(minutes=15)

fetching = one_fetching()
authorizing = play(requested(FINANCIALS), SENT, OPENED, picked(), LEFT)


def test_every_state_is_explained() -> None:
    """
    Wherever a journey can get, it has words, a party while it is open, and a time or none.
    """
    for journey in walk.journeys():
        assert _makes_sense(journey, explain(journey))


@short_of_shrinking(max_examples=60)
@given(lives())
def test_any_life_is_explained(life: Life) -> None:
    """
    So does any journey that went through whatever order of events.
    """
    for move in life:
        assert _makes_sense(move.after, explain(move.after))


def _makes_sense(journey: Journey, explanation: Explanation) -> bool:
    sentence, waits_for, what_next, next_at = explanation
    words = f"{sentence} {what_next}"
    deadline = next_deadline(journey)
    if journey.parked:
        in_time = next_at is None
        right_party = waits_for is journey.waits_for
    elif journey.open and waits_for is Who.CUSTOMER:
        in_time = deadline is not None and (NEXT[deadline.due], deadline.at) == (
            what_next,
            next_at,
        )
        right_party = journey.stage is not Stage.FETCHING
    else:
        in_time = next_at is None
        right_party = waits_for is FACES[journey.stage].waits_for
    whole = sentence.endswith((".", ".)")) and what_next.endswith(".")
    return whole and in_time and right_party and "None" not in words


@pytest.mark.parametrize("stage", [each for each in Stage if FACES[each].waits_for])
def test_a_stage_has_its_sentence(stage: Stage) -> None:
    """
    Where nothing is wrong, the sentence begins with what the stage means.
    """
    quiet = [
        journey
        for journey in walk.journeys()
        if journey.stage is stage and journey.reason is None and not journey.failed()
    ]

    assert quiet
    for journey in quiet:
        assert explain(journey).sentence.startswith(FACES[stage].sentence)


@pytest.mark.parametrize("due", Due)
def test_what_falls_due_is_said(due: Due) -> None:
    """
    A reminder, the expiry, an abandonment: each says what it brings.
    """
    said = {explain(journey).next for journey in walk.journeys()}

    assert NEXT[due] in said


def test_the_customer_is_away() -> None:
    """
    While authorizing, it says about whom, and until when that counts.
    """
    explanation = explain(authorizing)

    assert explanation.sentence.endswith("This is about Hoxton Tea.")
    assert Who.CUSTOMER is explanation.waits_for
    assert NOW + timedelta(hours=1) == explanation.next_at


@pytest.mark.parametrize(
    ("reason", "who", "step"),
    [
        (Reason.EMAIL_UNDELIVERABLE, Who.BANK, REFUSED),
        (Reason.EMAIL_FAILED, Who.OPERATOR, GAVE_UP),
    ],
)
def test_an_email_that_failed(reason: Reason, who: Who, step: object) -> None:
    """
    The reason is told in the bank's words, and whose turn it is; no time is promised.
    """
    explanation = explain(play(requested(), step))  # type: ignore[arg-type]

    assert NOTICES[reason].bank == explanation.sentence
    assert (who, None) == (explanation.waits_for, explanation.next_at)


def test_an_email_that_is_sent_again() -> None:
    """
    Once somebody acted, it is no longer said that somebody must.
    """
    explanation = explain(play(requested(), GAVE_UP, RESENT))

    assert FACES[Stage.SENDING].sentence == explanation.sentence
    assert Who.WAIT is explanation.waits_for


def test_who_left_before_the_email_was_taken() -> None:
    """
    A customer who left is waited for, whatever becomes of the email.
    """
    explanation = explain(play(requested(), EXITED))

    assert NOTICES[Reason.AUTHORIZATION_EXITED].bank == explanation.sentence
    assert Who.CUSTOMER is explanation.waits_for
    assert NEXT[Due.EXPIRY] == explanation.next


def test_what_is_tried_again_says_when() -> None:
    """
    A software that is down is tried again by itself, at a time that is known.
    """
    explanation = explain(
        play(fetching, failed("a", DOWN, detail="It said 503.", retry_at=QUARTER))
    )

    assert explanation.sentence.startswith("Hoxton Tea: ")
    assert explanation.sentence.endswith("It said 503.")
    assert (Who.WAIT, QUARTER) == (explanation.waits_for, explanation.next_at)


def test_an_operator_comes_before_waiting() -> None:
    """
    With one to wait for and one to look at, it is the operator's turn, at no fixed time.
    """
    journey = play(
        several_fetching(),
        failed("a", DOWN, retry_at=QUARTER),
        failed("b", Reason.INTERNAL),
    )

    explanation = explain(journey)

    assert explanation.sentence.endswith("(1 more failed.)")
    assert (Who.OPERATOR, None) == (explanation.waits_for, explanation.next_at)


def test_a_repair_is_about_the_one_in_repair() -> None:
    """
    The sentence tells why the customer is asked, even where another failed earlier.
    """
    journey = play(
        several_fetching(), failed("a", Reason.INTERNAL), failed("b", Reason.NO_DATA)
    )

    explanation = explain(journey)

    assert f"Entity b: {NOTICES[Reason.NO_DATA].bank}" == explanation.sentence
    assert Who.CUSTOMER is explanation.waits_for


def test_several_entities_are_counted() -> None:
    """
    While books are read, it says how many are done.
    """
    journey = play(several_fetching("abc"), done("a"))

    assert explain(journey).sentence.endswith("1 of 3 legal entities are done.")


def test_a_failure_before_finishing_is_mentioned() -> None:
    """
    The customer goes on naming; which books could not be read is said all the same.
    """
    journey = play(reviewing(), failed("b", DOWN))

    assert explain(journey).sentence.endswith("Not read so far: Entity b.")


def test_what_is_over_says_so() -> None:
    """
    A journey that ended waits for nobody, and nothing more is promised.
    """
    expired = explain(play(naming(), TIME_UP))
    completed = explain(play(fetching, done()))

    assert NOTICES[Reason.LINK_EXPIRED].bank == expired.sentence
    assert FACES[Stage.COMPLETED].sentence == completed.sentence
    assert {(None, None)} == {
        (each.waits_for, each.next_at) for each in (expired, completed)
    }
