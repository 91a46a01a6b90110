"""Spot checks as their pages show them: how far they are, who was drawn how often, one draw with its code and form."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup
from sqlalchemy.orm import Session

from grader.markdown import highlighted
from grader.spec import Manifest
from server.accounts.models import User
from server.assignments.models import Assignment
from server.declarations.models import Declaration
from server.errors import AppError
from server.grading.queries import take_snapshot
from server.spotchecks import queries
from server.spotchecks.models import Draw, Impression, SpotCheck
from server.spotchecks.questions import suggest
from server.submissions.service import collected_files
from server.submissions.views import SubmissionView, view_of

MOST_LINES = 4000
FREE_QUESTIONS = 1  # empty rows beside those that are suggested


@dataclass(frozen=True)
class Bar:
    """So many students were drawn so often. `width`: percent of the longest bar."""

    times: int
    students: int
    width: float


def bars_of(times: Mapping[int, int], students: Sequence[User]) -> list[Bar]:
    """Of all who are in the course now, from never upwards."""
    counts = Counter(times.get(student.id, 0) for student in students)
    longest = max(counts.values(), default=1)
    return [Bar(n, counts[n], round(100 * counts[n] / longest, 2)) for n in range(max(counts, default=0) + 1)]


@dataclass(frozen=True)
class CheckView:
    """One draw for an assignment. `others`: who had handed in nothing."""

    check: SpotCheck
    draws: Sequence[Draw]
    others: Sequence[str]
    by_impression: Mapping[Impression, int]

    @property
    def done(self) -> int:
        return sum(self.by_impression.values())

    @classmethod
    def of(cls, check: SpotCheck) -> "CheckView":
        others = [each["login"] for each in check.pool if not each["handed_in"]]
        impressions = Counter(draw.impression for draw in check.draws if draw.impression)
        ordered = {each: impressions[each] for each in Impression if impressions[each]}
        return cls(check, check.draws, others, ordered)


@dataclass(frozen=True)
class File:
    name: str
    lines: Sequence[Markup]
    is_cut: bool


@dataclass(frozen=True)
class Talk:
    """What stands in the form: what was kept, or what was typed and could not be."""

    version: int
    answers: Sequence[Mapping[str, str]]
    impression: str
    note: str
    refusal: AppError | None = None
    saved: Draw | None = None  # what somebody else has kept meanwhile


@dataclass(frozen=True)
class DrawView:
    draw: Draw
    talk: Talk
    files: Sequence[File]
    result: SubmissionView | None
    declaration: Declaration | None
    place: int  # from 1, among all of this spot check
    total: int
    before: int | None  # id of the draw to go back to
    after: int | None
    since: int  # attempts after the draw
    staff: Sequence[User] = field(default_factory=list)


def files_of(draw: Draw, manifest: Manifest, *, store: str) -> dict[str, bytes]:
    """The code of the attempt; a table of predictions says nothing that one could ask about."""
    if draw.submission is None or manifest.wants_table:
        return {}
    return collected_files(draw.submission, store=store)


def numbered(sources: Mapping[str, bytes]) -> list[File]:
    """Coloured line by line, which the highlighter keeps whole."""
    files = []
    for name, data in sources.items():
        lines = highlighted(data.decode("utf-8", errors="replace"), "python").splitlines()
        files.append(File(name, [Markup(line) for line in lines[:MOST_LINES]], len(lines) > MOST_LINES))
    return files


def talk_of(draw: Draw, sources: Mapping[str, bytes], manifest: Manifest, *, language: str) -> Talk:
    """What was kept; before that, suggestions in the reader's language."""
    answers = list(draw.answers)
    if not answers:
        asked = suggest(sources, manifest, seed=draw.spot_check.seed, login=draw.student.login)
        answers = [{"question": each.in_language(language), "answer": ""} for each in asked]
    answers += [{"question": "", "answer": ""}] * FREE_QUESTIONS
    return Talk(draw.version, answers, draw.impression or "", draw.note or "")


def view_draw(
    session: Session,
    *,
    draw: Draw,
    assignment: Assignment,
    manifest: Manifest,
    store: str,
    language: str,
    declaration: Declaration | None,
    talk: Talk | None = None,
) -> DrawView:
    """`talk`: what was typed and refused."""
    sources = files_of(draw, manifest, store=store)
    order = [each.id for each in queries.get_check(session, assignment=assignment, check_id=draw.spot_check_id).draws]
    place = order.index(draw.id)
    return DrawView(
        draw=draw,
        talk=talk or talk_of(draw, sources, manifest, language=language),
        files=numbered(sources),
        result=result_of(session, draw, manifest, sources),
        declaration=declaration,
        place=place + 1,
        total=len(order),
        before=order[place - 1] if place else None,
        after=order[place + 1] if place + 1 < len(order) else None,
        since=queries.count_since(session, draw=draw),
        staff=queries.list_staff(session, course=assignment.course),
    )


def result_of(session: Session, draw: Draw, manifest: Manifest, sources: Mapping[str, bytes]) -> SubmissionView | None:
    submission = draw.submission
    if submission is None:
        return None
    return view_of(submission, take_snapshot(session, submission.id), manifest, for_staff=True, sources=sources)
