"""What the conversation may say at each stage, as a page would get it."""

from typing import Any, BinaryIO, Final

from api.errors import ApiError
from api.schemas import LinkOut, UploadTermsOut
from domain.consent import consent, upload_consent
from domain.journey import DataType, Stage
from domain.uploads import LARGEST_UPLOAD, MEDIA_TYPE

SOFTWARE: Final = [
    {"key": "ledgerly", "name": "Ledgerly"},
    {"key": "bookwise", "name": "Bookwise Online"},
    {"key": "northbooks", "name": "Northbooks"},
]
ENTITY: Final = {
    "id": "cn_1",
    "name": "Acme Ltd",
    "software": "ledgerly",
    "stage": "authorizing",
    "reason": None,
}
ENTITIES: Final = [
    {**ENTITY, "id": "cn_1", "name": "Acme Holding Ltd", "stage": "done"},
    {**ENTITY, "id": "cn_2", "name": "Acme Retail Ltd", "stage": "fetching"},
    {
        **ENTITY,
        "id": "cn_3",
        "name": "Acme Logistics GmbH",
        "stage": "failed",
        "reason": "no_data",
    },
    {**ENTITY, "id": "cn_4", "name": "Acme Farming", "stage": "selecting_software"},
]
MULTIPLE: Final = {"data_types": [DataType.SPEND_ANALYSIS], "structure": "multiple"}

FACTS: Final[dict[Stage, dict[str, Any]]] = {
    Stage.SENDING: {"allowed": ["open", "exit"]},
    Stage.AWAITING_CUSTOMER: {"allowed": ["open", "exit"]},
    Stage.CHOOSING_STRUCTURE: {
        "data_types": [DataType.SPEND_ANALYSIS],
        "structure": None,
        "allowed": ["open", "choose_structure", "exit"],
    },
    Stage.NAMING_ENTITY: {
        **MULTIPLE,
        "allowed": ["open", "name_entity", "back", "exit"],
    },
    Stage.SELECTING_SOFTWARE: {
        "software": SOFTWARE,
        "allowed": ["open", "select_software", "exit"],
    },
    Stage.AUTHORIZING: {
        "entity": ENTITY,
        "consent": consent(
            "Northwind Bank", "Ledgerly", (DataType.FINANCIALS,)
        )._asdict(),
        "allowed": ["open", "authorize", "back", "exit"],
    },
    Stage.REVIEWING_ENTITIES: {
        **MULTIPLE,
        "entities": ENTITIES,
        "allowed": ["open", "add_entity", "remove_entity", "finish", "exit"],
    },
    Stage.FETCHING: {"allowed": ["open"]},
    Stage.COMPLETED: {},
    Stage.EXPIRED: {"allowed": ["request_new_link"]},
    Stage.CANCELLED: {},
}


TERMS: Final = UploadTermsOut.model_validate(
    {
        "template_url": "http://rapport.test/v1/link/t/template",
        "media_type": MEDIA_TYPE,
        "largest_bytes": LARGEST_UPLOAD,
        "consent": upload_consent(
            "Northwind Bank", (DataType.SPEND_ANALYSIS,)
        )._asdict(),
    }
)


def link(stage: Stage, **changed: Any) -> LinkOut:
    """Return what the conversation says of a journey in `stage`."""
    facts: dict[str, Any] = {
        "journey_id": "jo_1",
        "organization": {
            "name": "Northwind Bank",
            "logo_url": None,
            "colour": "#0b5d4e",
        },
        "company": {"name": "Acme Ltd"},
        "data_types": [DataType.FINANCIALS],
        "structure": "single",
        "stage": stage,
        "entity": None,
        "entities": [],
        "software": None,
        "consent": None,
        "allowed": [],
        "message": None,
        "redirect_url": None,
    }
    return LinkOut.model_validate({**facts, **FACTS[stage], **changed})


class Answering:
    """Stands where the journeys are: says what it was given, and keeps what it was told."""

    def __init__(
        self, state: LinkOut | ApiError, act: LinkOut | ApiError | None = None
    ) -> None:
        self._state, self._act = state, act or state
        self.told: list[tuple[str, dict[str, Any]]] = []

    async def state(self, token: str) -> LinkOut:
        return _said(self._state)

    async def terms(self, token: str) -> UploadTermsOut:
        return TERMS

    async def template(self, token: str) -> bytes:
        _said(self._state)
        return b"a workbook"

    async def upload(self, token: str, file: BinaryIO, *, consent: bool) -> LinkOut:
        self.told.append((token, {"file": file.read(), "consent": consent}))
        return _said(self._act)

    async def act(self, token: str, action: dict[str, Any]) -> LinkOut:
        self.told.append((token, action))
        return _said(self._act)


def _said(answer: LinkOut | ApiError) -> LinkOut:
    if isinstance(answer, ApiError):
        raise answer
    return answer
