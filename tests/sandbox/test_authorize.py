"""The page where a customer decides: one form, two buttons, and a way back."""

from html.parser import HTMLParser

import httpx
import pytest

from tests.sandbox.conftest import CALLBACK, Client, request_for


class Form(HTMLParser):
    """What a browser would find on the page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms, self.hidden, self.picked = 0, dict[str, str](), ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.forms += tag == "form"
        if found.get("type") == "hidden":
            self.hidden[found["name"]] = found["value"]
        if tag == "option" and "selected" in found:
            self.picked = found["value"]


async def ask(client: Client, **changes: str) -> httpx.Response:
    params = request_for() | changes
    return await client.http.get("/oauth/authorize", params=params)


async def test_the_page_has_one_form_that_carries_everything(client: Client) -> None:
    """
    Posting the form's hidden fields is enough: no cookie, no session.
    """
    answer = await ask(client)
    form = Form(answer.text)

    assert 200 == answer.status_code
    assert 1 == form.forms
    assert request_for() == form.hidden
    assert "default" == form.picked


async def test_the_page_runs_no_script_and_may_lead_back(client: Client) -> None:
    """
    The policy allows no script, and does not bind the form's redirect to this site.
    """
    policy = (await ask(client)).headers["content-security-policy"]

    assert "default-src 'none'" in policy
    assert "form-action" not in policy


async def test_a_name_of_markup_is_shown_as_text(client: Client) -> None:
    """
    A company may be called anything, and stays a name.
    """
    answer = await ask(client, company="<script>alert(1)</script> شركة 🚀")

    assert "<script>" not in answer.text
    assert "شركة 🚀" in answer.text


async def test_approve_leads_back_with_a_code(client: Client) -> None:
    """
    The customer comes back with a code and the state as it was, by a GET.
    """
    answer = await client.decide(decision="approve", scenario="default")
    back = httpx.URL(answer.headers["location"])

    assert 303 == answer.status_code
    assert "rapport.example" == back.host
    assert {"from", "code", "state"} == set(back.params)
    assert "st&te ~ 1" == back.params["state"]


async def test_deny_leads_back_without_a_code(client: Client) -> None:
    """
    Saying no tells the program so, and logs nobody in.
    """
    answer = await client.decide(decision="deny")
    back = httpx.URL(answer.headers["location"])
    logins = await client.http.get("/control/logins")

    assert "access_denied" == back.params["error"]
    assert "st&te ~ 1" == back.params["state"]
    assert [] == logins.json()["items"]


async def test_a_way_back_without_query_gets_one(client: Client) -> None:
    """
    The answer is added to an address with or without parameters of its own.
    """
    answer = await client.decide(decision="deny", redirect_uri="http://127.0.0.1/back")

    assert answer.headers["location"].startswith("http://127.0.0.1/back?error=")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"redirect_uri": ""}, "redirect_uri must be"),
        ({"redirect_uri": "/back"}, "redirect_uri must be"),
        ({"redirect_uri": "javascript:alert(1)"}, "redirect_uri must be"),
        ({"redirect_uri": "http://[bad"}, "redirect_uri must be"),
        ({"redirect_uri": f"{CALLBACK}#part"}, "redirect_uri must be"),
        ({"product": "abacus"}, "product must be one of ledgerly"),
        ({"client_id": "somebody"}, "client_id is not registered"),
        ({"response_type": "token"}, "response_type must be code"),
        ({"company": "   "}, "company must have"),
        ({"company": "a" * 10_000}, "company must have"),
        ({"state": ""}, "state is missing"),
    ],
)
async def test_a_bad_request_is_a_page_that_says_why(
    client: Client, changes: dict[str, str], sentence: str
) -> None:
    """
    Where the program asks wrongly, the customer is told, and never sent anywhere.
    """
    shown = await ask(client, **changes)
    posted = await client.decide(**(changes | {"decision": "approve"}))

    for answer in (shown, posted):
        assert 400 == answer.status_code
        assert answer.headers["content-type"].startswith("text/html")
        assert sentence in answer.text


async def test_everything_that_is_missing_is_told_at_once(client: Client) -> None:
    """
    A bare address gets the whole list.
    """
    answer = await client.http.get("/oauth/authorize")

    assert 6 == answer.text.count("<li>")


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({}, "decision must be"),
        ({"decision": "perhaps"}, "decision must be"),
        ({"decision": "approve", "scenario": "sunny"}, "no such scenario"),
    ],
)
async def test_a_bad_decision_is_refused(
    client: Client, form: dict[str, str], sentence: str
) -> None:
    """
    Only approve and deny are decisions, and only what is listed is a scenario.
    """
    answer = await client.decide(**form)

    assert 400 == answer.status_code
    assert sentence in answer.text
