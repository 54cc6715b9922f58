import re
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.asking import ASKINGS
from domain.colour import contrast
from domain.emails import Letter, Template
from emails.render import render
from emails.words import WORDS, Voice, voice
from tests.emails.letters import LINK, letter

EVERY_ASKING = [tuple(sorted(data_types)) for data_types in ASKINGS]
EVERY_LETTER = [
    letter(template=template, number=number, data_types=data_types)
    for template, number in [
        (Template.REQUEST, 1),
        (Template.REMINDER, 1),
        (Template.REMINDER, 2),
        (Template.EXPIRY, 1),
    ]
    for data_types in EVERY_ASKING
]
NASTY = "<b>x</b>\r\nBcc: all@bank.example\n\nhttps://evil.example {company} {{ 7*7 }}"


class Seen(HTMLParser):
    """What a mail client would find in the HTML: its tags, links, pictures and words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str | None] = []
        self.pictures: list[dict[str, str | None]] = []
        self.words = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag == "a":
            self.links.append(dict(attrs)["href"])
        if tag == "img":
            self.pictures.append(dict(attrs))

    def handle_data(self, data: str) -> None:
        self.words += data


def test_every_voice_has_words() -> None:
    """
    There is a text for each tone, and each tone is used.
    """
    assert set(Voice) == set(WORDS)
    assert set(Voice) == {voice(each) for each in EVERY_LETTER}


def test_every_email_differs() -> None:
    """
    Each combination of data types has its own text for each kind of email.
    """
    texts = {render(each).text for each in EVERY_LETTER}

    assert len(EVERY_LETTER) == len(texts)


@pytest.mark.parametrize(
    "each", EVERY_LETTER, ids=lambda each: "-".join([voice(each), *each.data_types])
)
def test_both_forms_say_the_same(each: Letter) -> None:
    """
    Who reads the plain text misses nothing of what the HTML says.
    """
    email = render(each)
    seen = Seen(email.html)

    for paragraph in email.text.splitlines():
        assert paragraph.removeprefix("- ").removesuffix(":") in seen.words


@pytest.mark.parametrize("template", [Template.REQUEST, Template.REMINDER])
def test_the_link_stands_alone_on_its_line(template: Template) -> None:
    """
    A mail client can't mistake any other character for a part of the link.
    """
    email = render(letter(template=template))

    assert 1 == email.text.splitlines().count(LINK)
    assert {LINK} == set(Seen(email.html).links)


def test_an_expiry_has_no_link() -> None:
    """
    An email that says that the link has ended offers none, and names the way to another.
    """
    email = render(letter(template=Template.EXPIRY))

    assert "http" not in email.text
    assert [] == Seen(email.html).links
    assert "can send you a new link" in email.text


def test_reminders_become_plainer() -> None:
    """
    The first reminder is gentle; the later ones name the day and a way out.
    """
    first, second, third = (
        render(letter(template=Template.REMINDER, number=number))
        for number in (1, 2, 3)
    )

    assert (
        "Reminder: Northwind Bank asks for your financial statements" == first.subject
    )
    assert (
        "Northwind Bank is still waiting for your financial statements"
        == second.subject
    )
    assert second == third


def test_the_letter_is_addressed() -> None:
    """
    The customer is greeted by name and told who asks, for whom, until when.
    """
    email = render(letter())

    assert ("grace@acme.example", "Grace Hopper") == (email.to, email.to_name)
    assert email.text.startswith("Hello Grace Hopper,\n\nNorthwind Bank asks Acme Ltd")
    assert "works until 3 January 2026" in email.text
    assert email.text.endswith("\n\nAda Byron\nNorthwind Bank\n")


def test_nobody_is_greeted_twice() -> None:
    """
    Without a contact's or a sender's own name there is no gap and no repetition.
    """
    email = render(letter(contact_name="", sender_name="Northwind Bank"))

    assert email.text.startswith("Hello,\n")
    assert email.text.endswith(".\n\nNorthwind Bank\n")


def test_the_same_letter_gives_the_same_email() -> None:
    """
    A preview is exactly what is sent.
    """
    assert render(letter()) == render(letter())


@pytest.mark.parametrize("template", Template)
@pytest.mark.parametrize(
    "field", ["organization", "sender_name", "company", "contact_name"]
)
def test_a_nasty_name_is_only_a_name(field: str, template: Template) -> None:
    """
    HTML, line breaks, addresses and braces in a name are shown as they are, in one line.
    """
    plain = render(letter(template=template))
    nasty = render(letter(template=template, **{field: NASTY}))

    assert Seen(plain.html).tags == Seen(nasty.html).tags
    assert Seen(plain.html).links == Seen(nasty.html).links
    assert plain.text.count("\n") == nasty.text.count("\n")
    assert "\n" not in nasty.subject + nasty.to_name
    assert "\nBcc" not in nasty.text


@settings(max_examples=40, deadline=None)
@given(st.text(min_size=1, max_size=200))
def test_any_name_can_be_written_to(name: str) -> None:
    """
    No name makes an email impossible, or changes its shape.
    """
    email = render(letter(company=name))

    assert LINK in email.text.splitlines()
    assert Seen(render(letter()).html).tags == Seen(email.html).tags


def test_names_keep_to_themselves() -> None:
    """
    A right-to-left name can't turn the words around it; a title has no markup.
    """
    html = render(letter(company="\u05d7\u05d1\u05e8\u05d4")).html

    assert "asks <bdi>\u05d7\u05d1\u05e8\u05d4</bdi> to share" in html
    assert "<title>Please share your financial statements</title>" in html


@pytest.mark.parametrize(
    ("logo_url", "shown"),
    [
        ("https://bank.example/logo.png", ["https://bank.example/logo.png"]),
        (None, []),
        ("javascript:alert(1)", []),
    ],
)
def test_a_logo_is_shown_only_if_there_is_one(
    logo_url: str | None, shown: list[str]
) -> None:
    """
    A picture stands in for the name, and says the name where pictures are off.
    """
    pictures = Seen(render(letter(logo_url=logo_url)).html).pictures

    assert shown == [picture["src"] for picture in pictures]
    assert all(picture["alt"] == "Northwind Bank" for picture in pictures)


@pytest.mark.parametrize(
    "brand", ["#ffffff", "#ffe000", "#808080", "#000000", "#0a7d4f", None]
)
def test_the_button_can_be_read(brand: str | None) -> None:
    """
    The button's text stands out from the bank's colour, whichever it is.
    """
    html = render(letter(colour=brand)).html

    ground = _found(r'class="press"[^>]*background-color: (#\w{6})', html)
    text = _found(r'class="button"[^>]*;color: (#\w{6})', html)
    assert contrast(ground, text) >= 4.5


@pytest.mark.parametrize("template", Template)
def test_old_mail_clients_need_nothing_else(template: Template) -> None:
    """
    Styles are on the elements, tables are for layout only, and nothing else is fetched.
    """
    html = render(letter(template=template)).html

    assert "<style" not in html
    assert html.count("<table") == html.count('role="presentation"')
    assert not re.search(r"<(script|link|iframe|form)\b|url\(", html)


def _found(pattern: str, html: str) -> Any:
    (group,) = re.findall(pattern, html)
    return group
