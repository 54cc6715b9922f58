"""
Signed addresses: the customer's link, and the state that comes back from a software.

Neither is stored. A link names a journey and a number, a state names a provider,
a connection and a trip; both carry a signature, so that nobody can make one up.
Whether the number or the trip is still the present one is for the journey to say
(`domain/validity.py`, `domain/checks.py`).
"""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from typing import Final, NamedTuple

_SIGNATURE_BYTES: Final = 18


class Link(NamedTuple):
    """What a customer's link names."""

    journey_id: str
    number: int


class Trip(NamedTuple):
    """What a state names: one connection's n-th way to the software's own page."""

    provider: str
    journey_id: str
    connection_id: str
    attempt: int


class Signer:
    """Signs and reads both with keys derived from one secret."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def link(self, link: Link) -> str:
        """Return a token of A-Z a-z 0-9 . _ - that does not end in a dot."""
        return self._sign("link", link.journey_id, str(link.number))

    def state(self, trip: Trip) -> str:
        """Return the state to send along to the software."""
        return self._sign("state", *(str(part) for part in trip))

    def read_link(self, token: str) -> Link | None:
        """Return what `token` names, or None for one that was never issued."""
        match self._read("link", token):
            case [journey_id, number] if number.isdecimal():
                return Link(journey_id, int(number))
            case _:
                return None

    def read_state(self, state: str) -> Trip | None:
        """Return what `state` names, or None for one that was never issued."""
        match self._read("state", state):
            case [provider, journey_id, connection_id, attempt] if attempt.isdecimal():
                return Trip(provider, journey_id, connection_id, int(attempt))
            case _:
                return None

    def _sign(self, purpose: str, *parts: str) -> str:
        return ".".join((*parts, self._signature(purpose, parts)))

    def _read(self, purpose: str, token: str) -> list[str] | None:
        *parts, signature = token.split(".")
        expected = self._signature(purpose, parts)
        matches = hmac.compare_digest(expected.encode(), signature.encode())
        return parts if matches else None

    def _signature(self, purpose: str, parts: tuple[str, ...] | list[str]) -> str:
        key = hmac.digest(self._secret, purpose.encode(), hashlib.sha256)
        digest = hmac.digest(key, ".".join(parts).encode(), hashlib.sha256)
        return urlsafe_b64encode(digest[:_SIGNATURE_BYTES]).decode()
