"""Somebody before a page who has nothing but a keyboard, and looks at each page closely."""

from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Self

from playwright.async_api import Browser, BrowserContext, Page, Response
from playwright.async_api import TimeoutError as NothingHappened

from tests.browser.office import Watch, faults, wider_than_window

ARGUMENTS: Final = ("--no-sandbox", "--disable-quic", "--disable-background-networking")
PHONE: Final[Any] = {"width": 360, "height": 740}
MOST_TABS: Final = 60
MOST_PRESSES: Final = 5
A_WHILE: Final = 10_000
"""Milliseconds after which somebody presses a key once more."""

LARGEST_PAGE: Final = 200_000
"""Bytes of a first page with all that belongs to it."""

NAME: Final = """() => {
  const at = document.activeElement;
  const label = at.labels && at.labels.length ? at.labels[0].innerText : "";
  return [at.type || at.tagName, label || at.innerText || at.value || ""];
}"""
"""What has the focus: its kind, and what it is called."""


class Visitor:
    """Opens windows, as small as a phone's, and tabs through what is there."""

    def __init__(
        self, context: BrowserContext, page: Page, home: str, watch: Watch
    ) -> None:
        self._context, self.page, self._home = context, page, home
        self.watch = watch
        self.bytes = 0
        context.on("response", self._note)

    @classmethod
    async def arrives(cls, browser: Browser, home: str, window: Any = PHONE) -> Self:
        context = await browser.new_context(viewport=window)
        return cls(context, await context.new_page(), home, Watch(context))

    async def leaves(self) -> None:
        await self._context.close()

    async def opens(self, url: str) -> None:
        await self.page.goto(url)

    async def another_tab(self) -> "Visitor":
        """Open a second tab with the same page."""
        page = await self._context.new_page()
        other = Visitor(self._context, page, self._home, self.watch)
        await other.opens(self.page.url)
        return other

    @property
    async def heading(self) -> str:
        return await self.page.locator("h1").inner_text()

    @property
    async def words(self) -> str:
        return await self.page.locator("body").inner_text()

    # By keyboard.

    async def reaches(self, words: str, kind: str = "") -> None:
        """Press Tab until something of that name, and of that kind, has the focus."""
        for _ in range(MOST_TABS):
            await self.page.keyboard.press("Tab")
            found, name = await self.page.evaluate(NAME)
            if words in name and kind in found:
                return
        raise AssertionError(f"no way to {words!r} on {await self.heading!r}")

    async def chosen(self) -> str:
        """Return what the thing that has the focus stands for."""
        return str(await self.page.evaluate("document.activeElement.value"))

    async def presses(self, words: str) -> None:
        """Press a button or follow a link, and wait for the page that it leads to."""
        await self.reaches(words)
        async with self.page.expect_navigation():
            await self.page.keyboard.press("Enter")

    async def unfolds(self, words: str) -> None:
        await self.reaches(words, "SUMMARY")
        await self.page.keyboard.press("Enter")

    async def sends(self, words: str) -> None:
        """Press a button whose answer comes into the page."""
        await self.reaches(words, "submit")
        await self.page.keyboard.press("Enter")

    async def picks(self, words: str) -> None:
        """Pick one of several: Tab leads to the first, arrows to the others."""
        await self.reaches("", "radio")
        await self.page.keyboard.press("Space")
        for _ in range(MOST_TABS):
            _, name = await self.page.evaluate(NAME)
            if words in name:
                return
            await self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"no choice {words!r}")

    async def ticks(self, words: str) -> None:
        await self.reaches(words, "checkbox")
        await self.page.keyboard.press("Space")

    async def types(self, label: str, text: str) -> None:
        """Type into a field, over what is there."""
        await self.reaches(label)
        await self.page.keyboard.press("Control+A")
        await self.page.keyboard.type(text)

    async def hands_over(self, file: Path) -> None:
        """Choose a file; whose window does not open at once presses the key once more."""
        await self.reaches("", "file")
        for _ in range(MOST_PRESSES):
            with suppress(NothingHappened):
                async with self.page.expect_file_chooser(timeout=A_WHILE) as chooser:
                    await self.page.keyboard.press("Enter")
                return await (await chooser.value).set_files(file)
        raise AssertionError("no window to choose a file in")

    # What is wrong with a page.

    async def faults(self) -> list[str]:
        """Return what axe finds, light and dark, and whether something is wider than the phone."""
        return await faults(self.page) + await wider_than_window(self.page)

    def _note(self, response: Response) -> None:
        if response.url.startswith(self._home):
            self.bytes += int(response.headers.get("content-length", 0))
