"""What an email to a customer is made of, and what it becomes."""

import re
from enum import StrEnum
from typing import Annotated, Final, NamedTuple, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    PositiveInt,
    model_validator,
)

from domain.journey import DataType

# Controls, and the marks that can make text after them read backwards. Joiners
# stay: emoji and many scripts need them.
_HARMFUL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\s]+")


def one_line(text: str) -> str:
    """Return `text` as one harmless line."""
    return _HARMFUL.sub(" ", text).strip()


HIDDEN: Final = "••••••••"
"""What stands for a link's token where an email is kept."""

OneLine = Annotated[str, AfterValidator(one_line)]


class Template(StrEnum):
    """The only emails there are; all of them go to the customer."""

    REQUEST = "request"
    REMINDER = "reminder"
    EXPIRY = "expiry"


class Letter(BaseModel):
    """
    All that an email is made from.

    Not a Message: it holds the link, which is a secret and never enters a history.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    template: Template
    number: PositiveInt = 1
    organization: OneLine
    logo_url: str | None = None
    colour: str | None = None
    sender_name: OneLine
    company: OneLine
    contact_name: OneLine
    contact_email: OneLine
    data_types: tuple[DataType, ...] = Field(min_length=1)
    link_url: str | None = Field(default=None, repr=False)
    expires_at: AwareDatetime

    @model_validator(mode="after")
    def _has_its_link(self) -> Self:
        if self.link_url is None and self.template is not Template.EXPIRY:
            raise ValueError(f"a {self.template} needs a link")
        return self


class Email(NamedTuple):
    """What the customer gets, in both forms."""

    to: str
    to_name: str
    subject: str
    html: str
    text: str

    def hiding(self, link_url: str | None) -> Self:
        """Return it as it may be kept: without the last part of the link, which is a key."""
        if link_url is None:
            return self
        token = link_url.rpartition("/")[2]
        return self._replace(
            html=self.html.replace(token, HIDDEN), text=self.text.replace(token, HIDDEN)
        )
