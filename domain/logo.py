"""Which addresses of a logo are fit to be shown."""

import re
from typing import Final

_PICTURE: Final = re.compile(
    r"(https?://[a-z0-9.-]+(?::\d{1,5})?)(?:/[^\s\"'<>\\]*)?", re.IGNORECASE
)


def origin(logo_url: str | None) -> str | None:
    """
    Return scheme, host and port of a logo's address; None if it is not for the web.

    It is strict, because the answer goes into a Content-Security-Policy header.
    """
    found = _PICTURE.fullmatch(logo_url or "")
    return found[1].lower() if found else None
