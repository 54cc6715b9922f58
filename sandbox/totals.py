"""The books' own totals, to hold a client's figures against."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from starlette.concurrency import run_in_threadpool

from sandbox.books.totals import totals_of
from sandbox.control import CompanyName
from sandbox.desk import AtDesk, Desk
from sandbox.rendering import page
from sandbox.scenarios import Scenario

router = APIRouter(tags=["totals"])


@router.get("/totals.json")
async def totals(
    desk: AtDesk,
    company: Annotated[CompanyName, Query()],
    scenario: Scenario = Scenario.DEFAULT,
) -> dict[str, Any]:
    """Add up the books that a login of this company would see."""
    return await _add_up(desk, company, scenario)


@router.get("/totals", include_in_schema=False)
async def totals_page(
    desk: AtDesk,
    company: Annotated[CompanyName, Query()],
    scenario: Scenario = Scenario.DEFAULT,
) -> Response:
    """Show the same to a person."""
    return page("totals.html", totals=await _add_up(desk, company, scenario))


async def _add_up(desk: Desk, company: str, scenario: Scenario) -> dict[str, Any]:
    return await run_in_threadpool(totals_of, desk.books(company, scenario))
