"""The page where a customer says yes or no, and picks how the login behaves from then on."""

from collections.abc import Mapping
from typing import Final, NamedTuple
from urllib.parse import urlencode, urlsplit

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from sandbox.desk import AtDesk, Desk
from sandbox.products import PRODUCTS
from sandbox.rendering import page
from sandbox.scenarios import BEHAVIOURS, Scenario
from sandbox.tokens import new_code

BAD_REQUEST: Final = 400
SEE_OTHER: Final = 303
LONGEST: Final = 2_000
LONGEST_COMPANY: Final = 200

router = APIRouter(tags=["authorize"], include_in_schema=False)


class AuthorizationRequest(NamedTuple):
    """What the program that sends the customer has to say; the form carries all of it."""

    response_type: str
    client_id: str
    product: str
    company: str
    state: str
    redirect_uri: str

    @classmethod
    def read(cls, values: Mapping[str, object]) -> "AuthorizationRequest":
        return cls(*(str(values.get(field, "")) for field in cls._fields))

    def back(self, **answer: str) -> Response:
        """Send the customer back, with the state untouched."""
        mark = "&" if urlsplit(self.redirect_uri).query else "?"
        query = urlencode({**answer, "state": self.state})
        return RedirectResponse(f"{self.redirect_uri}{mark}{query}", SEE_OTHER)


@router.get("/oauth/authorize")
async def ask(desk: AtDesk, http: Request) -> Response:
    """Show the consent page. Looking at it changes nothing."""
    request = AuthorizationRequest.read(http.query_params)
    problems = _problems(desk, request)
    if problems:
        return _refuse(problems)
    return page(
        "authorize.html",
        request=request,
        product=PRODUCTS[request.product],
        behaviours=BEHAVIOURS,
        picked=desk.storage.awaited_scenario(request.company),
    )


@router.post("/oauth/authorize")
async def decide(desk: AtDesk, http: Request) -> Response:
    """Take the decision, and send the customer back with it."""
    form = await http.form()
    request = AuthorizationRequest.read(form)
    decision = DECISIONS.get(str(form.get("decision")))
    scenario = str(
        form.get("scenario") or desk.storage.awaited_scenario(request.company)
    )
    problems = _problems(desk, request)
    if decision is None:
        problems.append("decision must be approve or deny.")
    if scenario not in BEHAVIOURS:
        problems.append("There is no such scenario.")
    if problems or decision is None:
        return _refuse(problems)
    return decision(desk, request, Scenario(scenario))


def _approve(desk: Desk, request: AuthorizationRequest, scenario: Scenario) -> Response:
    storage = desk.storage
    with storage.transaction():
        login = storage.add_login(
            request.product, request.company, scenario, desk.now()
        )
        code = new_code(desk, login, request.redirect_uri)
        storage.add_code(code)
    return request.back(code=code.code)


def _deny(desk: Desk, request: AuthorizationRequest, scenario: Scenario) -> Response:
    return request.back(error="access_denied")


DECISIONS: Final = {"approve": _approve, "deny": _deny}


def _problems(desk: Desk, request: AuthorizationRequest) -> list[str]:
    """Say all that is wrong, in sentences for the person in front of the page."""
    checks = {
        "response_type must be code.": request.response_type == "code",
        "This client_id is not registered.": request.client_id
        == desk.settings.client_id,
        f"product must be one of {', '.join(PRODUCTS)}.": request.product in PRODUCTS,
        f"company must have 1 to {LONGEST_COMPANY} characters.": 1
        <= len(request.company.strip())
        <= LONGEST_COMPANY,
        "state is missing or too long.": 1 <= len(request.state) <= LONGEST,
        "redirect_uri must be an absolute http or https address without a fragment.": (
            _leads_back(request.redirect_uri)
        ),
    }
    return [sentence for sentence, is_fine in checks.items() if not is_fine]


def _leads_back(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    is_web = parts.scheme in {"http", "https"} and bool(parts.hostname)
    return is_web and not parts.fragment and len(address) <= LONGEST


def _refuse(problems: list[str]) -> Response:
    return page("refused.html", BAD_REQUEST, problems=problems)
