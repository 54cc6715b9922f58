"""What may not happen: each refusal has a code for programs and a sentence for people."""

from collections.abc import Callable
from functools import partial
from typing import Final

import pytest

from domain.checks import CHECKS, NotAllowed
from domain.journey import LINK_ACTIONS, Delivery, Event, LinkAction, Stage, Structure
from domain.moves import advance, check, possible
from domain.reasons import Reason
from domain.state import Happened, Journey
from tests.domain import walk
from tests.domain.acts import (
    ADDED,
    BACK,
    CANCELLED,
    CONNECTED,
    EXITED,
    FINANCIALS,
    FINISHED,
    GAVE_UP,
    LEFT,
    NOW,
    OPENED,
    RESENT,
    RETRIED,
    SENT,
    TIME_UP,
    Step,
    approved,
    by_customer,
    connected,
    declined,
    done,
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

DOWN: Final = Reason.PROVIDER_UNAVAILABLE
IN_A_REPAIR: Final = {
    LinkAction.OPEN,
    LinkAction.SELECT_SOFTWARE,
    LinkAction.UPLOAD,
    LinkAction.AUTHORIZE,
    LinkAction.BACK,
    LinkAction.EXIT,
}

authorizing = play(requested(FINANCIALS), SENT, OPENED, picked(), LEFT)
repairing = play(several_fetching(), failed("a"))
second_trip = play(authorizing, LEFT)


def refused(code: str, what: str, before: Journey, step: Step) -> object:
    return pytest.param(code, before, step, id=f"{code}: {what}")


REFUSALS: Final = [
    refused("journey_closed", "after a cancel", play(requested(), CANCELLED), OPENED),
    refused("journey_closed", "after completion", play(one_fetching(), done()), CANCELLED),
    refused("journey_closed", "after the expiry", play(requested(), TIME_UP), RESENT),
    refused("action_not_allowed", "no entity to add here", authorizing, ADDED),
    refused("action_not_allowed", "nothing to go back to", one_fetching(), BACK),
    refused("action_not_allowed", "no choice to go back to", play(requested(FINANCIALS), SENT, OPENED), BACK),
    refused("action_not_allowed", "back in a repair", repairing, BACK),
    refused("action_not_allowed", "an exit too late", one_fetching(), EXITED),
    refused("action_not_allowed", "a skip before finishing", play(naming(), named("a")), skipped("a")),
    refused("already_authorized", "resend while fetching", one_fetching(), RESENT),
    refused("not_emailed", "resend of a link", requested(FINANCIALS, Delivery.LINK), RESENT),
    refused("waits_for_customer", "after an exit", play(authorizing, EXITED), RETRIED),
    refused("waits_for_customer", "in a repair", repairing, RETRIED),
    refused("waits_for_customer", "before finishing", play(reviewing(), failed("a")), RETRIED),
    refused("nothing_to_retry", "all is well", one_fetching(), RETRIED),
    refused("nothing_to_retry", "it is being sent again", play(requested(), GAVE_UP, RESENT), RETRIED),
    refused("no_entity", "finishing with none", play(reviewing("a"), removed("a")), FINISHED),
    refused("no_entity", "skipping the only one", play(one_fetching(), failed()), skipped("a")),
    refused("no_entity", "skipping the last one", play(several_fetching(), skipped("a")), skipped("b")),
    refused("entity_done", "skipping what is read", play(several_fetching(), done("a")), skipped("a")),
    refused("entity_done", "removing what is read", play(reviewing(), done("a")), removed("a")),
    refused("unknown_entity", "skipping nobody", several_fetching(), skipped("z")),
    refused("unknown_entity", "removing nobody", reviewing(), removed("z")),
    refused("unknown_entity", "reading nobody", one_fetching(), done("z")),
    refused("name_taken", "the same name", play(reviewing("a"), ADDED), named("b", "Entity a")),
    refused("name_taken", "another case", play(reviewing("a"), ADDED), named("b", " ENTITY A ")),
    refused("incomplete", "no name", naming(), named("a", "  ")),
    refused("incomplete", "no structure", play(requested(), SENT, OPENED), by_customer(Event.STRUCTURE_CHOSEN)),
    refused("incomplete", "no software", play(naming(), named("a")), by_customer(Event.SOFTWARE_SELECTED)),
    refused("not_being_read", "never authorized", play(naming(), named("a")), done("a")),
    refused("not_being_read", "for the customer to mend", repairing, failed("a", Reason.INTERNAL)),
    refused("not_being_read", "skipped meanwhile", play(several_fetching("abc"), skipped("a")), done("a")),
    refused("state_void", "an older trip", second_trip, approved(authorizing)),
    refused("state_void", "another entity", authorizing, approved(authorizing.but(focus="cn_z"))),
    refused("state_void", "went back meanwhile", play(authorizing, BACK, picked()), approved(authorizing)),
]  # fmt: skip


@pytest.mark.parametrize(("code", "before", "step"), REFUSALS)
def test_what_can_not_be_is_refused(code: str, before: Journey, step: Step) -> None:
    """
    What can't happen now is refused with its code, and says what to do instead.
    """
    with pytest.raises(NotAllowed, match=r"^[A-Z].*\.$") as refusal:
        play(before, step)

    assert code == refusal.value.code
    assert str(refusal.value) == refusal.value.detail


def test_a_state_is_used_once() -> None:
    """
    The same approval a second time finds nobody away at the software.
    """
    approval = approved(repaired := play(repairing, picked(), LEFT))
    once = play(repaired, approval)

    with pytest.raises(NotAllowed):
        advance(once, approval, NOW)


def test_checking_asks_nothing_more_than_moving() -> None:
    """
    What the check lets through is carried out, and what it refuses is not.
    """
    outcomes = [
        (
            _goes_through(check, journey, happened),
            _goes_through(partial(advance, at=NOW), journey, happened),
        )
        for journey in walk.journeys()[::20]
        for happened in walk.happenings(journey)
    ]

    assert {(True, True), (False, False)} == set(outcomes)


def _goes_through(
    judge: Callable[[Journey, Happened], object], journey: Journey, happened: Happened
) -> bool:
    try:
        judge(journey, happened)
    except NotAllowed:
        return False
    return True


def test_an_entity_may_keep_its_own_name() -> None:
    """
    A name is taken by another entity only: naming it the same again is no clash.
    """
    again = play(naming(), named("a"), BACK, named("a"))

    assert Stage.SELECTING_SOFTWARE is again.stage


def test_names_are_compared_as_people_read_them() -> None:
    """
    Composed or decomposed, an accent is the same letter.
    """
    taken = play(naming(), *connected("a"), ADDED)
    composed = play(taken, named("b", "Caf\u00e9"), *CONNECTED, ADDED)

    with pytest.raises(NotAllowed, match="has this name already"):
        play(composed, named("c", "CAFE\u0301"))


def test_what_waits_may_be_read_by_itself() -> None:
    """
    A software that answers again after a failure needs nobody's retry.
    """
    parked = play(one_fetching(), failed("a", DOWN))

    assert Stage.COMPLETED is play(parked, done("a")).stage


@pytest.mark.parametrize(
    "journey",
    [repairing, play(repairing, picked()), play(repairing, picked(), LEFT)],
    ids=["failed", "picked", "away"],
)
def test_a_repair_is_nothing_but_a_repair(journey: Journey) -> None:
    """
    Mending one entity, the customer picks software, authorizes, goes back or leaves.
    """
    offered = {
        action for action, event in LINK_ACTIONS.items() if possible(journey, event)
    }

    assert offered <= IN_A_REPAIR
    assert {LinkAction.OPEN, LinkAction.EXIT} <= offered


@pytest.mark.parametrize(
    ("journey", "offered"),
    [
        (play(requested(), SENT), {"open", "exit"}),
        (play(requested(), SENT, OPENED), {"open", "choose_structure", "exit"}),
        (naming(), {"open", "name_entity", "back", "exit"}),
        (play(naming(), named("a")), {"open", "select_software", "upload", "back", "exit"}),
        (authorizing, {"open", "authorize", "back", "exit"}),
        (reviewing(), {"open", "add_entity", "remove_entity", "finish", "exit"}),
        (play(reviewing("a"), done()), {"open", "add_entity", "finish", "exit"}),
        (play(reviewing("a"), removed("a")), {"open", "add_entity", "exit"}),
        (one_fetching(), {"open"}),
        (play(one_fetching(), done()), set()),
        (play(requested(), TIME_UP), set()),
    ],
)  # fmt: skip
def test_only_what_is_possible_is_offered(journey: Journey, offered: set[str]) -> None:
    """
    The link flow offers what the customer can do now, and nothing else.
    """
    assert offered == {
        action for action, event in LINK_ACTIONS.items() if possible(journey, event)
    }


def test_every_check_belongs_to_an_event_that_comes() -> None:
    """
    A declined trip is checked like an approved one, and both need the present trip.
    """
    unknown = Happened(event=Event.AUTHORIZED, structure=Structure.SINGLE)

    for event in (Event.AUTHORIZED, Event.AUTHORIZATION_DECLINED):
        assert event in CHECKS
    with pytest.raises(NotAllowed):
        check(authorizing, unknown)
    check(authorizing, declined(authorizing))
