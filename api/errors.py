"""
Every way that the API may say no, and the one shape in which it says it.

The shape is RFC 9457's `application/problem+json` with a `code` for programs; the
detail is a sentence that says what to do instead. `CODES` is the whole list: the
OpenAPI document and the answers to what a workflow refuses are made from it.
"""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from domain.complaints import sentence
from domain.defects import trail
from store.database import OUT_OF_REACH

MEDIA_TYPE: Final = "application/problem+json"

CODES: Final[Mapping[str, HTTPStatus]] = {
    "bad_request": HTTPStatus.BAD_REQUEST,
    "unauthorized": HTTPStatus.UNAUTHORIZED,
    "forbidden": HTTPStatus.FORBIDDEN,
    "foreign_origin": HTTPStatus.FORBIDDEN,
    "not_found": HTTPStatus.NOT_FOUND,
    "report_not_available": HTTPStatus.NOT_FOUND,
    "unknown_entity": HTTPStatus.NOT_FOUND,
    "method_not_allowed": HTTPStatus.METHOD_NOT_ALLOWED,
    "action_not_allowed": HTTPStatus.CONFLICT,
    "already_authorized": HTTPStatus.CONFLICT,
    "entity_done": HTTPStatus.CONFLICT,
    "feature_disabled": HTTPStatus.CONFLICT,
    "journey_closed": HTTPStatus.CONFLICT,
    "journey_in_progress": HTTPStatus.CONFLICT,
    "legal_entity": HTTPStatus.CONFLICT,
    "no_entity": HTTPStatus.CONFLICT,
    "not_being_read": HTTPStatus.CONFLICT,
    "not_consolidating": HTTPStatus.CONFLICT,
    "not_emailed": HTTPStatus.CONFLICT,
    "nothing_to_refresh": HTTPStatus.CONFLICT,
    "nothing_to_retry": HTTPStatus.CONFLICT,
    "uploaded_data": HTTPStatus.CONFLICT,
    "waits_for_customer": HTTPStatus.CONFLICT,
    "journey_cancelled": HTTPStatus.GONE,
    "link_expired": HTTPStatus.GONE,
    "link_replaced": HTTPStatus.GONE,
    "state_void": HTTPStatus.GONE,
    "too_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "consent_required": HTTPStatus.UNPROCESSABLE_ENTITY,
    "format_not_available": HTTPStatus.UNPROCESSABLE_ENTITY,
    "idempotency_key_reused": HTTPStatus.UNPROCESSABLE_ENTITY,
    "incomplete": HTTPStatus.UNPROCESSABLE_ENTITY,
    "invalid_cursor": HTTPStatus.UNPROCESSABLE_ENTITY,
    "invalid_request": HTTPStatus.UNPROCESSABLE_ENTITY,
    "name_taken": HTTPStatus.UNPROCESSABLE_ENTITY,
    "unknown_category": HTTPStatus.UNPROCESSABLE_ENTITY,
    "unknown_software": HTTPStatus.UNPROCESSABLE_ENTITY,
    "upload_rejected": HTTPStatus.UNPROCESSABLE_ENTITY,
    "internal_error": HTTPStatus.INTERNAL_SERVER_ERROR,
    "database_unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
    "not_ready": HTTPStatus.SERVICE_UNAVAILABLE,
    "temporal_unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
}

_BY_STATUS: Final[Mapping[int, tuple[str, str]]] = {
    404: ("not_found", "There is nothing at this address."),
    405: ("method_not_allowed", "This address does not take that method; see Allow."),
    413: ("too_large", "This request is too large."),
}

log = structlog.get_logger(__name__)


class ApiError(Exception):
    """An expected refusal. Anything else is a defect, and answers 500."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = headers
        self.extra = extra


def refusal(code: str, detail: str, **more: Any) -> ApiError:
    """Return the refusal of that code, with the status that belongs to it."""
    return ApiError(CODES[code], code, detail, **more)


def not_found(what: str) -> ApiError:
    """Return the same answer for what is unknown and for what belongs to somebody else."""
    return refusal("not_found", f"There is no such {what}.")


def title(code: str) -> str:
    """Return a code as a person would read it."""
    return code.replace("_", " ").capitalize()


def install(app: FastAPI) -> None:
    """Let every refusal of `app` leave in the one shape."""
    app.add_exception_handler(ApiError, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _not_served)
    for kind in OUT_OF_REACH:
        app.add_exception_handler(kind, _not_now)
    app.add_exception_handler(Exception, _failed)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, ApiError)
    return _problem(error)


async def _invalid(request: Request, error: Exception) -> Response:
    """A path that can't be an id names nothing: that is 404. The rest is 422."""
    assert isinstance(error, RequestValidationError)
    errors = [{"loc": each["loc"], "msg": sentence(each)} for each in error.errors()]
    if any(each["loc"][0] == "path" for each in errors):
        return _problem(not_found("resource"))
    where = ".".join(str(part) for part in errors[0]["loc"])
    detail = f"{where[:100]}: {errors[0]['msg']}"
    return _problem(refusal("invalid_request", detail, errors=errors))


async def _not_served(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code, detail = _BY_STATUS.get(
        error.status_code, ("bad_request", "This request can't be understood.")
    )
    return _problem(ApiError(error.status_code, code, detail, headers=error.headers))


async def _not_now(request: Request, error: Exception) -> Response:
    """The database can't be reached, or can't write: nobody's fault who asks."""
    log.warning("api.database_unavailable", error=type(error).__name__)
    detail = "The database does not answer. Ask again in a few seconds."
    headers = {"Retry-After": "5"}
    return _problem(refusal("database_unavailable", detail, headers=headers))


async def _failed(request: Request, error: Exception) -> Response:
    """A defect: said and logged without its text, which may quote a customer's data."""
    log.error("api.failed", method=request.method, places=trail(error))
    detail = "Something went wrong on our side. It was noted; try again later."
    return _problem(refusal("internal_error", detail))


def _problem(error: ApiError) -> Response:
    body = {
        "type": f"urn:rapport:problem:{error.code}",
        "title": title(error.code),
        "status": int(error.status),
        "detail": error.detail,
        "code": error.code,
        **error.extra,
    }
    return Response(
        json.dumps(body), error.status, error.headers, media_type=MEDIA_TYPE
    )
