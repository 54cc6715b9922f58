"""
The guards before any parser: whether a file is a workbook that is safe to open.

A workbook is a zip of XML parts. Each part is inflated once, piece by piece and
within a budget, and what comes out is counted: what the archive says of itself may
be a lie. The XML is looked at in passing (`providers/workbook/parts.py`).
"""

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from domain.uploads import LARGEST_UPLOAD
from providers.workbook.columns import INSTRUCTIONS
from providers.workbook.complaints import Complaints, Unreadable, letters
from providers.workbook.parts import Parts

MOST_PARTS: Final = 1_000
MOST_INFLATED: Final = 200 * 1024 * 1024
LARGEST_RATIO: Final = 100
HARMLESS: Final = 10 * 1024 * 1024
"""Inflated bytes up to which nobody asks for the ratio."""

_PIECE: Final = 256 * 1024
_ZIP: Final = b"PK"
_OLE: Final = bytes.fromhex("d0cf11e0a1b11ae1")  # old .xls files and encrypted ones
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")
_LOCAL_HEADER: Final = struct.Struct("<4s22xHH")
_IS_ENCRYPTED: Final = 0x1
_DAMAGES: Final = (
    BadZipFile,
    NotImplementedError,  # a way of packing that spreadsheet programs don't use
    OSError,  # a place before the file's beginning
    OverflowError,
    ValueError,
    struct.error,
    zlib.error,
)

_DAMAGED: Final = (
    "This file is damaged. Open it in your spreadsheet program and save it again."
)
_PASSWORD: Final = "This workbook is protected by a password. Save it without one."  # noqa: S105  # a sentence
_TOO_MUCH: Final = "There is far more in this workbook than its size says. Save a copy of the template instead."
_NO_WORKBOOK: Final = "This is not an Excel workbook (.xlsx)."
_MACROS: Final = "This workbook has macros. Save it as a workbook without them (.xlsx)."
_LINKS: Final = (
    "This workbook refers to other workbooks. Replace those links by their values."
)


def check_archive(path: Path) -> Complaints:
    """
    Look for what is wrong before cells are read: formulas, by sheet and place.

    Raises Unreadable for a file that should not be opened at all. Needs little memory,
    whatever the file says of itself.
    """
    complaints = Complaints()
    with path.open("rb") as file:
        _check_beginning(file, path.stat().st_size)
        try:
            parts = _look_through(file)
        except _DAMAGES:
            raise Unreadable(_DAMAGED) from None
    for sheet, part in parts.sheets():
        if sheet != INSTRUCTIONS:
            for row, column, message in part.faults:
                complaints.add(message, sheet, row, letters(column))
            complaints.untold += part.further
    return complaints


def _check_beginning(file: BinaryIO, size: int) -> None:
    if size > LARGEST_UPLOAD:
        raise Unreadable(f"At most {LARGEST_UPLOAD // 1024**2} MB can be uploaded.")
    beginning = file.read(_PIECE)
    if beginning.startswith(_OLE):
        raise Unreadable(_ole(beginning + file.read()))
    if not beginning.startswith(_ZIP):
        raise Unreadable(_stranger(beginning))


def _ole(content: bytes) -> str:
    if _ENCRYPTED in content:
        return _PASSWORD
    return f"{_NO_WORKBOOK} Open it in your spreadsheet program and save it in that format."


def _stranger(beginning: bytes) -> str:
    if not beginning:
        return "This file is empty."
    if b"\0" in beginning:
        return _NO_WORKBOOK
    return (
        f"{_NO_WORKBOOK} It looks like text, such as CSV: fill in the template instead."
    )


def _look_through(file: BinaryIO) -> Parts:
    with ZipFile(file) as archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    _check_entries(entries)
    parts = Parts()
    budget = MOST_INFLATED
    for entry in entries:
        budget -= _look_at(file, entry, parts, budget)
    return parts


def _check_entries(entries: list[ZipInfo]) -> None:
    """Judge the table of contents, before anything is inflated."""
    names = [entry.filename.casefold() for entry in entries]
    packed = sum(entry.compress_size for entry in entries)
    inflated = sum(entry.file_size for entry in entries)
    if len(names) > MOST_PARTS or inflated > MOST_INFLATED:
        raise Unreadable(_TOO_MUCH)
    if inflated > max(HARMLESS, LARGEST_RATIO * packed):
        raise Unreadable(_TOO_MUCH)
    if any(entry.flag_bits & _IS_ENCRYPTED for entry in entries):
        raise Unreadable(_PASSWORD)
    if any("vbaproject" in name or "macrosheets/" in name for name in names):
        raise Unreadable(_MACROS)
    if any("externallinks/" in name for name in names):
        raise Unreadable(_LINKS)
    if "xl/workbook.xml" not in names:
        raise Unreadable(_NO_WORKBOOK)
    if len(set(names)) < len(names):
        raise Unreadable(_DAMAGED)


def _look_at(file: BinaryIO, entry: ZipInfo, parts: Parts, budget: int) -> int:
    """Inflate one part through its inspector; answers how many bytes it has."""
    look = parts.inspector(entry.filename)
    size = 0
    for piece in _inflated(file, entry):
        size += len(piece)
        if size > budget:
            raise Unreadable(_TOO_MUCH)
        look.feed(piece)
    look.close()
    if size != entry.file_size:
        raise Unreadable(_DAMAGED)
    return size


def _inflated(file: BinaryIO, entry: ZipInfo) -> Iterator[bytes]:
    """
    Give what a part really holds, a piece at a time.

    Python's own reader stops where the archive says that the part ends, which another
    reader may not believe.
    """
    packed = _packed(file, entry)
    if entry.compress_type == ZIP_STORED:
        yield from packed
        return
    if entry.compress_type != ZIP_DEFLATED:
        raise BadZipFile
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    for chunk in packed:
        left = chunk
        while not stream.eof:
            piece = stream.decompress(left, _PIECE)
            left = stream.unconsumed_tail
            yield piece
            if not left and len(piece) < _PIECE:
                break
    if not stream.eof:
        raise BadZipFile


def _packed(file: BinaryIO, entry: ZipInfo) -> Iterator[bytes]:
    file.seek(entry.header_offset)
    _, name, extra = _LOCAL_HEADER.unpack(file.read(_LOCAL_HEADER.size))
    file.seek(name + extra, 1)
    left = entry.compress_size
    while left > 0:
        chunk = file.read(min(_PIECE, left))
        if not chunk:
            raise BadZipFile
        left -= len(chunk)
        yield chunk
