"""A home keeps what it chose, in files that appear whole."""

import json
import socket
import stat
from pathlib import Path

from home import CHOSEN_PORTS, LOOPBACK, Home, replace, trouble


def test_ports_are_chosen_once(tmp_path: Path) -> None:
    """
    The parts listen where they did at the last start; only the API's port is given.
    """
    first = Home(tmp_path).ports(api=8000)

    second = Home(tmp_path).ports(api=8001)

    assert {"api", *CHOSEN_PORTS} == set(first)
    assert {**first, "api": 8001} == second
    assert second == json.loads((tmp_path / "ports.json").read_text())


def test_ports_of_one_home_differ(tmp_path: Path) -> None:
    """
    No two parts want the same port.
    """
    ports = Home(tmp_path).ports(api=8000)

    assert len(ports) == len(set(ports.values()))


def test_port_that_was_taken_out_is_chosen_anew(tmp_path: Path) -> None:
    """
    Who deletes a line of ports.json gets another port there, and keeps the rest.
    """
    home = Home(tmp_path)
    first = home.ports(api=8000)
    file = tmp_path / "ports.json"
    file.write_text(json.dumps({key: first[key] for key in first if key != "smtp"}))

    second = home.ports(api=8000)

    assert {key for key in first if first[key] != second[key]} <= {"smtp"}
    assert "smtp" in second


def test_private_file_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    """
    A secret is made at the first start, read from then on, and nobody else reads it.
    """
    home = Home(tmp_path)

    kept = [
        home.private("secret", lambda: "first"),
        home.private("secret", lambda: "second"),
    ]

    assert ["first", "first"] == kept
    assert 0o600 == stat.S_IMODE((tmp_path / "secret").stat().st_mode)


def test_half_written_file_is_no_obstacle(tmp_path: Path) -> None:
    """
    What a start that was killed left half written is written again, whole.
    """
    (tmp_path / ".api-key.half").write_text("ha")

    replace(tmp_path / "api-key", "whole")

    assert "whole" == (tmp_path / "api-key").read_text()
    assert ["api-key"] == [file.name for file in tmp_path.iterdir()]


def test_taken_port_is_known(tmp_path: Path) -> None:
    """
    A port that another program listens on can't be used, and it is said why.
    """
    with socket.create_server((LOOPBACK, 0)) as other:
        port = other.getsockname()[1]
        while_taken = trouble(LOOPBACK, port)

    assert "Address already in use" == while_taken
    assert trouble(LOOPBACK, port) is None
