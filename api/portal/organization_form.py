"""The form of the settings: what was typed, what is wrong with it, and what it means."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple, Self

from fastapi import Request
from pydantic import ValidationError
from starlette.datastructures import FormData

from api.portal.company_form import KINDER
from api.schemas import FeaturesIn, OrganizationIn, StageLimitsIn
from domain.complaints import sentence
from domain.journey import LIMITS, Stage
from store.tables import OrganizationRow

UNITS: Final[Mapping[str, int]] = {
    "days": 86_400,
    "hours": 3_600,
    "minutes": 60,
    "seconds": 1,
}
FEATURES: Final = tuple(FeaturesIn.model_fields)
STAGES: Final = tuple(StageLimitsIn.model_fields)
LONGEST: Final = 2_000
"""Characters of a field that are read: the address of a logo may be that long."""

_LONGEST_NUMBER: Final = 9
_BETWEEN: Final = re.compile(r"[\s,;]+")
_SENTENCES: Final[Mapping[str, str]] = {
    "colour": "Write the colour as # and six digits, like #1f4e79.",
    "reminders_days": (
        "Write up to ten days from 1 to 365, each later than the one before: 2, 5, 10."
    ),
    "expires_days": "Write a whole number of days from 1 to 365.",
    "stage_limits": "Write a whole number; a year is the longest.",
    "software": "Choose at least one, or offer all of it.",
}
"""What is said of a field whatever is wrong with it; of the others the first complaint."""


class Limit(NamedTuple):
    """How long a stage may take, as it was typed; nothing typed is the default."""

    amount: str = ""
    unit: str = "days"

    @classmethod
    def of(cls, seconds: int) -> Self:
        """Say a limit in its largest whole unit."""
        unit = next(unit for unit, size in UNITS.items() if seconds % size == 0)
        return cls(str(seconds // UNITS[unit]), unit)

    @property
    def seconds(self) -> Any:
        """How many seconds that is, or what was typed where that is no number."""
        if not self.amount:
            return None
        amount = _number(self.amount)
        return amount * UNITS[self.unit] if isinstance(amount, int) else amount


class OrganizationForm(NamedTuple):
    """What is in the form now; `shown` stands for the settings that it was filled with."""

    name: str
    sender_name: str
    logo_url: str
    colour: str
    reminders_days: str
    expires_days: str
    stage_limits: Mapping[str, Limit]
    all_software: bool
    software: Sequence[str]
    features: Sequence[str]
    shown: str = ""
    problems: Mapping[str, str] = {}

    @classmethod
    async def sent(cls, request: Request) -> Self:
        """Read what somebody sent."""
        form = await request.form(max_files=0, max_fields=250)

        def text(name: str) -> str:
            return str(form.get(name, ""))[:LONGEST].strip()

        return cls(
            name=text("name"),
            sender_name=text("sender_name"),
            logo_url=text("logo_url"),
            colour=text("colour"),
            reminders_days=text("reminders_days"),
            expires_days=text("expires_days"),
            stage_limits={stage: _limit(form, stage) for stage in STAGES},
            all_software="all_software" in form,
            software=[str(each) for each in form.getlist("software")],
            features=[name for name in FEATURES if name in form],
            shown=text("shown"),
        )

    @classmethod
    def of(cls, row: OrganizationRow, shown: str = "") -> Self:
        """Fill it with the settings as they are."""
        return cls(
            name=row.name,
            sender_name=row.sender_name,
            logo_url=row.logo_url or "",
            colour=row.colour,
            reminders_days=", ".join(map(str, row.reminders_days)),
            expires_days=str(row.expires_days),
            stage_limits={stage: _stored(row, stage) for stage in STAGES},
            all_software=row.software is None,
            software=row.software or (),
            features=[name for name in FEATURES if row.features.get(name, True)],
            shown=shown,
        )

    def meaning(self) -> OrganizationIn | Self:
        """Return the settings that it describes, or the form with all that is wrong."""
        try:
            return OrganizationIn.model_validate(self._content())
        except ValidationError as invalid:
            return self._replace(problems=_problems(invalid))

    def sound(self) -> OrganizationIn:
        """Return as much of it as is right already: somebody is still typing."""
        meant = self.meaning()
        if isinstance(meant, OrganizationIn):
            return meant
        wrong = {field.partition(".")[0] for field in meant.problems}
        content = self._content()
        return OrganizationIn.model_validate(
            {name: content[name] for name in content if name not in wrong}
        )

    def differing(self, other: Self) -> Sequence[str]:
        """Return the names of the fields in which another form says something else."""
        return [
            name
            for name, value in self._asdict().items()
            if name not in {"shown", "problems"} and value != getattr(other, name)
        ]

    def _content(self) -> dict[str, Any]:
        days = [part for part in _BETWEEN.split(self.reminders_days) if part]
        return {
            "name": self.name,
            "sender_name": self.sender_name,
            "logo_url": self.logo_url or None,
            "colour": self.colour,
            "reminders_days": [_number(day) for day in days],
            "expires_days": _number(self.expires_days),
            "stage_limits": {
                stage: limit.seconds for stage, limit in self.stage_limits.items()
            },
            "software": None if self.all_software else list(self.software),
            "features": {name: name in self.features for name in FEATURES},
        }


def _stored(row: OrganizationRow, stage: str) -> Limit:
    """Return a limit; one that is not set has the unit of its default."""
    default = Limit.of(int(LIMITS[Stage(stage)].total_seconds()))
    own = row.stage_limits.get(stage)
    return default._replace(amount="") if own is None else Limit.of(own)


def _limit(form: FormData, stage: str) -> Limit:
    unit = str(form.get(f"unit.{stage}", ""))
    amount = str(form.get(f"stage_limits.{stage}", ""))[:LONGEST].strip()
    return Limit(amount, unit if unit in UNITS else "days")


def _number(text: str) -> Any:
    """Return the number that a text is; what is none stays, to be complained of."""
    is_number = text.isdecimal() and len(text) <= _LONGEST_NUMBER
    return int(text) if is_number else text


def _problems(invalid: ValidationError) -> dict[str, str]:
    """The first complaint about each field; a limit is a field of its own."""
    problems: dict[str, str] = {}
    for error in invalid.errors():
        name, *rest = map(str, error["loc"])
        field = f"{name}.{rest[0]}" if name == "stage_limits" else name
        message = sentence(error)
        kinder = _SENTENCES.get(name) or KINDER.get(error["type"], message)
        problems.setdefault(field, kinder)
    return problems
