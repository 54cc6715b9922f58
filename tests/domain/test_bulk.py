"""What can be asked of many journeys, and what can come of it."""

import pytest
from pydantic import ValidationError

from domain.bulk import (
    EVENTS,
    FACES,
    LONGEST_EXTENSION,
    WHY_NOT,
    BulkAction,
    Demand,
    Outcome,
    RunBulk,
    obstacle,
    outcome_of,
)
from domain.journey import Actor, Delivery, Stage
from domain.messages import Ask, Cancel, Extend
from domain.reasons import Reason
from domain.state import Journey
from tests.activities.given import a_journey


def test_every_action_and_every_outcome_has_words() -> None:
    """
    What is asked has an event and a button; whatever came of it, but done, a sentence.
    """
    assert set(BulkAction) == set(EVENTS) == set(FACES)
    assert set(Outcome) - {Outcome.DONE} == set(WHY_NOT)


@pytest.mark.parametrize(
    ("demand", "question"),
    [
        (Demand(action=BulkAction.RESEND), Ask(actor=Actor.BANK)),
        (Demand(action=BulkAction.RETRY), Ask(actor=Actor.BANK)),
        (Demand(action=BulkAction.EXTEND, days=7), Extend(days=7, actor=Actor.BANK)),
        (
            Demand(action=BulkAction.CANCEL, reason="over"),
            Cancel(reason="over", actor=Actor.BANK),
        ),
    ],
)
def test_a_demand_asks_as_one_journey_is_asked(
    demand: Demand, question: Ask | Extend | Cancel
) -> None:
    """
    With the words of the Update; what follows from it is the event of the action.
    """
    assert question == demand.question()
    assert (EVENTS[demand.action], Actor.BANK) == (
        demand.happened().event,
        demand.happened().actor,
    )


@pytest.mark.parametrize("days", [-1, LONGEST_EXTENSION + 1])
def test_nobody_is_given_more_than_a_year(days: int) -> None:
    """
    More than one journey would be given is refused before anybody is asked.
    """
    with pytest.raises(ValidationError):
        Demand(action=BulkAction.EXTEND, days=days)


@pytest.mark.parametrize("action", BulkAction)
@pytest.mark.parametrize("stage", Stage)
@pytest.mark.parametrize("delivery", Delivery)
def test_every_obstacle_is_one_that_has_words(
    action: BulkAction, stage: Stage, delivery: Delivery
) -> None:
    """
    Wherever a journey stands, either it can be done, or the reason is known.
    """
    journey = a_journey(stage=stage, delivery=delivery)

    why = obstacle(journey, action)

    assert why is not Outcome.DEFECT
    assert (why is Outcome.CLOSED) is (not journey.open)


@pytest.mark.parametrize(
    ("journey", "why"),
    [
        (a_journey(unsent=True, trouble=Reason.EMAIL_FAILED), None),
        (a_journey(stage=Stage.AWAITING_CUSTOMER), Outcome.NOTHING_TO_RETRY),
        (
            a_journey(
                stage=Stage.SELECTING_SOFTWARE, trouble=Reason.AUTHORIZATION_EXITED
            ),
            Outcome.WAITS_FOR_CUSTOMER,
        ),
    ],
)
def test_what_can_be_tried_again(journey: Journey, why: Outcome | None) -> None:
    """
    What failed and is not the customer's to mend; nothing else.
    """
    assert why == obstacle(journey, BulkAction.RETRY)


def test_what_a_workflow_did_not_mean_to_say_is_a_defect() -> None:
    """
    A code that has no words here is for an operator.
    """
    assert Outcome.AUTHORIZED is outcome_of("already_authorized")
    assert Outcome.DEFECT is outcome_of("something_else")
    assert Outcome.DEFECT is outcome_of(None)


def test_a_deed_has_one_workflow() -> None:
    """
    Its id is the deed's.
    """
    deed = RunBulk(
        deed_id="bd_1", organization_id="or_1", action=BulkAction.RETRY, total=1
    )

    assert "bulk-bd_1" == deed.workflow_id
