"""The guards: files that are no workbook, or that a parser should never see."""

import io
import struct
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_LZMA, ZipFile

import pytest
from openpyxl import Workbook

from domain.uploads import LARGEST_UPLOAD, MOST_PROBLEMS
from providers.workbook.archive import MOST_PARTS, check_archive
from providers.workbook.complaints import Unreadable
from tests.providers.workbook.workbooks import (
    BASE,
    GOOD,
    Upload,
    changed,
    filled,
    saved,
    tampered,
)

MEGABYTE = 1024**2
SHEET = "xl/worksheets/sheet1.xml"
OLE = bytes.fromhex("d0cf11e0a1b11ae1")
LAUGHS = b"""<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>
<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>&c;</t></si></sst>
"""


def refusal(tmp_path: Path, content: bytes) -> str:
    upload = Upload(tmp_path, content)
    with pytest.raises(Unreadable) as refused:
        check_archive(upload.path)
    return refused.value.problem.message


def bomb(size: int) -> bytes:
    """Pack a good workbook with a part that is all zeros once it is inflated."""
    return tampered(filled(GOOD), {"xl/media/image1.png": bytes(size)})


def lying(content: bytes, name: bytes, size: int) -> bytes:
    """Let the table of contents say that a part is smaller, and give it a sum that fits."""
    with ZipFile(io.BytesIO(content)) as archive:
        kept = zlib.crc32(archive.read(name.decode())[:size])
    entry = content.rindex(b"PK\x01\x02", 0, content.rindex(name))
    head = bytearray(content)
    struct.pack_into("<I", head, entry + 16, kept)
    struct.pack_into("<I", head, entry + 24, size)
    return bytes(head)


def with_flag(content: bytes) -> bytes:
    """Mark the first part as encrypted."""
    head = bytearray(content)
    head[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(head)


def packed_by_another_way() -> bytes:
    packed = io.BytesIO()
    with ZipFile(packed, "w", ZIP_LZMA) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return packed.getvalue()


def stretched(place: str) -> bytes:
    def write(workbook: Workbook) -> None:
        workbook["Bills"][place] = "far away"

    return changed(filled(GOOD), write)


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "a file of nothing": (lambda: b"", "empty"),
    "a CSV renamed": (lambda: b"Bill ID,Total amount\nB1,120\n", "looks like text"),
    "a picture renamed": (lambda: b"\x89PNG\r\n\x1a\n\0\0", "not an Excel workbook"),
    "an old workbook": (lambda: OLE + bytes(512), "save it in that format"),
    "a workbook with a password": (
        lambda: OLE + bytes(512) + "EncryptedPackage".encode("utf-16-le"),
        "password",
    ),
    "an encrypted archive": (lambda: with_flag(filled(GOOD)), "password"),
    "a file too large": (
        lambda: b"PK" + bytes(LARGEST_UPLOAD),
        "At most 10 MB",
    ),
    "another archive": (
        lambda: zipped({"a.txt": b"a"}),
        "not an Excel workbook",
    ),
    "half an archive": (lambda: filled(GOOD)[:3000], "damaged"),
    "an archive of another way": (packed_by_another_way, "damaged"),
    "macros": (
        lambda: tampered(filled(GOOD), {"xl/vbaProject.bin": b"macro"}),
        "macros",
    ),
    "old macros": (
        lambda: tampered(filled(GOOD), {"xl/macrosheets/sheet1.xml": b"<m/>"}),
        "macros",
    ),
    "links to other workbooks": (
        lambda: tampered(filled(GOOD), {"xl/externalLinks/e1.xml": b"<e/>"}),
        "refers to other workbooks",
    ),
    "a billion laughs": (
        lambda: tampered(filled(GOOD), {"xl/sharedStrings.xml": LAUGHS}),
        "document type",
    ),
    "a billion laughs in another encoding": (
        lambda: tampered(
            filled(GOOD),
            {"xl/sharedStrings.xml": LAUGHS.decode().encode("utf-16")},
        ),
        "document type",
    ),
    "300 MB in a few": (lambda: bomb(300 * MEGABYTE), "far more"),
    "12 MB of nothing": (lambda: bomb(12 * MEGABYTE), "far more"),
    "too many parts": (
        lambda: tampered(filled(GOOD), {f"x/{n}": b"" for n in range(MOST_PARTS)}),
        "far more",
    ),
    "two parts of one name": (
        lambda: tampered(filled(GOOD), {"XL/Workbook.xml": b"<workbook/>"}),
        "damaged",
    ),
    "broken XML": (lambda: tampered(filled(GOOD), {SHEET: b"<worksheet>"}), "damaged"),
    "a cell of no column": (
        lambda: tampered(filled(GOOD), {SHEET: cell(b'<c r="!1"><v>1</v></c>')}),
        "damaged",
    ),
    "a row of no number": (
        lambda: tampered(filled(GOOD), {SHEET: cell(b"", row=b"0")}),
        "damaged",
    ),
    "a cell too far down": (lambda: stretched("AZ1000000"), "far away"),
    "a cell too far right": (lambda: stretched("XFD2"), "far away"),
}


def zipped(parts: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return packed.getvalue()


def cell(content: bytes, row: bytes = b"1") -> bytes:
    space = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return (
        b'<worksheet xmlns="%b"><sheetData><row r="%b">%b</row></sheetData></worksheet>'
        % (space, row, content)
    )


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_and_the_customer_told_why(tmp_path: Path, name: str) -> None:
    """
    Whatever is sent under the name of a workbook, the answer says what to do about it.
    """
    make, reason = REFUSED[name]

    message = refusal(tmp_path, make())

    assert reason in message


def test_a_part_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    """
    What an archive says of itself is compared with what comes out.
    """
    content = lying(bomb(5 * MEGABYTE), b"xl/media/image1.png", 10)

    message = refusal(tmp_path, content)

    assert "damaged" in message


def test_a_lie_can_not_hide_a_bomb(tmp_path: Path) -> None:
    """
    300 MB that are said to be ten bytes are met piece by piece, in little memory.
    """
    content = lying(bomb(300 * MEGABYTE), b"xl/media/image1.png", 10)
    tracemalloc.start()

    message = refusal(tmp_path, content)

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "far more" in message
    assert peak < 10 * MEGABYTE


def test_a_good_workbook_passes(tmp_path: Path) -> None:
    """
    What a spreadsheet program saves is let through, whether or not it packs its parts.
    """
    upload = Upload(tmp_path, filled(GOOD))

    assert not check_archive(upload.path)


def test_parts_that_are_not_packed_pass(tmp_path: Path) -> None:
    """
    An archive may store its parts as they are.
    """
    packed = io.BytesIO()
    with ZipFile(io.BytesIO(filled(GOOD))) as old, ZipFile(packed, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    upload = Upload(tmp_path, packed.getvalue())

    assert not check_archive(upload.path)


def test_formulas_and_errors_are_told_with_their_place(tmp_path: Path) -> None:
    """
    A formula's value depends on who opens it: each is named by sheet, row and column.
    """

    def write(workbook: Workbook) -> None:
        workbook["Bills"]["F2"] = "=SUM(1,2)"
        workbook["Bills"]["H3"] = "#N/A"
        workbook["Bills"]["H3"].data_type = "e"
        workbook["Instructions"]["A1"] = "=1+1"

    upload = Upload(tmp_path, changed(filled(GOOD), write))

    problems = check_archive(upload.path).problems

    assert [("Bills", 2, "F"), ("Bills", 3, "H")] == [
        (each.sheet, each.row, each.column) for each in problems
    ]
    assert "found a formula" in problems[0].message
    assert "found an error" in problems[1].message


def test_places_that_are_not_written_down_are_counted(tmp_path: Path) -> None:
    """
    A program may leave out the numbers of rows and cells that follow each other.
    """
    space = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    rows = b"<row><c/><c><f>1</f></c></row><row><c><f>2</f></c></row>"
    sheet = (
        b'<x:worksheet xmlns:x="%b" xmlns="%b"><sheetData>%b</sheetData></x:worksheet>'
    )
    upload = Upload(
        tmp_path, tampered(filled(GOOD), {SHEET: sheet % (space, space, rows)})
    )
    named = tampered(
        filled(GOOD), {"xl/worksheets/sheet2.xml": sheet % (space, space, rows)}
    )

    hidden = check_archive(upload.path).problems
    told = check_archive(Upload(tmp_path, named).path).problems

    assert [] == hidden  # the first sheet is the instructions
    assert [("Company", 1, "B"), ("Company", 2, "A")] == [
        (each.sheet, each.row, each.column) for each in told
    ]


def test_a_column_of_formulas_is_counted_beyond_the_most(tmp_path: Path) -> None:
    """
    Problems are told up to a number that a person can read; the others are counted.
    """

    def write(workbook: Workbook) -> None:
        for row in range(2, 2 + MOST_PROBLEMS + 7):
            workbook["Company"].cell(row, 6, "=1+1")

    upload = Upload(tmp_path, changed(filled(BASE), write))

    outcome = check_archive(upload.path).outcome()

    assert MOST_PROBLEMS == len(outcome.problems)
    assert 7 == outcome.untold


def test_a_sheet_that_no_relation_leads_to_goes_by_its_file(tmp_path: Path) -> None:
    """
    A sheet is looked at even where the workbook does not say what it is called.
    """
    workbook = Workbook()
    workbook.active["A1"] = "=1+1"
    content = tampered(
        saved(workbook), {"xl/_rels/workbook.xml.rels": b"<Relationships/>"}
    )
    upload = Upload(tmp_path, content)

    problems = check_archive(upload.path).problems

    assert ["sheet1"] == [each.sheet for each in problems]
