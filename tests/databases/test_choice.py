"""No test is left out, whatever was asked for."""

import pytest

from tests.databases.choice import ASKED, BOTH, SQLITE, kinds_for


@pytest.mark.parametrize("test", ["tests/api/test_a.py::test_b", "tests/test_c.py::d"])
@pytest.mark.parametrize("asked", ASKED)
def test_who_asks_gets_what_was_asked_for(test: str, asked: str) -> None:
    """
    Every test runs on the databases that are named.
    """
    assert ASKED[asked] == kinds_for(test, asked)


def test_an_unknown_database_is_refused() -> None:
    """
    A slip of the pen does not pass for a green run.
    """
    with pytest.raises(KeyError):
        kinds_for("tests/store/test_a.py::test_b", "postgre")


@pytest.mark.parametrize("folder", ["api", "workflows"])
def test_the_many_are_divided_between_both(folder: str) -> None:
    """
    About half of them run on each, and each of them on one, always the same.
    """
    tests = [f"tests/{folder}/test_a.py::test_{number}" for number in range(200)]

    kinds = [kinds_for(test) for test in tests]

    assert [kinds_for(test) for test in tests] == kinds
    assert all(1 == len(each) for each in kinds)
    assert 70 < kinds.count((SQLITE,)) < 130


def test_the_store_runs_on_both() -> None:
    """
    So does what is tried at once.
    """
    for test in ("tests/store/test_a.py::test_b", "tests/databases/test_c.py::test_d"):
        assert BOTH == kinds_for(test)
