"""How every process of Rapport reaches Temporal: the standard settings, our data converter."""

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.envconfig import ClientConfig

LOCAL_SERVER = "127.0.0.1:7233"


async def connect() -> Client:
    """
    Connect as the `TEMPORAL_*` variables and the TOML profile say.

    Raises `RuntimeError` where no server answers.
    """
    config = ClientConfig.load_client_connect_config()
    config.setdefault("target_host", LOCAL_SERVER)
    return await Client.connect(**config, data_converter=pydantic_data_converter)
