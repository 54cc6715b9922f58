"""Behind the scenes: who is logged in, and how each login behaves from now on."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, StringConstraints

from sandbox.authorize import LONGEST_COMPANY
from sandbox.desk import AtDesk
from sandbox.scenarios import Scenario

router = APIRouter(prefix="/control", tags=["control"])

CompanyName = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_COMPANY),
]


class ScenarioIn(BaseModel):
    """How a company's logins behave from now on."""

    model_config = ConfigDict(extra="forbid")

    company: CompanyName
    scenario: Scenario


@router.post("/scenario")
async def change_scenario(desk: AtDesk, wish: ScenarioIn) -> dict[str, Any]:
    """Change every login of a company; where there is none, the next one will have it."""
    with desk.storage.transaction():
        changed = desk.storage.set_scenario(wish.company, wish.scenario)
    return {**wish.model_dump(), "logins": changed}


@router.get("/logins")
async def list_logins(desk: AtDesk) -> dict[str, list[dict[str, Any]]]:
    """List every consent that was ever given, oldest first; no tokens."""
    return {
        "items": [
            {
                "id": str(login.id),
                "product": login.product,
                "company": login.company,
                "organisation_id": desk.company_of(login).id,
                "scenario": login.scenario,
                "created_at": login.created_at,
                "revoked": bool(login.is_revoked),
                "calls": login.calls,
            }
            for login in desk.storage.logins()
        ]
    }
