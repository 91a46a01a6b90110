"""From a form to an upload: saved first, then read, so that a refusal leaves everything where it was."""

from datetime import datetime

from fastapi import UploadFile
from sqlalchemy.orm import Session

from grader.questions.asked import Attachment
from grader.questions.paper import Paper
from grader.questions.work import work_of
from grader.spec import Manifest
from server.accounts.models import User
from server.assignments.models import Assignment
from server.questions.service import Typed, files_of_draft, save_draft
from server.settings import Settings
from server.submissions.service import Upload
from server.submissions.upload import read_named, upload_of


def upload_of_form(
    session: Session,
    *,
    assignment: Assignment,
    manifest: Manifest,
    paper: Paper,
    user: User,
    typed: Typed,
    code: list[UploadFile],
    settings: Settings,
    now: datetime,
) -> Upload:
    """The draft is what is handed in; the code comes along. Raises SavedElsewhere, UnusableAnswers or UnusableUpload."""
    draft = save_draft(session, assignment=assignment, user=user, typed=typed, store=settings.blob_store, now=now)
    kept = files_of_draft(draft, store=settings.blob_store)
    attached = {item.question.id for item in paper.items if isinstance(item.asked, Attachment)} & set(kept)
    named = {id: draft.attachments[id]["name"] for id in attached}
    raw = dict(draft.answers) | {id: f"{id} {name}" for id, name in named.items()}
    files = {f"{id} {name}": kept[id] for id, name in named.items()}  # two questions may have files of one name
    sources = read_named([file for file in code if file.filename])
    return upload_of(lambda: work_of(manifest, paper, raw, files, sources))
