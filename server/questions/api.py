"""Questions and answers as JSON."""

from fastapi import APIRouter

from server.errors import NotFound
from server.questions.access import AskedAssignment
from server.questions.answers import answers_of
from server.questions.schemas import AnswersOut, PaperOut
from server.settings import SettingsDep
from server.submissions.access import VisibleSubmission
from server.submissions.models import FileKind
from server.submissions.schemas import FileOut

router = APIRouter(prefix="/api/v1", tags=["questions"])


@router.get("/courses/{course}/assignments/{assignment}/questions")
def questions(asked: AskedAssignment) -> PaperOut:
    """Of the asking person's own paper, where an assignment has questions."""
    return PaperOut.of(asked)


@router.get("/submissions/{submission_id}/answers")
def answers(submission: VisibleSubmission, settings: SettingsDep) -> AnswersOut:
    """As they were handed in; 404 where nothing was asked."""
    found = answers_of(submission, settings.blob_store)
    if found is None:
        raise NotFound
    files = [file for file in submission.files if file.kind is FileKind.attachment]
    listed = [FileOut(name=file.name, sha256=file.sha256, size_bytes=file.blob.size_bytes) for file in files]
    return AnswersOut(answers=found, attachments=listed)
