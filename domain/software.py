"""What a customer can pick, and what it takes to be sent there."""

from typing import NamedTuple


class Software(NamedTuple):
    """One accounting product; `provider` names the code that talks to it."""

    key: str
    name: str
    provider: str


class AuthorizationRequest(NamedTuple):
    """
    What the software's own page has to know.

    `state` comes back untouched with the customer; `redirect_uri` is where to.
    """

    software: str
    company: str
    state: str
    redirect_uri: str
