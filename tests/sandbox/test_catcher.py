"""The mail catcher, over real SMTP on a free port."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib
import pytest

from sandbox import catcher
from tests.sandbox.ports import free_port, until_open

LETTERS = 30


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "post" / "mailbox"


@pytest.fixture
async def port(folder: Path) -> AsyncIterator[int]:
    server = await catcher.listen("127.0.0.1", 0, folder)
    yield server.sockets[0].getsockname()[1]
    server.close()


def letter(to: str = "ada@hoxton.example", subject: str = "Your books") -> EmailMessage:
    message = EmailMessage()
    message["From"] = "no-reply@bank.example"
    message["To"] = to
    message["Subject"] = subject
    message.set_content("Please follow the link.\n")
    return message


async def send(port: int, message: EmailMessage) -> None:
    await aiosmtplib.send(message, hostname="127.0.0.1", port=port)


def kept(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.eml"))


async def test_a_message_is_kept_whole(folder: Path, port: int) -> None:
    """
    The file is there when the sender hears "OK", and holds what was sent.
    """
    await send(port, letter(subject="Grüße 🌱"))

    (file,) = kept(folder)
    found = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert "Grüße 🌱" == found["Subject"]
    assert "Please follow the link.\r\n" == found.get_content()
    assert [file] == list(folder.iterdir())


async def test_the_same_message_twice_is_two_files(folder: Path, port: int) -> None:
    """
    A duplicate must show: nothing is ever de-duplicated.
    """
    message = letter()

    await send(port, message)
    await send(port, message)

    first, second = kept(folder)
    assert first.read_bytes() == second.read_bytes()


async def test_files_sort_by_when_they_came(folder: Path, port: int) -> None:
    """
    Listing the folder by name tells the order.
    """
    for number in range(5):
        await send(port, letter(subject=f"Letter {number}"))

    subjects = [
        message_from_bytes(file.read_bytes())["Subject"] for file in kept(folder)
    ]
    assert [f"Letter {number}" for number in range(5)] == subjects


async def test_many_at_once_are_all_kept(folder: Path, port: int) -> None:
    """
    None is lost, none is mixed with another.
    """
    letters = (letter(subject=f"Letter {number}") for number in range(LETTERS))

    await asyncio.gather(*(send(port, message) for message in letters))

    subjects = {
        message_from_bytes(file.read_bytes())["Subject"] for file in kept(folder)
    }
    assert {f"Letter {number}" for number in range(LETTERS)} == subjects


@pytest.mark.parametrize(
    ("to", "code"),
    [
        ("nobody@bounce.test", 550),
        ("nobody@BOUNCE.test", 550),
        ("later@defer.test", 451),
    ],
)
async def test_a_bad_address_is_refused(
    folder: Path, port: int, to: str, code: int
) -> None:
    """
    For good or for now, as the domain says, and nothing is kept.
    """
    with pytest.raises(aiosmtplib.SMTPRecipientsRefused) as refused:
        await send(port, letter(to))

    assert code == refused.value.recipients[0].code
    assert [] == kept(folder)


async def test_a_lookalike_is_an_ordinary_address(folder: Path, port: int) -> None:
    """
    Only the two domains themselves are bad.
    """
    await send(port, letter("bounce.test@notbounce.test"))

    assert 1 == len(kept(folder))


async def test_an_address_may_be_written_in_any_script(folder: Path, port: int) -> None:
    """
    SMTPUTF8 is spoken.
    """
    await send(port, letter("zoë@höxton.example"))

    assert "zoë@höxton.example".encode() in kept(folder)[0].read_bytes()


async def test_it_stops_when_told(tmp_path: Path) -> None:
    """
    The process listens, catches, and ends by itself on SIGTERM.
    """
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "sandbox.catcher"),
        *("--port", str(port), "--mailbox", str(tmp_path)),
    )
    await until_open(port)
    await send(port, letter())

    process.send_signal(signal.SIGTERM)

    assert 0 == await asyncio.wait_for(process.wait(), 5)
    assert 1 == len(kept(tmp_path))


async def test_a_killed_catcher_leaves_no_half_message(tmp_path: Path) -> None:
    """
    Killed in the middle of the mail, it has kept each one that it said "OK" to, whole.
    """
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "sandbox.catcher"),
        *("--port", str(port), "--mailbox", str(tmp_path)),
    )
    await until_open(port)
    sending = [asyncio.create_task(send(port, letter())) for _ in range(LETTERS)]
    await asyncio.wait(sending, return_when=asyncio.FIRST_COMPLETED)

    process.kill()
    results = await asyncio.gather(*sending, return_exceptions=True)
    await process.wait()

    accepted = sum(result is None for result in results)
    assert accepted <= len(kept(tmp_path))
    assert all(file.read_bytes().endswith(b"link.\r\n") for file in kept(tmp_path))
