"""A finished comparison in the blob store, so that one more submission is held against it within a moment."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from server.settings import Settings
from server.similarity.facts import Record
from server.similarity.models import Comparison
from server.similarity.population import Member
from server.submissions import blobs
from server.submissions.models import Blob

if TYPE_CHECKING:
    from grader.similarity.kept_index import KeptIndex
    from grader.similarity.score import Comparison as Compared


@dataclass(frozen=True)
class Kept:
    """`places`: (submission, archived work) of each work, one of them None. `records`: by submission, for facts."""

    places: list[tuple[int | None, int | None]]
    records: Mapping[int, Record]
    index: "KeptIndex"

    @classmethod
    def of(cls, members: Sequence[Member], compared: "Compared", records: Mapping[int, Record]) -> "Kept":
        from grader.similarity.kept_index import KeptIndex

        places = [(member.attempt.id if member.attempt else None, member.archived_id) for member in members]
        return cls(places, records, KeptIndex.of(compared))


def keep(session: Session, kept: Kept, *, settings: Settings) -> str:
    """Its hash. The bytes are durable before the row that names them."""
    head = {"places": kept.places, "records": {id: _listed(record) for id, record in kept.records.items()}}
    data = json.dumps(head).encode() + b"\n" + kept.index.to_bytes()
    sha256 = blobs.store(settings.blob_store, data)
    session.execute(insert(Blob).values(sha256=sha256, size_bytes=len(data)).on_conflict_do_nothing())
    return sha256


def load(comparison: Comparison, *, settings: Settings) -> Kept:
    """Raises grader.similarity.storage.OtherVersion where the engine has changed since."""
    from grader.similarity.kept_index import KeptIndex

    line, _, data = blobs.read(settings.blob_store, comparison.index_sha256).partition(b"\n")
    head = json.loads(line)
    records = {int(id): _record(listed) for id, listed in head["records"].items()}
    return Kept([(submission, archived) for submission, archived in head["places"]], records, KeptIndex.from_bytes(data))


def _listed(record: Record) -> list[Any]:
    curves = [[*curve, points] for curve, points in record.curves.items()]
    return [record.student, sorted(record.failed), sorted(record.mistakes), sorted(record.errors), curves]


def _record(listed: list[Any]) -> Record:
    student, failed, mistakes, errors, curves = listed
    pairs = (frozenset((check, other) for check, other in both) for both in (mistakes, errors))
    return Record(student, frozenset(failed), *pairs, {(check, name, digest): points for check, name, digest, points in curves})


def forget_older(session: Session, *, comparison: Comparison, settings: Settings) -> None:
    """What earlier comparisons of the assignment kept is of no use any more, and large."""
    forget(session, Comparison.assignment_id == comparison.assignment_id, Comparison.id < comparison.id, settings=settings)


def forget(session: Session, *of_them: ColumnElement[bool], settings: Settings) -> None:
    found = set(session.scalars(select(Comparison.index_sha256).where(*of_them, Comparison.index_sha256.is_not(None))))
    session.execute(update(Comparison).where(*of_them).values(index_sha256=None))
    used = set(session.scalars(select(Comparison.index_sha256).where(Comparison.index_sha256.in_(found))))
    for sha256 in found - used:
        session.execute(delete(Blob).where(Blob.sha256 == sha256))
        blobs.remove(settings.blob_store, sha256)
