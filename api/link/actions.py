"""What the customer can send: one shape per action, unknown fields refused."""

from typing import Annotated, Final, Literal, Union

from pydantic import Field, TypeAdapter

from api.fields import Flag, Name
from api.schemas import In
from domain.journey import LinkAction, Structure
from domain.leaving import Leaving
from domain.messages import Act


class OpenIn(In):
    """The customer opened the link."""

    action: Literal["open"]


class BackIn(In):
    """One step back; nothing that was shared is lost."""

    action: Literal["back"]


class AddEntityIn(In):
    """One more legal entity."""

    action: Literal["add_entity"]


class FinishIn(In):
    """All legal entities are named."""

    action: Literal["finish"]


class ExitIn(In):
    """The customer leaves, for now, and may say why."""

    action: Literal["exit"]
    reason: Leaving | None = None


class ChooseStructureIn(In):
    """One legal entity or several."""

    action: Literal["choose_structure"]
    structure: Structure


class NameEntityIn(In):
    """What a legal entity is called."""

    action: Literal["name_entity"]
    name: Name


class SelectSoftwareIn(In):
    """Which accounting software, by its key."""

    action: Literal["select_software"]
    software: str = Field(max_length=100)


class AuthorizeIn(In):
    """The customer agrees, and wants to be sent to the software."""

    action: Literal["authorize"]
    consent: Flag = False


class RemoveEntityIn(In):
    """Which legal entity goes, by its id."""

    action: Literal["remove_entity"]
    entity: str = Field(max_length=100)


class RequestNewLinkIn(In):
    """The link has ended or was replaced; the customer wants another."""

    action: Literal["request_new_link"]


ActionIn = Annotated[
    Union[  # noqa: UP007 an annotation of a class needs it
        OpenIn,
        BackIn,
        AddEntityIn,
        FinishIn,
        ExitIn,
        ChooseStructureIn,
        NameEntityIn,
        SelectSoftwareIn,
        AuthorizeIn,
        RemoveEntityIn,
        RequestNewLinkIn,
    ],
    Field(discriminator="action"),
]

ACTION: Final[TypeAdapter[ActionIn]] = TypeAdapter(ActionIn)


def as_act(action: ActionIn) -> Act:
    """Return the journey's own word for an action of the link flow."""
    fields = action.model_dump(exclude={"action", "consent"})
    return Act(action=LinkAction(action.action), **fields)
