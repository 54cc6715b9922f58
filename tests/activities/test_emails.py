"""An email leaves at most once, whenever the process dies."""

import asyncio
from datetime import timedelta
from email.message import EmailMessage

import pytest
from temporalio.testing import ActivityEnvironment

from activities.emails import EmailActivities
from activities.patience import TryAgain
from domain.emails import HIDDEN, Template
from domain.links import Link
from domain.messages import EmailSent, SendEmail
from domain.reasons import Reason, Refused
from emails.transport import (
    HandOverFailed,
    Transport,
    TryLater,
    Unconfirmed,
    Undeliverable,
)
from store.database import Database
from store.states import EmailState
from store.tables import CompanyRow, EmailRow, LetterRow
from tests.activities.given import (
    COMPANY,
    JOURNEY,
    NOW,
    Killed,
    MortalDatabase,
    given,
    given_request,
)

REQUEST = SendEmail(journey_id=JOURNEY, template=Template.REQUEST, number=1)
SENT, UNCONFIRMED = EmailSent(), EmailSent(confirmed=False)


class Server:
    """A mail server's edge; it may refuse, or be the last thing that this process sees."""

    def __init__(self, *troubles: HandOverFailed, deadly: bool = False) -> None:
        self.taken: list[EmailMessage] = []
        self.troubles, self.deadly = list(troubles), deadly

    async def hand_over(self, message: EmailMessage) -> None:
        await asyncio.sleep(0.01)
        if self.troubles:
            raise self.troubles.pop(0)
        self.taken.append(message)
        if self.deadly:
            raise Killed


def steps(
    database: Database, server: Transport, sender: str = "no-reply@rapport.example"
) -> EmailActivities:
    give_up = timedelta(seconds=5)
    return EmailActivities(database, server, link_url, sender=sender, give_up=give_up)


def link_url(link: Link) -> str:
    return f"http://rapport.test/link/{link.journey_id}.{link.number}"


async def send(steps: EmailActivities, command: SendEmail = REQUEST) -> EmailSent:
    answer: EmailSent = await ActivityEnvironment().run(steps.send_email, command)
    return answer


async def the_row(database: Database) -> EmailRow:
    async with database.reading() as session:
        return await session.get_one(EmailRow, (JOURNEY, Template.REQUEST, 1))


def a_row(state: EmailState) -> EmailRow:
    return EmailRow(
        journey_id=JOURNEY, template=Template.REQUEST, number=1, state=state, at=NOW
    )


@pytest.mark.parametrize(
    ("commits", "answer", "emails"),
    [(1, SENT, 1), (2, UNCONFIRMED, 0), (3, SENT, 1)],
)
async def test_a_crash_after_any_commit_sends_nothing_twice(
    database: Database, commits: int, answer: EmailSent, emails: int
) -> None:
    """
    Reserved: the next try sends. Handing over: nobody knows, so nobody sends. Sent: it stays.
    """
    await given_request(database)
    server = Server()

    mortal = MortalDatabase(database.url, lives=commits)
    with pytest.raises(Killed):
        await send(steps(mortal, server))
    await mortal.close()
    again = await send(steps(database, server))

    assert (answer, emails) == (again, len(server.taken))


async def test_a_crash_right_after_the_server_took_it_sends_nothing_twice(
    database: Database,
) -> None:
    """
    The message has left, and no row says so.
    """
    await given_request(database)
    server = Server(deadly=True)

    with pytest.raises(Killed):
        await send(steps(database, server))
    again = await send(steps(database, server))

    assert (UNCONFIRMED, 1) == (again, len(server.taken))


@pytest.mark.parametrize(
    ("found", "answer", "emails"),
    [
        (EmailState.RESERVED, SENT, 1),
        (EmailState.HANDING_OVER, UNCONFIRMED, 0),
        (EmailState.SENT, SENT, 0),
        (EmailState.FAILED, SENT, 1),
    ],
)
async def test_what_is_found_decides(
    database: Database, found: EmailState, answer: EmailSent, emails: int
) -> None:
    """
    Only what certainly did not leave is sent.
    """
    await given_request(database)
    await given(database, a_row(found))
    server = Server()

    again = await send(steps(database, server))

    assert (answer, emails) == (again, len(server.taken))


async def test_two_tries_at_once_send_one_email(database: Database) -> None:
    """
    One claims it; the other finds it claimed.
    """
    await given_request(database)
    server = Server()

    answers = await asyncio.gather(*[send(steps(database, server)) for _ in range(4)])

    assert 1 == len(server.taken)
    assert SENT in answers
    assert UNCONFIRMED in answers


async def test_a_refused_address_is_final(database: Database) -> None:
    """
    The reason says so, and the row keeps it.
    """
    await given_request(database)

    with pytest.raises(Refused) as refused:
        await send(steps(database, Server(Undeliverable("550"))))

    row = await the_row(database)
    assert Reason.EMAIL_UNDELIVERABLE is refused.value.reason
    assert (EmailState.FAILED, Reason.EMAIL_UNDELIVERABLE) == (row.state, row.reason)


async def test_a_busy_server_is_asked_again_after_longer_and_longer_pauses(
    database: Database,
) -> None:
    """
    Until it has failed for as long as is patient; then it is given up.
    """
    await given_request(database)
    server = Server(*[TryLater("451") for _ in range(9)])
    sending = steps(database, server)

    pauses = []
    for _ in range(3):
        with pytest.raises(TryAgain) as again:
            await send(sending)
        pauses.append(round(again.value.after.total_seconds(), 1))  # type: ignore[union-attr]
    reserved = await the_row(database)
    with pytest.raises(Refused) as given_up:
        await send(sending)

    assert [1.0, 2.0] == pauses[:2]
    assert pauses[2] <= 2.0
    assert (EmailState.RESERVED, 3) == (reserved.state, reserved.failures)
    assert Reason.EMAIL_FAILED is given_up.value.reason
    assert EmailState.FAILED is (await the_row(database)).state


async def test_a_server_that_recovers_is_as_good_as_new(database: Database) -> None:
    """
    What failed before counts no more.
    """
    await given_request(database)
    sending = steps(database, Server(TryLater("451")))

    with pytest.raises(TryAgain):
        await send(sending)
    answer = await send(sending)

    row = await the_row(database)
    assert SENT == answer
    assert (EmailState.SENT, 0, 0) == (row.state, row.failures, row.failing_for_ms)


async def test_an_answer_that_got_lost_stays_unknown(database: Database) -> None:
    """
    Also for whoever asks again.
    """
    await given_request(database)
    server = Server(Unconfirmed("cut off"))
    sending = steps(database, server)

    answers = [await send(sending), await send(sending)]

    assert [UNCONFIRMED, UNCONFIRMED] == answers
    assert [] == server.taken


async def test_it_goes_to_the_contact_that_the_company_has_now(
    database: Database,
) -> None:
    """
    The bank may have mended the address between two tries; the row keeps where it went.
    """
    await given_request(database)
    server = Server(Undeliverable("550"))
    sending = steps(database, server)
    with pytest.raises(Refused):
        await send(sending)

    async with database.transaction() as session:
        company = await session.get_one(CompanyRow, COMPANY)
        company.contact_email = "grace@hoxton.example"
        session.add(company)
    await send(sending, REQUEST.model_copy(update={"number": 2}))

    (message,) = server.taken
    assert "grace@hoxton.example" in message["To"]
    assert f"/link/{JOURNEY}.1" in message.as_string()


async def test_what_can_not_be_written_was_not_sent(database: Database) -> None:
    """
    A message that can't be made is a defect, found before anything is claimed.
    """
    await given_request(database)
    broken = steps(database, Server(), sender="no-reply@\nrapport.example")

    with pytest.raises(ValueError, match="Message-ID"):
        await send(broken)

    assert EmailState.RESERVED is (await the_row(database)).state


async def the_letter(database: Database) -> LetterRow | None:
    async with database.reading() as session:
        return await session.get(LetterRow, (JOURNEY, Template.REQUEST, 1))


async def test_what_was_handed_over_is_kept_but_for_the_link(
    database: Database,
) -> None:
    """
    Subject, HTML and text are those that left, word for word; the link's token is nowhere.
    """
    await given_request(database)
    server = Server()

    await send(steps(database, server))

    (sent,) = server.taken
    letter = await the_letter(database)
    token = link_url(Link(JOURNEY, 1)).rpartition("/")[2]
    text, html = [part.get_content() for part in sent.iter_parts()]
    assert letter is not None
    assert sent["Subject"] == letter.subject
    assert token in text
    assert text.splitlines() == letter.text.replace(HIDDEN, token).splitlines()
    assert html.splitlines() == letter.html.replace(HIDDEN, token).splitlines()
    assert token not in f"{letter.subject} {letter.html} {letter.text}"


@pytest.mark.parametrize(("commits", "kept"), [(1, False), (2, True)])
async def test_a_letter_is_kept_in_the_step_that_lets_it_go(
    database: Database, commits: int, *, kept: bool
) -> None:
    """
    Nothing is handed over that was not kept, and nothing kept that could not be handed over.
    """
    await given_request(database)

    mortal = MortalDatabase(database.url, lives=commits)
    with pytest.raises(Killed):
        await send(steps(mortal, Server()))
    await mortal.close()

    assert kept is (await the_letter(database) is not None)
