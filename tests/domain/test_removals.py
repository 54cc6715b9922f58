"""The steps of a removal, and what its receipt counts."""

from domain.ids import Kind
from domain.removals import (
    STEPS,
    THINGS,
    Step,
    Thing,
    counted,
    is_of_a_removal,
)


def test_every_step_and_every_thing_has_words() -> None:
    """
    Whatever is done or counted can be read by people.
    """
    assert list(Step) == list(STEPS)
    assert set(Thing) == set(THINGS)
    assert all(face.title and face.hint for face in STEPS.values())


def test_numbers_agree_with_their_words() -> None:
    """
    One is one, and thousands are easy to read.
    """
    counts = [counted(Thing.LEGAL_ENTITIES, number) for number in (1, 0, 1200)]

    assert ["1 legal entity", "0 legal entities", "1,200 legal entities"] == counts


def test_an_organization_is_no_removal() -> None:
    """
    Whose a row is can be told from its owner's id.
    """
    owned = {
        kind: is_of_a_removal(f"{kind}_01kc2w9v3n8r6t5m4q7x0z1y2a") for kind in Kind
    }

    assert [Kind.REMOVAL] == [kind for kind, removed in owned.items() if removed]
