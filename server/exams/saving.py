"""Saving as one types. Nothing that arrives is thrown away: it counts, or it is kept for the staff to decide about."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.orm import Session

from grader.protocol import Text
from grader.questions.manifest import QuestionKind
from grader.spec import Manifest
from server.exams import rules
from server.exams.fields import MOST_BYTES, fields_of, problem_of, question_of, tidied
from server.exams.models import Missed, MissedSave, SavedAnswer, SavedVersion, Sitting
from server.exams.refusals import NoSuchField, SaveTooLarge
from server.questions.rules import MOST_FILES, TooManyFiles


def or_update(table: Table, *key: str) -> Insert:
    """A row for each key: the newest version takes the place of what stands there."""
    new = insert(table)
    fresh = {name: new.excluded[name] for name in ("version", "value", "saved_at")}
    return new.on_conflict_do_update(index_elements=key, set_=fresh)


NOW_THERE = or_update(SavedAnswer.__table__, "sitting_id", "field")
THERE_THEN = or_update(SavedVersion.__table__, "sitting_id", "field", "minute")
MOST_MISSED = 500  # of one sitting; nobody types that much after the end


@dataclass(frozen=True)
class Typed:
    """One field as it came. version: of what it was made upon, 0 for nothing."""

    value: Any
    version: int


@dataclass(frozen=True)
class Kept:
    """Versions in the paper now, of the fields that came. `conflicts` have not changed; what came is kept beside them."""

    versions: Mapping[str, int]
    problems: Mapping[str, Text] = field(default_factory=dict)
    conflicts: Mapping[str, SavedAnswer] = field(default_factory=dict)


def save(
    session: Session,
    *,
    sitting: Sitting,
    manifest: Manifest,
    typed: Mapping[str, Typed],
    flags: Sequence[str] | None,
    now: datetime,
) -> Kept:
    """Under the sitting's lock, before its end and from its active place. Saving the same twice is once."""
    read = checked(typed, manifest)
    before = list_saved(session, sitting, read)
    conflicts = {name: before[name] for name, each in read.items() if is_conflict(before.get(name), each)}
    keep_missed(session, sitting=sitting, typed={name: read[name] for name in conflicts}, why=Missed.conflict, now=now)
    new = {name: each for name, each in read.items() if name not in conflicts and is_new(before.get(name), each)}
    versions = {name: each.version for name, each in before.items()}
    versions |= {name: versions.get(name, 0) + 1 for name in new}
    write(session, sitting, {name: (versions[name], each.value) for name, each in new.items()}, now)
    if flags is not None:
        known = set(fields_of(manifest))
        sitting.flags = [each for each in dict.fromkeys(flags) if each in known]
    if new:
        sitting.last_saved_at = now
    sitting.last_seen_at = now
    session.flush()
    problems = {name: problem for name, each in read.items() if (problem := problem_of(question_of(name, manifest), each.value))}
    return Kept({name: versions.get(name, 0) for name in read}, problems, conflicts)


def checked(typed: Mapping[str, Typed], manifest: Manifest) -> dict[str, Typed]:
    """Fields of this paper, of a size that can be kept. Raises NoSuchField, SaveTooLarge."""
    known = set(fields_of(manifest))
    for name in typed:
        if name not in known:
            raise NoSuchField(name)
    read = {name: Typed(None if is_file(name, manifest) else tidied(each.value), each.version) for name, each in typed.items()}
    if any(len(json.dumps(each.value, ensure_ascii=False).encode()) > MOST_BYTES for each in read.values()):
        raise SaveTooLarge(MOST_BYTES)
    return read


def is_file(name: str, manifest: Manifest) -> bool:
    """Of such a field one can only take away what was uploaded."""
    question = question_of(name, manifest)
    return question is not None and question.kind is QuestionKind.file


def save_file(session: Session, *, sitting: Sitting, field: str, kept: Mapping[str, Any], now: datetime) -> Kept:
    """kept: name, sha256 and size of what is in the blob store now. It takes the place of an earlier file.

    Raises TooManyFiles, so that nobody fills the disk from a room.
    """
    before = list_saved(session, sitting, [field])
    version = before[field].version + 1 if before else 1
    if version > MOST_FILES:
        raise TooManyFiles
    write(session, sitting, {field: (version, dict(kept))}, now)
    sitting.last_saved_at = sitting.last_seen_at = now
    session.flush()
    return Kept({field: version})


def list_saved(session: Session, sitting: Sitting, names: Collection[str]) -> dict[str, SavedAnswer]:
    if not names:
        return {}
    mine = SavedAnswer.sitting_id == sitting.id, SavedAnswer.field.in_(names)
    query = select(SavedAnswer).where(*mine).execution_options(populate_existing=True)
    return {each.field: each for each in session.scalars(query)}


def is_conflict(before: SavedAnswer | None, typed: Typed) -> bool:
    """Somebody has saved something else meanwhile, upon which this was not made."""
    return before is not None and typed.version != before.version and typed.value != before.value


def is_new(before: SavedAnswer | None, typed: Typed) -> bool:
    return before is None or typed.value != before.value


def write(session: Session, sitting: Sitting, values: Mapping[str, tuple[int, Any]], now: datetime) -> None:
    """What stands there now, and once a minute what stood there then."""
    if not values:
        return
    rows = [
        {"sitting_id": sitting.id, "field": name, "version": version, "value": value, "saved_at": now}
        for name, (version, value) in sorted(values.items())
    ]
    session.execute(NOW_THERE, rows)
    minute = rules.minute_of(sitting.started_at, now)
    session.execute(THERE_THEN, [row | {"minute": minute} for row in rows])


def keep_missed(session: Session, *, sitting: Sitting, typed: Mapping[str, Typed], why: Missed, now: datetime) -> int:
    """Beside the paper, where it does not differ from what is there already; how many."""
    before = list_saved(session, sitting, typed)
    known = {(each.field, json.dumps(each.value)) for each in list_missed(session, sitting)} if typed else set()
    new = {
        name: each
        for name, each in typed.items()
        if is_new(before.get(name), each) and (name, json.dumps(each.value)) not in known
    }
    rows = [
        MissedSave(sitting_id=sitting.id, field=name, value=each.value, why=why, arrived_at=now) for name, each in new.items()
    ]
    rows = rows[: max(0, MOST_MISSED - len(known))]
    session.add_all(rows)
    session.flush()
    return len(rows)


def list_missed(session: Session, sitting: Sitting) -> list[MissedSave]:
    return list(session.scalars(select(MissedSave).where(MissedSave.sitting_id == sitting.id).order_by(MissedSave.id)))
