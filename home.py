"""The folder that holds all that one copy of Rapport writes, and the ports it keeps."""

import json
import os
import random
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Final

LOOPBACK: Final = "127.0.0.1"

CHOSEN_PORTS: Final = ("temporal", "temporal_ui", "sandbox", "smtp")

_PORTS_TO_CHOOSE: Final = range(20_000, 30_000)
"""Below what systems hand out to outgoing connections, so that a port stays free."""


class Home:
    """One copy's database, objects, mail, logs, ports and secrets."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.api_key = self.path / "api-key"
        self.logs = self.path / "logs"
        self.mailbox = self.path / "mailbox"
        self.objects = self.path / "objects"
        for folder in (self.path, self.logs, self.mailbox, self.objects):
            folder.mkdir(parents=True, exist_ok=True)

    def ports(self, api: int) -> dict[str, int]:
        """Give the ports of this home: chosen once, kept from then on."""
        file = self.path / "ports.json"
        kept = json.loads(file.read_text()) if file.exists() else {}
        missing = [name for name in CHOSEN_PORTS if name not in kept]
        chosen = dict(zip(missing, _free_ports(len(missing)), strict=True))
        ports = {"api": api, **{key: (kept | chosen)[key] for key in CHOSEN_PORTS}}
        replace(file, json.dumps(ports, indent=2) + "\n")
        return ports

    def private(self, name: str, make: Callable[[], str]) -> str:
        """Give the content of a file for its owner's eyes only, made when first asked."""
        file = self.path / name
        if not file.exists():
            replace(file, make() + "\n", mode=0o600)
        return file.read_text().strip()


def replace(file: Path, content: str, mode: int = 0o644) -> None:
    """Write a file that appears whole, and never to more eyes than `mode` says."""
    half = file.with_name(f".{file.name}.half")
    half.unlink(missing_ok=True)
    descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "w") as writing:
        writing.write(content)
    half.replace(file)


def trouble(host: str, port: int) -> str | None:
    """Say why a server can't listen on this port now; None when it can."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return error.strerror
    return None


def _free_ports(count: int) -> list[int]:
    """Choose at random, so that two copies that start at once choose differently."""
    candidates = random.SystemRandom().sample(_PORTS_TO_CHOOSE, k=200)
    return [port for port in candidates if trouble(LOOPBACK, port) is None][:count]
