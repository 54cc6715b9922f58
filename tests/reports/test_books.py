"""What reports read of a snapshot, against what snapshots hold."""

from pathlib import Path

import pytest

from domain.datasets import ROWS, Dataset
from reports.books import COLUMNS, Book, open_books
from reports.request import CompanyBooks, environment, folder_of
from store.frames import schema_of
from tests.reports.given import bill, company_info, store, store_part


@pytest.mark.parametrize("dataset", Dataset)
def test_reports_read_what_snapshots_hold(dataset: Dataset) -> None:
    """
    Every column that is read exists in the stored parts, with the same type.
    """
    stored = schema_of(dataset)

    assert set(ROWS) == set(COLUMNS)
    assert {name: stored[name] for name in COLUMNS[dataset]} == dict(COLUMNS[dataset])


@pytest.mark.parametrize("dataset", Dataset)
def test_a_dataset_that_was_not_fetched_is_empty(
    tmp_path: Path, dataset: Dataset
) -> None:
    """
    Reports of one data type find nothing of the other, and no error.
    """
    book = Book(tmp_path, CompanyBooks(company_id="co_1", name="Tea"))

    frame = book.frame(dataset)

    assert 0 == frame.height
    assert list(COLUMNS[dataset]) == frame.columns
    assert [] == list(book.batches(dataset))


def test_parts_are_read_in_their_order(tmp_path: Path) -> None:
    """
    Rows come as the software gave them, page after page, some pages at a time.
    """
    for number in range(11):
        rows = [bill(f"b{number:02}", "1")]
        store_part(tmp_path, "co_1", Dataset.BILLS, number, rows)
    folder = folder_of(tmp_path, "co_1", Dataset.BILLS)
    size = max(part.stat().st_size for part in folder.iterdir())
    book = Book(tmp_path, CompanyBooks(company_id="co_1", name="Tea"))

    plans = book.batches(Dataset.BILLS, at_once=3 * size + size // 2)
    batches = [plan.collect()["id"].to_list() for plan in plans]

    assert [4, 4, 3] == [len(batch) for batch in batches]
    assert [f"b{number:02}" for number in range(11)] == [x for b in batches for x in b]


def test_a_company_is_called_what_the_bank_calls_it(tmp_path: Path) -> None:
    """
    The software's name is kept beside it; the currency is the books' own.
    """
    store(tmp_path, "co_1", {Dataset.COMPANY_INFO: [company_info(name="TEA LTD.")]})

    (book,) = open_books(tmp_path, (CompanyBooks(company_id="co_1", name="Tea"),))

    assert ("Tea", "GBP", "TEA LTD.") == (*book.info[:2], book.info.row["name"])


@pytest.mark.parametrize(("cores", "expected"), [(1, "1"), (2, "1"), (8, "7")])
def test_a_core_stays_free(cores: int, expected: str) -> None:
    """
    The process leaves a core to its caller, as long as there is more than one.
    """
    assert expected == environment(cores)["POLARS_MAX_THREADS"]


def test_a_record_that_comes_again_counts_once_and_as_it_came_last(
    tmp_path: Path,
) -> None:
    """
    Pages that overlap, and a page that is given twice, leave each record where its last state is.
    """
    pages = (("a", "b"), ("b", "c"), ("d",), ("d",), ("e", "a"), ("f",))
    for number, ids in enumerate(pages):
        rows = [bill(each, str(number + 1)) for each in ids]
        store_part(tmp_path, "co_1", Dataset.BILLS, number, rows)
    book = Book(tmp_path, CompanyBooks(company_id="co_1", name="Tea"))

    whole = book.frame(Dataset.BILLS)
    some = book.gather(Dataset.BILLS, lambda plan: plan.select("id", "total_amount"))

    expected = [("b", 2), ("c", 2), ("d", 4), ("e", 5), ("a", 5), ("f", 6)]
    assert expected == whole.select("id", "total_amount").rows()
    assert expected == some.rows()
