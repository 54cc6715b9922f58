"""What another site makes a browser send is refused: it would come with our cookie."""

from typing import Final
from urllib.parse import urlsplit

from fastapi import Request

from api.errors import refusal

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def insist_on_own_page(request: Request) -> None:
    """
    Refuse what would change something and was not sent by one of our own pages.

    Every browser of these years says where a form was; the older ones at least
    name the origin. What says neither is no browser, and has no business here.
    """
    if request.method not in _SAFE and not _comes_from_here(request):
        raise refusal("foreign_origin", "This was sent from another site's page.")


def _comes_from_here(request: Request) -> bool:
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = urlsplit(request.headers.get("origin", ""))
    return bool(origin.netloc) and origin.netloc == request.headers.get("host")
