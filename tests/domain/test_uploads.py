"""What a workbook does to a journey: it stands for the software and for leave to read it."""

import pytest

from domain.checks import NotAllowed
from domain.journey import EntityStage, Event, Stage
from domain.reasons import Reason
from domain.uploads import UPLOADED_FILE
from tests.domain.acts import (
    BACK,
    FINANCIALS,
    LEFT,
    OPENED,
    SENT,
    approved,
    by_customer,
    entity,
    failed,
    named,
    naming,
    picked,
    play,
    requested,
    uploaded,
)


def test_an_upload_is_software_and_leave_in_one() -> None:
    """
    The legal entity is authorized at once, and names the file that was uploaded.
    """
    journey = play(requested(FINANCIALS), SENT, OPENED, uploaded(file="abc"))

    found = entity(journey, "a")
    assert (UPLOADED_FILE.key, "abc", True) == (
        found.software,
        found.upload,
        found.authorized,
    )
    assert EntityStage.FETCHING is found.stage


def test_an_upload_voids_an_older_trip() -> None:
    """
    Who uploads instead of coming back from the software can't come back any more.
    """
    away = play(requested(FINANCIALS), SENT, OPENED, picked(), LEFT)
    late = approved(away)

    journey = play(away, BACK, uploaded())

    assert away.attempt + 1 == journey.attempt
    with pytest.raises(NotAllowed):
        play(journey, late)


def test_software_takes_the_place_of_a_file() -> None:
    """
    A file that can't be read may be followed by a connection; then the file is forgotten.
    """
    rejected = play(
        requested(FINANCIALS),
        *(SENT, OPENED, uploaded(), failed("a", Reason.UPLOAD_REJECTED)),
    )

    journey = play(rejected, picked(), LEFT, approved)

    assert Stage.FETCHING is journey.stage
    assert ("ledgerly", None) == (
        entity(journey, "a").software,
        entity(journey, "a").upload,
    )


def test_one_of_several_is_uploaded() -> None:
    """
    The legal entity that was named before is the one whose books the file holds.
    """
    journey = play(naming(), named("a"), uploaded("b"))

    (found,) = journey.entities
    assert ("cn_a", "Entity a", "a file") == (found.id, found.name, found.upload)


def test_an_upload_names_its_file() -> None:
    """
    Without a file there is nothing to read.
    """
    selecting = play(requested(FINANCIALS), SENT, OPENED)

    with pytest.raises(NotAllowed, match="which file"):
        play(selecting, by_customer(Event.UPLOADED, entity_id="cn_a"))
