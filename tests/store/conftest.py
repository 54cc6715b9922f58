"""The two places where objects are kept: a folder, and a bucket behind real HTTP."""

import os
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import httpx
import pytest

from store.objects import Objects


@pytest.fixture(scope="session")
def bucket() -> Iterator[str]:
    """The address of an S3 server of this machine; the bucket is named `rapport`."""
    from moto.server import ThreadedMotoServer  # noqa: PLC0415 - takes two seconds

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    httpx.put(f"{address}/rapport").raise_for_status()
    yield address
    server.stop()


@pytest.fixture(params=["folder", "bucket"])
def objects(request: pytest.FixtureRequest, tmp_path: Path) -> Objects:
    """Objects in a place of the test's own, one place of each kind after the other."""
    if request.param == "folder":
        return Objects((tmp_path / "my objects").as_uri())
    settings = {
        "AWS_ENDPOINT_URL": request.getfixturevalue("bucket"),
        "AWS_ALLOW_HTTP": "true",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "eu-west-1",
    }
    with patch.dict(os.environ, settings):
        return Objects(f"s3://rapport/{tmp_path.name}")
