"""The form of a company: what was typed, what is wrong with it, and what it means."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple, Self, TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError

from api.schemas import CompanyChangeIn, CompanyIn, CompanyOut
from domain.complaints import sentence

Meaning = TypeVar("Meaning", bound=BaseModel)

_FIELDS: Final[Mapping[tuple[str, ...], str]] = {
    ("name",): "name",
    ("description",): "description",
    ("contact", "name"): "contact_name",
    ("contact", "email"): "contact_email",
    ("users",): "users",
    ("external_id",): "external_id",
}
"""Where the API says it is, and the field of the form."""

KINDER: Final[Mapping[str, str]] = {
    "string_too_short": "Please fill this in.",
    "string_too_long": "This is too long.",
    "missing": "Please fill this in.",
}


class CompanyForm(NamedTuple):
    """What is in the form now."""

    name: str = ""
    description: str = ""
    contact_name: str = ""
    contact_email: str = ""
    external_id: str = ""
    users: Sequence[str] = ()
    once: str = ""
    problems: Mapping[str, str] = {}

    @classmethod
    async def sent(cls, request: Request) -> Self:
        """Read what somebody sent."""
        form = await request.form(max_files=0, max_fields=80)

        def text(name: str) -> str:
            return str(form.get(name, ""))

        return cls(
            name=text("name"),
            description=text("description"),
            contact_name=text("contact_name"),
            contact_email=text("contact_email"),
            external_id=text("external_id"),
            users=[str(each) for each in form.getlist("users")],
            once=text("once"),
        )

    @classmethod
    def of(cls, company: CompanyOut) -> Self:
        """Fill it with a company as it is."""
        return cls(
            name=company.name,
            description=company.description or "",
            contact_name=company.contact.name,
            contact_email=company.contact.email,
            external_id=company.external_id or "",
            users=company.users,
        )

    def as_new(self) -> CompanyIn | Self:
        """Return the company that it describes, or the form with what is wrong."""
        reference = {"external_id": self.external_id} if self.external_id else {}
        return self._meaning(CompanyIn, {**self._content(), **reference})

    def as_change(self) -> CompanyChangeIn | Self:
        """Return the change that it describes, or the form with what is wrong."""
        return self._meaning(CompanyChangeIn, self._content())

    def _content(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "description": self.description or None,
            "contact": {"name": self.contact_name, "email": self.contact_email},
            "users": list(self.users),
        }

    def _meaning(self, kind: type[Meaning], content: dict[str, Any]) -> Meaning | Self:
        try:
            return kind.model_validate(content)
        except ValidationError as invalid:
            return self._replace(problems=_problems(invalid))


def _problems(invalid: ValidationError) -> dict[str, str]:
    """The first complaint about each field, in words."""
    problems: dict[str, str] = {}
    for error in invalid.errors():
        place = tuple(str(part) for part in error["loc"])
        field = _FIELDS.get(place[:2]) or _FIELDS.get(place[:1], "name")
        message = sentence(error)
        problems.setdefault(field, KINDER.get(error["type"], message))
    return problems
