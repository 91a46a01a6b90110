"""One file with all that an exam was: content, papers, answers, runs, marks and what was said and granted.

`archive_check` proves it again a year later without a server. JSON is spelled in one way, so equal content has equal hashes.
"""

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, is_dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from sqlalchemy import inspect, select
from sqlalchemy.orm import Session, undefer

from grader.papers.sheet import sheet_of
from grader.questions.paper import Paper
from server.accounts.models import User
from server.assignments.service import folder_of, manifest_of
from server.assignments.variants import draw_paper_of, variant_of
from server.audit import list_lines_about, write_line
from server.cases.models import PointChange
from server.database import Base
from server.exam_results import moderation, signing
from server.exam_results.archive_check import FORMAT, MANIFEST, digest, paper_facts, sheet_facts
from server.exam_results.works import Work, Works, works_of
from server.exams import queries
from server.exams.models import Exam, ExamNotice, ExamWindow, MissedSave, SavedAnswer, SavedVersion, Sitting, SittingEvent
from server.gradebook.queries import find_scheme
from server.gradebook.scheme import as_facts
from server.grading.models import Run
from server.marking import queries as marking
from server.marking.models import GivenMark, LineComment
from server.settings import Settings
from server.submissions import blobs
from server.submissions.models import Submission

HEAVY = {".pt", ".pth", ".npy", ".npz", ".bin", ".safetensors", ".parquet", ".pyc"}
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the same bytes whenever it is packed


@dataclass(frozen=True)
class Packing:
    """An archive in the making."""

    session: Session
    works: Works
    settings: Settings
    files: dict[str, bytes]

    @property
    def exam(self) -> Exam:
        return self.works.exam

    def put(self, name: str, value: Any) -> None:
        self.files[name] = spell(value)


def pack(session: Session, *, exam: Exam, settings: Settings, now: datetime, by: User | None = None) -> bytes:
    """A .zip with a signed manifest of the hashes of all its files; the audit log keeps the hash of the manifest."""
    works = works_of(session, exam=exam, root=settings.assignments, is_whole=True)
    packing = Packing(session, works, settings, {})
    put_content(packing)
    put_exam(packing)
    for work in works.all:
        put_student(packing, work)
    hashes = {name: digest(content) for name, content in sorted(packing.files.items())}
    versions = {"gradus": version("gradus"), "torch": version("torch")}
    manifest = spell({"format": FORMAT, "made_at": now, "versions": versions, "files": hashes})
    course, facts = exam.assignment.course, {"assignment": exam.assignment.slug, "sha256": digest(manifest)}
    write_line(session, course=course, actor=by, action="exam.exported", **facts, students=len(works.written))
    signed = signing.sign(manifest, secret=settings.derive_key(signing.PURPOSE))
    return zipped(packing.files | {MANIFEST: manifest} | signed)


def zipped(files: Mapping[str, bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name, LONG_AGO), content, zipfile.ZIP_DEFLATED)
    return data.getvalue()


def spell(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1, default=plain) + "\n").encode()


def plain(value: Any) -> Any:
    """What JSON does not know."""
    match value:
        case datetime():
            return value.isoformat()
        case Decimal():
            return f"{value.normalize():f}"
        case Fraction():
            return str(value)
        case Enum():
            return value.value
        case BaseModel():
            return value.model_dump(mode="json")
        case _ if is_dataclass(value) and not isinstance(value, type):
            return asdict(value)
    raise TypeError(f"{value!r:.80} has no spelling")


def row_facts(row: Base, *without: str) -> dict[str, Any]:
    """The columns of a row by their names."""
    names = [each.key for each in inspect(type(row)).column_attrs]
    return {name: getattr(row, name) for name in names if name not in without}


def put_content(packing: Packing) -> None:
    """The folder as it is now; what is heavy stays out and is named by its hash."""
    folder, left_out = folder_of(packing.exam.assignment, root=packing.settings.assignments), {}
    for path in sorted(each for each in folder.rglob("*") if each.is_file() and "__pycache__" not in each.parts):
        name = path.relative_to(folder).as_posix()
        if path.suffix in HEAVY:
            left_out[name] = digest(path.read_bytes())
        else:
            packing.files[f"content/{name}"] = path.read_bytes()
    packing.put("content_left_out.json", left_out)


def put_exam(packing: Packing) -> None:
    session, exam = packing.session, packing.exam
    assignment = exam.assignment
    scheme = find_scheme(session, course=assignment.course)
    of_exam = {"course": assignment.course.slug, "assignment": assignment.slug, "time_zone": assignment.course.time_zone}
    windows = session.scalars(select(ExamWindow).where(ExamWindow.exam_id == exam.assignment_id))
    notices = session.scalars(select(ExamNotice).where(ExamNotice.exam_id == exam.assignment_id).order_by(ExamNotice.id))
    packing.put(
        "exam.json",
        {
            **of_exam,
            "exam": row_facts(exam),
            "dates": row_facts(assignment, "id", "course_id"),
            "windows": [{**row_facts(each, "section_id"), "section": each.section.name} for each in windows],
            "notices": [row_facts(each) for each in notices],
            "scheme": as_facts(scheme[0]) if scheme else None,
        },
    )
    about = [{"assignment": assignment.slug}, {"exam": assignment.slug}]
    lines = list_lines_about(session, course=assignment.course, any_of=about)
    packing.put("audit.json", [{**row_facts(each), "actor": each.actor.login if each.actor else None} for each in lines])
    put_marking(packing)


def put_marking(packing: Packing) -> None:
    """Questions that people mark, with their rubrics, and the sample that was marked twice."""
    session, exam = packing.session, packing.exam
    questions = marking.list_questions(session, assignment=exam.assignment)
    told = [{**row_facts(each), "items": [row_facts(item) for item in each.items]} for each in questions]
    drawn = moderation.find_draw(session, exam=exam)
    second = [row_facts(each) for each in moderation.list_moderated(session, exam=exam)]
    packing.put("marking.json", {"questions": told, "draw": row_facts(drawn) if drawn else None, "moderated": second})


def put_student(packing: Packing, work: Work) -> None:
    session, exam, user = packing.session, packing.exam, work.student.user
    place = f"students/{user.login}"
    sittings = session.scalars(
        select(Sitting).where(Sitting.exam_id == exam.assignment_id, Sitting.student_id == user.id).order_by(Sitting.number)
    ).all()
    mine = Submission.assignment_id == exam.assignment_id, Submission.author_id == user.id
    submissions = session.scalars(select(Submission).where(*mine).order_by(Submission.id)).all()
    grants = queries.grants_of(session, exam_id=exam.assignment_id, student_id=user.id)
    if not (sittings or submissions or grants):
        return
    manifest = manifest_of(exam.assignment, root=packing.settings.assignments)
    known = {"user_id": user.id, "settings": packing.settings}
    paper: Paper = draw_paper_of(exam.assignment, manifest, **known)
    folder = folder_of(exam.assignment, root=packing.settings.assignments)
    sheet = sheet_of(folder, manifest, paper.seed, with_key=True)
    packing.put(f"{place}/paper.json", paper_facts(paper))
    packing.put(f"{place}/sheet.json", sheet_facts(sheet))
    for sitting in sittings:
        put_sitting(packing, place, sitting)
    for submission in submissions:
        put_files(packing, place, submission)
    packing.put(
        f"{place}/student.json",
        {
            "login": user.login,
            "name": user.display_name,
            "student_number": user.student_number,
            "section": work.student.section.name if work.student.section else None,
            "variant": variant_of(exam.assignment, manifest, **known),
            "sittings": [row_facts(each) for each in sittings],
            "grants": [row_facts(each) for each in grants],
            "submissions": [submission_facts(packing, place, each) for each in submissions],
            "counts": work.submission.id if work.submission else None,
            "score": work.report.score if work.report else None,
            "by_hand": work.by_hand,
            "change": work.change,
            "total": work.total,
        },
    )


def put_sitting(packing: Packing, place: str, sitting: Sitting) -> None:
    session = packing.session
    tables = {"saved": SavedAnswer, "versions": SavedVersion, "missed": MissedSave, "events": SittingEvent}
    keys = {"saved": (SavedAnswer.field,), "versions": (SavedVersion.field, SavedVersion.minute)}
    found = {}
    for name, table in tables.items():
        query = select(table).where(table.sitting_id == sitting.id).order_by(*keys.get(name, (inspect(table).primary_key[0],)))
        found[name] = [row_facts(each) for each in session.scalars(query)]
    packing.put(f"{place}/sitting-{sitting.number}.json", found)


def put_files(packing: Packing, place: str, submission: Submission) -> None:
    for file in submission.files:
        content = blobs.read(packing.settings.blob_store, file.sha256)
        packing.files[f"{place}/submissions/{submission.id}/{file.kind.value}/{safe(file.name)}"] = content


def safe(name: str) -> str:
    """Never out of its folder, whatever it was called."""
    return Path(name).name or "file"


def submission_facts(packing: Packing, place: str, submission: Submission) -> dict[str, Any]:
    """With its runs, marks, comments and changes; each report in a file of its own."""
    session, mine = packing.session, submission.id
    runs = session.scalars(select(Run).where(Run.submission_id == mine).order_by(Run.number).options(undefer(Run.report))).all()
    for run in runs:
        packing.put(f"{place}/runs/{run.submission_id}-{run.number}.json", run.report)
    marks = session.scalars(select(GivenMark).where(GivenMark.submission_id == mine).order_by(GivenMark.id))
    comments = session.scalars(select(LineComment).where(LineComment.submission_id == mine).order_by(LineComment.id))
    changes = session.scalars(select(PointChange).where(PointChange.submission_id == mine).order_by(PointChange.id))
    return {
        "id": submission.id,
        "attempt": submission.attempt,
        "received_at": submission.received_at,
        "sha256": submission.sha256,
        "files": [{"kind": each.kind, "name": safe(each.name), "sha256": each.sha256} for each in submission.files],
        "runs": [row_facts(each, "report") for each in runs],
        "marks": [{**row_facts(each), "marker": each.marker.login} for each in marks],
        "comments": [row_facts(each) for each in comments],
        "changes": [{**row_facts(each), "actor": each.actor.login} for each in changes],
    }
