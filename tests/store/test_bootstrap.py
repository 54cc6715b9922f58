from sqlmodel import select

from store.bootstrap import ensure_organization, key_digest
from store.database import Database
from store.queries import organization_of_key
from store.tables import ApiKeyRow, OrganizationRow


async def test_an_organization_is_made_once(database: Database) -> None:
    """
    The same key opens the same organization, however often it is asked for.
    """
    ids = [
        await ensure_organization(database, name="Meridian Bank", key="k")
        for _ in range(3)
    ]

    async with database.reading() as session:
        (row,) = (await session.exec(select(OrganizationRow))).all()
    assert {row.id} == set(ids)
    assert row.id.startswith("or_")


async def test_another_key_is_another_organization(database: Database) -> None:
    """
    A key belongs to one organization.
    """
    one = await ensure_organization(database, name="Meridian Bank", key="k")
    other = await ensure_organization(database, name="Meridian Bank", key="l")

    async with database.reading() as session:
        opened = await organization_of_key(session, key_digest("l"))
        nobody = await organization_of_key(session, key_digest("m"))
    assert one != other
    assert opened is not None
    assert other == opened.id
    assert nobody is None


async def test_the_key_itself_is_nowhere(database: Database) -> None:
    """
    Who reads the database learns no key.
    """
    await ensure_organization(database, name="Meridian Bank", key="a very secret key")

    async with database.reading() as session:
        (row,) = (await session.exec(select(ApiKeyRow))).all()
    assert "secret" not in str(row.model_dump())
