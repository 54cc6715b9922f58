"""One pure function from a letter to the email that the customer reads."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from css_inline import CSSInliner
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from domain import logo
from domain.asking import asking
from domain.colour import palette
from domain.emails import Email, Letter
from emails.words import WORDS, Words, voice


def render(letter: Letter) -> Email:
    """Write `letter`; the same letter always gives the same email."""
    words = WORDS[voice(letter)]
    facts = {
        "what": asking(letter.data_types).what,
        "expires": f"{letter.expires_at.day} {letter.expires_at:%B %Y}",
    }
    names = {"organization": letter.organization, "company": letter.company}
    plain = {**facts, **names}
    marked = {**facts, **{key: _apart(name) for key, name in names.items()}}
    return Email(
        to=letter.contact_email,
        to_name=letter.contact_name,
        subject=words.subject.format_map(plain),
        html=_inlined(_laid_out("letter.html", letter, _filled(words, marked, Markup))),
        text=_laid_out("letter.txt", letter, _filled(words, plain, str)),
    )


def _apart(name: str) -> Markup:
    """Keep a name that is written right to left from turning its neighbours round."""
    return Markup("<bdi>{}</bdi>").format(name)


def _filled(words: Words, names: Mapping[str, str], kind: type[str]) -> Words:
    """Put the names in; a `kind` of Markup escapes each of them on the way."""
    return words._replace(
        heading=kind(words.heading).format_map(names),
        before=tuple(kind(sentence).format_map(names) for sentence in words.before),
        after=tuple(kind(sentence).format_map(names) for sentence in words.after),
    )


def _laid_out(template: str, letter: Letter, words: Words) -> str:
    return (
        _environment()
        .get_template(template)
        .render(
            letter=letter,
            words=words,
            items=asking(letter.data_types).items if words.lists_items else (),
            hint=asking(letter.data_types).hint if words.lists_items else None,
            palette=palette(letter.colour),
            has_logo=logo.origin(letter.logo_url) is not None,
        )
    )


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _inlined(html: str) -> str:
    """Move the style sheet into each element: many mail clients drop it otherwise."""
    return CSSInliner(load_remote_stylesheets=False).inline(html)
