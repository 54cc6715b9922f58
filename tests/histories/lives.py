"""
The lives that are recorded: together they take every row of the move table.

What a life does is in the module that its theme names; a recording has the name
of its function. A life waits for each thing that it does, so that it goes the
same way whenever it is lived.
"""

from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple

from tests.histories import asking, many, operating, removing, several, single
from tests.workflows.world import World

UNHURRIED: Final = 4096
IMPATIENT: Final = 60
"""After so many events the server finds a history long: a life there goes on in new runs."""


class Life(NamedTuple):
    """One life, and how soon its server finds a history long."""

    live: Callable[[World], Awaitable[None]]
    long_history: int = UNHURRIED

    @property
    def name(self) -> str:
        """What its recordings are called."""
        return self.live.__name__


LIVES: Final = (
    Life(asking.reminded_and_answered),
    Life(asking.refused_and_sent_again),
    Life(asking.unconfirmed_and_never_answered),
    Life(asking.given_up_and_retried),
    Life(asking.called_off_while_sending),
    Life(single.to_and_fro),
    Life(single.declined_and_left),
    Life(single.abandoned),
    Life(single.mended_by_the_customer),
    Life(single.mended_by_itself),
    Life(single.mended_by_an_operator),
    Life(single.uploaded),
    Life(several.named_and_removed),
    Life(several.mended),
    Life(several.skipped),
    Life(several.not_consolidated_at_first),
    Life(several.out_of_time),
    Life(several.uploaded_files),
    Life(operating.refreshed_and_revoked),
    Life(operating.one_sync_at_a_time),
    Life(operating.cancelled_in_temporal),
    Life(operating.terminated),
    Life(operating.connection_lost),
    Life(operating.reset_to_its_beginning),
    Life(operating.long_and_several, IMPATIENT),
    Life(operating.long_failing, IMPATIENT),
    Life(many.asked_in_bulk),
    Life(removing.deleted),
    Life(removing.deleted_and_not_told),
)
