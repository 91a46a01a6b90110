"""One paper with its answers and marking, for its author after the release and for staff; and two papers beside each other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from grader.papers.comparing import Difference
from grader.papers.comparing import compare as sheets_compared
from grader.papers.sheet import sheet_of
from grader.protocol import Text
from grader.questions.paper import Item, Paper, right_answer
from server.accounts.models import User
from server.assignments.service import folder_of
from server.assignments.variants import draw_paper_of, own_handout, variant_of
from server.exam_results.works import Work, Works
from server.exams import queries
from server.exams.models import TimeGrant
from server.grading.queries import take_snapshot
from server.marking.views import OwnMarks, marks_for
from server.questions.queries import answers_shown
from server.questions.views import AnswersView
from server.settings import Settings
from server.submissions import views
from server.submissions.models import Submission
from server.submissions.service import collected_files


@dataclass(frozen=True)
class Written:
    """A paper as it was written and marked. `sources`: name → text of the code that was handed in."""

    work: Work
    submission: Submission
    view: views.SubmissionView
    answers: AnswersView | None
    own: OwnMarks | None
    sources: Mapping[str, str]
    handout: Text
    variant: str
    ends_at: datetime
    grants: Sequence[TimeGrant]


def written_by(
    session: Session, *, works: Works, work: Work, for_staff: bool, settings: Settings, now: datetime
) -> Written | None:
    """None where nothing was handed in. Of hidden checks and keys a student sees what the submission's page shows."""
    submission, sitting = work.submission, work.sitting
    if submission is None or sitting is None:
        return None
    manifest, assignment = works.manifest, works.exam.assignment
    collected = collected_files(submission, store=settings.blob_store)
    view = views.view_of(submission, take_snapshot(session, submission.id), manifest, for_staff=for_staff, sources=collected)
    own = marks_for(session, submission=submission, manifest=manifest, store=settings.blob_store, for_staff=for_staff)
    known = {"submission": submission, "manifest": manifest, "settings": settings}
    return Written(
        work=work,
        submission=submission,
        view=views.with_marks(view, own.by_part) if own else view,
        answers=answers_shown(session, **known, for_staff=for_staff, now=now),
        own=own,
        sources={name: content.decode("utf-8", errors="replace") for name, content in collected.items()},
        handout=handout_for(works, submission.author_id, settings),
        variant=variant_of(assignment, manifest, user_id=submission.author_id, settings=settings)[:8],
        ends_at=queries.end_of(session, sitting),
        grants=queries.grants_of(session, exam_id=sitting.exam_id, student_id=sitting.student_id),
    )


def handout_for(works: Works, user_id: int, settings: Settings) -> Text:
    """With this student's constants in it."""
    known = {"user_id": user_id, "settings": settings}
    read = [own_handout(works.exam.assignment, works.manifest, language=each, **known) for each in ("en", "zh")]
    return Text(en=read[0], zh=read[1])


@dataclass(frozen=True)
class Side:
    """A question of one of two papers."""

    prompt: Text
    options: Sequence[Text]
    answer: str  # the right one
    given: str


@dataclass(frozen=True)
class Row:
    """The same question on both. `place`: where it stands on either."""

    title: Text
    places: tuple[int, int]
    left: Side
    right: Side

    @property
    def is_same(self) -> bool:
        """Prompt and options; whoever looks for copying looks at those rows."""
        return (self.left.prompt, self.left.options) == (self.right.prompt, self.right.options)

    @property
    def gives_the_others_answer(self) -> bool:
        """A wrong answer here that is the right one there."""
        crossed = (self.left.given == self.right.answer, self.right.given == self.left.answer)
        return not self.is_same and self.left.answer != self.right.answer and any(crossed)


def compare(left: Paper, right: Paper, given: tuple[Mapping[str, object], Mapping[str, object]]) -> list[Row]:
    """Question by question, in the order of the left paper."""
    order = {item.question.id: place for place, item in enumerate(right.items, start=1)}
    others = {item.question.id: item for item in right.items}
    return [
        Row(
            item.question.title,
            (place, order[item.question.id]),
            side_of(item, given[0]),
            side_of(others[item.question.id], given[1]),
        )
        for place, item in enumerate(left.items, start=1)
        if item.question.id in others
    ]


def side_of(item: Item, given: Mapping[str, object]) -> Side:
    asked = item.asked
    options = [option.text for option in getattr(asked, "options", ())]
    return Side(asked.prompt, options, spelled(right_answer(asked)), spelled(given.get(item.question.id)))


def spelled(value: object) -> str:
    """A matrix row by row."""
    if not isinstance(value, list | tuple):
        return "" if value is None else str(value)
    between = "; " if any(isinstance(each, list | tuple) for each in value) else ", "
    return between.join(spelled(each) for each in value)


def differing_texts(works: Works, students: tuple[User, User], settings: Settings) -> list[Difference]:
    """Constants, and lines of handout and starter: what differs beside the questions. Raises BrokenAssignment."""
    assignment, manifest = works.exam.assignment, works.manifest
    folder = folder_of(assignment, root=settings.assignments)
    seeds = [variant_of(assignment, manifest, user_id=each.id, settings=settings) for each in students]
    left, right = (sheet_of(folder, manifest, seed, with_key=True) for seed in seeds)
    return [each for each in sheets_compared(left, right) if each.what in ("constant", "handout", "starter")]


def paper_of_student(works: Works, student: User, settings: Settings) -> Paper:
    return draw_paper_of(works.exam.assignment, works.manifest, user_id=student.id, settings=settings)
