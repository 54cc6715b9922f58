"""Objects: the same in a folder and in a bucket."""

import asyncio
import sys
from pathlib import Path

import pytest

from store.objects import Objects


async def test_what_was_put_is_there(objects: Objects) -> None:
    """
    An object comes back byte by byte, whole and in pieces.
    """
    data = bytes(range(256)) * 50_000

    await objects.put("a/b.bin", data)

    assert data == await objects.get("a/b.bin")
    assert data == b"".join([piece async for piece in await objects.open("a/b.bin")])


async def test_a_second_put_replaces(objects: Objects) -> None:
    """
    The last put stands.
    """
    await objects.put("a", b"first")
    await objects.put("a", b"second")

    assert b"second" == await objects.get("a")


async def test_only_one_of_many_gets_the_name(objects: Objects) -> None:
    """
    Of all that put an absent object at once one wins, and its bytes stay.
    """
    offers = [str(number).encode() for number in range(8)]

    won = await asyncio.gather(
        *[objects.put_if_absent("name", each) for each in offers]
    )

    assert 1 == sum(won)
    assert offers[won.index(True)] == await objects.get("name")


async def test_what_is_missing_is_missing(objects: Objects) -> None:
    """
    A name that nothing has is the usual error.
    """
    with pytest.raises(FileNotFoundError):
        await objects.get("nothing")
    with pytest.raises(FileNotFoundError):
        await objects.open("nothing")


async def test_a_list_shows_one_folder(objects: Objects) -> None:
    """
    A folder's list has all that is below it, and nothing of one named alike.
    """
    for key in ("a/1", "a/b/2", "ab/3"):
        await objects.put(key, b"x")

    assert ["a/1", "a/b/2"] == await objects.keys("a")
    assert [] == await objects.keys("nothing")


async def test_deleting_is_safe_to_repeat(objects: Objects) -> None:
    """
    What is gone may be deleted again; the rest stays.
    """
    await objects.put("a/1", b"x")
    await objects.put("a/2", b"x")

    await objects.delete("a/1")
    await objects.delete("a/1")

    assert ["a/2"] == await objects.keys("a")


async def test_a_folder_goes_as_a_whole(objects: Objects) -> None:
    """
    Two clean-ups at once take everything below the folder, and nothing beside it.
    """
    for number in range(20):
        await objects.put(f"a/{number}/x", b"x")
    await objects.put("ab/x", b"x")

    await asyncio.gather(objects.delete_folder("a"), objects.delete_folder("a"))
    await objects.delete_folder("a")

    assert [] == await objects.keys("a")
    assert ["ab/x"] == await objects.keys("ab")


@pytest.mark.parametrize("key", ["../a", "a/../../b", "a//b"])
async def test_no_name_leads_elsewhere(objects: Objects, key: str) -> None:
    """
    A name can't climb out of its place.
    """
    with pytest.raises(ValueError, match="path"):
        await objects.put(key, b"x")


async def test_a_half_of_a_crash_is_never_seen_and_goes_too(tmp_path: Path) -> None:
    """
    What a killed process left of a put is in no list, and not kept for ever.
    """
    objects = Objects(tmp_path.as_uri())
    await objects.put("a/whole", b"x")
    half = tmp_path / "a" / "half#1"
    half.write_bytes(b"hal")

    assert ["a/whole"] == await objects.keys("a")
    await objects.delete_folder("a")

    assert not half.exists()


async def test_a_folder_is_made_on_first_use(tmp_path: Path) -> None:
    """
    A new home needs no preparation.
    """
    place = tmp_path / "not" / "there yet"

    await Objects(place.as_uri()).put("a", b"x")

    assert b"x" == (place / "a").read_bytes()


WRITER = """
import asyncio, sys
from store.objects import Objects

async def write_for_ever(objects, number=0):
    while True:
        await objects.put(f"a/{number}", bytes(8_000_000))
        print(number, flush=True)
        number += 1

asyncio.run(write_for_ever(Objects(sys.argv[1])))
"""


async def test_a_killed_writer_leaves_only_whole_objects(tmp_path: Path) -> None:
    """
    Whatever a process was writing when it was killed: what can be read is whole.
    """
    url = tmp_path.as_uri()
    writer = await asyncio.create_subprocess_exec(
        sys.executable, "-c", WRITER, url, stdout=asyncio.subprocess.PIPE
    )
    assert writer.stdout is not None
    for _ in range(3):
        await writer.stdout.readline()

    writer.kill()
    await writer.wait()
    objects = Objects(url)
    sizes = [len(await objects.get(key)) for key in await objects.keys("a")]

    assert len(sizes) >= 3
    assert {8_000_000} == set(sizes)


async def test_a_file_of_any_size_is_stored_and_streamed(
    objects: Objects, tmp_path: Path
) -> None:
    """
    Piece by piece, both ways; what is not there is known before the first piece.
    """
    whole = bytes(range(256)) * 30_000
    path = tmp_path / "large"
    path.write_bytes(whole)

    await objects.put_file("folder/large", path)
    pieces = [piece async for piece in await objects.open("folder/large")]

    assert whole == b"".join(pieces)
    with pytest.raises(FileNotFoundError):
        await objects.open("folder/small")
