"""How every process of Rapport reaches Temporal: the standard settings, our data converter."""

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.envconfig import ClientConfig
from temporalio.runtime import PrometheusConfig, Runtime, TelemetryConfig

LOCAL_SERVER = "127.0.0.1:7233"


async def connect(metrics: str | None = None) -> Client:
    """
    Connect as the `TEMPORAL_*` variables and the TOML profile say.

    `metrics`: the host and port at which Prometheus reads what the client, and the
    worker that is made with it, do. Raises `RuntimeError` where no server answers.
    """
    config = ClientConfig.load_client_connect_config()
    config.setdefault("target_host", LOCAL_SERVER)
    return await Client.connect(
        **config,
        data_converter=pydantic_data_converter,
        runtime=_measured(metrics) if metrics is not None else None,
    )


def _measured(address: str) -> Runtime:
    metrics = PrometheusConfig(bind_address=address, durations_as_seconds=True)
    return Runtime(telemetry=TelemetryConfig(metrics=metrics))
