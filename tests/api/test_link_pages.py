from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from fastapi import FastAPI

from api.errors import ApiError
from api.link.pages import router
from api.link.steps import ENTITY_FACES, FIELDS, INVALID, STEPS, way
from api.schemas import LinkOut
from domain.colour import DEFAULT
from domain.journey import DataType, EntityStage, LinkAction, Stage, Structure
from tests.api.link_states import (
    ENTITIES,
    ENTITY,
    MULTIPLE,
    SOFTWARE,
    Answering,
    link,
)

NASTY = "<b>x</b>\"'><script>alert(1)</script>"
OPEN = [stage for stage in Stage if STEPS[stage].status == 200]


class Form(dict[str, list[str]]):
    """A form's fields: what each would send, or could."""


class Seen(HTMLParser):
    """What a browser would make of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.fields: dict[str, dict[str, str | None]] = {}
        self.tags: list[str] = []
        self.links: list[str | None] = []
        self.labelled: set[str] = set()
        self.within_label = False
        self.attributes: set[str] = set()
        self.title = self.words = ""
        self.feed(html)
        self.title = self.title.strip()

    @property
    def actions(self) -> list[str]:
        return [form["action"][0] for form in self.forms if "action" in form]

    def form(self, action: str) -> Form:
        (found,) = (form for form in self.forms if form.get("action") == [action])
        return found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.tags.append(tag)
        self.attributes |= set(attributes)
        if tag == "form":
            self.forms.append(Form())
        if tag == "input" and self.forms:
            name = str(attributes["name"])
            self.forms[-1].setdefault(name, []).append(attributes.get("value") or "")
            self.fields.setdefault(name, attributes)
            if self.within_label:
                self.labelled.add(name)
        if tag in {"a", "link", "img"}:
            self.links.append(attributes.get("href") or attributes.get("src"))
        if tag == "label":
            self.within_label = True
            self.labelled.add(str(attributes.get("for")))

    def handle_endtag(self, tag: str) -> None:
        self.within_label = self.within_label and tag != "label"

    def handle_data(self, data: str) -> None:
        self.words += data
        if self.tags[-1:] == ["title"]:
            self.title += data


@asynccontextmanager
async def browser(conversation: Answering) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    app.state.link = conversation
    app.include_router(router)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://rapport.test"
    ) as client:
        yield client


async def get(state: LinkOut | ApiError, path: str = "/link/t") -> httpx.Response:
    async with browser(Answering(state)) as client:
        return await client.get(path)


async def seen(stage: Stage, **changed: Any) -> Seen:
    return Seen((await get(link(stage, **changed))).text)


async def post(
    state: LinkOut | ApiError, act: LinkOut | ApiError, **form: str
) -> httpx.Response:
    async with browser(Answering(state, act)) as client:
        return await client.post("/link/t", data=form)


def test_every_table_is_whole() -> None:
    """
    No stage of a journey or of a legal entity is without its page and its words.
    """
    assert set(Stage) == set(STEPS)
    assert set(EntityStage) == set(ENTITY_FACES)
    assert set(FIELDS) >= set(INVALID)


@pytest.mark.parametrize("stage", Stage)
async def test_every_stage_has_its_page(stage: Stage) -> None:
    """
    A page says whose it is and what it is about, in one heading and the title.
    """
    answer = await get(link(stage))

    page = Seen(answer.text)
    assert STEPS[stage].status == answer.status_code
    assert f"{STEPS[stage].title} \u2013 Northwind Bank" == page.title
    assert 1 == page.tags.count("h1")
    assert 1 == page.tags.count("main")


@pytest.mark.parametrize("stage", Stage)
async def test_a_get_moves_nothing(stage: Stage) -> None:
    """
    Whoever looks at a link, a mail scanner too, leaves the journey as it was.
    """
    conversation = Answering(link(stage))

    async with browser(conversation) as client:
        await client.get("/link/t")
        head = await client.head("/link/t")

    assert [] == conversation.told
    assert STEPS[stage].status == head.status_code


@pytest.mark.parametrize(
    ("stage", "fields"),
    [
        (Stage.SENDING, {"action": ["open"]}),
        (Stage.AWAITING_CUSTOMER, {"action": ["open"]}),
        (
            Stage.CHOOSING_STRUCTURE,
            {"action": ["choose_structure"], "structure": ["single", "multiple"]},
        ),
        (Stage.NAMING_ENTITY, {"action": ["name_entity"], "name": [""]}),
        (
            Stage.SELECTING_SOFTWARE,
            {
                "action": ["select_software"],
                "software": ["ledgerly", "bookwise", "northbooks"],
            },
        ),
        (Stage.AUTHORIZING, {"action": ["authorize"], "consent": ["true"]}),
        (Stage.REVIEWING_ENTITIES, {"action": ["finish"]}),
        (Stage.EXPIRED, {"action": ["request_new_link"]}),
    ],
)
async def test_each_step_has_its_form(
    stage: Stage, fields: dict[str, list[str]]
) -> None:
    """
    A form sends its action and exactly that action's fields.
    """
    page = await seen(stage)

    assert fields == page.form(fields["action"][0])


@pytest.mark.parametrize("stage", Stage)
async def test_buttons_come_from_what_is_allowed(stage: Stage) -> None:
    """
    What is not allowed now can't be pressed; back and exit are there wherever they are.
    """
    everything = [*LinkAction, "request_new_link"]

    nothing_allowed = await seen(stage, allowed=[])
    all_allowed = await seen(stage, allowed=everything)
    as_usual = await seen(stage)

    assert [] == nothing_allowed.actions
    assert {"back", "exit"} <= set(all_allowed.actions)
    assert set(as_usual.actions) <= set(link(stage).allowed)


async def test_a_legal_entity_that_was_read_stays() -> None:
    """
    Each company can be removed but the one whose books are read.
    """
    page = await seen(Stage.REVIEWING_ENTITIES)

    removals = [
        form["entity"] for form in page.forms if form.get("action") == ["remove_entity"]
    ]
    assert [["cn_2"], ["cn_3"], ["cn_4"]] == removals


async def test_companies_say_how_they_are() -> None:
    """
    The list tells each company's state in words, and a failure's reason as advice.
    """
    page = await seen(Stage.FETCHING, **MULTIPLE, entities=ENTITIES)

    assert "Connected and read" in page.words
    assert "Connected, being read" in page.words
    assert "There is nothing in those books" in page.words
    assert "no_data" not in page.words


async def test_the_consent_is_shown_as_it_was_given() -> None:
    """
    What is agreed to is the conversation's own text, item for item.
    """
    text = {
        "version": "1",
        "text": "You allow <this>.",
        "items": ["One", "Two & three"],
    }

    page = await seen(Stage.AUTHORIZING, consent=text)

    assert "You allow <this>." in page.words
    assert "One" in page.words
    assert "Two & three" in page.words


async def test_what_was_chosen_is_kept() -> None:
    """
    Who comes back finds the earlier choice selected and the name filled in.
    """
    entity = {**ENTITY, "name": "Acme Retail", "software": "northbooks"}

    software = await get(link(Stage.SELECTING_SOFTWARE, entity=entity))
    name = await get(link(Stage.NAMING_ENTITY, entity=entity))

    assert 'value="northbooks" checked' in software.text
    assert 'value="Acme Retail"' in name.text


async def test_a_message_is_a_notice() -> None:
    """
    Who said no at the software's page, or left, is told so on the way back in.
    """
    message = {"code": "authorization_declined", "text": "You said no. Choose again."}

    page = await get(link(Stage.SELECTING_SOFTWARE, message=message))

    assert (
        '<div class="box notice" role="status"><p>You said no. Choose again.</p>'
        in page.text
    )


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"action": "open", "name": "x"}, {"action": "open"}),
        (
            {"action": "choose_structure", "structure": "single"},
            {"action": "choose_structure", "structure": "single"},
        ),
        (
            {"action": "name_entity", "name": " M\u00fcller & S\u00f6hne\u200b "},
            {"action": "name_entity", "name": " M\u00fcller & S\u00f6hne\u200b "},
        ),
        ({"action": "select_software"}, {"action": "select_software"}),
        (
            {"action": "authorize", "consent": "true"},
            {"action": "authorize", "consent": True},
        ),
        ({"action": "authorize"}, {"action": "authorize", "consent": False}),
        (
            {"action": "remove_entity", "entity": "cn_2"},
            {"action": "remove_entity", "entity": "cn_2"},
        ),
        ({"action": "dance"}, {"action": "dance"}),
        ({}, {"action": ""}),
    ],
    ids=str,
)
async def test_a_form_is_told_as_an_action(
    form: dict[str, str], told: dict[str, Any]
) -> None:
    """
    The conversation hears what the JSON flow would send: no more and no less.
    """
    conversation = Answering(link(Stage.SELECTING_SOFTWARE))

    async with browser(conversation) as client:
        answer = await client.post("/link/v1.abc~", data=form)

    assert [("v1.abc~", told)] == conversation.told
    assert (303, "/link/v1.abc~") == (answer.status_code, answer.headers["location"])


@pytest.mark.parametrize("reason", [{}, {"reason": "later"}])
async def test_who_leaves_is_told_that_nothing_is_lost(reason: dict[str, str]) -> None:
    """
    The reason is the customer's to give; the page says goodbye, and leads back in.
    """
    message = {"code": "authorization_exited", "text": "You left."}
    away = link(Stage.AUTHORIZING, message=message)
    conversation = Answering(away)

    async with browser(conversation) as client:
        answer = await client.post("/link/t", data={"action": "exit", **reason})
        farewell = Seen((await client.get(answer.headers["location"])).text)
        again = Seen((await client.get("/link/t")).text)

    assert [("t", {"action": "exit", **reason})] == conversation.told
    assert "/link/t?left=yes" == answer.headers["location"]
    assert "You have left for now" in farewell.words
    assert "/link/t" in farewell.links
    assert "authorize" in again.actions


async def test_who_went_on_has_not_left() -> None:
    """
    A goodbye that is looked at again later shows the present step.
    """
    page = await get(link(Stage.SELECTING_SOFTWARE), "/link/t?left=yes")

    assert "select_software" in Seen(page.text).actions


async def test_software_is_found_by_the_words_of_its_name() -> None:
    """
    The search needs no script; what is not found leads to all of it, or to another way out.
    """
    many = [
        *SOFTWARE,
        {"key": "q", "name": "Quillcount"},
        {"key": "s", "name": "Sumline"},
    ]
    selecting = link(Stage.SELECTING_SOFTWARE, software=many)

    found = Seen((await get(selecting, "/link/t?q=ONLINE+book")).text)
    nothing = Seen((await get(selecting, "/link/t?q=<b>x")).text)

    assert ["bookwise"] == found.form("select_software")["software"]
    assert "ONLINE book" == found.fields["q"]["value"]
    assert "select_software" not in nothing.actions
    assert "0 of 5" in nothing.words
    assert "/link/t" in nothing.links


async def test_authorizing_leads_to_the_software() -> None:
    """
    The customer is sent to the software's own page, and the policy lets the form go there.
    """
    there = "https://books.example/oauth/authorize?state=s"
    authorizing = link(Stage.AUTHORIZING, redirect_url=there)

    page = await get(link(Stage.AUTHORIZING))
    answer = await post(authorizing, authorizing, action="authorize", consent="true")

    assert (303, there) == (answer.status_code, answer.headers["location"])
    assert "form-action 'self' https: http:" in page.headers["content-security-policy"]


class Refusal(NamedTuple):
    """An action that is refused at a stage, and what the customer then reads."""

    action: str
    stage: Stage
    status: int
    code: str
    says: str
    field: str | None = None


REFUSALS = [
    Refusal("select_software", Stage.SELECTING_SOFTWARE, 422, "invalid_request", "from the list", "software"),
    Refusal("select_software", Stage.SELECTING_SOFTWARE, 422, "unknown_software", "from the list", "software"),
    Refusal("choose_structure", Stage.CHOOSING_STRUCTURE, 422, "invalid_request", "one of the two", "structure"),
    Refusal("name_entity", Stage.NAMING_ENTITY, 422, "invalid_request", "100 characters", "name"),
    Refusal("name_entity", Stage.NAMING_ENTITY, 422, "name_taken", "this name already", "name"),
    Refusal("authorize", Stage.AUTHORIZING, 422, "consent_required", "Tick the box", "consent"),
    Refusal("finish", Stage.REVIEWING_ENTITIES, 409, "no_entity", "at least one company"),
    Refusal("remove_entity", Stage.REVIEWING_ENTITIES, 409, "entity_done", "read already"),
    Refusal("remove_entity", Stage.REVIEWING_ENTITIES, 404, "unknown_entity", "no longer in the list"),
    Refusal("authorize", Stage.COMPLETED, 409, "action_not_allowed", "done already"),
    Refusal("authorize", Stage.SELECTING_SOFTWARE, 422, "consent_required", "Tick the box"),
    Refusal("open", Stage.FETCHING, 409, "journey_closed", "our own words"),
]  # fmt: skip


@pytest.mark.parametrize("case", REFUSALS, ids=lambda case: f"{case.code}-{case.stage}")
async def test_a_refusal_shows_the_page_again(case: Refusal) -> None:
    """
    The present page comes back, in its status, with a kind sentence.
    """
    refusal = ApiError(case.status, case.code, "our own words")

    answer = await post(link(case.stage), refusal, action=case.action)

    page = Seen(answer.text)
    assert case.status == answer.status_code
    assert page.title.startswith(f"Problem: {STEPS[case.stage].title}")
    assert case.says in page.words
    assert 'role="alert"' in answer.text


@pytest.mark.parametrize("case", REFUSALS, ids=lambda case: f"{case.code}-{case.stage}")
async def test_a_problem_leads_to_its_field(case: Refusal) -> None:
    """
    Where something has to be changed, the sentence is a way there, and the field says so.
    """
    refusal = ApiError(case.status, case.code, "")

    page = Seen((await post(link(case.stage), refusal, action=case.action)).text)

    invalid = [field["id"] for field in page.fields.values() if "aria-invalid" in field]
    assert ([case.field] if case.field else []) == invalid
    assert [f"#{name}" for name in invalid] == [
        to for to in page.links if (to or "")[0] == "#"
    ]


async def test_what_was_typed_is_not_lost() -> None:
    """
    A name that is refused can be corrected instead of typed again.
    """
    taken = ApiError(422, "name_taken", "")

    answer = await post(
        link(Stage.NAMING_ENTITY), taken, action="name_entity", name=NASTY
    )

    assert NASTY == Seen(answer.text).fields["name"]["value"]


GONE = [
    (410, "link_expired", "This link has ended"),
    (410, "link_replaced", "There is a newer link"),
    (410, "journey_cancelled", "This request was withdrawn"),
    (404, "not_found", "This link does not work"),
    (503, "temporal_unavailable", "Something went wrong"),
    (429, "slow_down", "Something went wrong"),
]


@pytest.mark.parametrize(("status", "code", "title"), GONE)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_link_that_is_no_more_says_why(
    method: str, status: int, code: str, title: str
) -> None:
    """
    Whether looked at or acted on, it gets the right status and a way out.
    """
    refusal = ApiError(
        status, code, "", headers={"Retry-After": "7"}, allowed=["request_new_link"]
    )

    async with browser(Answering(refusal)) as client:
        answer = await client.request(method, "/link/t", data={"action": "open"})

    page = Seen(answer.text)
    assert status == answer.status_code
    assert title == page.title
    assert ["request_new_link"] == page.actions
    assert "7" == answer.headers["retry-after"]


async def test_a_link_that_ends_meanwhile_says_so() -> None:
    """
    A refusal after which there is no page any more shows how it ended.
    """
    ended = ApiError(410, "link_expired", "")

    answer = await post(ended, ApiError(409, "action_not_allowed", ""), action="back")

    assert 410 == answer.status_code
    assert "This link has ended" == Seen(answer.text).title


async def test_an_ended_link_keeps_its_look() -> None:
    """
    Where it is known whose link it was, the page still looks like theirs.
    """
    known = link(Stage.EXPIRED).model_dump(mode="json")

    answer = await get(ApiError(410, "link_expired", "", state=known))

    assert "Northwind Bank" in Seen(answer.text).words
    assert "/link/look/0b5d4e.css" in answer.text


@pytest.mark.parametrize(
    "state", [ApiError(410, "link_expired", ""), link(Stage.EXPIRED)]
)
async def test_asking_for_a_new_link_is_confirmed(state: LinkOut | ApiError) -> None:
    """
    Who asks for a new link is told that it was passed on, and isn't asked again.
    """
    asked = await post(state, link(Stage.EXPIRED), action="request_new_link")
    after = await get(state, asked.headers["location"])

    assert (303, "/link/t?asked=yes") == (asked.status_code, asked.headers["location"])
    assert "was passed on" in Seen(after.text).words
    assert [] == Seen(after.text).forms


@pytest.mark.parametrize("stage", Stage)
async def test_html_in_a_name_is_only_a_name(stage: Stage) -> None:
    """
    Names show as they were typed, and change nothing about the page.
    """
    entities = [{**each, "name": NASTY} for each in ENTITIES]
    nasty = {
        "organization": {
            "name": NASTY,
            "logo_url": None,
            "colour": "red;}*{display:none",
        },
        "company": {"name": NASTY},
        "entity": {**ENTITY, "name": NASTY},
        "entities": entities,
        "message": {"code": "x", "text": NASTY},
    }
    plain = {
        **nasty,
        "organization": {"name": "x", "logo_url": None, "colour": DEFAULT},
        "company": {"name": "x"},
        "entity": {**ENTITY, "name": "x"},
        "entities": [{**each, "name": "x"} for each in ENTITIES],
        "message": {"code": "x", "text": "x"},
    }

    shown, expected = await seen(stage, **nasty), await seen(stage, **plain)

    assert expected.tags == shown.tags
    assert expected.links == shown.links
    assert NASTY in shown.words


@pytest.mark.parametrize("stage", Stage)
async def test_a_page_is_guarded(stage: Stage) -> None:
    """
    No script, no inline style, no frame, no trace of the address anywhere else.
    """
    answer = await get(link(stage))

    page, policy = Seen(answer.text), answer.headers["content-security-policy"]
    assert {"script", "style", "iframe"}.isdisjoint(page.tags)
    assert not any(name == "style" or name.startswith("on") for name in page.attributes)
    assert policy.startswith("default-src 'none'; style-src 'self'; ")
    assert "img-src 'none'" in policy
    assert "unsafe" not in policy
    assert "no-referrer" == answer.headers["referrer-policy"]
    assert "no-store" == answer.headers["cache-control"]
    assert "noindex" in answer.headers["x-robots-tag"]


@pytest.mark.parametrize(
    ("logo_url", "pictures", "policy"),
    [
        ("https://bank.example/l.png", ["https://bank.example/l.png"], "img-src https://bank.example;"),
        ("javascript:alert(1)", [], "img-src 'none';"),
    ],
)  # fmt: skip
async def test_a_logo_is_let_in_by_name(
    logo_url: str, pictures: list[str], policy: str
) -> None:
    """
    Only the organization's own picture is loaded, and only from the web.
    """
    organization = {"name": "Northwind Bank", "logo_url": logo_url, "colour": DEFAULT}

    answer = await get(link(Stage.COMPLETED, organization=organization))

    assert pictures == [
        to for to in Seen(answer.text).links if not (to or "").startswith("/")
    ]
    assert policy in answer.headers["content-security-policy"]


@pytest.mark.parametrize("stage", OPEN)
async def test_progress_says_where_one_is(stage: Stage) -> None:
    """
    Sighted or not, the customer knows how far along it is.
    """
    answer = await get(link(stage))

    assert (0 if stage is Stage.COMPLETED else 1) == answer.text.count(
        'aria-current="step"'
    )


@pytest.mark.parametrize(
    ("data_types", "structure", "labels"),
    [
        (list(DataType), Structure.SINGLE, "Start Software Permission Finish"),
        ([DataType.SPEND_ANALYSIS], None, "Start Companies Software Permission Finish"),
        (
            [DataType.SPEND_ANALYSIS],
            Structure.SINGLE,
            "Start Companies Software Permission Finish",
        ),
        ([DataType.SPEND_ANALYSIS], Structure.MULTIPLE, "Start Companies Finish"),
    ],
)
def test_the_way_fits_what_was_asked(
    data_types: list[DataType], structure: Structure | None, labels: str
) -> None:
    """
    The milestones are those that this customer will pass.
    """
    assert labels.split() == [
        milestone.label for milestone in way(data_types, structure)
    ]


@pytest.mark.parametrize("stage", OPEN)
async def test_every_field_has_a_label(stage: Stage) -> None:
    """
    A screen reader can say what each field is for.
    """
    answer = await get(link(stage))

    page = Seen(answer.text)
    shown = {name for name, field in page.fields.items() if field["type"] != "hidden"}
    assert shown <= page.labelled
    assert 'lang="en"' in answer.text


async def test_a_name_has_room_for_a_hundred() -> None:
    """
    The field stops where the contract does.
    """
    page = await seen(Stage.NAMING_ENTITY)

    assert "100" == page.fields["name"]["maxlength"]


async def test_colours_come_as_a_sheet() -> None:
    """
    The organization's colours are a style sheet that may be kept for ever.
    """
    answer = await get(link(Stage.COMPLETED), "/link/look/ffe000.css")

    assert answer.text.startswith(":root{--accent:#ffe000;--on-accent:#000000;")
    assert "text/css; charset=utf-8" == answer.headers["content-type"]
    assert "max-age=86400" in answer.headers["cache-control"]


@pytest.mark.parametrize("colour", ["red", "FFE000", "ffe000;", "ffe0000"])
async def test_only_a_colour_is_a_sheet(colour: str) -> None:
    """
    Nothing but six digits makes a style sheet.
    """
    answer = await get(link(Stage.COMPLETED), f"/link/look/{colour}.css")

    assert answer.is_client_error


async def test_an_odd_token_stays_in_its_place() -> None:
    """
    Whatever stands where a token should, it can't lead to another site.
    """
    answer = await get(
        ApiError(404, "not_found", ""), "/link/%22%3E%0D%0A..%5C@evil.example"
    )

    assert 404 == answer.status_code
    assert "evil.example" not in answer.text.replace("%40evil.example", "")


def test_every_template_is_used() -> None:
    """
    There is a page for each step, and no page that nobody sees.
    """
    folder = Path(__file__).parents[2] / "api" / "link" / "templates"
    pages = {path.name: path.read_text() for path in folder.glob("*.html")}
    texts = [*pages.values(), (folder.parent / "steps.py").read_text()]

    used = {name for name in pages if any(f'"{name}"' in text for text in texts)}

    assert used
    assert pages.keys() == used
