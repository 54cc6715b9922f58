"""
What the OpenAPI document says beyond types: an example, and every way to be refused.

`documented` is what a route passes as `responses`.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.errors import CODES, MEDIA_TYPE, title
from api.schemas import Problem

ALWAYS: Final = ("internal_error", "database_unavailable")
EVERYWHERE: Final = (
    "bad_request",
    "unauthorized",
    "too_large",
    "invalid_request",
    *ALWAYS,
)
ON_JOURNEYS: Final = ("not_found", "journey_closed", "temporal_unavailable")

_PROBLEM: Final = {"$ref": "#/components/schemas/Problem"}

Responses = dict[int | str, dict[str, Any]]


def documented(
    example: Any, *codes: str, status: int = 200, guarded: bool = True
) -> Responses:
    """
    Return the answers of one operation: its example, and the codes that it may refuse with.

    `guarded` adds those of every operation that needs an API key.
    """
    responses: Responses = {}
    if example is not None:
        responses[status] = {"content": {"application/json": {"example": example}}}
    by_status: defaultdict[int, list[str]] = defaultdict(list)
    for code in (*codes, *(EVERYWHERE if guarded else ALWAYS)):
        by_status[CODES[code]].append(code)
    for refused, names in sorted(by_status.items()):
        responses[int(refused)] = _refusals(int(refused), names)
    return responses


def _refusals(status: int, codes: list[str]) -> dict[str, Any]:
    examples = {
        code: {"summary": title(code), "value": _example(status, code)}
        for code in codes
    }
    return {
        "description": ", ".join(f"`{code}`" for code in codes),
        "content": {MEDIA_TYPE: {"schema": _PROBLEM, "examples": examples}},
    }


def _example(status: int, code: str) -> dict[str, Any]:
    return {
        "type": f"urn:rapport:problem:{code}",
        "title": title(code),
        "status": status,
        "detail": "A sentence that says what to do instead.",
        "code": code,
    }


def install(app: FastAPI) -> None:
    """Give `app` its document; it is made when it is first asked for."""

    def openapi() -> Mapping[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign,assignment]


def _document(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(
        title=app.title,
        version=app.version,
        description=app.description,
        routes=app.routes,
        tags=app.openapi_tags,
    )
    schemas = document["components"]["schemas"]
    schemas["Problem"] = Problem.model_json_schema(
        ref_template="#/components/schemas/{model}"
    )
    schemas.update(schemas["Problem"].pop("$defs", {}))
    _forget_the_framework_s_errors(document)
    return document


def _forget_the_framework_s_errors(document: dict[str, Any]) -> None:
    """What FastAPI would say of an invalid request, `errors.py` says in our one shape."""
    ours = _refusals(CODES["invalid_request"], ["invalid_request"])
    for methods in document["paths"].values():
        for operation in methods.values():
            invalid = operation["responses"].get("422", {}).get("content", {})
            if "application/json" in invalid:
                operation["responses"]["422"] = ours
    for name in ("HTTPValidationError", "ValidationError"):
        document["components"]["schemas"].pop(name, None)
