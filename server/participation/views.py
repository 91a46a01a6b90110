"""What the showcase shows of a solution: its code, and the name that its author wants."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup
from sqlalchemy.orm import Session

from grader.markdown import highlighted
from grader.protocol import Text
from server.courses.models import Course
from server.courses.pseudonyms import pseudonym
from server.deadlines.queries import closed_for_all
from server.participation import queries
from server.participation.models import Presentation, ShownAs
from server.submissions.models import Submission
from server.submissions.service import collected_files


@dataclass(frozen=True)
class File:
    name: str
    lines: Sequence[Markup]


@dataclass(frozen=True)
class Exhibit:
    presentation: Presentation
    author: Text


def exhibits_of(session: Session, *, course: Course, now: datetime, key: bytes) -> list[Exhibit]:
    """Those that everybody in the course may see now."""
    consented = queries.list_consented(session, course=course)
    closings = closed_for_all(session, assignments={each.submission.assignment for each in consented})
    return [Exhibit(each, author_of(each, key)) for each in consented if now >= closings[each.submission.assignment_id]]


def is_shown(session: Session, presentation: Presentation | None, *, now: datetime) -> bool:
    """Once its author has agreed, and nobody can hand in any more."""
    if presentation is None or presentation.shown_as is None:
        return False
    assignment = presentation.submission.assignment
    return now >= closed_for_all(session, assignments=[assignment])[assignment.id]


def author_of(presentation: Presentation, key: bytes) -> Text:
    """Another pseudonym for each solution, so that two of them do not name their author together."""
    if presentation.shown_as is ShownAs.pseudonym:
        return pseudonym(key, f"showcase {presentation.submission_id}")
    name = presentation.submission.author.display_name
    return Text(en=name, zh=name)


def files_of(submission: Submission, *, store: str) -> list[File]:
    """Coloured line by line, which the highlighter keeps whole."""
    files = []
    for name, data in collected_files(submission, store=store).items():
        lines = highlighted(data.decode("utf-8", errors="replace"), "python").splitlines()
        files.append(File(name, [Markup(line) for line in lines]))
    return files
