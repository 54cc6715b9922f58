"""
The sources of accounting data: one module each, one line each in the registry.

A new one is a class like `providers.sandbox.Sandbox`, its line in `SOURCES`, and
its settings; `tests/providers/test_contract.py` then asks it all it must answer.
"""

from collections.abc import Mapping
from itertools import chain
from typing import Final, Protocol

import httpx

from domain.software import Software
from providers.base import Provider
from providers.sandbox import Sandbox, SandboxSettings


class ProviderSettings(SandboxSettings, Protocol):
    """What the providers need to know of the settings, each its own part."""


SOURCES: Final = (Sandbox,)

SOFTWARE: Final[tuple[Software, ...]] = tuple(
    chain.from_iterable(source.software for source in SOURCES)
)
SOFTWARE_BY_KEY: Final[Mapping[str, Software]] = {each.key: each for each in SOFTWARE}


def build_providers(
    http: httpx.AsyncClient, settings: ProviderSettings
) -> Mapping[str, Provider]:
    """Return every provider by its key, all over one HTTP client."""
    return {source.key: source.build(http, settings) for source in SOURCES}
