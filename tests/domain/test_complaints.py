"""What is said of a refused value is said without the library's own words around it."""

from typing import Annotated

import pytest
from pydantic import AfterValidator, TypeAdapter, ValidationError

from domain.complaints import sentence


def refuse(value: int) -> int:
    raise ValueError("Value error, or what else is this?")


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        (
            Annotated[int, AfterValidator(refuse)],
            "1",
            "Value error, or what else is this?",
        ),
        (int, '"one"', "Input should be a valid integer"),
        (int, "{", "Invalid JSON"),
    ],
)
def test_our_own_sentence_stands_alone(kind: type[int], text: str, said: str) -> None:
    """
    And where we have none, the library's own does.
    """
    with pytest.raises(ValidationError) as invalid:
        TypeAdapter(kind).validate_json(text)

    (error,) = invalid.value.errors()
    assert sentence(error).startswith(said)
