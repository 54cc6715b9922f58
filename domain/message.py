"""The shape of everything that crosses a process: one frozen value."""

from pydantic import BaseModel, ConfigDict


class Message(BaseModel):
    """
    A frozen value: a replay must see what the first run saw.

    Histories outlive releases: add fields with defaults, never rename or
    remove one. Unknown fields are ignored, so that a rollback still reads.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")
