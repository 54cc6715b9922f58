"""What people type that they should not, and what happens at an unlucky moment."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from random import Random
from typing import Final

import pytest
from playwright.async_api import Browser, Page, expect

from domain.ids import Kind, new_id
from domain.journey import Stage
from store.database import Database
from store.tables import CompanyRow, JourneyRow
from tests.browser.office import (
    PATIENCE,
    AtWork,
    faults,
    named,
    unreachable,
    wider_than_window,
)
from tests.browser.visitor import PHONE
from tests.e2e.world import SPEND, Customer, Json, World, content

pytestmark = pytest.mark.timeout(180)

HARM: Final = '"><img src=/harm onerror=alert(1)><script>alert(1)</script>'
HARMED: Final = "[src='/harm'], script:not([src])"
LONG: Final = "Donaudampfschifffahrtsgesellschaft"
"""A word that nothing breaks."""
SWAPPED_OUT: Final = """document.addEventListener(
  "htmx:beforeSend", ({detail}) => setTimeout(() => detail.elt.remove())
)"""
BRANCHES: Final = 1000
OVER: Final = re.compile("request is cancelled|request (has just )?ended")


@pytest.fixture
async def database(world: World) -> AsyncIterator[Database]:
    """The store of the running copy."""
    database = Database(f"sqlite:///{world.running.home / 'rapport.db'}")
    yield database
    await database.close()


async def opened(page: Page, world: World, path: str) -> None:
    await page.goto(path if path.startswith("http") else world.running.url + path)


async def client(world: World, name: str, **more: str) -> Customer:
    """Ask a client of that name for its spending, and let it name a legal entity so too."""
    company = await named(world, name, **more)
    customer = await world.ask(SPEND, company=company, delivery="link")
    await customer.has_several()
    await customer.adds(name, "slow")
    return customer


def pages_of(customer: Customer) -> tuple[str, ...]:
    """Name the pages that show what is typed about a customer."""
    company, journey = f"/companies/{customer.company_id}", f"/journeys/{customer.id}"
    return (
        *("/?user=all", f"/?user=all&open={customer.company_id}", "/stuck"),
        *(company, f"{company}/edit", f"{company}/request", f"{company}/delete"),
        *(journey, f"{journey}/link", str(customer.link_url)),
    )


async def test_what_is_typed_is_text_everywhere(at_work: AtWork, world: World) -> None:
    """
    Tags and scripts in any field stand on every page as they were typed, and do nothing.
    """
    customer = await client(world, HARM, description=HARM, external_id=HARM)
    page = await at_work("Administrator", "/users")
    await page.get_by_label("Name").fill(HARM)
    await page.get_by_label("Email address").fill("harm@meridian.example")
    await page.get_by_label("First password").fill("wet stones under bridges")
    await page.get_by_role("button", name="Add", exact=True).click()
    await expect(page.locator("main")).to_contain_text(HARM)
    unshown, harmed = [], 0

    for path in pages_of(customer):
        await opened(page, world, path)
        words = await page.locator("body").inner_text()
        fields = await page.locator(f"input[value='{HARM}']").count()
        unshown += [] if HARM in words or fields or path == "/stuck" else [path]
        harmed += await page.locator(HARMED).count()
    await customer.bank("cancel", reason=HARM)
    await opened(page, world, f"/journeys/{customer.id}")

    await expect(page.locator("#timeline")).to_contain_text(HARM)
    assert ([], 0) == (unshown, harmed)


async def test_harm_in_an_email_stays_in_it(page: Page, world: World) -> None:
    """
    Neither the email to a contact of such a name nor the mailbox lets it do anything.
    """
    contact = {"name": HARM, "email": "harm@hoxton.example"}
    body = {"name": HARM, "contact": contact}
    company: Json = content(await world.bank.post("/v1/companies", json=body), 201)
    customer = await world.ask(company=company)
    await customer.becomes("Requested")
    await page.goto(f"{world.sandbox}/mailbox")

    await page.locator("li", has_text="harm@hoxton.example").get_by_role("link").click()

    letter = page.frame_locator("iframe").locator("body")
    await expect(letter).to_contain_text(HARM)
    assert [0] * len(page.frames) == [
        await frame.locator("[src='/harm']").count() for frame in page.frames
    ]


async def test_long_names_fit(at_work: AtWork, world: World) -> None:
    """
    Words as long as a field allows make no page wider than its window, at a desk or on a phone.
    """
    name = (LONG * 3)[:100]
    customer = await client(world, name, description=(LONG * 6)[:200])
    page = await at_work("Administrator")
    found = []

    for path in pages_of(customer):
        await opened(page, world, path)
        found += await wider_than_window(page)
        await page.set_viewport_size(PHONE)
        found += await wider_than_window(page)
        await page.set_viewport_size({"width": 1280, "height": 900})

    assert [] == found


async def test_too_much_is_told_and_nothing_typed_is_lost(
    at_work: AtWork, world: World
) -> None:
    """
    Two hundred characters, sent past the limit of the field, come back with a sentence.
    """
    page = await at_work("Support", "/companies/new")
    name = page.get_by_label("Name of the company")
    await name.evaluate("field => field.removeAttribute('maxlength')")
    await name.fill("x" * 200)
    await page.get_by_label("Name", exact=True).fill("Ines Fabre")
    await page.get_by_label("Email address").fill("ines@foxglove.example")

    await page.get_by_role("button", name="Add and go on").click()

    await expect(page.locator("#name-problem")).to_be_visible()
    await expect(name).to_have_value("x" * 200)
    await expect(page.get_by_label("Email address")).to_have_value(
        "ines@foxglove.example"
    )


async def test_a_thousand_legal_entities(
    at_work: AtWork, world: World, database: Database
) -> None:
    """
    The row unfolds the first of them, the company's page shows some, and all when asked.
    """
    company = await named(world, "Thousandfold Group")
    now, chance = datetime.now(UTC), Random(7)  # noqa: S311 (ids of a test)
    async with database.transaction() as session:
        bank = (await session.get_one(CompanyRow, company["id"])).organization_id
        session.add_all(
            CompanyRow(
                id=new_id(Kind.COMPANY, now, chance),
                organization_id=bank,
                parent_id=company["id"],
                name=f"Branch {number:04}",
                created_at=now,
                updated_at=now,
            )
            for number in range(BRANCHES)
        )
    page = await at_work("Viewer", "/?q=thousandfold")

    await page.get_by_role("link", name="1000 legal entities").click()
    await expect(page.locator("tr.under")).to_have_count(50, timeout=PATIENCE)
    await page.get_by_role("link", name="see more").click()
    await page.get_by_role("link", name="Show all").click()

    entities = page.locator("#entities li")
    await expect(entities).to_have_count(BRANCHES, timeout=PATIENCE)


async def test_a_link_whose_time_is_over_leads_on(
    page: Page, world: World, database: Database
) -> None:
    """
    It says so, and a click tells the bank that the customer would still like to.
    """
    customer = await world.ask(delivery="link")
    await customer.becomes("Requested")
    async with database.transaction() as session:
        row = await session.get_one(JourneyRow, customer.id)
        row.stage, row.closed_at = Stage.EXPIRED, datetime.now(UTC)
        session.add(row)
    await page.set_viewport_size(PHONE)
    await page.goto(str(customer.link_url))
    found = await faults(page)

    await page.get_by_role("button", name="Ask for a new link").click()

    await expect(page.locator("body")).to_contain_text("was passed on")
    assert "new_link_asked" in await customer.events()
    assert [] == found


async def test_a_page_without_a_script_comes_too_late(
    at_work: AtWork, world: World
) -> None:
    """
    What is asked of a request that ended a moment ago is answered with how it ended.
    """
    customer = await unreachable(world, "Latecomer Lamps")
    here = f"/journeys/{customer.id}"
    page = await at_work("Support", here, java_script_enabled=False)
    await customer.bank("cancel", reason="A moment ago.")

    await page.get_by_role("button", name="Send it again").click()

    said = page.locator("#said")
    await expect(said).to_contain_text("This request ended")
    await expect(said).to_contain_text("Nothing was changed.")


async def test_an_open_page_hears_that_it_is_over(
    at_work: AtWork, world: World
) -> None:
    """
    What can't be done any more goes from an open page by itself.
    """
    customer = await unreachable(world, "Overtaken Oats")
    page = await at_work("Support", f"/journeys/{customer.id}")
    await expect(page.locator("#mend-cancel")).to_have_count(1)

    await customer.bank("cancel", reason="Meanwhile.")

    await expect(page.locator("#mend-cancel")).to_have_count(0, timeout=PATIENCE)


async def test_an_answer_finds_its_place(at_work: AtWork, world: World) -> None:
    """
    What came of an action is said even if its form was swapped out before the answer.
    """
    customer = await unreachable(world, "Swiftly Swapped")
    page = await at_work("Support", f"/journeys/{customer.id}")
    await page.evaluate(SWAPPED_OUT)

    await page.locator("#mend-extend summary").click()
    await page.locator("#mend-extend button").click()

    await expect(page.locator("#said")).to_contain_text("The link now works until")


async def test_two_of_support_act_at_once(at_work: AtWork, world: World) -> None:
    """
    Both are told that it is over, and it was cancelled once.
    """
    customer = await unreachable(world, "Twofold Tiles")
    here = f"/journeys/{customer.id}"
    pages = [
        await at_work("Support", here),
        await at_work("Relationship manager", here),
    ]
    for page in pages:
        await page.locator("#mend-cancel summary").click()
        await page.get_by_label("Why?").fill("They closed.")

    await asyncio.gather(
        *(
            page.get_by_role("button", name="Yes, cancel").click(no_wait_after=True)
            for page in pages
        )
    )

    for page in pages:
        await expect(page.locator("#said")).to_contain_text(OVER)
    assert 1 == (await customer.events()).count("cancelled")


async def test_main_path_without_a_script_on_a_phone(
    browser: Browser, world: World
) -> None:
    """
    From the link to the software and back, where no script can run at all.
    """
    customer = await world.ask(delivery="link")
    context = await browser.new_context(viewport=PHONE, java_script_enabled=False)
    page = await context.new_page()
    await page.goto(str(customer.link_url))

    await page.get_by_role("button", name="Start").click()
    await page.get_by_label("Ledgerly").check()
    await page.get_by_role("button", name="Continue").click()
    await page.get_by_label("I agree").check()
    await page.get_by_role("button", name="Sign in and share").click()
    await page.locator("button[value=approve]").click()

    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    await customer.becomes("Available")
    await context.close()
