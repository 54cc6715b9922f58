import asyncio
from collections.abc import AsyncIterator, Iterator
from functools import partial
from typing import Any

import httpx
import pytest
import schemathesis
import uvicorn
from fastapi import FastAPI
from fastapi.routing import APIRoute
from hypothesis import HealthCheck, Phase, strategies
from hypothesis import given as given_by_hypothesis
from hypothesis import settings as hypothesis_settings
from openapi_spec_validator import validate
from pydantic import BaseModel
from schemathesis.specs.openapi.checks import (
    response_schema_conformance,
    status_code_conformance,
)

from api import examples, schemas
from api.errors import CODES, MEDIA_TYPE
from tests.api.given import OURS, Bank, Given

EXAMPLES: dict[type[BaseModel], Any] = {
    schemas.CompanyIn: examples.COMPANY_IN,
    schemas.CompanyChangeIn: examples.COMPANY_CHANGE_IN,
    schemas.CompanyOut: examples.COMPANY,
    schemas.EmailOut: examples.EMAIL,
    schemas.JourneyIn: examples.JOURNEY_IN,
    schemas.JourneyOut: examples.JOURNEY,
    schemas.LinkUrlOut: examples.LINK_URL,
    schemas.CancelIn: examples.CANCEL_IN,
    schemas.ExtendIn: examples.EXTEND_IN,
    schemas.SkipIn: examples.SKIP_IN,
    schemas.MoveOut: examples.MOVE,
    schemas.ConnectionOut: examples.CONNECTION,
    schemas.SyncOut: examples.SYNC,
    schemas.RemovalOut: examples.REMOVAL,
    schemas.ReportOut: examples.REPORT,
    schemas.CategoryOut: examples.CATEGORY,
    schemas.CategoryIn: examples.CATEGORY_IN,
    schemas.AccountOut: examples.ACCOUNT,
    schemas.OrganizationIn: examples.ORGANIZATION_IN,
    schemas.OrganizationOut: examples.ORGANIZATION,
    schemas.SoftwareOut: examples.SOFTWARE,
    schemas.HealthOut: examples.READY,
}


@pytest.fixture
async def document(api: httpx.AsyncClient) -> Any:
    answer = await api.get("/openapi.json")
    assert 200 == answer.status_code
    return answer.json()


def operations(document: Any) -> Iterator[tuple[str, Any]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def contents(operation: Any) -> Iterator[Any]:
    """What goes in and comes out when all goes well."""
    if "requestBody" in operation:
        yield from operation["requestBody"]["content"].values()
    for status, response in operation["responses"].items():
        if status.startswith("2"):
            yield from response.get("content", {}).values()


def test_the_document_is_valid(document: Any) -> None:
    """
    It says what OpenAPI 3.1 can understand, and mentions nothing of the framework's own errors.
    """
    validate(document)

    assert not {"HTTPValidationError", "ValidationError"} & set(
        document["components"]["schemas"]
    )


def test_every_operation_has_a_name_and_a_summary(document: Any) -> None:
    """
    Names are unique: clients are generated from them.
    """
    every = dict(operations(document))
    names = [operation["operationId"] for operation in every.values()]

    assert len(names) == len(set(names)) > 20
    assert [] == [
        name for name, operation in every.items() if not operation.get("summary")
    ]
    assert [] == [
        name for name, operation in every.items() if not operation.get("description")
    ]


def test_every_operation_has_an_example(document: Any) -> None:
    """
    Whatever has a body, going in or coming out, shows one; the empty body needs none.
    """
    without = [
        name
        for name, operation in operations(document)
        for content in contents(operation)
        if not ({"example", "examples"} & {*content, *content["schema"]})
        and "NothingIn" not in str(content["schema"])
    ]

    assert [] == without


def test_every_operation_names_its_codes(document: Any) -> None:
    """
    Each refusal is a problem whose examples carry known codes of that status.
    """
    for name, operation in operations(document):
        refusals = {
            status: response["content"][MEDIA_TYPE]
            for status, response in operation["responses"].items()
            if not status.startswith(("2", "3"))
        }
        assert "500" in refusals, name
        for status, content in refusals.items():
            codes = {
                example["value"]["code"] for example in content["examples"].values()
            }
            assert {int(status)} == {CODES[code] for code in codes}, name


def test_every_operation_of_the_bank_needs_a_key(document: Any) -> None:
    """
    All but health and the customers' own calls are guarded, and say so.
    """
    open_to_all = {
        name.split()[1].split("/{")[0]
        for name, operation in operations(document)
        if "security" not in operation
    }

    assert open_to_all <= {"/healthz", "/readyz", "/metrics", "/v1/link"}


@pytest.mark.parametrize("kind", EXAMPLES)
def test_every_example_is_what_it_shows(kind: type[BaseModel]) -> None:
    """
    An example that the schema refuses would teach a mistake.
    """
    example = EXAMPLES[kind]

    shown = kind.model_validate(example).model_dump(mode="json", exclude_unset=True)

    assert set(example) == set(shown)


def test_every_route_is_in_the_document(app: FastAPI, document: Any) -> None:
    """
    Nothing below `/v1` is hidden.
    """
    hidden = [
        route.path
        for route in app.routes
        if isinstance(route, APIRoute) and route.path.startswith("/v1")
        and route.path not in document["paths"]
    ]  # fmt: skip

    assert [] == hidden


@pytest.fixture
async def address(app: FastAPI, bank: Bank) -> AsyncIterator[str]:
    """Where the API listens while this test runs: it is called from other threads."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, lifespan="on"))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 (uvicorn has no event for it)
        await asyncio.sleep(0.01)
    host, port = server.servers[0].sockets[0].getsockname()[:2]
    yield f"http://{host}:{port}"
    server.should_exit = True
    await serving


async def test_no_request_breaks_the_api(address: str, given: Given) -> None:
    """
    Whatever the document allows, and a good deal that it does not: never a 500, always as documented.
    """
    company = await given.company()
    journey = await given.journey(company)
    ids = {
        "company_id": company.id,
        "journey_id": journey.id,
        "connection_id": (await given.connection(journey)).id,
        "sync_id": (await given.sync(company)).id,
    }
    load = partial(schemathesis.openapi.from_url, f"{address}/openapi.json")
    document = await asyncio.to_thread(load)
    found: list[Any] = list(document.get_all_operations())
    every = [each.ok() for each in found]

    for operation in every:
        await asyncio.to_thread(try_out, operation, ids)

    assert len(every) > 20


def try_out(operation: Any, ids: dict[str, str]) -> None:
    """Call one operation with what hypothesis makes of its schema, now and then on real ids."""
    known = {
        name: each for name, each in ids.items() if f"{{{name}}}" in operation.path
    }

    @given_by_hypothesis(case=operation.as_strategy(), real=strategies.booleans())
    @hypothesis_settings(
        max_examples=8,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def try_case(case: Any, real: bool) -> None:  # noqa: FBT001
        if real:
            case.path_parameters = {**(case.path_parameters or {}), **known}
        answer = case.call(headers={"Authorization": f"Bearer {OURS}"})
        assert answer.status_code != 500, answer.text
        case.validate_response(
            answer, checks=[status_code_conformance, response_schema_conformance]
        )

    try_case()
