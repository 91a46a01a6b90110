"""What was answered, from the files that were handed in. Whoever reckons scores asks it, so it stands on models alone."""

import json
from typing import Any

from server.submissions import blobs
from server.submissions.models import FileKind, Submission


def answers_of(submission: Submission, store: str) -> dict[str, Any] | None:
    """What was answered, by question; of an attachment its file's name. None where no questions were asked."""
    file = next((file for file in submission.files if file.kind is FileKind.answers), None)
    return None if file is None else json.loads(blobs.read(store, file.sha256))
