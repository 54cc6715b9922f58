"""Signed addresses: what was issued can be read, and nothing else."""

import string
from random import Random
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ids import Kind, new_id
from domain.links import Link, Signer, Trip
from tests.domain.acts import NOW

ALPHABET: Final = set(string.ascii_letters + string.digits + "._~-")
SIGNER: Final = Signer(b"a secret of the tests")

numbers = st.integers(0, 10**9)
ids = st.builds(
    lambda kind, seed: new_id(kind, NOW, Random(seed)),  # noqa: S311
    st.sampled_from(Kind),
    st.integers(),
)
links = st.builds(Link, ids, numbers)
trips = st.builds(Trip, st.sampled_from(["sandbox", "codat"]), ids, ids, numbers)


@given(links)
def test_a_link_comes_back(link: Link) -> None:
    """
    What a link names is read from it, and from nothing else.
    """
    assert link == SIGNER.read_link(SIGNER.link(link))


@given(trips)
def test_a_state_comes_back(trip: Trip) -> None:
    """
    A state names one provider, one journey, one connection, one trip.
    """
    assert trip == SIGNER.read_state(SIGNER.state(trip))


@given(links, trips)
def test_a_token_survives_an_email(link: Link, trip: Trip) -> None:
    """
    It needs no escaping in an address, and a mail program takes no full stop off its end.
    """
    for token in (SIGNER.link(link), SIGNER.state(trip)):
        assert set(token) <= ALPHABET
        assert not token.endswith(".")


@given(links, st.data())
def test_a_tampered_link_is_nothing(link: Link, data: st.DataObject) -> None:
    """
    One other character anywhere, and it was never issued.
    """
    token = SIGNER.link(link)
    place = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.sampled_from(sorted(ALPHABET - {token[place]})))

    assert SIGNER.read_link(token[:place] + other + token[place + 1 :]) is None


@given(links, st.data())
def test_a_truncated_link_is_nothing(link: Link, data: st.DataObject) -> None:
    """
    Cut anywhere by a mail program, it leads nowhere; nor does one with something added.
    """
    token = SIGNER.link(link)
    length = data.draw(st.integers(0, len(token) - 1))

    assert SIGNER.read_link(token[:length]) is None
    assert SIGNER.read_link(f"{token}A") is None


@given(st.text())
def test_any_text_is_read_without_harm(text: str) -> None:
    """
    Whatever somebody types behind /link/ is a token that was never issued.
    """
    assert SIGNER.read_link(text) is None
    assert SIGNER.read_state(text) is None


@given(links, trips)
def test_a_link_is_no_state(link: Link, trip: Trip) -> None:
    """
    A token for one purpose is worth nothing for the other.
    """
    assert SIGNER.read_state(SIGNER.link(link)) is None
    assert SIGNER.read_link(SIGNER.state(trip)) is None


def test_another_secret_signs_other_links() -> None:
    """
    A link of another installation is one that was never issued here.
    """
    token = Signer(b"another secret").link(Link("jo_1", 1))

    assert SIGNER.read_link(token) is None


@pytest.mark.parametrize("parts", [("jo_1", "first"), ("jo_1",), ("jo_1", "1", "2")])
def test_only_what_names_a_number_is_a_link(parts: tuple[str, ...]) -> None:
    """
    Even a signature of ours makes no link of something else.
    """
    token = SIGNER._sign("link", *parts)  # noqa: SLF001 nobody else can sign such a thing

    assert SIGNER.read_link(token) is None


def test_only_what_names_a_trip_is_a_state() -> None:
    """
    Nor a state.
    """
    token = SIGNER._sign("state", "sandbox", "jo_1", "cn_1", "first")  # noqa: SLF001 as above

    assert SIGNER.read_state(token) is None
