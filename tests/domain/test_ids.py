"""Ids say what they name, and sort by age."""

from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from domain.ids import Id, Kind, derived_id, new_id
from tests.domain.acts import NOW

kinds = st.sampled_from(Kind)
moments = st.datetimes(
    datetime(2020, 1, 1),  # noqa: DTZ001 hypothesis adds the zone
    datetime(2120, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)


@given(kinds, moments, st.integers())
def test_an_id_has_one_shape(kind: Kind, at: datetime, seed: int) -> None:
    """
    Two letters say what it names, 26 characters which one.
    """
    made = new_id(kind, at, Random(seed))  # noqa: S311

    assert made == TypeAdapter(Id).validate_python(made)
    assert made.startswith(f"{kind}_")
    assert 26 == len(made.removeprefix(f"{kind}_"))


@given(kinds, moments, st.integers(1, 10**9))
def test_ids_sort_by_age(kind: Kind, at: datetime, milliseconds: int) -> None:
    """
    The later one is the greater one, so that an index on ids is an index on age.
    """
    chance = Random(7)  # noqa: S311
    earlier = new_id(kind, at, chance)

    assert earlier < new_id(kind, at + timedelta(milliseconds=milliseconds), chance)


def test_ids_of_one_moment_differ() -> None:
    """
    A thousand made at once are a thousand different ones.
    """
    chance = Random(7)  # noqa: S311

    assert 1000 == len({new_id(Kind.JOURNEY, NOW, chance) for _ in range(1000)})


def test_every_kind_has_its_own_prefix() -> None:
    """
    The prefixes that the API promises are there, each two letters.
    """
    assert {"co", "jo", "cn", "sy", "rp"} <= set(Kind)
    assert {2} == {len(kind) for kind in Kind}


def test_the_same_parts_make_the_same_id() -> None:
    """
    What has to be made only once gets the same id however often it is tried.
    """
    first = derived_id(Kind.SYNC, NOW, "sy_1", "again")

    assert first == derived_id(Kind.SYNC, NOW, "sy_1", "again")
    assert first != derived_id(Kind.SYNC, NOW, "sy_1", "once more")
