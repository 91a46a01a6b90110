"""Handing in: numbers, quotas and what is kept."""

import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.assignments.models import Assignment
from server.database import current_time
from server.models import Message
from server.settings import Settings
from server.submissions import blobs, rules, service
from server.submissions.models import FileKind, State, Submission, SubmissionFile
from server.submissions.service import Upload

HandIn = Callable[..., Submission]


def test_a_submission_comes_with_its_job_and_its_message(
    session: Session, hand_in: HandIn, assignment: Assignment, student: User
) -> None:
    submission = hand_in(assignment, student)
    message = session.scalars(select(Message)).one()
    assert submission.state is State.received
    assert (message.task, message.arguments, message.queue) == ("grading.grade_submission", [submission.job.id], "cpu")


def test_attempts_are_numbered_without_gaps(hand_in: HandIn, assignment: Assignment, student: User) -> None:
    assert [hand_in(assignment, student).attempt for _ in range(3)] == [1, 2, 3]


def test_one_students_attempts_are_not_anothers(
    hand_in: HandIn, make_assignment: Callable[..., Assignment], make_member: Callable[..., User]
) -> None:
    assignment = make_assignment(attempt_limit=1)
    assert [hand_in(assignment, make_member(login)).attempt for login in ("ada", "bob")] == [1, 1]


def test_an_attempt_given_back_can_be_used_again(
    session: Session, hand_in: HandIn, make_assignment: Callable[..., Assignment], student: User
) -> None:
    assignment = make_assignment(attempt_limit=1)
    first = hand_in(assignment, student)
    with pytest.raises(rules.AttemptsUsedUp):
        hand_in(assignment, student)
    session.rollback()
    first.takes_attempt = False
    assert hand_in(assignment, student).attempt == 2


def test_the_daily_quota_forgets_yesterday(
    session: Session, hand_in: HandIn, make_assignment: Callable[..., Assignment], student: User
) -> None:
    assignment = make_assignment(per_day=1)
    first = hand_in(assignment, student)
    with pytest.raises(rules.DailyAttemptsUsedUp):
        hand_in(assignment, student)
    session.rollback()
    first.received_at -= timedelta(days=1)
    assert hand_in(assignment, student).attempt == 2


def test_every_receipt_has_its_bytes(
    session: Session, settings: Settings, hand_in: HandIn, assignment: Assignment, student: User
) -> None:
    for number in range(3):
        hand_in(assignment, student, f"x = {number}\n")
    rows = session.scalars(select(SubmissionFile)).all()
    assert len(rows) == 6
    assert all(blobs.digest(blobs.read(settings.blob_store, row.sha256)) == row.sha256 for row in rows)


def test_equal_files_are_stored_once(settings: Settings, hand_in: HandIn, assignment: Assignment, student: User) -> None:
    for _ in range(2):
        hand_in(assignment, student)
    assert len([path for path in (settings.data / "blobs").rglob("*") if path.is_file()]) == 1


def test_no_row_is_written_when_the_store_fails(session: Session, tmp_path: Path, assignment: Assignment, student: User) -> None:
    (tmp_path / "full").write_text("a file where the store's folder should be")
    with pytest.raises(OSError):
        service.submit(
            session, assignment=assignment, author=student, upload=Upload({"a.py": b"1"}, {"solution.py": b"1"}),
            store=str(tmp_path / "full"), queue=service.Queue.cpu, now=current_time(session),
        )  # fmt: skip
    session.rollback()
    assert session.scalars(select(Submission)).all() == []


def test_the_hash_of_a_receipt_can_be_checked_with_sha256sum(tmp_path: Path) -> None:
    files = {"b.py": b"x = 1\n", "a.py": b"y = 2\n"}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    printed = subprocess.run(
        "sha256sum a.py b.py | sha256sum", shell=True, cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert Upload(uploaded=files, collected={}).sha256 == printed.stdout.split()[0]


def test_only_sources_go_to_the_judge(session: Session, settings: Settings, assignment: Assignment, student: User) -> None:
    upload = Upload(uploaded={"work.zip": b"PK"}, collected={"solution.py": b"x = 1"})
    submission = service.submit(
        session, assignment=assignment, author=student, upload=upload, store=settings.blob_store,
        queue=service.Queue.cpu, now=current_time(session),
    )  # fmt: skip
    assert {file.kind for file in submission.files} == {FileKind.uploaded, FileKind.collected}
    assert service.collected_files(submission, store=settings.blob_store) == {"solution.py": b"x = 1"}
