"""How lives are recorded: once, without names, and never written over."""

import json
import platform
from pathlib import Path

from tests.histories import asking
from tests.histories.lives import Life
from tests.histories.record import record
from tests.histories.recordings import FOLDER, Lived, Recording, keep, recordings
from tests.histories.redaction import payloads

ROOT = Path(__file__).parent.parent.parent
SHORT = Life(asking.called_off_while_sending)


async def test_a_life_that_is_lived_again_is_the_same_life(tmp_path: Path) -> None:
    """
    It gives the commands that were recorded, so nothing is kept of it.
    """
    (known,) = [each for each in recordings() if each.name == SHORT.name]
    known.save(tmp_path)

    new = await record([SHORT], tmp_path)

    assert [] == new
    assert [known] == recordings(tmp_path)


def test_a_life_that_goes_another_way_is_kept_beside_the_first(tmp_path: Path) -> None:
    """
    The older recording stays as it is, and so does the one after it.
    """
    first, second = (
        _lived(kind) for kind in ("TIMER_CANCELED", "WORKFLOW_EXECUTION_CANCELED")
    )

    names = [keep("life", [each], tmp_path) for each in (first, second, first, second)]

    assert ["life", "life.2", None, None] == names
    assert [("life", (first,)), ("life.2", (second,))] == [
        tuple(each) for each in recordings(tmp_path)
    ]
    assert {"life"} == {each.life for each in recordings(tmp_path)}


def _lived(kind: str) -> Lived:
    started = {"workflowType": {"name": "Some"}}
    events = [
        {
            "eventType": "EVENT_TYPE_WORKFLOW_EXECUTION_STARTED",
            "workflowExecutionStartedEventAttributes": started,
        },
        {"eventType": f"EVENT_TYPE_{kind}"},
    ]
    return Lived("wf", {"events": events})


def test_the_same_recording_is_the_same_file(tmp_path: Path) -> None:
    """
    No time of writing is in it.
    """
    recording = Recording("life", (_lived("TIMER_CANCELED"),))
    folders = [tmp_path / name for name in ("one", "other")]
    for folder in folders:
        folder.mkdir()
        recording.save(folder)

    one, other = [(folder / "life.json.gz").read_bytes() for folder in folders]
    assert one == other


def test_no_recording_tells_who_took_part_or_where() -> None:
    """
    No company, no legal entity, no address, no host, no path of a machine.
    """
    told = (
        "Hoxton",
        "North",
        "South",
        "ada@",
        f"@{platform.node()}",
        str(ROOT),
        "site-packages",
    )

    known = recordings()

    assert known
    for recording in known:
        text = json.dumps([each.history for each in recording.lived])
        said = json.dumps(
            [said for each in recording.lived for said in payloads(each.history)]
        )
        assert [] == [each for each in told if each in text + said], recording.name


def test_files_are_small() -> None:
    """
    All of them together: a repository is no archive.
    """
    assert sum(file.stat().st_size for file in FOLDER.iterdir()) < 2_000_000
