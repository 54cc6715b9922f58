"""What is said of a value that was refused."""

from collections.abc import Mapping
from typing import Any


def sentence(refused: Mapping[str, Any]) -> str:
    """Return one of pydantic's errors in words: ours where we have said why, else its own."""
    reason = refused.get("ctx", {}).get("error")
    return str(reason) if isinstance(reason, ValueError) else str(refused["msg"])
