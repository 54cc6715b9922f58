from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.emails import Letter, Template, one_line
from domain.journey import DataType


@given(st.text())
def test_one_line_is_one_line(text: str) -> None:
    """
    Whatever somebody typed as a name, it can't begin a line of its own.
    """
    line = one_line(text)

    assert len(line.splitlines()) <= 1
    assert line == one_line(line)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("  Acme\r\nBcc: all@bank.example ", "Acme Bcc: all@bank.example"),
        ("Acme \u202egnp.exe", "Acme gnp.exe"),
        ("\U0001f469\u200d\U0001f4bb Ltd", "\U0001f469\u200d\U0001f4bb Ltd"),
        (
            "\u05d7\u05d1\u05e8\u05d4 \u05d1\u05e2\u05f4\u05de",
            "\u05d7\u05d1\u05e8\u05d4 \u05d1\u05e2\u05f4\u05de",
        ),
        ("\t\n", ""),
    ],
)
def test_names_keep_what_is_harmless(typed: str, shown: str) -> None:
    """
    Line breaks and reversing marks go; emoji and right-to-left names stay whole.
    """
    assert shown == one_line(typed)


@pytest.mark.parametrize("template", [Template.REQUEST, Template.REMINDER])
def test_a_letter_that_asks_has_a_link(template: Template) -> None:
    """
    An email that asks for something can't be made without its link.
    """
    with pytest.raises(ValidationError, match="needs a link"):
        Letter(
            template=template,
            organization="Northwind Bank",
            sender_name="Ada Byron",
            company="Acme Ltd",
            contact_name="Grace",
            contact_email="grace@acme.example",
            data_types=(DataType.FINANCIALS,),
            expires_at=datetime(2026, 1, 3, tzinfo=UTC),
        )


def test_a_letter_of_farewell_needs_no_link() -> None:
    """
    The expiry says that the link has ended, and carries none.
    """
    letter = Letter(
        template=Template.EXPIRY,
        organization="Northwind Bank",
        sender_name="Ada Byron",
        company="Acme Ltd",
        contact_name="Grace",
        contact_email="grace@acme.example",
        data_types=(DataType.FINANCIALS,),
        expires_at=datetime(2026, 1, 3, tzinfo=UTC),
    )

    assert letter.link_url is None
