"""Every process reaches Temporal as the standard settings say."""

import pytest
from temporalio.testing import WorkflowEnvironment

from workflows.client import connect


async def test_the_address_comes_from_the_environment(
    temporal: WorkflowEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    `TEMPORAL_ADDRESS` wins; what crosses is pydantic's to write and read.
    """
    address = temporal.client.service_client.config.target_host
    monkeypatch.setenv("TEMPORAL_ADDRESS", address)
    monkeypatch.setenv("TEMPORAL_NAMESPACE", "default")

    client = await connect()

    assert await client.service_client.check_health()
    assert "default" == client.namespace


async def test_nobody_there_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    At once, for whoever connects to say so.
    """
    monkeypatch.setenv("TEMPORAL_ADDRESS", "127.0.0.1:9")

    with pytest.raises(RuntimeError):
        await connect()
