"""A workbook in place of a connection: what is asked of it, what is told, what is stored."""

import asyncio
from typing import Any, Final

import httpx
import pytest
from sqlmodel import select

from domain.consent import UPLOAD_CONSENT_VERSION
from domain.journey import Stage, Structure
from domain.uploads import LARGEST_UPLOAD, MEDIA_TYPE, UPLOADED_FILE
from settings import Settings
from store import uploads
from store.objects import Objects
from store.tables import ConsentRow, JourneyRow, OrganizationRow, UploadRow
from tests.api.given import Given
from tests.api.live import SPEND, Customer, Office, ShutOffice, said
from tests.providers.workbook.workbooks import BASE, BILL, GOOD, filled

BOOKS: Final = filled(GOOD)
NONSENSE: Final = b"a letter to the bank"
WRONG: Final = filled(
    {**BASE, "Bills": [{**BILL, "Total amount": "much"}, {"Bill ID": "B2"}]}
)


async def uploads_file(
    customer: Customer, file: bytes = BOOKS, **fields: str
) -> httpx.Response:
    """Send the form that the page sends."""
    return await customer.office.door.post(
        f"/v1/link/{customer.token}/upload",
        files={"file": ("books.xlsx", file, MEDIA_TYPE)},
        data={"consent": "true", **fields},
    )


async def at_software(office: Office) -> Customer:
    """A customer who is asked for spending, and has one company."""
    customer = await office.asks(SPEND)
    await customer.does("open")
    await customer.does("choose_structure", structure="single")
    return customer


@pytest.fixture
def objects(settings: Settings) -> Objects:
    """What the API stores files in."""
    return Objects(settings.objects_url)


async def kept(given: Given) -> list[UploadRow]:
    async with given.database.reading() as session:
        return list((await session.exec(select(UploadRow))).all())


async def switch_off(given: Given) -> None:
    async with given.database.transaction() as session:
        row = await session.get_one(OrganizationRow, given.organization_id)
        row.features = {"manual_upload": False}
        session.add(row)


async def selecting(shut: ShutOffice, **changes: Any) -> JourneyRow:
    """A journey whose customer picks software, while Temporal is away."""
    company = await shut.given.company()
    standing = {
        "stage": Stage.SELECTING_SOFTWARE,
        "structure": Structure.SINGLE,
        "data_types": ["spend_analysis"],
        "version": 3,
        "run_id": "a-run",
    }
    return await shut.given.journey(company, **{**standing, **changes})


async def posted(
    shut: ShutOffice, journey: JourneyRow, file: bytes = BOOKS, **fields: str
) -> httpx.Response:
    return await shut.door.post(
        f"{shut.address(journey)}/upload",
        files={"file": ("books.xlsx", file)},
        data={"consent": "true", **fields},
    )


async def test_an_upload_takes_the_place_of_software(office: Office) -> None:
    """
    The journey goes on as if software had been approved, and ends with the books read.
    """
    customer = await at_software(office)

    answer = await uploads_file(customer)

    assert 200 == answer.status_code, answer.text
    assert "fetching" == answer.json()["stage"]
    await customer.reaches(lambda state: state["stage"] == "completed", within=50)
    (entity,) = (await customer.journey())["entities"]
    assert UPLOADED_FILE.key == entity["software"]
    assert "uploaded" in await customer.events()
    assert "Available" == (await customer.company())["status"]


async def test_consent_to_an_upload_is_recorded(office: Office) -> None:
    """
    Who, when, which text and which data types: for the connection that it made.
    """
    customer = await at_software(office)

    await uploads_file(customer)

    async with office.given.database.reading() as session:
        statement = select(ConsentRow).where(ConsentRow.journey_id == customer.id)
        (consent,) = (await session.exec(statement)).all()
    (entity,) = (await customer.journey())["entities"]
    assert (entity["id"], UPLOADED_FILE.key, UPLOAD_CONSENT_VERSION) == (
        consent.connection_id,
        consent.software,
        consent.text_version,
    )
    assert "Ada Okafor <ada@hoxton.test>" == consent.who
    assert ["spend_analysis"] == consent.data_types


async def test_one_of_several_may_be_uploaded(office: Office) -> None:
    """
    Of several legal entities one is uploaded and the next connected.
    """
    customer = await office.asks(SPEND)
    await customer.opens("Tea Retail")

    uploaded = (await uploads_file(customer)).json()
    await customer.does("add_entity")
    await customer.does("name_entity", name="Tea Wholesale")
    back = await customer.decides(await customer.leaves())
    await customer.returns(back)
    connected = await customer.state()

    assert "reviewing_entities" == uploaded["stage"] == connected["stage"]
    assert [("Tea Retail", "upload"), ("Tea Wholesale", "ledgerly")] == [
        (each["name"], each["software"]) for each in connected["entities"]
    ]


async def test_the_same_file_twice_at_once_is_one_upload(office: Office) -> None:
    """
    Who clicks twice gets the first one's answer, and nothing happens twice.
    """
    customer = await at_software(office)

    first, second = await asyncio.gather(uploads_file(customer), uploads_file(customer))

    assert (200, 200) == (first.status_code, second.status_code)
    assert first.json()["entities"] == second.json()["entities"]
    assert 1 == (await customer.events()).count("uploaded")


async def test_what_was_uploaded_can_not_be_refreshed(office: Office) -> None:
    """
    There is nowhere to fetch it from; the bank asks again, and the customer uploads anew.
    """
    customer = await at_software(office)
    await uploads_file(customer)
    await customer.reaches(lambda state: state["stage"] == "completed", within=50)

    answer = await office.bank.post(f"/v1/companies/{customer.company_id}/refresh")
    again = {"data_types": SPEND, "delivery": "link"}
    asked = await office.bank.post(
        f"/v1/companies/{customer.company_id}/journeys", json=again
    )

    assert (409, "uploaded_data") == said(answer)
    assert 202 == asked.status_code


async def test_all_problems_are_told_at_once(shut: ShutOffice) -> None:
    """
    Each says in which sheet, row and column it is; nothing is stored, and no value is repeated.
    """
    journey = await selecting(shut)

    answer = await posted(shut, journey, WRONG)

    assert (422, "upload_rejected") == said(answer)
    places = [each["loc"] for each in answer.json()["errors"]]
    assert ["Bills", 2, "Total amount (F)"] in places
    assert {"Bills"} == {place[0] for place in places}
    assert 3 <= len(places)
    assert "much" not in answer.text
    assert [] == await kept(shut.given)


async def test_what_is_no_workbook_is_told_about_the_file(shut: ShutOffice) -> None:
    """
    Where there is no sheet to name, the problem is the file.
    """
    journey = await selecting(shut)

    answer = await posted(shut, journey, NONSENSE)

    assert (422, "upload_rejected") == said(answer)
    assert [["file"]] == [each["loc"] for each in answer.json()["errors"]]
    assert "there is one problem" in answer.json()["detail"]


async def test_an_upload_needs_consent(shut: ShutOffice) -> None:
    """
    Without it the file is not even looked at.
    """
    journey = await selecting(shut)

    answer = await posted(shut, journey, NONSENSE, consent="false")

    assert (422, "consent_required") == said(answer)


async def test_the_stage_comes_before_the_values(shut: ShutOffice) -> None:
    """
    Elsewhere in the flow an upload is refused with the present state, however bad the file.
    """
    journey = await selecting(shut, stage=Stage.CHOOSING_STRUCTURE, structure=None)

    answer = await posted(shut, journey, NONSENSE, consent="false")

    assert (409, "action_not_allowed") == said(answer)
    assert "choosing_structure" == answer.json()["state"]["stage"]


@pytest.mark.parametrize(
    "form",
    [
        {"data": {"consent": "true"}},
        {"files": {"file": ("a", b"")}, "data": {"consent": "perhaps"}},
        {"files": {"file": ("a", b"")}, "data": {"more": "x"}},
        {"data": {"file": "a text", "consent": "true"}},
        {"json": {"consent": True}},
    ],
    ids=["no file", "no yes or no", "one field more", "a text", "no form"],
)
async def test_the_shape_comes_first(shut: ShutOffice, form: dict[str, Any]) -> None:
    """
    What is no form with a file in it is refused, whatever the stage.
    """
    journey = await selecting(shut, stage=Stage.CHOOSING_STRUCTURE, structure=None)

    answer = await shut.door.post(f"{shut.address(journey)}/upload", **form)

    assert (422, "invalid_request") == said(answer)


async def test_a_file_may_be_large_but_not_too_large(shut: ShutOffice) -> None:
    """
    Up to the limit it is looked at; beyond, it is not taken in at all.
    """
    journey = await selecting(shut)

    large = await posted(shut, journey, bytes(LARGEST_UPLOAD))
    too_large = await posted(shut, journey, bytes(LARGEST_UPLOAD + 100_000))

    assert (422, "upload_rejected") == said(large)
    assert (413, "too_large") == said(too_large)


async def test_a_bank_can_switch_it_off(shut: ShutOffice) -> None:
    """
    Then it is not offered, and neither file, template nor terms can be had.
    """
    journey = await selecting(shut)
    offered = (await shut.seen(journey)).json()["allowed"]
    await switch_off(shut.given)
    address = shut.address(journey)

    answers = [
        await posted(shut, journey),
        await shut.door.get(f"{address}/template"),
        await shut.door.get(f"{address}/upload"),
    ]

    assert "upload" in offered
    assert "upload" not in (await shut.seen(journey)).json()["allowed"]
    assert [(409, "feature_disabled")] * 3 == [said(each) for each in answers]


async def test_a_link_that_is_no_more_takes_nothing(shut: ShutOffice) -> None:
    """
    An unknown token is 404 and one that has ended 410, for the template as for the file.
    """
    journey = await selecting(shut, stage=Stage.EXPIRED)

    unknown = await shut.door.get("/v1/link/a.b.c/template")
    expired = await posted(shut, journey)
    terms = await shut.door.get(f"{shut.address(journey)}/upload")

    assert (404, "not_found") == said(unknown)
    assert (410, "link_expired") == said(expired) == said(terms)


async def test_the_template_is_a_workbook(shut: ShutOffice) -> None:
    """
    It comes as a file to be saved, and is what the terms lead to.
    """
    journey = await selecting(shut)

    terms = (await shut.door.get(f"{shut.address(journey)}/upload")).json()
    answer = await shut.door.get(f"{shut.address(journey)}/template")

    assert terms["template_url"].endswith(f"{shut.address(journey)}/template")
    assert MEDIA_TYPE == answer.headers["content-type"]
    assert 'attachment; filename="upload.xlsx"' == answer.headers["content-disposition"]
    assert answer.content.startswith(b"PK")
    assert "Suppliers with their contact details" in terms["consent"]["items"]


async def test_a_good_file_is_stored_before_anybody_hears_of_it(
    shut: ShutOffice, objects: Objects
) -> None:
    """
    While Temporal is away the file waits; who sends it again stores nothing new.
    """
    journey = await selecting(shut)

    answers = [await posted(shut, journey), await posted(shut, journey)]

    assert [(503, "temporal_unavailable")] * 2 == [said(each) for each in answers]
    (row,) = await kept(shut.given)
    key = uploads.key_of(journey.id, row.sha256)
    assert [key] == await objects.keys(uploads.FOLDER)
    assert BOOKS == await objects.get(key)
