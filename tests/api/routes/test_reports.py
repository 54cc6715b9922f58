from collections.abc import AsyncIterator
from typing import Any, Final

import httpx
import pytest
from fastapi import FastAPI

from api.routes.reports import disposition
from domain.reports import FILE_KINDS, REPORTS, Format, ReportType
from settings import Settings
from store.database import Database
from store.objects import Objects
from store.states import ReportState
from store.tables import CompanyRow, ReportRow
from tests.api.conftest import calling
from tests.api.given import NOW, Bank, Given

SHA: Final = "5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8"
LARGE: Final = 300_000
"""More than one piece of a stream."""

EVERY: Final = [
    (report, form) for report, each in REPORTS.items() for form in each.formats
]


def contents(report: ReportType, form: Format) -> bytes:
    return f"{report} as {form}\n".encode() * LARGE


async def built(
    given: Given, objects: Objects, report: ReportType, **changes: Any
) -> CompanyRow:
    """A company of which this report was built, in every form."""
    company = await given.company(**changes)
    await given.over(company, data_types=[REPORTS[report].data_type])
    files = {}
    for form in REPORTS[report].formats:
        key = f"reports/{company.id}/rp_1/{report}.{form}"
        await objects.put(key, contents(report, form))
        files[form.value] = {
            "key": key,
            "bytes": len(contents(report, form)),
            "sha256": SHA,
        }
    row = ReportRow(
        company_id=company.id,
        type=report,
        state=ReportState.READY,
        build_id="rp_1",
        files=files,
        updated_at=NOW,
    )
    await given.written(row)
    return company


@pytest.fixture
def objects(settings: Settings) -> Objects:
    return Objects(settings.objects_url)


def address(company: CompanyRow, report: str = "financials") -> str:
    return f"/v1/companies/{company.id}/reports/{report}"


async def listed(api: httpx.AsyncClient, company: CompanyRow) -> list[Any]:
    answer = await api.get(f"/v1/companies/{company.id}/reports")
    assert 200 == answer.status_code, answer.text
    return list(answer.json()["items"])


async def test_reports_of_requested_data_are_listed(
    api: httpx.AsyncClient, given: Given
) -> None:
    """
    Before they are built too; nothing was asked, nothing is listed.
    """
    asked, other = await given.company(), await given.company()
    await given.journey(asked, data_types=["spend_analysis"])

    shown = await listed(api, asked)

    assert [("spend_analysis", "missing"), ("spend_summary", "missing")] == [
        (each["type"], each["status"]) for each in shown
    ]
    assert {
        "type": "spend_summary",
        "title": "Spend summary",
        "status": "missing",
        "updated_at": None,
        "formats": ["pdf", "json"],
    } == shown[1]
    assert [] == await listed(api, other)


async def test_each_report_has_its_own_time(
    api: httpx.AsyncClient, given: Given, objects: Objects
) -> None:
    """
    A failed one keeps that of the report that can still be downloaded.
    """
    company = await built(given, objects, ReportType.SPEND_ANALYSIS)
    failed = ReportRow(
        company_id=company.id, type=ReportType.SPEND_SUMMARY, state=ReportState.FAILED
    )
    await given.written(failed)

    shown = await listed(api, company)

    assert [("ready", "2026-11-21T12:00:00Z"), ("failed", None)] == [
        (each["status"], each["updated_at"]) for each in shown
    ]


async def test_the_list_of_reports_goes_on_with_its_cursor(
    api: httpx.AsyncClient, given: Given
) -> None:
    """
    Like every list.
    """
    company = await given.company()
    await given.journey(company, data_types=["financials", "spend_analysis"])
    url = f"/v1/companies/{company.id}/reports?limit=2"

    first = (await api.get(url)).json()
    second = (await api.get(url, params={"cursor": first["next_cursor"]})).json()

    assert ["financials", "spend_analysis", "spend_summary"] == [
        each["type"] for page in (first, second) for each in page["items"]
    ]
    assert second["next_cursor"] is None


@pytest.mark.parametrize(("report", "form"), EVERY)
async def test_every_form_of_every_report_downloads(
    api: httpx.AsyncClient,
    given: Given,
    objects: Objects,
    report: ReportType,
    form: Format,
) -> None:
    """
    Piece by piece, with a name to save it under, for nobody's eyes in between.
    """
    company = await built(given, objects, report, name="Tea & Co")
    url = f"{address(company, report)}?format={form}"

    pieces = []
    async with api.stream("GET", url) as answer:
        async for piece in answer.aiter_raw():
            pieces.append(piece)  # noqa: PERF401

    kind = FILE_KINDS[form]
    assert (200, kind.media_type) == (
        answer.status_code,
        answer.headers["content-type"],
    )
    assert contents(report, form) == b"".join(pieces)
    assert str(len(contents(report, form))) == answer.headers["content-length"]
    saved_as = f'filename="Tea & Co - {REPORTS[report].title}.{kind.ending}"'
    assert saved_as in answer.headers["content-disposition"]
    assert "private" in answer.headers["cache-control"]


@pytest.mark.parametrize("report", ReportType)
async def test_no_format_is_the_first_one(
    api: httpx.AsyncClient, given: Given, objects: Objects, report: ReportType
) -> None:
    """
    A workbook, or the summary's pages.
    """
    company = await built(given, objects, report)

    answer = await api.get(address(company, report))

    assert contents(report, REPORTS[report].default_format) == answer.content


async def test_a_file_that_is_known_is_not_sent_again(
    api: httpx.AsyncClient, given: Given, objects: Objects
) -> None:
    """
    Its tag names what is in it.
    """
    company = await built(given, objects, ReportType.FINANCIALS)
    tag = (await api.get(address(company))).headers["etag"]

    again = await api.get(address(company), headers={"If-None-Match": tag})
    other = await api.get(address(company), headers={"If-None-Match": '"other"'})

    assert (304, b"", tag) == (again.status_code, again.content, again.headers["etag"])
    assert 200 == other.status_code


@pytest.mark.parametrize(
    ("report", "form", "status", "code"),
    [
        ("financials", "pdf", 422, "format_not_available"),
        ("spend_summary", "xlsx", 422, "format_not_available"),
        ("financials", "docx", 422, "format_not_available"),
        ("financials", "json", 404, "report_not_available"),
        ("balance", "json", 404, "not_found"),
    ],
)
async def test_what_can_not_be_downloaded(  # noqa: PLR0913, PLR0917 (a case has many sides)
    api: httpx.AsyncClient,
    given: Given,
    report: str,
    form: str,
    status: int,
    code: str,
) -> None:
    """
    A form that the report does not come in, a report that is not there yet, or none at all.
    """
    company = await given.company()
    await given.journey(company)

    answer = await api.get(f"{address(company, report)}?format={form}")

    assert (status, code) == (answer.status_code, answer.json()["code"])


async def test_a_file_that_was_swept_meanwhile_is_not_there(
    api: httpx.AsyncClient, given: Given, objects: Objects
) -> None:
    """
    That is no defect: a newer one has just taken its place.
    """
    company = await built(given, objects, ReportType.FINANCIALS)
    await objects.delete_folder(f"reports/{company.id}")

    answer = await api.get(address(company))

    assert (404, "report_not_available") == (
        answer.status_code,
        answer.json()["code"],
    )


class Slow(Objects):
    """Tells how many connections to the database are in use whenever a file is opened."""

    def __init__(self, url: str, database: Database) -> None:
        super().__init__(url)
        self._database = database
        self.held: list[str] = []

    async def open(self, key: str) -> AsyncIterator[bytes]:
        self.held.append(self._database.engine.pool.status())
        return await super().open(key)


async def test_no_connection_waits_for_the_object_store(
    app: FastAPI, api: httpx.AsyncClient, given: Given, settings: Settings
) -> None:
    """
    However long a file takes to come, the database has all its connections meanwhile.
    """
    app.state.objects = slow = Slow(settings.objects_url, given.database)
    company = await built(given, slow, ReportType.FINANCIALS)

    answer = await api.get(address(company))

    assert 200 == answer.status_code
    assert [True] == [
        "Current Checked out connections: 0" in each for each in slow.held
    ]


async def test_another_bank_gets_nothing(
    app: FastAPI, given: Given, objects: Objects, other_bank: Bank
) -> None:
    """
    Not even that there is something.
    """
    company = await built(given, objects, ReportType.FINANCIALS)

    async with calling(app, other_bank.key) as theirs:
        answers = [
            await theirs.get(address(company)),
            await theirs.get(f"/v1/companies/{company.id}/reports"),
        ]

    assert [404, 404] == [answer.status_code for answer in answers]


@pytest.mark.parametrize(
    ("name", "saved_as"),
    [
        ("Tea", "filename=\"Tea.pdf\"; filename*=UTF-8''Tea.pdf"),
        ("Café", "filename=\"Cafe.pdf\"; filename*=UTF-8''Caf%C3%A9.pdf"),
        ("茶", "filename=\"report.pdf\"; filename*=UTF-8''%E8%8C%B6.pdf"),
        (
            '../a"b\r\nc\\d',
            "filename=\"a b c d.pdf\"; filename*=UTF-8''..%20a%20b%20c%20d.pdf",
        ),
    ],
)
def test_a_name_is_safe_to_save_a_file_under(name: str, saved_as: str) -> None:
    """
    Whatever a client is called: no path, no second header, letters for every program.
    """
    assert f"attachment; {saved_as}" == disposition(name, "pdf")
