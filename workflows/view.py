"""What an operator reads in the Temporal UI: a title for every workflow, Markdown for its details."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from domain.bulk import BulkProgress, RunBulk
    from domain.emails import one_line
    from domain.explanation import explain
    from domain.journey import FACES, DataType, EntityStage
    from domain.messages import (
        BuildReports,
        ConnectEntity,
        NoteNewLinkAsked,
        RemoveCompany,
        RevokeConnection,
        RunSync,
    )
    from domain.reasons import NOTICES
    from domain.removals import STEPS, Progress, Step
    from domain.state import Entity, Journey

MARKS: Final = re.compile(r"[\\`*_\[\]<>!|#~]")


def journey_title(journey: Journey) -> str:
    """One line: who is asked for what."""
    return f"{journey.company_name}: {_asked(journey.data_types)}"


def entity_title(start: ConnectEntity) -> str:
    """One line: whose books, in which software."""
    return f"{start.entity.name} via {start.entity.software}"


def sync_title(sync: RunSync) -> str:
    """One line: what is read and why."""
    return f"Read the books ({sync.trigger})"


def revoke_title(command: RevokeConnection) -> str:
    """One line: which connection."""
    return f"Revoke {command.connection_id}"


def wish_details(command: NoteNewLinkAsked) -> str:
    """What the customer of a journey that is over asks for, and who has to act."""
    lines = [
        f"## A new link is asked for: {command.journey_id}",
        f"Link {command.number} has ended, and so has the journey. Its timeline says so.",
        "",
        "What an operator can do: nothing; the bank decides whether it asks again.",
    ]
    return "\n".join(lines)


def reconcile_details(doing: str) -> str:
    """What is being put right, and what an operator can do."""
    lines = [
        "## Bring the store and Temporal in line",
        doing,
        "",
        "What fails is done again a minute later.",
        "What an operator can do: trigger the schedule `reconcile`.",
    ]
    return "\n".join(lines)


def build_title(build: BuildReports) -> str:
    """One line: whose reports."""
    return f"Build the reports of {build.company_id}"


def build_details(build: BuildReports, outcome: str) -> str:
    """What came of building reports again, and what an operator can do."""
    lines = [
        f"## Reports of {build.company_id}",
        outcome,
        "",
        "What an operator can do: send the signal `again`.",
    ]
    return "\n".join(lines)


def journey_details(journey: Journey) -> str:
    """Where a journey stands, since when, whom it waits for, what comes next, what to do."""
    explanation = explain(journey)
    lines = [
        f"## {_plain(journey.company_name)}",
        f"**{FACES[journey.stage].label}** since {_time(journey.stage_since)}. {explanation.sentence}",
        "",
        f"- Status: **{journey.status or 'nothing requested yet'}**",
        f"- Waits for: **{explanation.waits_for or 'nobody'}**",
        f"- Next: {explanation.next} {_time(explanation.next_at)}".rstrip(),
        f"- Counts as stuck after: {_time(journey.stuck_after) or 'never'}",
        *_entities(journey),
        "",
        _what_to_do(journey),
    ]
    return "\n".join(lines)


def entity_details(
    start: ConnectEntity, entity: Entity, retry_at: datetime | None
) -> str:
    """Where one legal entity's connection stands, and what an operator can do."""
    lines = [
        f"## {_plain(entity.name)}",
        f"**{_words(entity.stage)}** at {entity.software}, for journey {start.journey_id}.",
        "",
    ]
    if entity.trouble:
        lines.append(f"- {NOTICES[entity.trouble].bank} {entity.detail}".rstrip())
    if retry_at:
        lines.append(f"- It is tried again by itself: {_time(retry_at)}")
    lines += [
        "",
        "What an operator can do: send `retry_now`, or act on the journey (`retry`, `skip`).",
    ]
    return "\n".join(lines)


def sync_details(sync: RunSync, outcome: str) -> str:
    """What a sync is doing, or how it ended."""
    return f"## {sync_title(sync)}\n{outcome}\n\n- Company: {sync.company_id}\n- Sync: {sync.sync_id}"


def removal_title(command: RemoveCompany) -> str:
    """One line: what is taken away."""
    return f"Remove {command.company_id} and all that is known of it"


def removal_details(command: RemoveCompany, progress: Mapping[Step, Progress]) -> str:
    """How far a removal is, and what an operator can do."""
    lines = [
        f"## {removal_title(command)}",
        f"Receipt: {command.removal_id}. It names nobody.",
        "",
        *(f"- {face.title}: **{progress[step]}**" for step, face in STEPS.items()),
        "",
        "What an operator can do: nothing. Ended here, it goes on a minute later.",
    ]
    return "\n".join(lines)


def bulk_title(deed: RunBulk) -> str:
    """One line: what is asked of how many."""
    return f"{_words(deed.action).capitalize()} {deed.total:,} journeys"


def bulk_details(deed: RunBulk, progress: BulkProgress) -> str:
    """How far a deed is, and what an operator can do."""
    asked = progress.done + progress.undone
    lines = [
        f"## {bulk_title(deed)}",
        f"**{asked:,} of {deed.total:,}** were asked, a handful every few seconds.",
        "",
        f"- Did it: **{progress.done:,}**",
        f"- Could not: **{progress.undone:,}**",
        f"- Left: **{progress.left:,}**",
        f"- Deed: {deed.deed_id}; the portal has the result of each.",
        "",
        "What an operator can do: cancel it; whose turn has not come is left alone.",
    ]
    return "\n".join(lines)


def _entities(journey: Journey) -> list[str]:
    return [
        f"- {_plain(each.name)}: {_words(each.stage)}"
        + (f" ({each.trouble})" if each.trouble else "")
        for each in journey.entities[:20]
        if len(journey.entities) > 1 or each.stage is EntityStage.FAILED
    ]


def _what_to_do(journey: Journey) -> str:
    if not journey.open:
        return "Nothing is left to do here."
    if journey.needs_attention:
        return (
            "**Somebody has to act**: send the Update `retry` once the cause is mended, "
            "`skip` for one of several legal entities, or `cancel`."
        )
    return "An operator can send the Updates `resend`, `extend`, `retry`, `skip` or `cancel`."


def _asked(data_types: tuple[DataType, ...]) -> str:
    return " and ".join(_words(each) for each in data_types)


def _plain(text: str) -> str:
    """Text that somebody typed, so that Markdown shows it as it is."""
    return MARKS.sub(r"\\\g<0>", one_line(text))


def _words(code: str) -> str:
    return code.replace("_", " ")


def _time(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC" if at else ""
