from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from api import fields
from domain.journey import DataType

EMPTY = ["", " ", "\t\n", "\u200b", "\u200b \u2060"]
HARMFUL = ["a\x00b", "a\nb", "a\u2028b", "a\u2029b", "a\x7fb", "\x1b[31m"]


def read(kind: Any, value: Any) -> Any:
    return TypeAdapter(kind).validate_python(value)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Hoxton Tea ", "Hoxton Tea"),
        ("Café", "Café"),
        ("🫖 Tea 👩‍👩‍👧", "🫖 Tea 👩‍👩‍👧"),
        ("שלום בע״מ", "שלום בע״מ"),
        ("<b>Tea & Co</b>", "<b>Tea & Co</b>"),
        ("x" * 100, "x" * 100),
        (" " * 50 + "x" * 100, "x" * 100),
    ],
)
def test_a_name_is_kept_as_its_owner_writes_it(typed: str, kept: str) -> None:
    """
    Pictures, other scripts and brackets are part of a name; blanks around it are not.
    """
    assert kept == read(fields.Name, typed)


@pytest.mark.parametrize("typed", [*EMPTY, *HARMFUL, "x" * 101, "x" * 10_000, None, 7])
def test_what_is_no_name_is_refused(typed: object) -> None:
    """
    Nothing to see, too much of it, or characters that control a screen: no name.
    """
    with pytest.raises(ValidationError):
        read(fields.Name, typed)


def test_a_description_may_have_lines_but_no_controls() -> None:
    """
    A description is text of several lines, and may be empty.
    """
    assert "Tea.\nAnd more tea." == read(fields.Description, " Tea.\nAnd more tea. ")
    assert not read(fields.Description, "")
    with pytest.raises(ValidationError):
        read(fields.Description, "a\x00b")
    with pytest.raises(ValidationError):
        read(fields.Description, "x" * 201)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("ada@hoxton.test", "ada@hoxton.test"),
        ("Ada.Okafor+x@HOXTON.Example.com ", "Ada.Okafor+x@hoxton.example.com"),
        ("info@müller.example.com", "info@müller.example.com"),
        ("x@bounce.test", "x@bounce.test"),
    ],
)
def test_an_address_is_tidied(typed: str, kept: str) -> None:
    """
    Only the form of an address is checked, and the case of its domain evened out.
    """
    assert kept == read(fields.Email, typed)


@pytest.mark.parametrize(
    "typed",
    ["", "ada", "ada@", "@hoxton.test", "a b@hoxton.test", "a@b@c.test", "a@-b.test",
     "a@hoxton.test\nBcc: x@y.test", "a\x00@hoxton.test", "x" * 250 + "@hoxton.test", 5],
)  # fmt: skip
def test_what_is_no_address_is_refused(typed: object) -> None:
    """
    An address that no mail can reach, or that would smuggle a header in, is refused.
    """
    with pytest.raises(ValidationError):
        read(fields.Email, typed)


def test_users_are_a_set_in_lower_case() -> None:
    """
    The same person, written twice, is one user.
    """
    users = read(fields.Users, ["Zoe@bank.test", "sam@bank.test", "SAM@bank.test"])

    assert ["sam@bank.test", "zoe@bank.test"] == users


def test_data_types_have_one_order() -> None:
    """
    What is asked for does not depend on the order in which it is named.
    """
    both = read(fields.DataTypes, ["spend_analysis", "financials"])

    assert [DataType.FINANCIALS, DataType.SPEND_ANALYSIS] == both


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DataTypes", []),
        ("DataTypes", ["financials", "financials"]),
        ("DataTypes", ["payroll"]),
        ("Days", 0),
        ("Days", 366),
        ("Days", True),
        ("Days", "5"),
        ("ReminderDays", [2, 2]),
        ("ReminderDays", [5, 2]),
        ("ReminderDays", [0]),
        ("ReminderDays", list(range(1, 12))),
        ("Seconds", 0),
        ("Colour", "red"),
        ("Colour", "#12345"),
        ("Colour", "#123456\n"),
        ("Picture", "javascript:alert(1)"),
        ("Picture", "//example.com/x.png"),
        ("Picture", "https://example.com/" + "x" * 2000),
        ("SoftwareKeys", []),
        ("SoftwareKeys", ["a", "a"]),
        ("Flag", "yes"),
    ],
)
def test_what_a_field_can_not_hold_is_refused(name: str, value: object) -> None:
    """
    Every other field has its limits too.
    """
    with pytest.raises(ValidationError):
        read(getattr(fields, name), value)
