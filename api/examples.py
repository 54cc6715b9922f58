"""One example of everything that goes in and out, for the OpenAPI document. A test validates each."""

from typing import Any, Final

COMPANY_ID: Final = "co_01kc2w9v3n8r6t5m4q7x0z1y2a"
JOURNEY_ID: Final = "jo_01kc2wb4e6g8h0j2k4m6n8p0qr"
CONNECTION_ID: Final = "cn_01kc2wc7d9f1g3h5j7k9m1n3pq"
SYNC_ID: Final = "sy_01kc2wd8x0y2z4a6b8c0d2e4fg"
REMOVAL_ID: Final = "rm_01kc2wey1z3a5b7c9d1e3f5g7h"

REASON: Final = {
    "code": "authorization_declined",
    "message": "The customer said no at the accounting software's own page.",
    "who": "customer",
    "retryable": True,
    "action": "resend",
}

COMPANY_IN: Final = {
    "name": "Hoxton Tea Ltd",
    "description": "Imports tea, sells it to cafés",
    "contact": {"name": "Ada Okafor", "email": "ada@hoxton-tea.example.com"},
    "users": ["sam@meridian-bank.example.com"],
    "external_id": "CRM-20418",
}

COMPANY_CHANGE_IN: Final = {"contact": {"email": "accounts@hoxton-tea.example.com"}}

COMPANY: Final = {
    **COMPANY_IN,
    "id": COMPANY_ID,
    "parent_id": None,
    "status": "Error",
    "reason": REASON,
    "status_at": "2026-11-20T09:12:44.120000Z",
    "last_available_at": None,
    "refreshing": False,
    "data_types": ["financials"],
    "journey_id": JOURNEY_ID,
    "created_at": "2026-11-18T08:00:00.000000Z",
    "updated_at": "2026-11-18T08:00:00.000000Z",
}

EMAIL: Final = {
    "to": "ada@hoxton-tea.example.com",
    "subject": "Meridian Bank asks for your financial statements",
    "html": "<!doctype html><p>Dear Ada Okafor, …</p>",
    "text": "Dear Ada Okafor, …",
}

JOURNEY_IN: Final = {"data_types": ["financials"], "delivery": "email"}

JOURNEY: Final = {
    "id": JOURNEY_ID,
    "company_id": COMPANY_ID,
    "data_types": ["financials"],
    "delivery": "email",
    "structure": "single",
    "stage": "selecting_software",
    "stage_since": "2026-11-20T09:12:44.120000Z",
    "stuck": False,
    "stuck_since": None,
    "entities": [
        {
            "id": CONNECTION_ID,
            "company_id": COMPANY_ID,
            "name": "Hoxton Tea Ltd",
            "stage": "selecting_software",
            "software": "ledgerly",
            "status": None,
            "reason": None,
        }
    ],
    "status": "Error",
    "reason": REASON,
    "explanation": {
        "sentence": "The customer said no at the accounting software's own page.",
        "waits_for": "customer",
        "next": "A reminder goes out.",
        "next_at": "2026-11-22T09:12:44.120000Z",
    },
    "reminders_sent": 0,
    "expires_at": "2026-12-18T08:00:00.000000Z",
    "created_at": "2026-11-18T08:00:00.000000Z",
    "closed_at": None,
    "workflow_id": JOURNEY_ID,
    "run_id": "0199f0a2-6c1e-7d34-9a52-0b6c1f2e3d4c",
    "temporal_url": f"http://127.0.0.1:8233/namespaces/default/workflows/{JOURNEY_ID}",
}

LINK_URL: Final = {"link_url": f"http://127.0.0.1:8000/link/{JOURNEY_ID}.2.signature"}

CANCEL_IN: Final = {"reason": "The customer moved to another bank."}
EXTEND_IN: Final = {"days": 14}
SKIP_IN: Final = {"entity_id": CONNECTION_ID, "reason": "This company is dormant."}

MOVE: Final = {
    "seq": 4,
    "at": "2026-11-20T09:12:44.120000Z",
    "actor": "customer",
    "event": "authorization_declined",
    "stage": "selecting_software",
    "entity_id": CONNECTION_ID,
    "status": "Error",
    "reason": "authorization_declined",
    "detail": "",
}

CONNECTION: Final = {
    "id": CONNECTION_ID,
    "company_id": COMPANY_ID,
    "journey_id": JOURNEY_ID,
    "name": "Hoxton Tea Ltd",
    "software": "ledgerly",
    "stage": "done",
    "status": "Available",
    "reason": None,
    "authorized_at": "2026-11-20T10:01:12.000000Z",
    "revoked_at": None,
}

SYNC: Final = {
    "id": SYNC_ID,
    "company_id": COMPANY_ID,
    "trigger": "manual",
    "state": "running",
    "reason": None,
    "datasets": [
        {
            "name": "accounts",
            "state": "done",
            "records": 64,
            "pages": 1,
            "error": None,
        }
    ],
    "children": [],
    "started_at": "2026-11-21T07:30:00.000000Z",
    "finished_at": None,
    "workflow_id": f"sync-{COMPANY_ID}",
    "run_id": "0199f0a2-6c1e-7d34-9a52-0b6c1f2e3d4d",
}

REMOVAL: Final = {
    "id": REMOVAL_ID,
    "company_id": COMPANY_ID,
    "state": "running",
    "steps": [
        {
            "name": "journeys",
            "state": "done",
            "done": 1,
            "total": 1,
            "started_at": "2026-11-21T08:00:00.100000Z",
            "finished_at": "2026-11-21T08:00:00.400000Z",
        },
        {
            "name": "work",
            "state": "running",
            "done": 0,
            "total": 3,
            "started_at": "2026-11-21T08:00:00.400000Z",
            "finished_at": None,
        },
    ],
    "removed": {
        "legal_entities": 0,
        "journeys": 1,
        "connections": 1,
        "syncs": 2,
        "reports": 3,
        "emails": 1,
        "files": 0,
    },
    "not_revoked": [],
    "requested_by": None,
    "requested_at": "2026-11-21T08:00:00.000000Z",
    "finished_at": None,
}

REPORT: Final = {
    "type": "spend_analysis",
    "title": "Spend analysis",
    "status": "ready",
    "updated_at": "2026-11-21T07:31:10.000000Z",
    "formats": ["xlsx", "json", "csv"],
}

CATEGORY: Final = {
    "id": "Asset.Current.Bank",
    "path": ["Asset", "Current", "Bank"],
    "level": 3,
    "statement": "balance_sheet",
}

CATEGORY_IN: Final = {"category_id": "Asset.Current.Bank"}

ACCOUNT: Final = {
    "id": "acc/1200",
    "name": "Business current account",
    "code": "1200",
    "type": "asset",
    "currency": "GBP",
    "balance": "41250.75",
    "suggestion": {
        "category_id": "Asset.Current.Bank",
        "path": ["Asset", "Current", "Bank"],
        "confidence": [99, 98, 96],
    },
    "confirmed": None,
    "category_id": "Asset.Current.Bank",
    "path": ["Asset", "Current", "Bank"],
    "status": "Suggested",
    "impact": "1650.03",
}

ORGANIZATION: Final = {
    "id": "or_01kc2w0a1b2c3d4e5f6g7h8j9k",
    "name": "Meridian Bank",
    "logo_url": "https://meridian-bank.example.com/logo.png",
    "colour": "#1f4e79",
    "sender_name": "Meridian Bank",
    "reminders_days": [2, 5, 10],
    "expires_days": 30,
    "stage_limits": {
        "sending": 600,
        "awaiting_customer": 259200,
        "choosing_structure": 86400,
        "naming_entity": 86400,
        "selecting_software": 86400,
        "authorizing": 1800,
        "reviewing_entities": 86400,
        "fetching": 1800,
    },
    "software": None,
    "features": {"manual_upload": True, "copy_link": True, "multi_entity": True},
}

ORGANIZATION_IN: Final = {
    "colour": "#0b5d4e",
    "reminders_days": [3, 7],
    "stage_limits": {"awaiting_customer": 172800},
}

SOFTWARE: Final = {"key": "ledgerly", "name": "Ledgerly", "provider": "sandbox"}

READY: Final = {
    "status": "ready",
    "parts": {
        "database": True,
        "temporal": True,
        "worker": True,
        "sandbox": True,
        "catcher": True,
    },
}


def page(item: Any) -> dict[str, Any]:
    """Return a list of one."""
    return {"items": [item], "next_cursor": None}


def body(example: Any) -> Any:
    """Return the `openapi_examples` of a request that looks like `example`."""
    return {"example": {"summary": "An example", "value": example}}
