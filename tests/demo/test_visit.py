"""The demo's customers read their mail and the pages they are shown."""

from email.message import EmailMessage
from pathlib import Path

import httpx
import pytest

from demo.customers import CUSTOMERS, SILENT
from demo.visit import STEPS, Form, links_to
from domain.journey import Stage

LINK = (
    "http://127.0.0.1:8000/link/jo_1.1.signed-token_that~is-long-enough-to-be-wrapped"
)


@pytest.mark.parametrize("encoding", ["7bit", "quoted-printable", "base64"])
def test_link_is_found_however_the_mail_is_encoded(
    encoding: str, tmp_path: Path
) -> None:
    """
    A customer's mail program decodes the message, and so does the demo.
    """
    message = EmailMessage()
    message["To"] = "Accounts <accounts@hoxton.example>"
    message.set_content(f"Please share:\n\n{LINK}\n\nThank you.\n", cte=encoding)
    message.add_alternative(f'<a href="{LINK}">Share</a>', subtype="html")
    (tmp_path / "1.eml").write_bytes(message.as_bytes())

    assert [LINK] == links_to("accounts@hoxton.example", tmp_path)
    assert not links_to("somebody@else.example", tmp_path)


def test_form_of_a_page_is_read() -> None:
    """
    The hidden fields and the address of the one form come out of the page.
    """
    page = httpx.Response(
        200,
        text='<form method="post" action="/oauth/authorize">'
        '<input type="hidden" name="state" value="a&amp;b"><input name="shown"></form>',
        request=httpx.Request("GET", "http://127.0.0.1:9400/oauth/authorize?state=a"),
    )

    form = Form(page)

    assert "http://127.0.0.1:9400/oauth/authorize" == form.action
    assert {"state": "a&b"} == form.fields


def test_ten_customers_differ() -> None:
    """
    Ten companies of different names and addresses, one of them a group.
    """
    everybody = [SILENT, *CUSTOMERS]

    assert 10 == len({who.name for who in everybody})
    assert 10 == len({who.address for who in everybody})
    assert [3] == [len(who.entities) for who in everybody if who.entities]
    assert {"Requested", "Available", "Error"} == {who.ends for who in everybody}


def test_customers_know_real_stages_only() -> None:
    """
    What customers do next is written down for stages that there are.
    """
    assert set(STEPS) <= {str(stage) for stage in Stage}
