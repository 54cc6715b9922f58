"""What all benchmarks share: they may take long, and a figure that is missed is no failure."""

import pytest

HOURS = 2 * 60 * 60


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let each take its time, but not for ever."""
    for item in items:
        if item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(HOURS))
