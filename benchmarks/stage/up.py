"""What `rapport up` starts, but that its worker builds no reports."""

import argparse
from pathlib import Path

import local

WORKER = Path(__file__).with_name("quick_worker.py")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    chosen = parser.parse_args()
    local.up(local.Options(chosen.home, port=chosen.port, worker=WORKER))


if __name__ == "__main__":
    main()
