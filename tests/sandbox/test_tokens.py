"""Codes and tokens: they rotate, they expire, and an answer that got lost is given again."""

from pathlib import Path

import pytest

from sandbox.app import create_app
from sandbox.settings import Settings
from tests.sandbox.conftest import Client, Clock, client_of


async def test_a_code_becomes_tokens(client: Client) -> None:
    """
    The exchange gives tokens, how long they last, and whose books they open.
    """
    answer = await client.exchange(await client.approve("Hoxton Tea"))
    tokens = answer.json()

    assert 200 == answer.status_code
    assert "Bearer" == tokens["token_type"]
    assert 300 == tokens["expires_in"]
    assert "Hoxton Tea" == tokens["organisation"]["name"]
    assert "no-store" == answer.headers["cache-control"]
    assert 200 == (await client.read(tokens)).status_code


async def test_a_lost_answer_to_a_code_is_given_again(client: Client) -> None:
    """
    The same code gives the same grant as long as none of its tokens was used.
    """
    code = await client.approve()

    first, second = await client.exchange(code), await client.exchange(code)

    assert first.json() == second.json()


async def test_a_code_is_spent_once_a_token_was_used(client: Client) -> None:
    """
    A replayed code is refused, and the tokens that it gave go on working.
    """
    code = await client.approve()
    tokens = (await client.exchange(code)).json()
    await client.read(tokens)

    replay = await client.exchange(code)

    assert (400, "invalid_grant") == (replay.status_code, replay.json()["error"])
    assert 200 == (await client.read(tokens)).status_code


async def test_a_code_lives_ten_minutes(client: Client, clock: Clock) -> None:
    """
    A code that nobody exchanged in time is dead.
    """
    code = await client.approve()
    clock.pass_by(minutes=10)

    assert 400 == (await client.exchange(code)).status_code


async def test_a_lost_answer_may_be_asked_for_after_the_code_ran_out(
    client: Client, clock: Clock
) -> None:
    """
    A client that crashed with the answer gets it late, with a full life before it.
    """
    code = await client.approve()
    first = (await client.exchange(code)).json()
    clock.pass_by(hours=1)

    second = (await client.exchange(code)).json()

    assert first == second
    assert 200 == (await client.read(second)).status_code


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({"code": "guessed"}, 400, "invalid_grant"),
        ({"redirect_uri": "https://elsewhere.example"}, 400, "invalid_grant"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": ""}, 400, "unsupported_grant_type"),
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_id": "somebody"}, 401, "invalid_client"),
    ],
)
async def test_a_wrong_exchange_is_refused(
    client: Client, form: dict[str, str], status: int, error: str
) -> None:
    """
    Whatever does not fit is refused by OAuth's own word for it, and spends nothing.
    """
    code = await client.approve()

    answer = await client.exchange(code, **form)

    assert (status, error) == (answer.status_code, answer.json()["error"])
    assert 200 == (await client.exchange(code)).status_code


async def test_an_access_token_expires(client: Client, clock: Clock) -> None:
    """
    After its five minutes an access token opens nothing; a refreshed one does.
    """
    tokens = await client.log_in()
    clock.pass_by(minutes=5)

    answer = await client.read(tokens)
    fresh = (await client.refresh(tokens["refresh_token"])).json()

    assert (401, "invalid_token") == (answer.status_code, answer.json()["error"])
    assert "Bearer" in answer.headers["www-authenticate"]
    assert 200 == (await client.read(fresh)).status_code


async def test_refresh_tokens_rotate(client: Client) -> None:
    """
    Each refresh gives a new pair, and the old access token goes on until it expires.
    """
    old = await client.log_in()

    new = (await client.refresh(old["refresh_token"])).json()

    assert old["refresh_token"] != new["refresh_token"]
    assert old["access_token"] != new["access_token"]
    assert 200 == (await client.read(old)).status_code


async def test_a_lost_refresh_is_given_again(client: Client) -> None:
    """
    The same old refresh token gives the same pair until one of that pair was used.
    """
    old = await client.log_in()

    first = (await client.refresh(old["refresh_token"])).json()
    second = (await client.refresh(old["refresh_token"])).json()
    await client.read(first)
    third = await client.refresh(old["refresh_token"])

    assert first == second
    assert (400, "invalid_grant") == (third.status_code, third.json()["error"])


async def test_a_newer_refresh_spends_the_older(client: Client) -> None:
    """
    Using the new refresh token is a use, too: the grandparent is dead.
    """
    first = await client.log_in()
    second = (await client.refresh(first["refresh_token"])).json()
    await client.refresh(second["refresh_token"])

    assert 400 == (await client.refresh(first["refresh_token"])).status_code
    assert 400 == (await client.refresh("guessed")).status_code


@pytest.mark.parametrize("shown", ["access_token", "refresh_token"])
async def test_revoking_ends_the_login(client: Client, shown: str) -> None:
    """
    Either token ends everything of its login; a second time is fine.
    """
    tokens = await client.log_in()
    other = await client.log_in()

    first = await client.http.post("/oauth/revoke", data={"token": tokens[shown]})
    second = await client.http.post("/oauth/revoke", data={"token": tokens[shown]})

    assert (200, 200) == (first.status_code, second.status_code)
    assert 401 == (await client.read(tokens)).status_code
    assert 400 == (await client.refresh(tokens["refresh_token"])).status_code
    assert 200 == (await client.read(other)).status_code


async def test_revoking_nothing_is_fine(client: Client) -> None:
    """
    An unknown token is as good as revoked; no token at all is a mistake.
    """
    unknown = await client.http.post("/oauth/revoke", data={"token": "guessed"})
    missing = await client.http.post("/oauth/revoke")

    assert 200 == unknown.status_code
    assert (422, "invalid_request") == (missing.status_code, missing.json()["error"])


async def test_everything_survives_a_restart(
    client: Client, database: Path, settings: Settings
) -> None:
    """
    A second process on the same file knows codes, tokens, scenarios, and what was lost.
    """
    code = await client.approve("Hoxton Tea")
    tokens = await client.log_in("Brick Lane Bikes", scenario="outage")
    lost = (await client.exchange(code)).json()

    again = create_app(database, "http://sandbox", settings)
    async with again.router.lifespan_context(again), client_of(again) as http:
        restarted = Client(http)
        found = (await restarted.exchange(code)).json()
        down = await restarted.read(tokens)

    assert lost == found
    assert 503 == down.status_code
