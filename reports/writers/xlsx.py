"""
A document as a workbook.

XlsxWriter lays out everything that a person made decisions about: formats, charts,
widths, headers, print set-up. Long listings get a sheet with one row that shows
the formats; afterwards their rows are streamed into its place, for writing them
cell by cell takes fifteen times as long.
"""

import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import IO, Final, NamedTuple

import polars as pl
import xlsxwriter

from reports.document import Document, Listing
from reports.writers.layout import Layout
from reports.writers.sheet_xml import ROWS_A_SHEET, letters, rows_xml
from reports.writers.style import Style

ROWS_AT_ONCE: Final = 2_500
_FASTEST: Final = 1
_SAMPLE: Final = re.compile(
    rb'<row r="(\d+)"(?:(?!</row>).)*</row></sheetData>', re.DOTALL
)
_STYLE: Final = re.compile(rb'<c r="[A-Z]+\d+" s="(\d+)"')
_SIZE: Final = re.compile(rb'<dimension ref="[^"]*"/>')


class Planned(NamedTuple):
    """A sheet of a listing: `sheet` is its number, `rows` the stretch that it holds."""

    sheet: int
    listing: Listing
    header: int
    rows: range


def write_xlsx(document: Document, path: Path) -> None:
    """Write the workbook. Memory does not grow with the listings."""
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        bare = Path(folder) / "bare.xlsx"
        planned = _lay_out(document, bare)
        whole = Path(folder) / "whole.xlsx"
        _fill(bare, whole, planned)
        shutil.move(whole, path)


def _lay_out(document: Document, path: Path) -> dict[str, Planned]:
    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "tmpdir": str(path.parent),
    }
    planned: dict[str, Planned] = {}
    with closing(xlsxwriter.Workbook(str(path), options)) as workbook:
        workbook.set_properties(
            {"title": document.title, "created": document.as_of.replace(tzinfo=None)}
        )
        layout = Layout(workbook, document, Style(workbook))
        for sheet in document.sheets:
            if sheet.listing is None:
                layout.add_page(sheet)
                continue
            for title, rows in pages_of(sheet.title, sheet.listing):
                header = layout.add_listing(title, sheet.listing, len(rows))
                number = len(workbook.worksheets())
                name = f"xl/worksheets/sheet{number}.xml"
                planned[name] = Planned(number, sheet.listing, header, rows)
    return planned


def pages_of(
    title: str, listing: Listing, most: int = ROWS_A_SHEET - 2
) -> Iterator[tuple[str, range]]:
    """Divide rows over sheets: "Bills", "Bills (2)", …; one even where there are none."""
    for number, start in enumerate(range(0, max(listing.length, 1), most), start=1):
        name = title if number == 1 else f"{title} ({number})"
        yield name, range(start, min(start + most, listing.length))


def _fill(bare: Path, whole: Path, planned: Mapping[str, Planned]) -> None:
    """Copy every part of the workbook; where a listing belongs, stream its rows."""
    with (
        zipfile.ZipFile(bare) as source,
        zipfile.ZipFile(
            whole, "w", zipfile.ZIP_DEFLATED, compresslevel=_FASTEST
        ) as target,
    ):
        for name in source.namelist():
            # A part of more than 2 GB has to be announced before it is written.
            large = name in planned and _may_be_huge(planned[name])
            with target.open(name, "w", force_zip64=large) as part:
                if name in planned:
                    _stream(source.read(name), part, planned[name])
                else:
                    part.write(source.read(name))


def _may_be_huge(plan: Planned) -> bool:
    return len(plan.rows) * len(plan.listing.columns) > _MANY_CELLS


_MANY_CELLS: Final = 5_000_000


def _stream(template: bytes, part: IO[bytes], plan: Planned) -> None:
    """Put the rows where the template has one that only shows the styles."""
    (sample,) = _SAMPLE.finditer(template)
    styles = [style.decode() for style in _STYLE.findall(sample.group())]
    columns = plan.listing.columns
    last = f"{letters(len(columns) - 1)}{plan.header + 1 + len(plan.rows)}"
    size = f'<dimension ref="A1:{last}"/>'.encode()
    part.write(_SIZE.sub(size, template[: sample.start()], count=1))
    number = plan.header + 2
    for frame in _stretch(plan.listing.batches(), plan.rows):
        part.write(rows_xml(frame, columns, styles, number))
        number += frame.height
    part.write(b"</sheetData>" + template[sample.end() :])


def _stretch(batches: Iterator[pl.DataFrame], rows: range) -> Iterator[pl.DataFrame]:
    """Give only the rows of a stretch, few at a time: as XML they are ten times as big."""
    start = 0
    for frame in batches:
        first, last = max(rows.start - start, 0), min(rows.stop - start, frame.height)
        if first < last:
            yield from frame.slice(first, last - first).iter_slices(ROWS_AT_ONCE)
        start += frame.height
        if start >= rows.stop:
            return
