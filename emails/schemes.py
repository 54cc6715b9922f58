"""How the address of a mail server begins, and what that means."""

from collections.abc import Mapping
from typing import Final, NamedTuple


class Scheme(NamedTuple):
    """How a kind of address connects."""

    port: int
    use_tls: bool
    start_tls: bool

    @property
    def is_private(self) -> bool:
        """Whether nobody on the way can read what is said."""
        return self.use_tls or self.start_tls


SCHEMES: Final[Mapping[str, Scheme]] = {
    "smtp": Scheme(25, use_tls=False, start_tls=False),
    "smtps": Scheme(465, use_tls=True, start_tls=False),
    "smtp+starttls": Scheme(587, use_tls=False, start_tls=True),
}
