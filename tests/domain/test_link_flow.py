"""The link flow's table, row by row: what happens, where, where to, and what the bank sees then."""

from typing import Final

import pytest

from domain.journey import Delivery, Stage, Status
from domain.reasons import Reason
from domain.state import Journey
from tests.domain.acts import (
    ADDED,
    BACK,
    BOTH,
    CANCELLED,
    CONSOLIDATED,
    EXITED,
    FINANCIALS,
    FINISHED,
    GAVE_UP,
    LEFT,
    ONE,
    OPENED,
    REFUSED,
    RESENT,
    RETRIED,
    SENT,
    SEVERAL,
    TIME_UP,
    UNBUILT,
    UNCONFIRMED,
    Step,
    abandoned,
    approved,
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
    uploaded,
)

REQUESTED, AVAILABLE, ERROR = Status
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
all_done = play(fetching_two, done("a"), done("b"))
left_repair = play(repairing_one, EXITED)


def row(what: str, before: Journey, step: Step, *then: object) -> object:
    """`then`: the stage, the client's status, and the reason where there is one."""
    return pytest.param(before, step, (*then, None)[:3], id=what)


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
    row("upload, single", selecting, uploaded(), Stage.FETCHING, REQUESTED),
    row("upload, multiple", selecting_first, uploaded(), Stage.REVIEWING_ENTITIES, REQUESTED),
    row("upload after a no", play(authorizing, declined), uploaded(), Stage.FETCHING, REQUESTED),
    row("upload in a repair", repairing_one, uploaded(), Stage.FETCHING, REQUESTED),
    row("upload, next repair", repairing_two, uploaded(), Stage.SELECTING_SOFTWARE, ERROR, REVOKED),
    row("upload refused later", play(selecting, uploaded()), failed("a", Reason.UPLOAD_REJECTED), Stage.SELECTING_SOFTWARE, ERROR, Reason.UPLOAD_REJECTED),
    row("add", reviewing_one, ADDED, Stage.NAMING_ENTITY, REQUESTED),
    row("remove", reviewing_two, removed("a"), Stage.REVIEWING_ENTITIES, REQUESTED),
    row("finish", reviewing_two, FINISHED, Stage.FETCHING, REQUESTED),
    row("finish, all done", play(reviewing_one, done()), FINISHED, Stage.FETCHING, REQUESTED),
    row("finish, one failed", play(reviewing_two, failed("a")), FINISHED, Stage.SELECTING_SOFTWARE, ERROR, REVOKED),
    row("finish, one waits", play(reviewing_two, failed("a", DOWN)), FINISHED, Stage.FETCHING, ERROR, DOWN),
    row("exit, sending", sending, EXITED, Stage.SENDING, ERROR, Reason.AUTHORIZATION_EXITED),
    row("exit, reviewing", reviewing_two, EXITED, Stage.REVIEWING_ENTITIES, ERROR, Reason.AUTHORIZATION_EXITED),
    row("exit, repair", repairing_one, EXITED, Stage.SELECTING_SOFTWARE, ERROR, Reason.AUTHORIZATION_EXITED),
    row("consolidated", all_done, CONSOLIDATED, Stage.COMPLETED, AVAILABLE),
    row("not consolidated", all_done, UNBUILT, Stage.FETCHING, ERROR, Reason.REPORT_FAILED),
    row("retry, not consolidated", play(all_done, UNBUILT), RETRIED, Stage.FETCHING, REQUESTED),
    row("cancel, not consolidated", play(all_done, UNBUILT), CANCELLED, Stage.CANCELLED, None),
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
    row("skip the last open one", play(fetching_two, done("a")), skipped("b"), Stage.FETCHING, REQUESTED),
    row("skip the failed one", play(fetching_two, failed("a", DOWN)), skipped("a"), Stage.FETCHING, REQUESTED),
    row("skip, next repair", repairing_two, skipped("a"), Stage.SELECTING_SOFTWARE, ERROR, REVOKED),
    row("skip another in repair", repairing_two, skipped("b"), Stage.SELECTING_SOFTWARE, ERROR, REVOKED),
    row("skip, then fetching", play(fetching_two, failed("a")), skipped("a"), Stage.FETCHING, REQUESTED),
    row("skip, then consolidating", play(fetching_two, done("b"), failed("a")), skipped("a"), Stage.FETCHING, REQUESTED),
    row("skip what was left", play(fetching_two, failed("a"), EXITED), skipped("a"), Stage.FETCHING, REQUESTED),
    row("time up, sending", sending, TIME_UP, Stage.EXPIRED, ERROR, Reason.LINK_EXPIRED),
    row("time up, awaiting", awaiting, TIME_UP, Stage.EXPIRED, ERROR, Reason.LINK_EXPIRED),
    row("time up, authorizing", authorizing, TIME_UP, Stage.EXPIRED, ERROR, Reason.LINK_EXPIRED),
    row("time up, one authorized", play(naming_second, named("b")), TIME_UP, Stage.FETCHING, REQUESTED),
    row("time up after an exit", play(naming_second, EXITED), TIME_UP, Stage.FETCHING, REQUESTED),
    row("time up, all done", play(naming_second, done()), TIME_UP, Stage.FETCHING, REQUESTED),
    row("time up, repair", repairing_two, TIME_UP, Stage.EXPIRED, ERROR, Reason.LINK_EXPIRED),
    row("cancel", repairing_one, CANCELLED, Stage.CANCELLED, None),
    row("cancel, sending", sending, CANCELLED, Stage.CANCELLED, None),
    row("back, authorizing", authorizing, BACK, Stage.SELECTING_SOFTWARE, REQUESTED),
    row("back, to the name", selecting_first, BACK, Stage.NAMING_ENTITY, REQUESTED),
    row("back, to the choice", play(choosing, ONE), BACK, Stage.CHOOSING_STRUCTURE, REQUESTED),
    row("back, none authorized", naming_first, BACK, Stage.CHOOSING_STRUCTURE, REQUESTED),
    row("back, one authorized", naming_second, BACK, Stage.REVIEWING_ENTITIES, REQUESTED),
]  # fmt: skip


@pytest.mark.parametrize(("before", "step", "then"), TABLE)
def test_the_table_of_the_link_flow(
    before: Journey, step: Step, then: tuple[object, ...]
) -> None:
    """
    What happens, from which stage, to which stage, and the client's status then.
    """
    after = play(before, step)

    assert then == (after.stage, after.status, after.reason)


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
