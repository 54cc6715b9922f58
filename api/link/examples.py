"""One example of LinkState and of an action, for the OpenAPI document."""

from typing import Any, Final

from api.examples import CONNECTION_ID, JOURNEY_ID

_ENTITY: Final = {
    "id": CONNECTION_ID,
    "name": "Hoxton Tea Ltd",
    "stage": "authorizing",
    "software": "ledgerly",
    "reason": None,
}

LINK_STATE: Final[dict[str, Any]] = {
    "journey_id": JOURNEY_ID,
    "organization": {
        "name": "Meridian Bank",
        "logo_url": "https://www.meridian-bank.example.com/logo.png",
        "colour": "#1f4e79",
    },
    "company": {"name": "Hoxton Tea Ltd"},
    "data_types": ["financials"],
    "structure": "single",
    "stage": "authorizing",
    "entity": {key: _ENTITY[key] for key in ("id", "name", "software")},
    "entities": [_ENTITY],
    "software": None,
    "consent": {
        "version": "2026-11",
        "text": "You allow Meridian Bank to read the data listed here from Ledgerly.",
        "items": ["Company details", "Chart of accounts with balances"],
    },
    "allowed": ["open", "authorize", "back", "exit"],
    "message": None,
}

ACTION: Final[dict[str, Any]] = {"action": "authorize", "consent": True}

UPLOAD_TERMS: Final[dict[str, Any]] = {
    "template_url": "https://rapport.example.com/v1/link/a-token/template",
    "media_type": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "largest_bytes": 10485760,
    "consent": {
        "version": "2026-11-upload",
        "text": "You give Meridian Bank the data listed here, as it stands in this file.",
        "items": ["Company details", "Chart of accounts with balances"],
    },
}
