import asyncio
from typing import Any, Final

from tests.api.live import BOTH, FINANCIALS, SPEND, Customer, Office, State

FIELDS: Final[dict[str, dict[str, Any]]] = {
    "open": {},
    "choose_structure": {"structure": "multiple"},
    "name_entity": {"name": "Hoxton Retail"},
    "select_software": {"software": "ledgerly"},
    "authorize": {"consent": True},
    "add_entity": {},
    "remove_entity": {"entity": "cn_1"},
    "finish": {},
    "back": {},
    "exit": {},
    "request_new_link": {},
}

TOURS: Final = {
    FINANCIALS: """
        open                            selecting_software
        select_software                 authorizing
        back                            selecting_software
        select_software                 authorizing
        authorize                       authorizing
        authorize                       authorizing
        deny                            selecting_software
        select_software                 authorizing
        authorize                       authorizing
        approve=revoked                 selecting_software
        select_software                 authorizing
        back                            selecting_software
        select_software                 authorizing
        authorize                       authorizing
        approve=malformed               fetching
    """,
    BOTH: """
        open                            selecting_software
        select_software=sumline         authorizing
        authorize                       authorizing
        approve=default                 completed
    """,
    SPEND: """
        open                            choosing_structure
        choose_structure=single         selecting_software
        back                            choosing_structure
        choose_structure=multiple       naming_entity
        back                            choosing_structure
        choose_structure=multiple       naming_entity
        name_entity=Hoxton              selecting_software
        back                            naming_entity
        name_entity=Hoxton Retail       selecting_software
        select_software                 authorizing
        back                            selecting_software
        select_software                 authorizing
        authorize                       authorizing
        approve=malformed               reviewing_entities
        add_entity                      naming_entity
        back                            reviewing_entities
        add_entity                      naming_entity
        name_entity=Hoxton Wholesale    selecting_software
        select_software                 authorizing
        authorize                       authorizing
        deny                            selecting_software
        select_software                 authorizing
        authorize                       authorizing
        approve=default                 reviewing_entities
        remove_entity=Hoxton Retail     reviewing_entities
        finish                          completed
    """,
}

CONTRACT: Final = {
    "journey_id", "organization", "company", "data_types", "structure", "stage",
    "entity", "entities", "software", "consent", "allowed", "message",
}  # fmt: skip


class Tourist:
    """Walks a tour, and at every stop tries everything."""

    def __init__(self, customer: Customer) -> None:
        self.customer = customer
        self.url = ""
        self.seen: set[tuple[str, tuple[str, ...]]] = set()
        self.offered: set[tuple[str, str]] = set()
        self.done: set[tuple[str, str]] = set()

    async def walks(self, tour: str) -> None:
        state = await self.stops()
        for line in tour.strip().splitlines():
            step, stage = line.rsplit(maxsplit=1)
            name, _, value = step.strip().partition("=")
            await self.goes(state, name, value)
            state = await self.stops()
            assert (step, stage) == (step, state["stage"])

    async def goes(self, state: State, name: str, value: str) -> None:
        if name in {"approve", "deny"}:
            scenario = value or "default"
            back = await self.customer.decides(self.url, name, scenario)
            assert 303 == (await self.customer.returns(back)).status_code
            return
        fields = FIELDS[name] | {field: value for field in FIELDS[name] if value}
        ids = {each["name"]: each["id"] for each in state["entities"]}
        if name == "remove_entity":
            fields = {"entity": ids[value]}
        new = await self.customer.does(name, **fields)
        self.url = new.get("redirect_url", self.url)
        self.done.add((state["stage"], name))

    async def stops(self) -> State:
        """What is not allowed is refused, as things stand; what leads nowhere is done."""
        state = await self.customer.settles()
        stage, allowed = state["stage"], tuple(state["allowed"])
        if (stage, allowed) in self.seen:
            return state
        self.seen.add((stage, allowed))
        self.offered |= {(stage, action) for action in allowed}
        for action in FIELDS.keys() - set(allowed):
            refused = await self.customer.posts(action, **FIELDS[action])
            assert (409, state) == (refused.status_code, refused.json()["state"])
            assert refused.json()["code"] in {"action_not_allowed", "no_entity"}
        for action in ("exit", "open"):
            if action in allowed and (action, stage) != ("open", "awaiting_customer"):
                await self.goes(state, action, "")
        return await self.customer.state()


async def test_what_is_allowed_is_accepted_and_all_else_is_refused(
    office: Office,
) -> None:
    """
    On the way through every stage, repairs too, each action is either in `allowed`
    and done, or refused with the present state.
    """
    tourists = [Tourist(await office.asks(data_types)) for data_types in TOURS]

    await asyncio.gather(
        *(
            tourist.walks(tour)
            for tourist, tour in zip(tourists, TOURS.values(), strict=True)
        )
    )

    offered = set[tuple[str, str]]().union(*(each.offered for each in tourists))
    done = set[tuple[str, str]]().union(*(each.done for each in tourists))
    assert offered - {("selecting_software", "upload")} == done
