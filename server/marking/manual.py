"""The manual questions of a manifest, and what was answered to them."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from grader.questions.manifest import Question, QuestionKind, Section, points_of
from grader.spec import Manifest
from server.questions.answers import answers_of
from server.submissions.models import FileKind, Submission, SubmissionFile


def manual_questions(manifest: Manifest) -> list[Question]:
    return [each for each in manifest.questions if each.is_manual]


def sections_of(manifest: Manifest) -> dict[str, Section]:
    return {each.id: each for each in manifest.sections}


def points_by_hand(manifest: Manifest) -> Decimal:
    """What people give at most."""
    asked = manual_questions(manifest)
    named = {each.section for each in asked}
    return points_of(asked, [each for each in manifest.sections if each.id in named])


@dataclass(frozen=True)
class Answer:
    """Of one question of one work. `sha256`: of all that is marked; None where there is nothing to mark."""

    text: str | None
    files: Sequence[SubmissionFile]
    sha256: str | None


def answer_to(question: Question, submission: Submission, *, store: str) -> Answer:
    """A review is of the code that was handed in; the others are answered with words or files."""
    if question.kind is QuestionKind.review:
        files = [each for each in submission.files if each.kind is FileKind.collected]
        return Answer(None, files, digest_of(files))
    said = (answers_of(submission, store) or {}).get(question.id)
    if question.kind is QuestionKind.file:
        named = [said] if isinstance(said, str) else [str(each) for each in said or ()]
        files = [each for each in submission.files if each.kind is FileKind.attachment and each.name in named]
        return Answer(None, files, digest_of(files))
    text = said if isinstance(said, str) and said.strip() else None
    return Answer(text, (), hashlib.sha256(text.encode()).hexdigest() if text else None)


def digest_of(files: Sequence[SubmissionFile]) -> str | None:
    lines = sorted(f"{each.sha256}  {each.name}\n" for each in files)
    return hashlib.sha256("".join(lines).encode()).hexdigest() if lines else None
