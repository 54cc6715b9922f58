"""A workbook that is filled in and uploaded becomes a report like any other."""

import pytest

from tests.e2e.world import SPEND, Customer, World, content, refused
from tests.providers.workbook.workbooks import GOOD, filled

BOOKS = filled(GOOD)


@pytest.fixture
async def uploaded(world: World) -> Customer:
    """A client whose customer uploaded the template, filled in."""
    customer = await world.ask(SPEND, delivery="link")
    await customer.does("open")
    await customer.does("choose_structure", structure="single")
    answer = await world.browser.post(
        f"{await customer.path()}/upload",
        files={"file": ("books.xlsx", BOOKS)},
        data={"consent": "true"},
    )
    assert "fetching" == content(answer)["stage"]
    return customer


async def test_an_upload_becomes_a_report(world: World, uploaded: Customer) -> None:
    """
    The company is Available, and the report knows what was filled in.
    """
    await uploaded.becomes("Available")

    reports = f"/v1/companies/{uploaded.company_id}/reports"
    report = await world.bank.get(f"{reports}/spend_analysis?format=json")

    assert 200 == report.status_code
    assert "Acme" in report.text
    assert (409, "uploaded_data") == refused(await uploaded.refresh())


async def test_the_template_can_be_downloaded(world: World) -> None:
    """
    By a program and on the page: the same workbook.
    """
    customer = await world.ask(SPEND, delivery="link")
    path = await customer.path()

    program = await world.browser.get(f"{path}/template")
    page = await world.browser.get(f"{path.removeprefix('/v1')}/template")

    assert program.content.startswith(b"PK")
    assert program.content == page.content
