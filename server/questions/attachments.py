"""Files of strangers on their way out: always as a download, under a type that their bytes have, and unable to run anything."""

from fastapi.responses import Response
from sqlalchemy.orm import Session

from grader.questions.attachments import kind_of
from server.errors import NotFound
from server.questions.access import OwnPaper
from server.questions.service import find_draft
from server.submissions import blobs
from server.submissions.models import FileKind, Submission

INERT = "default-src 'none'; sandbox"  # also where a browser opens it in a tab of its own


def attachment_of(submission: Submission, name: str, *, store: str) -> Response:
    found = next((file for file in submission.files if file.kind is FileKind.attachment and file.name == name), None)
    if found is None:
        raise NotFound
    return download(blobs.read(store, found.sha256), found.name)


def saved_attachment(session: Session, own: OwnPaper, question: str, *, store: str) -> Response:
    """Of one's own draft, under the name of its question."""
    draft = find_draft(session, assignment=own.assignment, user=own.user)
    kept = draft.attachments.get(question) if draft else None
    if kept is None or own.paper.item(question) is None:
        raise NotFound
    data = blobs.read(store, kept["sha256"])
    kind = kind_of(data)
    return download(data, f"{question}.{kind.suffix}" if kind else question)


def download(data: bytes, name: str) -> Response:
    """name: one of ours, made from the question's id. A picture is drawn by `img`, which asks no disposition."""
    kind = kind_of(data)
    return Response(
        data,
        media_type=kind.media_type if kind else "application/octet-stream",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Content-Security-Policy": INERT},
    )
