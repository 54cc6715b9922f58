"""What a browser without JavaScript makes of a page: its forms, and what they would send."""

from html.parser import HTMLParser
from urllib.parse import urljoin

import httpx


class Form:
    """One form: where it goes, what it sends by itself, and what can be chosen in it."""

    def __init__(self, target: str) -> None:
        self.target = target
        self.hidden: dict[str, str] = {}
        self.choices: dict[str, list[str]] = {}


class Page(HTMLParser):
    """A page as its reader gets it."""

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__()
        self.url = str(answer.url)
        self.status = answer.status_code
        self.text = answer.text
        self.forms: list[Form] = []
        self.words: list[str] = []
        self.feed(answer.text)

    def form(self, action: str) -> Form:
        """Find the form that does `action`."""
        return next(each for each in self.forms if each.hidden.get("action") == action)

    @property
    def actions(self) -> set[str]:
        return {form.hidden["action"] for form in self.forms}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(urljoin(self.url, facts.get("action", ""))))
        elif self.forms and "name" in facts:
            self._offer(self.forms[-1], facts)

    def handle_data(self, data: str) -> None:
        self.words.append(data.strip())

    def _offer(self, form: Form, facts: dict[str, str]) -> None:
        if facts.get("type") == "hidden":
            form.hidden[facts["name"]] = facts.get("value", "")
        else:
            form.choices.setdefault(facts["name"], []).append(facts.get("value", ""))
