"""The words by which a company is found: folded, so that spelling them roughly is enough."""

import unicodedata
from typing import Final

from sqlmodel import col, delete
from sqlmodel.ext.asyncio.session import AsyncSession

from store.tables import CompanyRow, SearchWordRow

HIGHEST: Final = chr(0x10FFFF)
"""Sorts after every word that begins as it does."""


def words_of(*texts: str | None) -> set[str]:
    """
    Return the words of `texts`: letters and digits in one case, without accents.

    What stands between them divides them, in names as in addresses; a picture
    (emoji) is a letter.
    """
    folded = unicodedata.normalize("NFKD", " ".join(text or "" for text in texts))
    return set("".join(_kept(character) for character in folded.casefold()).split())


def _kept(character: str) -> str:
    match unicodedata.category(character)[0]:
        case "L" | "N":
            return character
        case "M":
            return ""
        case _:
            return character if unicodedata.category(character) == "So" else " "


async def index_company(session: AsyncSession, row: CompanyRow) -> None:
    """Let a company be found by its present name, contact and external id."""
    await session.exec(
        delete(SearchWordRow).where(col(SearchWordRow.company_id) == row.id)
    )
    words = words_of(row.name, row.contact_name, row.contact_email, row.external_id)
    session.add_all(
        SearchWordRow(company_id=row.id, word=word, organization_id=row.organization_id)
        for word in sorted(words)
    )
