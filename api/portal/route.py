"""What every request to the portal goes through: whose page sent it, and how a refusal looks."""

from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute

from api.errors import ApiError, not_found, refusal
from api.portal.origin import insist_on_own_page
from api.portal.people import SignedOut
from api.portal.view import (
    Notice,
    answer,
    guard,
    is_script,
    moved,
    said,
    with_query,
    within,
)

SIGN_IN: Final = "/sign-in"

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class PortalRoute(APIRoute):
    """A route whose refusals are for people, and whose answers are guarded."""

    def get_route_handler(self) -> Handler:
        """Wrap the route."""
        handle = super().get_route_handler()

        async def handled(request: Request) -> Response:
            page = await _answered(request, handle)
            guard(page)
            return page

        return handled


async def _answered(request: Request, handle: Handler) -> Response:
    try:
        insist_on_own_page(request)
        return await handle(request)
    except SignedOut:
        return to_sign_in(request)
    except ApiError as error:
        return _refused(request, error)
    except RequestValidationError as invalid:
        return _refused(request, _unreadable(invalid))


def to_sign_in(request: Request) -> Response:
    """Lead to the sign-in page, and from there back to where the person is now."""
    return moved(request, with_query(SIGN_IN, next=_here(request)))


def _here(request: Request) -> str | None:
    """Return the page that the person has open: a form's answer can't be come back to."""
    asked = request.headers.get("hx-current-url")
    if asked is None and request.method == "GET":
        asked = str(request.url)
    parts = urlsplit(asked or request.headers.get("referer", ""))
    place = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return within(place, "") or None


def _unreadable(invalid: RequestValidationError) -> ApiError:
    if any(each["loc"][0] == "path" for each in invalid.errors()):
        return not_found("page")
    return refusal(
        "invalid_request", "This address asks for something that is not there."
    )


def _refused(request: Request, error: ApiError) -> Response:
    if is_script(request):
        return said(request, Notice(error.detail, "trouble"), "/", error.status)
    if (
        error.status == HTTPStatus.CONFLICT
        or error.status >= HTTPStatus.INTERNAL_SERVER_ERROR
    ):
        back = _here(request)
        if back is not None and request.method == "POST":
            return moved(request, back, Notice(error.detail, "trouble"))
    return answer(request, "refused.html", None, error.status, refusal=error)
