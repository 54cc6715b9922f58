"""What every provider must do, asked of every provider in the registry."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from domain.datasets import Dataset
from domain.reasons import Reason, Refused
from domain.software import AuthorizationRequest
from providers import SOFTWARE, SOFTWARE_BY_KEY, SOURCES, build_providers
from providers.base import Provider, Throttled, Tokens, Unavailable
from providers.http import LONGEST_PAUSE, build_http, pause

Answer = Callable[[httpx.Request], httpx.Response]
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Settings:
    """The settings of every provider, all of the same machine."""

    sandbox_url: str = "http://software.test"
    sandbox_client_id: str = "rapport"
    sandbox_client_secret: SecretStr = field(default=SecretStr("secret of a test"))


@pytest.fixture(params=[source.key for source in SOURCES])
def key(request: pytest.FixtureRequest) -> str:
    key: str = request.param
    return key


@contextmanager
def answering(key: str, answer: Answer) -> Iterator[Provider]:
    """A provider whose software gives this answer to everything."""
    http = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    yield build_providers(http, Settings())[key]


def status(code: int, **headers: str) -> Answer:
    """Answer with a status and no word more."""
    return lambda _: httpx.Response(code, headers=headers, json={"error": "no"})


def body(content: Any) -> Answer:
    """Answer that all is well, with this for a body."""
    return lambda _: httpx.Response(200, content=content)


async def read(provider: Provider) -> None:
    await provider.read_page("access", Dataset.BILLS, None)


async def exchange(provider: Provider) -> None:
    await provider.exchange("code", "https://rapport.test/link/return")


async def refresh(provider: Provider) -> None:
    await provider.refresh("refresh")


async def revoke(provider: Provider) -> None:
    await provider.revoke("refresh")


CALLS = {call.__name__: call for call in (read, exchange, refresh, revoke)}
every_call = pytest.mark.parametrize("call", CALLS.values(), ids=list(CALLS))
calls_for_data_or_tokens = pytest.mark.parametrize("call", [read, exchange, refresh])


@every_call
@pytest.mark.parametrize("code", [500, 502, 503, 504])
async def test_trouble_over_there_is_worth_another_try(
    key: str, code: int, call: Any
) -> None:
    """
    A software that can't answer is unavailable, not broken.
    """
    with answering(key, status(code)) as provider, pytest.raises(Unavailable):
        await call(provider)


@every_call
@pytest.mark.parametrize(
    "lost",
    [
        httpx.ConnectError,
        httpx.ReadTimeout,
        httpx.RemoteProtocolError,
        httpx.PoolTimeout,
    ],
)
async def test_a_lost_answer_is_worth_another_try(
    key: str, lost: type[httpx.TransportError], call: Any
) -> None:
    """
    A refused connection and a silence are the same: unavailable.
    """

    def fail(request: httpx.Request) -> httpx.Response:
        raise lost("lost", request=request)

    with answering(key, fail) as provider, pytest.raises(Unavailable):
        await call(provider)


@every_call
async def test_it_waits_as_long_as_it_is_asked_to(key: str, call: Any) -> None:
    """
    A 429 says when to come back.
    """
    too_fast = status(429, **{"Retry-After": "90"})

    with answering(key, too_fast) as provider, pytest.raises(Throttled) as throttled:
        await call(provider)

    assert timedelta(seconds=90) == throttled.value.retry_after


@pytest.mark.parametrize(
    ("code", "reason"),
    [(401, Reason.ACCESS_REVOKED), (403, Reason.INSUFFICIENT_PERMISSIONS)],
)
async def test_refused_data_has_a_reason(key: str, code: int, reason: Reason) -> None:
    """
    Whatever the software calls it, we call it by our reason.
    """
    with answering(key, status(code)) as provider, pytest.raises(Refused) as refused:
        await read(provider)

    assert reason is refused.value.reason


@pytest.mark.parametrize("call", [exchange, refresh])
async def test_a_refused_grant_means_to_connect_again(key: str, call: Any) -> None:
    """
    A code or a refresh token that the software no longer takes is revoked access.
    """
    with answering(key, status(400)) as provider, pytest.raises(Refused) as refused:
        await call(provider)

    assert Reason.ACCESS_REVOKED is refused.value.reason


async def test_what_is_revoked_already_may_be_revoked(key: str) -> None:
    """
    Giving access back twice is no mistake: the software is asked, and its no is the end of it.
    """
    asked: list[str] = []

    def no(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(400, json={"error": "no"})

    with answering(key, no) as provider:
        await revoke(provider)

    assert 1 == len(asked)


@pytest.mark.parametrize("call", [exchange, refresh])
async def test_a_wrong_client_is_our_own_defect(key: str, call: Any) -> None:
    """
    No customer can mend it when the software does not know Rapport.
    """
    with answering(key, status(401)) as provider, pytest.raises(httpx.HTTPStatusError):
        await call(provider)


@every_call
async def test_an_unknown_address_is_our_own_defect(key: str, call: Any) -> None:
    """
    A status that nobody can act on looks like the bug that it is.
    """
    with answering(key, status(404)) as provider, pytest.raises(httpx.HTTPStatusError):
        await call(provider)


@calls_for_data_or_tokens
@pytest.mark.parametrize(
    "content", [b"", b"<html>", b"[]", b"{}", b'{"items": 1}', b"\xff"]
)
async def test_what_is_no_answer_is_invalid_data(
    key: str, content: bytes, call: Any
) -> None:
    """
    An answer that can't be understood is refused, and never half taken.
    """
    with answering(key, body(content)) as provider, pytest.raises(Refused) as refused:
        await call(provider)

    assert Reason.INVALID_DATA is refused.value.reason


@calls_for_data_or_tokens
async def test_a_refusal_tells_no_value(key: str, call: Any) -> None:
    """
    What an operator reads about invalid data holds none of the data.
    """
    content = (
        b'{"items": [{"id": "hidden", "total": "hidden"}], "access_token": ["hidden"]}'
    )

    with answering(key, body(content)) as provider, pytest.raises(Refused) as refused:
        await call(provider)

    assert "field" in refused.value.detail
    assert "hidden" not in refused.value.detail


def test_the_customer_is_sent_with_all_that_was_asked(key: str) -> None:
    """
    The software's page gets the state untouched, whatever is in it.
    """
    state, back = "a+b/c=&d é", "https://rapport.test/link/return/x?y=1"
    request = AuthorizationRequest("ledgerly", "Grün & Söhne", state, back)

    with answering(key, status(500)) as provider:
        url = httpx.URL(provider.authorize_url(request))

    assert url.is_absolute_url
    assert state == url.params["state"]
    assert back == url.params["redirect_uri"]


def test_every_software_is_picked_by_its_own_key() -> None:
    """
    A key means one product, and that product's provider is there.
    """
    providers = build_providers(httpx.AsyncClient(), Settings())

    assert len(SOFTWARE) == len(SOFTWARE_BY_KEY)
    assert {software.provider for software in SOFTWARE} == providers.keys()


def test_secrets_stay_out_of_what_is_printed() -> None:
    """
    Tokens that end up in a log or a traceback show when they end, and no more.
    """
    printed = repr(Tokens("secret", "secret", NOON))

    assert "secret" not in printed
    assert "2026-05-01" in printed


@pytest.mark.parametrize(
    ("retry_after", "seconds"),
    [
        ("", 1),
        ("0", 1),
        ("3600", 3600),
        (" 7 ", 7),
        ("-5", 1),
        ("1.5", 1),
        ("soon", 1),
        ("9" * 40, 1),
        ("999999999", LONGEST_PAUSE.total_seconds()),
        ("Fri, 01 May 2026 12:01:30 GMT", 90),
        ("Fri, 01 May 2026 12:01:30 -0000", 90),
        ("Fri, 01 May 2026 11:00:00 GMT", 1),
    ],
)
def test_a_pause_is_seconds_or_a_date(retry_after: str, seconds: float) -> None:
    """
    Both ways to say Retry-After are read; what can't be read is a second.
    """
    assert timedelta(seconds=seconds) == pause(retry_after, NOON)


async def test_the_client_goes_nowhere_else() -> None:
    """
    Redirects are not followed, and every wait has an end.
    """
    async with build_http() as http:
        timeouts = http.timeout.as_dict()

        assert not http.follow_redirects
        assert all(timeouts.values())
