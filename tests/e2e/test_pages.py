"""A whole journey through the plain pages: what they show is pressed, and no script runs."""

from typing import Self

from tests.e2e.pages import Form, Page
from tests.e2e.world import SPEND, Customer, World


class Reader:
    """Somebody with a browser and no JavaScript: fills in a form, and follows where it leads."""

    def __init__(self, world: World, page: Page) -> None:
        self._world = world
        self.page = page

    @classmethod
    async def opens(cls, customer: Customer) -> Self:
        """Follow the link in the mail."""
        path = (await customer.path()).removeprefix("/v1")
        return cls(customer.world, Page(await customer.world.browser.get(path)))

    async def presses(self, action: str, **fields: str) -> None:
        """Press the button of the form that does this."""
        await self.sends(self.page.form(action), **fields)

    async def sends(self, form: Form, **fields: str) -> None:
        """Send a form as a browser would: with its hidden fields, and only to where it says."""
        assert set(fields) <= set(form.choices), form.choices
        answer = await self._world.browser.post(
            form.target, data={**form.hidden, **fields}
        )
        while answer.is_redirect:
            answer = await self._world.browser.get(answer.headers["location"])
        self.page = Page(answer)


async def test_journey_without_a_script(world: World) -> None:
    """
    Two legal entities are named, connected and read with nothing but links and forms.
    """
    customer = await world.ask(SPEND)
    reader = await Reader.opens(customer)
    welcome = reader.page

    await reader.presses("open")
    await reader.presses("choose_structure", structure="multiple")
    for name in ("Tea Retail", "Tea Wholesale"):
        if "add_entity" in reader.page.actions:
            await reader.presses("add_entity")
        await reader.presses("name_entity", name=name)
        await reader.presses("select_software", software="quillcount")
        await reader.presses("authorize", consent="true")
        (form,) = reader.page.forms
        await reader.sends(form, decision="approve", scenario="default")
    overview = reader.page
    await reader.presses("finish")
    await customer.becomes("Available")
    done = (await Reader.opens(customer)).page

    assert {"open", "exit"} == welcome.actions
    assert "<script" not in welcome.text
    assert {"Tea Retail", "Tea Wholesale"} <= set(overview.words)
    assert (200, set()) == (done.status, done.actions)
    assert "All done" in done.text


async def test_page_of_a_wrong_answer(world: World) -> None:
    """
    What can't be taken is shown again with a sentence, and nothing has moved.
    """
    customer = await world.ask(SPEND)
    reader = await Reader.opens(customer)
    await reader.presses("open")
    await reader.presses("choose_structure", structure="multiple")

    await reader.presses("name_entity", name="   ")

    assert 422 == reader.page.status
    assert "name_entity" in reader.page.actions
    assert "naming_entity" == (await customer.look())["stage"]


async def test_page_of_an_old_tab(world: World) -> None:
    """
    A form that was sent already shows where the customer is by now.
    """
    customer = await world.ask(SPEND)
    old = await Reader.opens(customer)
    await old.presses("open")
    form = old.page.form("choose_structure")
    await old.presses("choose_structure", structure="multiple")

    await old.sends(form, structure="single")

    assert 409 == old.page.status
    assert "name_entity" in old.page.actions


async def test_page_of_a_replaced_link(world: World) -> None:
    """
    An old link's page says so, and its one button asks the bank for a new link.
    """
    customer = await world.ask()
    reader = await Reader.opens(customer)
    await customer.bank("link")

    old = await Reader.opens(customer)
    await old.presses("request_new_link")

    assert {"open", "exit"} == reader.page.actions
    assert 410 == old.page.status
    assert set() == old.page.actions
    assert "new_link_asked" in await customer.events()
