"""A letter to begin from, of which each test changes what it is about."""

from datetime import UTC, datetime
from typing import Any

from domain.emails import Letter, Template
from domain.journey import DataType

LINK = "https://rapport.example/link/v1.am9fMDE.1.c2lnbmF0dXJl"


def letter(**changed: Any) -> Letter:
    """Return a valid letter with `changed` in it."""
    facts: dict[str, Any] = {
        "template": Template.REQUEST,
        "organization": "Northwind Bank",
        "sender_name": "Ada Byron",
        "company": "Acme Ltd",
        "contact_name": "Grace Hopper",
        "contact_email": "grace@acme.example",
        "data_types": (DataType.FINANCIALS,),
        "link_url": LINK,
        "expires_at": datetime(2026, 1, 3, 12, tzinfo=UTC),
    }
    return Letter(**{**facts, **changed})
