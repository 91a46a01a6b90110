"""What the exam's archive holds of each simulated student, and in what it differs from what they were told."""

import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from server.rehearsals.student import Student

FILE = "file:"
QUEUE, OUTAGE = "queue", "outage"


@dataclass(frozen=True)
class Kept:
    """Of one student. sources: of what was handed in, by name. graded_s: from handing in to the verdict."""

    saved: Mapping[str, Any] = field(default_factory=dict)
    handed_in_by: str | None = None
    receipt: str | None = None
    sources: Mapping[str, str] = field(default_factory=dict)
    graded_s: float | None = None
    queue_s: int = 0
    outage_s: int = 0
    left_out: tuple[str, ...] = ()

    @property
    def credits_s(self) -> int:
        """What the platform gave back by itself."""
        return self.queue_s + self.outage_s


def read(archive: bytes) -> dict[str, Kept]:
    """By login; who has never begun is not in it."""
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        names = [name for name in opened.namelist() if name.startswith("students/") and name.endswith("/student.json")]
        return {(found := json.loads(opened.read(name)))["login"]: kept_of(opened, name, found) for name in names}


def kept_of(opened: zipfile.ZipFile, name: str, found: Mapping[str, Any]) -> Kept:
    place = name.removesuffix("/student.json")
    if not found["sittings"]:
        return Kept()
    sitting = found["sittings"][-1]
    lines = json.loads(opened.read(f"{place}/sitting-{sitting['number']}.json"))
    work = next((each for each in found["submissions"] if each["id"] == found["counts"]), None)
    return Kept(
        saved={each["field"]: each["value"] for each in lines["saved"]},
        handed_in_by=sitting["handed_in_by"],
        receipt=work["sha256"] if work else None,
        sources=sources_of(opened, place, work["id"]) if work else {},
        graded_s=graded_s(sitting, work["runs"]) if work else None,
        queue_s=given_s(found["grants"], QUEUE),
        outage_s=given_s(found["grants"], OUTAGE),
        left_out=tuple(sorted(sitting["left_out"])),
    )


def given_s(grants: Iterable[Mapping[str, Any]], kind: str) -> int:
    return sum(each["seconds"] for each in grants if each["kind"] == kind)


def sources_of(opened: zipfile.ZipFile, place: str, submission: int) -> dict[str, str]:
    folder = f"{place}/submissions/{submission}/collected/"
    return {name.removeprefix(folder): opened.read(name).decode() for name in opened.namelist() if name.startswith(folder)}


def graded_s(sitting: Mapping[str, Any], runs: Iterable[Mapping[str, Any]]) -> float | None:
    """0 where the same had been judged before, as a check."""
    first = min((datetime.fromisoformat(each["created_at"]) for each in runs), default=None)
    return max(0.0, (first - datetime.fromisoformat(sitting["handed_in_at"])).total_seconds()) if first else None


def lost_of(student: Student, kept: Kept | None) -> list[str]:
    """What was acknowledged and is not there: fields of the paper, code in what was handed in, the receipt."""
    kept = kept or Kept()
    found = student.written.lost(kept.saved)
    if kept.sources:
        written = student.written
        for name, value in written.acknowledged.items():
            source = kept.sources.get(name.removeprefix(FILE)) if name.startswith(FILE) else value
            if name.startswith(FILE) and source not in (value, *written.maybe.get(name, [])):
                found.append(f"{name} as handed in")
    if student.written.receipt is not None and student.written.receipt != kept.receipt:
        found.append("the receipt")
    return [f"{student.login} {each}" for each in found]
