"""A company is deleted in the browser, with the keyboard alone."""

import pytest
from playwright.async_api import Page, expect

from tests.browser.office import PATIENCE, faults, named, sign_in
from tests.e2e.world import World

pytestmark = pytest.mark.timeout(180)

NAME = "Aldgate Bakery & Söhne"


async def test_a_company_is_deleted_and_each_step_shows_itself(
    page: Page, world: World
) -> None:
    """
    Another name is refused; the right one leads to steps that end one after the other, without a reload.
    """
    company = str((await named(world, NAME))["id"])
    path = f"/companies/{company}"
    await sign_in(page, world, "Relationship manager", path)
    await page.get_by_role("link", name="Delete").focus()
    await page.keyboard.press("Enter")
    field = page.get_by_label("name to delete it")

    await field.fill("Aldgate")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_contain_text("Nothing was deleted")
    found = await faults(page)
    await field.fill(NAME)
    await page.keyboard.press("Enter")

    step = page.locator("#steps li", has_text="Delete the records")
    await expect(step).to_contain_text("Done", timeout=PATIENCE)
    found += await faults(page)
    await page.get_by_role("link", name="Deletions").click()
    await expect(page.locator("main")).to_contain_text(company)
    found += await faults(page)
    gone = await page.goto(world.running.url + path)
    assert gone is not None
    assert 404 == gone.status
    assert [] == found
