import inspect
import re
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from api.errors import CODES, MEDIA_TYPE
from domain import checks
from tests.api.conftest import calling
from tests.api.given import COMPANY, OTHERS, Bank, Given

MEMBERS = {"type", "title", "status", "detail", "code"}
TOO_LARGE = b" " * (1024 * 1024) + b"{}"
JSON = {"content-type": "application/json"}


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "/v1/nowhere", b"", 404, "not_found"),
        ("GET", "/v1/companies/", b"", 404, "not_found"),
        ("PUT", "/v1/companies", b"", 405, "method_not_allowed"),
        ("POST", "/v1/companies", TOO_LARGE, 413, "too_large"),
        ("POST", "/v1/companies", b"{", 422, "invalid_request"),
        ("POST", "/v1/companies", b"", 422, "invalid_request"),
        ("POST", "/v1/companies", b"[]", 422, "invalid_request"),
        ("POST", "/v1/companies", b"\xff", 400, "bad_request"),
        ("POST", "/v1/companies", b"[" * 100_000, 400, "bad_request"),
        ("POST", "/v1/companies", b'{"\\ud800": 1}', 422, "invalid_request"),
        ("GET", "/v1/companies/co_1", b"", 404, "not_found"),
        ("GET", "/v1/companies/%00", b"", 404, "not_found"),
    ],
)
async def test_every_refusal_is_a_problem_with_a_code_and_a_sentence(  # noqa: PLR0913, PLR0917 (a row of the table)
    api: httpx.AsyncClient,
    given: Given,
    method: str,
    path: str,
    body: bytes,
    status: int,
    code: str,
) -> None:
    """
    Whatever is refused leaves in RFC 9457's shape, and changes nothing.
    """
    before = await given.everything()

    answer = await api.request(method, path, content=body, headers=JSON)

    problem = answer.json()
    assert (status, code) == (answer.status_code, problem["code"])
    assert MEDIA_TYPE == answer.headers["content-type"]
    assert set(problem) >= MEMBERS
    assert status == problem["status"]
    assert problem["detail"].endswith(".") or status == 422
    assert before == await given.everything()


async def test_a_body_of_unknown_length_is_cut_off(api: httpx.AsyncClient) -> None:
    """
    A body that does not announce its size is refused once it has grown too large.
    """

    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b" " * 65536

    answer = await api.post("/v1/companies", content=endless(), headers=JSON)

    assert 413 == answer.status_code
    assert "too_large" == answer.json()["code"]


async def test_an_invalid_request_names_each_wrong_field(
    api: httpx.AsyncClient,
) -> None:
    """
    422 says under `errors` where and what, for every field at once.
    """
    answer = await api.post("/v1/companies", json={**COMPANY, "name": "", "nmae": "x"})

    errors = answer.json()["errors"]
    assert [["body", "name"], ["body", "nmae"]] == [each["loc"] for each in errors]
    assert all(each["msg"] for each in errors)


async def test_405_says_what_is_allowed(api: httpx.AsyncClient) -> None:
    """
    A method that an address does not take is answered with those that it does.
    """
    answer = await api.delete("/v1/organization")

    assert {"GET", "PATCH"} & set(answer.headers["allow"].split(", "))


@pytest.mark.parametrize("key", [None, "wrong", "", OTHERS + "x", "schlüssel"])
async def test_without_a_key_nothing_opens(
    app: FastAPI, other_bank: Bank, key: str | None
) -> None:
    """
    No key or a wrong one is 401, whatever is asked.
    """
    async with calling(app, None) as client:
        headers = [] if key is None else [(b"Authorization", f"Bearer {key}".encode())]
        answer = await client.get("/v1/companies", headers=headers)

    assert 401 == answer.status_code
    assert "unauthorized" == answer.json()["code"]
    assert "Bearer" == answer.headers["www-authenticate"]


async def test_a_defect_says_nothing_of_what_is_inside(
    app: FastAPI, api: httpx.AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    """
    What nobody expected answers 500 with a sentence; the log has its kind and its place.
    """

    @app.get("/v1/defect")
    async def defect() -> None:
        raise KeyError("a secret")

    answer = await api.get("/v1/defect")

    assert (500, "internal_error") == (answer.status_code, answer.json()["code"])
    assert "secret" not in answer.text
    logged = capsys.readouterr().out
    assert "KeyError" in logged
    assert "test_errors.py" in logged
    assert "secret" not in logged


def test_every_code_that_the_domain_refuses_with_has_a_status() -> None:
    """
    A refusal of the domain never becomes a 500 because the API does not know its code.
    """
    refused = set(re.findall(r'NotAllowed\(\s*"(\w+)"', inspect.getsource(checks)))

    assert len(refused) > 5
    assert refused <= set(CODES)
