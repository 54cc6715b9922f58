"""The page on which a workbook is uploaded: what it shows, and what it says of a file."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import httpx
import pytest
from fastapi import FastAPI

from api.app import AROUND_A_FILE
from api.errors import ApiError, refusal
from api.limits import BodyLimit
from api.link import pages, uploading
from domain.journey import Stage
from domain.uploads import LARGEST_UPLOAD
from tests.api.link_states import Answering, link
from tests.api.test_link_pages import Seen

SELECTING: Final = link(
    Stage.SELECTING_SOFTWARE, allowed=["select_software", "upload", "exit"]
)
ELSEWHERE: Final = link(Stage.AUTHORIZING)
FILE: Final = {"file": ("books.xlsx", b"rows")}
WRONG: Final = refusal(
    "upload_rejected",
    "",
    errors=[
        {"loc": ["Bills", 2, "Total amount (F)"], "msg": "Expected <a number>."},
        {"loc": ["file"], "msg": "Something else."},
    ],
    untold=7,
)


@asynccontextmanager
async def browser(conversation: Answering) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    app.state.link = conversation
    app.include_router(pages.router)
    app.include_router(uploading.router)
    app.add_middleware(BodyLimit, largest=lambda _: LARGEST_UPLOAD + AROUND_A_FILE)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://rapport.test"
    ) as client:
        yield client


async def post(conversation: Answering, **form: Any) -> httpx.Response:
    async with browser(conversation) as client:
        return await client.post("/link/t/upload", **form)


async def get(conversation: Answering, path: str = "/link/t/upload") -> httpx.Response:
    async with browser(conversation) as client:
        return await client.get(path)


async def test_the_page_says_what_is_agreed_to() -> None:
    """
    Template, file, consent: in this order, and with a way back to the list.
    """
    page = Seen((await get(Answering(SELECTING))).text)

    assert {"file", "consent"} == {
        name for name in page.fields if name in "file consent"
    }
    assert "/link/t/template" in page.links
    assert "/link/t" in page.links
    assert "Bills and their payments" in page.words
    assert "at most 10 MB" in page.words


async def test_the_list_of_software_leads_there() -> None:
    """
    Whose software is not listed finds a way on; where there is none, a word about it.
    """
    offered = Seen((await get(Answering(SELECTING), "/link/t")).text)
    switched_off = link(Stage.SELECTING_SOFTWARE)
    missing = Seen((await get(Answering(switched_off), "/link/t")).text)

    assert "/link/t/upload" in offered.links
    assert "/link/t/upload" not in missing.links
    assert "Yours is not listed?" in missing.words


async def test_a_good_file_leads_on() -> None:
    """
    The conversation hears of the file and of the box, and the customer sees what is next.
    """
    conversation = Answering(SELECTING)

    answer = await post(conversation, files=FILE, data={"consent": "true"})

    assert [("t", {"file": b"rows", "consent": True})] == conversation.told
    assert (303, "/link/t") == (answer.status_code, answer.headers["location"])


async def test_every_problem_is_shown() -> None:
    """
    With its place, as text, and with how many more there are; the box stays ticked.
    """
    conversation = Answering(SELECTING, WRONG)

    answer = await post(conversation, files=FILE, data={"consent": "true"})

    page = Seen(answer.text)
    assert 422 == answer.status_code
    assert "Bills \u00b7 2 \u00b7 Total amount (F)" in page.words
    assert "Expected <a number>." in page.words
    assert "The file" in page.words
    assert "7 more problems" in page.words
    assert "checked" in page.fields["consent"]
    assert page.title.startswith("Problem: ")


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"data": {"consent": "true"}}, "Choose the file"),
        ({"files": {"file": ("", b"")}}, "Choose the file"),
        ({"files": [("file", ("a", b"")), ("file", ("b", b""))]}, "Choose the file"),
        ({"files": {"file": ("a", bytes(LARGEST_UPLOAD + 10**6))}}, "too large"),
    ],
    ids=["no file", "none chosen", "two files", "too large"],
)
async def test_what_can_not_be_taken_is_said_kindly(
    form: dict[str, Any], says: str
) -> None:
    """
    The page comes back with what to do, and nobody is told anything.
    """
    conversation = Answering(SELECTING)

    answer = await post(conversation, **form)

    page = Seen(answer.text)
    assert answer.status_code in {400, 413, 422}
    assert says in page.words
    assert "#file" in page.links
    assert [] == conversation.told


async def test_without_consent_the_box_is_asked_for() -> None:
    """
    The sentence leads to the box.
    """
    conversation = Answering(SELECTING, refusal("consent_required", ""))

    page = Seen((await post(conversation, files=FILE)).text)

    assert "#consent" in page.links
    assert "true" == page.fields["consent"]["aria-invalid"]


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_elsewhere_in_the_flow_the_present_step_is_shown(method: str) -> None:
    """
    A page that was left open leads to where the customer is now.
    """
    async with browser(Answering(ELSEWHERE)) as client:
        answer = await client.request(method, "/link/t/upload")

    assert (303, "/link/t") == (answer.status_code, answer.headers["location"])


async def test_a_step_that_was_taken_elsewhere_is_said() -> None:
    """
    Who went on in another tab meanwhile sees the present step with a word about it.
    """
    conversation = Answering(ELSEWHERE, refusal("action_not_allowed", ""))

    answer = await post(conversation, files=FILE)

    assert 409 == answer.status_code
    assert "done already" in Seen(answer.text).words


GONE: Final = ApiError(410, "link_expired", "")


@pytest.mark.parametrize("path", ["/link/t/upload", "/link/t/template"])
async def test_a_link_that_is_no_more_says_so_here_too(path: str) -> None:
    """
    Page and template of an ended link are the page that explains it.
    """
    answer = await get(Answering(GONE), path)
    posted = await post(Answering(GONE))

    assert 410 == answer.status_code == posted.status_code
    assert "This link has ended" in Seen(answer.text).title


async def test_the_template_is_downloaded() -> None:
    """
    As a file with a name of its own.
    """
    answer = await get(Answering(SELECTING), "/link/t/template")

    assert b"a workbook" == answer.content
    assert "attachment" in answer.headers["content-disposition"]
