"""Run the sandbox: `python -m sandbox --port 9400 --database sandbox.db`."""

import argparse
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import uvicorn

from sandbox.app import create_app
from sandbox.settings import Settings


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until SIGINT or SIGTERM."""
    chosen = _parser().parse_args(arguments)
    settings = Settings(
        bills=chosen.bills,
        access_token_lifetime=timedelta(seconds=chosen.access_token_seconds),
        client_id=chosen.client_id,
        client_secret=chosen.client_secret,
        mailbox=chosen.mailbox,
    )
    public_url = chosen.public_url or f"http://{chosen.host}:{chosen.port}"
    uvicorn.run(
        create_app(chosen.database, public_url, settings),
        host=chosen.host,
        port=chosen.port,
        access_log=False,
        timeout_graceful_shutdown=1,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=9400)
    parser.add_argument("--database", type=Path, default=Path("sandbox.db"))
    parser.add_argument("--public-url", help="where browsers find it")
    parser.add_argument(
        "--mailbox",
        type=Path,
        help="show the mail that the catcher keeps in this folder",
    )
    parser.add_argument("--bills", type=_positive, default=Settings.bills)
    parser.add_argument("--access-token-seconds", type=_positive, default=300)
    parser.add_argument("--client-id", default=Settings.client_id)
    parser.add_argument("--client-secret", default=Settings.client_secret)
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


if __name__ == "__main__":
    main()
