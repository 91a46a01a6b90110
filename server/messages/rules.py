"""What each kind of message needs to be worded. Pure."""

from collections.abc import Mapping
from datetime import datetime

from server.messages.models import Kind

SET_BY_HAND = frozenset({"by", "reason"})
WINDOW = frozenset({"assignment", "opens_at", "closes_at"})

# By kind: what has to be there, and what may be. `assignment` is a slug; its title is looked up when the message is read.
FACTS: Mapping[Kind, tuple[frozenset[str], frozenset[str]]] = {
    Kind.case_told: (frozenset({"until"}), frozenset()),
    Kind.returned_for_fix: (frozenset({"assignment"}), frozenset({"until"})),
    Kind.regrade_answered: (frozenset({"assignment"}), frozenset()),
    Kind.scores_published: (frozenset({"assignment"}), frozenset()),
    Kind.date_moved: (frozenset({"assignment", "due_at"}), frozenset()),
    Kind.early_warning: (frozenset(), frozenset({"text", "by"})),
    Kind.mark_set: (SET_BY_HAND | {"mark", "what"}, frozenset({"assignment", "title", "in_class", "points", "full"})),
    Kind.grade_set: (SET_BY_HAND | {"override"}, frozenset({"grade"})),
    Kind.exam_set: (WINDOW, frozenset()),
    Kind.exam_moved: (WINDOW | {"was_opens_at", "was_closes_at"}, frozenset()),
}
MOMENTS = frozenset({"until", "due_at", "opens_at", "closes_at", "was_opens_at", "was_closes_at"})


def spell(kind: Kind, facts: Mapping[str, object]) -> dict[str, str]:
    """As they are stored. Raises ValueError for facts that the kind's words do not know, or lack: a caller's mistake."""
    needed, possible = FACTS[kind]
    given = {name: value for name, value in facts.items() if value is not None}
    if not needed <= given.keys() <= needed | possible:
        raise ValueError(f"{kind} takes {sorted(needed | possible)}, and was given {sorted(given)}")
    return {name: value.isoformat() if isinstance(value, datetime) else str(value) for name, value in given.items()}


def check_link(link: str) -> str:
    """Only our own pages."""
    if not link.startswith("/") or link.startswith("//"):
        raise ValueError(f"{link!r} is no path of ours")
    return link
