"""The mail that was caught, as whoever plays a customer reads it."""

from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path

import httpx
import pytest

from sandbox.app import create_app
from sandbox.letters import LARGEST
from sandbox.mailbox import SHOWN
from sandbox.settings import Settings

HARM = "<script>alert(1)</script>"
ODD = {
    "nothing": b"",
    "no headers": b"\r\n\r\nonly words",
    "not a message": bytes(range(256)) * 4,
    "unknown letters": b"Subject: =?klingon?b?aGk=?=\r\nContent-Type: text/plain; charset=klingon\r\n\r\n\xff\xfe",
    "broken encoded word": b"Subject: =?utf-8?b?a?= \xff\xfe\r\nTo: \xe9@x\r\n\r\nhi",
    "half a character": b"Subject: =?utf-7?q?+2D0-?=\r\nContent-Type: text/html; charset=utf-7\r\n\r\n+2D0-",
    "endless header": b"Subject: " + b"x" * 100_000 + b"\r\n\r\nhi",
    "empty parts": b"Content-Type: multipart/mixed; boundary=a\r\n\r\n--a--\r\n",
    "not base64": b"Content-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\n%%%",
    "a letter in a letter": b"Content-Type: message/rfc822\r\n\r\nSubject: in\r\n\r\nhi",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "mailbox"
    folder.mkdir()
    return folder


@pytest.fixture
async def browser(folder: Path, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody at this machine."""
    app = create_app(tmp_path / "sandbox.db", "", Settings(mailbox=folder))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:9400"
        ) as http,
    ):
        yield http


def came(folder: Path, number: int, subject: str = "Your books", html: str = "") -> str:
    """Let a letter come, and return its name."""
    message = EmailMessage()
    message["From"] = "Meridian Bank <no-reply@rapport.example>"
    message["To"] = "Ada Okafor <ada@hoxton.example>"
    message["Subject"] = subject
    message.set_content(f"Follow http://bank.example/link/{number}")
    if html:
        message.add_alternative(html, subtype="html")
    name = f"20261121T1200{number:05}Z-ab12.eml"
    (folder / name).write_bytes(message.as_bytes())
    return name


async def test_the_newest_letter_stands_first(
    browser: httpx.AsyncClient, folder: Path
) -> None:
    """
    Whoever opens the mailbox sees what came last at the top, to whom and about what.
    """
    came(folder, 1, "The first")
    came(folder, 2, "Ihre Bücher, größer")

    shown = (await browser.get("/mailbox")).text

    assert shown.index("Ihre Bücher, größer") < shown.index("The first")
    assert "Ada Okafor &lt;ada@hoxton.example&gt;" in shown


async def test_an_empty_mailbox_says_that_it_waits(
    browser: httpx.AsyncClient, folder: Path
) -> None:
    """
    Nothing yet is no error, even before the catcher has made the folder.
    """
    folder.rmdir()

    answer = await browser.get("/mailbox")

    assert 200 == answer.status_code
    assert "Nothing has come yet." in answer.text


async def test_a_letter_can_be_read_in_three_ways(
    browser: httpx.AsyncClient, folder: Path
) -> None:
    """
    A letter is there as HTML in a frame of its own, as plain text, and as it was sent.
    """
    name = came(folder, 1, html="<html><head></head><body>Follow me</body></html>")

    shown = (await browser.get(f"/mailbox/{name}")).text
    framed = await browser.get(f"/mailbox/{name}/html")

    assert f'src="/mailbox/{name}/html"' in shown
    assert "Follow http://bank.example/link/1" in shown
    assert "Subject: Your books" in shown
    assert "Follow me" in framed.text


@pytest.mark.parametrize("html", ["<HEAD lang=en>{}</HEAD>", "{}", "<p>{}</p>"])
async def test_links_of_a_letter_open_beside_the_mailbox(
    browser: httpx.AsyncClient, folder: Path, html: str
) -> None:
    """
    Whatever the letter is made of, its links open tabs and the mailbox stays.
    """
    name = came(folder, 1, html=html.format("words"))

    framed = await browser.get(f"/mailbox/{name}/html")

    assert '<base target="_blank">' in framed.text
    assert "words" in framed.text


async def test_a_letter_can_do_nothing_but_show_itself(
    browser: httpx.AsyncClient, folder: Path
) -> None:
    """
    What is in a letter is text on our pages, and runs nothing in its frame.
    """
    name = came(folder, 1, HARM, html=f"<b>{HARM}</b>")

    pages = [await browser.get(path) for path in ("/mailbox", f"/mailbox/{name}")]
    framed = await browser.get(f"/mailbox/{name}/html")
    policy = framed.headers["content-security-policy"]

    assert not [page for page in pages if HARM in page.text]
    assert policy.startswith("sandbox allow-popups")
    assert "default-src 'none'" in policy
    assert "allow-scripts" not in policy


@pytest.mark.parametrize("content", ODD.values(), ids=ODD)
async def test_odd_mail_can_be_shown(
    browser: httpx.AsyncClient, folder: Path, content: bytes
) -> None:
    """
    No file, however broken, keeps the others or itself from being looked at.
    """
    (folder / "odd.eml").write_bytes(content)
    came(folder, 1, "A good one")

    listed = await browser.get("/mailbox")
    opened = await browser.get("/mailbox/odd.eml")
    framed = await browser.get("/mailbox/odd.eml/html")

    assert (200, 200) == (listed.status_code, opened.status_code)
    assert framed.status_code in {200, 404}
    assert "A good one" in listed.text
    assert '"/mailbox/odd.eml"' in listed.text


async def test_a_huge_file_is_shown_in_part(
    browser: httpx.AsyncClient, folder: Path
) -> None:
    """
    A file takes no more room than a page can bear.
    """
    (folder / "huge.eml").write_bytes(b"Subject: huge\r\n\r\n" + b"x" * 2 * LARGEST)

    shown = await browser.get("/mailbox/huge.eml")

    assert 200 == shown.status_code
    assert len(shown.text) < 3 * LARGEST


async def test_older_letters_are_on_pages_of_their_own(
    browser: httpx.AsyncClient, folder: Path
) -> None:
    """
    A long list goes on where the page before ended, and comes back to the newest.
    """
    names = [came(folder, number) for number in range(SHOWN + 2)]

    first = (await browser.get("/mailbox")).text
    second = (await browser.get(f"/mailbox?before={names[2]}")).text
    third = (await browser.get(f"/mailbox?before={names[0]}")).text

    assert f"/mailbox?before={names[2]}" in first
    assert [True, True, False] == [f'id="{name}"' in second for name in names[:3]]
    assert 'href="/mailbox">Newest' in second
    assert "There are no older ones." in third


async def test_one_letter_leads_to_the_next(
    browser: httpx.AsyncClient, folder: Path
) -> None:
    """
    From a letter one goes to the newer and the older one.
    """
    names = [came(folder, number) for number in range(3)]

    shown = (await browser.get(f"/mailbox/{names[1]}")).text
    newest = (await browser.get(f"/mailbox/{names[2]}")).text

    assert f'href="/mailbox/{names[2]}">Newer' in shown
    assert f'href="/mailbox/{names[0]}">Older' in shown
    assert ">Newer" not in newest


@pytest.mark.parametrize(
    "name", ["gone.eml", "..%2Fsandbox.db", ".hidden.eml", "sandbox.db", "a%00.eml"]
)
async def test_only_letters_are_shown(
    browser: httpx.AsyncClient, folder: Path, name: str
) -> None:
    """
    Nothing but letters of this folder can be asked for.
    """
    (folder / ".hidden.eml").write_text("half")

    answers = [
        await browser.get(f"/mailbox/{name}"),
        await browser.get(f"/mailbox/{name}/html"),
    ]

    assert [404, 404] == [answer.status_code for answer in answers]


async def test_a_letter_without_html_has_no_frame(
    browser: httpx.AsyncClient, folder: Path
) -> None:
    """
    Plain mail is shown as plain text.
    """
    name = came(folder, 1)

    shown = (await browser.get(f"/mailbox/{name}")).text

    assert "<iframe" not in shown
    assert 404 == (await browser.get(f"/mailbox/{name}/html")).status_code


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:9400", 200),
        ("localhost", 200),
        ("sandbox.localhost:9400", 200),
        ("[::1]:9400", 200),
        ("evil.example", 404),
        ("127.0.0.1.evil.example", 404),
        ("localhost.evil.example:9400", 404),
    ],
)
async def test_it_answers_on_this_machine_only(
    browser: httpx.AsyncClient, host: str, status: int
) -> None:
    """
    A name from elsewhere that suddenly means this machine reads no mail here.
    """
    answer = await browser.get("/mailbox", headers={"Host": host})

    assert status == answer.status_code


async def test_it_brings_its_own_look(browser: httpx.AsyncClient) -> None:
    """
    Style and script come from here, and the front page leads to the mail.
    """
    page = await browser.get("/")
    style = await browser.get("/mailbox/mailbox.css")
    script = await browser.get("/mailbox/mailbox.js")

    assert 'href="/mailbox"' in page.text
    assert style.headers["content-type"].startswith("text/css")
    assert script.headers["content-type"].startswith("text/javascript")


async def test_without_a_folder_there_is_no_mailbox(tmp_path: Path) -> None:
    """
    Software that is to have no mail has no page of it.
    """
    app = create_app(tmp_path / "sandbox.db", "")
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://127.0.0.1"
        ) as http,
    ):
        assert 404 == (await http.get("/mailbox")).status_code
        assert "/mailbox" not in (await http.get("/")).text
