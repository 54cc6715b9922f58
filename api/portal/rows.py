"""The rows of the relationships page, drawn one by one so that each can be sent alone."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from sqlmodel.ext.asyncio.session import AsyncSession

from api.answers import company_out
from api.portal.acts import Offer, offered
from api.portal.live import Drawing, Piece
from api.portal.people import Person
from api.portal.turning import Pages
from api.portal.view import draw
from api.portal.wanted import Wanted, filtered, whose
from api.schemas import ReasonOut
from domain.explanation import Explanation, explain
from domain.reports import REPORTS
from domain.roles import Permission
from settings import Settings
from store import queries
from store.keyset import Cut
from store.portal.relationships import Relationship, colleagues, relationships
from store.queries import COMPANY_SORTS, CompanyFilter
from store.tables import CompanyRow, ReportRow

UNFOLDED: Final = 50
"""Legal entities that are shown under their client; its own page shows all of them."""


class Shown(NamedTuple):
    """All that one row says. `within` is the client that it is unfolded under."""

    relationship: Relationship
    reason: ReasonOut | None
    explanation: Explanation | None
    stuck: bool
    users: Sequence[str]
    reports: Sequence[tuple[str, ReportRow]]
    offers: Sequence[Offer]
    within: str | None

    @property
    def row(self) -> CompanyRow:
        return self.relationship.row


class Sight(NamedTuple):
    """One page of the list, as one person sees it; `before` and `after` turn it."""

    wanted: Wanted
    rows: Sequence[Shown]
    before: str | None
    after: str | None
    colleagues: Mapping[str, str]


async def look(
    session: AsyncSession,
    settings: Settings,
    person: Person,
    wanted: Wanted,
    now: datetime,
) -> Sight:
    """Read one page of the list."""
    pages = Pages(settings, person, wanted)
    leaf = await pages.read(session, filtered(person, wanted, now))
    names = await colleagues(session, person.organization.id)
    rows: list[Shown] = []
    for each in await relationships(session, leaf.rows):
        rows.append(_shown(person, each, names, now))
        if each.row.id == wanted.open:
            rows += await _unfolded(session, person, each.row, names, now)
    return Sight(wanted, rows, leaf.before, leaf.after, names)


async def _unfolded(
    session: AsyncSession,
    person: Person,
    client: CompanyRow,
    names: Mapping[str, str],
    now: datetime,
) -> list[Shown]:
    """Return a client's first legal entities."""
    wanted = CompanyFilter(now=now, parent_id=client.id)
    cut = Cut(COMPANY_SORTS["name"], limit=UNFOLDED)
    found = await queries.companies(session, person.organization.id, wanted, cut)
    entities = await relationships(session, found[:UNFOLDED])
    return [_shown(person, each, names, now, client.id) for each in entities]


def _shown(
    person: Person,
    each: Relationship,
    names: Mapping[str, str],
    now: datetime,
    within: str | None = None,
) -> Shown:
    journey = each.journey
    stuck_after = journey.stuck_after if journey else None
    return Shown(
        relationship=each,
        reason=company_out(each.facts).reason,
        explanation=explain(journey) if journey and journey.open else None,
        stuck=stuck_after is not None and stuck_after < now,
        users=[names.get(email, email) for email in each.facts.users],
        reports=_reports(person, each),
        offers=offered(person, each),
        within=within,
    )


def _reports(person: Person, each: Relationship) -> list[tuple[str, ReportRow]]:
    if not person.may(Permission.DOWNLOAD):
        return []
    order = list(REPORTS)
    rows = sorted(each.reports, key=lambda row: order.index(row.type))
    return [(REPORTS[row.type].title, row) for row in rows]


def drawn(sight: Sight, person: Person) -> Drawing:
    """Draw the rows, and the table around them."""
    pieces = [
        Piece(
            _row_id(shown),
            draw(
                "relationships/row.html",
                person,
                shown=shown,
                id=_row_id(shown),
                wanted=sight.wanted,
                unfolded=UNFOLDED,
            ),
        )
        for shown in sight.rows
    ]
    around = draw(
        "relationships/rows.html",
        person,
        pieces=pieces,
        wanted=sight.wanted,
        whose=whose(person, sight.wanted),
    )
    return Drawing(Piece("rows", around), pieces)


def _row_id(shown: Shown) -> str:
    """Where a search finds a legal entity, it may stand there and under its client."""
    return f"under-{shown.row.id}" if shown.within else shown.row.id
