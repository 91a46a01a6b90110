"""Marking as its pages show it: how far everybody is, one question of one work, and what students get to see."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from pathlib import Path

from markupsafe import Markup
from sqlalchemy.orm import Session

from grader.protocol import Text
from grader.spec import Manifest
from server.accounts.models import User
from server.errors import AppError
from server.marking import points, queries, rules
from server.marking.manual import Answer, answer_to, points_by_hand
from server.marking.models import GivenMark, LineComment, MarkedQuestion, MarkerShare, Publication, RubricItem
from server.marking.queries import Work
from server.marking.rules import Share, Spread
from server.marking.service import Marking, find_carried, open_marking
from server.similarity.sides import colour
from server.submissions.models import Submission
from server.submissions.service import collected_files

KEYS = 9  # items that a number key ticks


@dataclass(frozen=True)
class Board:
    """Everything about an assignment's marking, read once: works, what was given, and whose they are."""

    marking: Marking
    works: Sequence[Work]
    marks: Mapping[tuple[int, int], GivenMark]  # by submission and question
    shares: Sequence[MarkerShare]
    staff: Mapping[int, User]

    @cached_property
    def by_submission(self) -> dict[int, Work]:
        return {each.submission_id: each for each in self.works}

    @cached_property
    def shares_by_student(self) -> dict[int | None, list[Share]]:
        """Those of questions and sections stand under None."""
        found: dict[int | None, list[Share]] = {}
        for each in map(queries.share_of, self.shares):
            found.setdefault(each.student, []).append(each)
        return found

    def marker_of(self, work: Work, question: MarkedQuestion) -> User | None:
        """Who is to mark it; None where nobody is."""
        section = work.section.id if work.section else None
        shares = [*self.shares_by_student.get(work.key, ()), *self.shares_by_student.get(None, ())]
        found = rules.marker_of(shares, question=question.id, section=section, student=work.key)
        return self.staff.get(found) if found else None

    def mark_of(self, work: Work, question: MarkedQuestion) -> GivenMark | None:
        return self.marks.get((work.submission_id, question.id))

    def order_for(self, question: MarkedQuestion, reader: User) -> list[Work]:
        """In this reader's own random order: his share, or everything where he has none."""
        mine = [each for each in self.works if self.marker_of(each, question) == reader]
        by_key = {each.key: each for each in mine or self.works}
        return [by_key[key] for key in rules.order_of(by_key, seed=f"{self.marking.assignment.id}:{reader.id}")]

    def next_open(self, question: MarkedQuestion, reader: User, *, after: int | None = None) -> Work | None:
        """The next one without a mark, from a submission on and then from the beginning."""
        order = self.order_for(question, reader)
        places = {each.submission_id: place for place, each in enumerate(order)}
        begin = places.get(after, -1) + 1
        return next((each for each in order[begin:] + order[:begin] if self.mark_of(each, question) is None), None)

    def numbers_for(self, reader: User) -> dict[int, int]:
        """By submission, its place in this reader's order of all works: by that it is called where names are not shown."""
        by_key = {each.key: each.submission_id for each in self.works}
        order = rules.order_of(by_key, seed=f"{self.marking.assignment.id}:{reader.id}")
        return {by_key[key]: number for number, key in enumerate(order, start=1)}


def open_board(session: Session, *, marking: Marking, root: Path) -> Board:
    assignment = marking.assignment
    return Board(
        marking=marking,
        works=queries.list_works(session, assignment=assignment, root=root),
        marks=queries.newest_marks(session, question_ids=[each.id for each in marking.questions]),
        shares=queries.list_shares(session, assignment=assignment),
        staff={each.id: each for each in queries.list_staff(session, course=assignment.course)},
    )


@dataclass(frozen=True)
class Progress:
    """How far one of the staff is; nobody's works stand under None."""

    marker: User | None
    done: int
    all: int


@dataclass(frozen=True)
class QuestionRow:
    question: MarkedQuestion
    title: Text
    kind: str
    done: int
    all: int
    markers: Sequence[Progress]
    spread: Spread
    next_id: int | None  # the submission that the reader marks next


def rows_of(board: Board, reader: User) -> list[QuestionRow]:
    return [row_of(board, each, reader) for each in board.marking.questions]


def row_of(board: Board, question: MarkedQuestion, reader: User) -> QuestionRow:
    asked, following = board.marking.asked[question.name], board.next_open(question, reader)
    given = [mark for work in board.works if (mark := board.mark_of(work, question))]
    return QuestionRow(
        question=question,
        title=asked.title,
        kind=asked.kind,
        done=len(given),
        all=len(board.works),
        markers=progress_of(board, question),
        spread=rules.spread_of(queries.points_of(each, question) for each in given),
        next_id=following.submission_id if following else None,
    )


def progress_of(board: Board, question: MarkedQuestion) -> list[Progress]:
    """Of everybody who has a share of it, by login; what is nobody's last."""
    works: dict[int | None, list[Work]] = {}
    for each in board.works:
        marker = board.marker_of(each, question)
        works.setdefault(marker.id if marker else None, []).append(each)
    people = sorted((id for id in works if id is not None), key=lambda id: board.staff[id].login)
    in_order = [*people, *([None] if None in works else [])]
    return [
        Progress(
            board.staff[id] if id is not None else None,
            sum(board.mark_of(each, question) is not None for each in works[id]),
            len(works[id]),
        )
        for id in in_order
    ]


@dataclass(frozen=True)
class MarkerSpread:
    """What one marker gave, beside what all others gave: a difference of means asks for a look, and proves nothing."""

    marker: User
    spread: Spread
    difference: Decimal | None  # None where nobody else has marked


def spreads_of(board: Board, question: MarkedQuestion) -> list[MarkerSpread]:
    given = [(mark.marker, queries.points_of(mark, question)) for work in board.works if (mark := board.mark_of(work, question))]
    found = []
    for marker in sorted({marker for marker, _ in given}, key=lambda each: each.login):
        own = rules.spread_of(value for by, value in given if by == marker)
        others = rules.spread_of(value for by, value in given if by != marker)
        difference = own.mean - others.mean if own.mean is not None and others.mean is not None else None
        found.append(MarkerSpread(marker, own, difference))
    return found


@dataclass(frozen=True)
class ItemRow:
    item: RubricItem
    times: int
    is_chosen: bool = False
    key: int | None = None  # the number that ticks it


def items_of(board: Board, question: MarkedQuestion) -> list[ItemRow]:
    """The whole rubric with how often each was ticked; what is retired last."""
    ticked = [item for work in board.works if (mark := board.mark_of(work, question)) for item in mark.items]
    in_order = sorted(question.items, key=lambda each: each.retired_at is not None)
    return [ItemRow(each, ticked.count(each.id)) for each in in_order]


@dataclass(frozen=True)
class WorkRow:
    """One work in a list: with names, or as a number."""

    submission_id: int
    number: int
    students: Sequence[User]
    marker: User | None  # who has marked it, or is to
    mark: GivenMark | None
    points: Decimal | None


def list_rows(
    board: Board, question: MarkedQuestion, reader: User, *, item: int | None = None, only_open: bool = False
) -> list[WorkRow]:
    """item: only works in which it was ticked."""
    rows, numbers = [], board.numbers_for(reader)
    for work in board.works:
        mark = board.mark_of(work, question)
        if (item is not None and (mark is None or item not in mark.items)) or (only_open and mark is not None):
            continue
        marker = mark.marker if mark else board.marker_of(work, question)
        given = queries.points_of(mark, question) if mark else None
        students = () if board.marking.plan.is_anonymous else work.students
        rows.append(WorkRow(work.submission_id, numbers[work.submission_id], students, marker, mark, given))
    return sorted(rows, key=lambda each: each.number)


@dataclass(frozen=True)
class CodeLine:
    number: int
    html: Markup
    remarks: Sequence[LineComment] = ()  # that end here
    is_discussed: bool = False  # within the lines of one


@dataclass(frozen=True)
class File:
    name: str
    lines: Sequence[CodeLine]


def files_of(sources: Mapping[str, bytes], comments: Iterable[LineComment] = ()) -> list[File]:
    found = list(comments)
    files = []
    for name, content in sources.items():
        texts = content.decode("utf-8", errors="replace").splitlines()
        here = [each for each in found if each.file == name]
        lines = [
            CodeLine(
                place, html, [each for each in here if each.last_line == place], any(place in lines_of(each) for each in here)
            )
            for place, html in enumerate(colour(texts), start=1)
        ]
        files.append(File(name, lines))
    return files


def lines_of(comment: LineComment) -> range:
    return range(comment.first_line, comment.last_line + 1)


@dataclass(frozen=True)
class Typed:
    """What stands in the form: the mark that holds, or what was typed and could not be saved yet."""

    version: int = 0
    items: Sequence[int] = ()
    adjustment: str = ""
    reason: str = ""
    comment: str = ""
    file: str = ""
    first_line: str = ""
    last_line: str = ""
    words: str = ""
    item: str = ""


def typed_of(mark: GivenMark | None) -> Typed:
    if mark is None:
        return Typed()
    adjustment = f"{mark.adjustment.quantize(rules.CENT).normalize():f}" if mark.adjustment else ""
    return Typed(mark.number, mark.items, adjustment, mark.reason or "", mark.comment or "")


@dataclass(frozen=True)
class WorkView:
    """One question of one work, as its marker sees it."""

    submission: Submission
    question: MarkedQuestion
    title: Text
    kind: str
    answer: Answer
    files: Sequence[File]
    items: Sequence[ItemRow]
    marks: Sequence[GivenMark]  # newest first
    points: Sequence[Decimal]  # of each of them
    typed: Typed
    refusal: AppError | None
    carried: GivenMark | None
    students: Sequence[User]  # empty where names are not shown
    number: int
    place: int
    total: int
    before: int | None
    after: int | None
    is_published: bool
    done: int

    @property
    def mark(self) -> GivenMark | None:
        return self.marks[0] if self.marks else None

    def words_of(self, mark: GivenMark) -> list[RubricItem]:
        return [each for each in self.question.items if each.id in mark.items]


def view_work(
    session: Session,
    *,
    board: Board,
    question: MarkedQuestion,
    submission: Submission,
    reader: User,
    store: str,
    typed: Typed | None = None,
    refusal: AppError | None = None,
) -> WorkView:
    """`typed`: what stood in the form when it was sent."""
    asked = board.marking.asked[question.name]
    marks = queries.list_marks(session, submission=submission, question=question)
    order = [each.submission_id for each in board.order_for(question, reader)]
    place = order.index(submission.id) if submission.id in order else None
    comments = queries.list_comments(session, submission=submission, question=question)
    shown = typed or typed_of(marks[0] if marks else None)
    published = queries.list_publications(session, assignment=board.marking.assignment)
    work = board.by_submission.get(submission.id)
    is_anonymous = board.marking.plan.is_anonymous
    return WorkView(
        submission=submission,
        question=question,
        title=asked.title,
        kind=asked.kind,
        answer=answer_to(asked, submission, store=store),
        files=files_of(collected_files(submission, store=store), comments) if asked.kind == "review" else [],
        items=offered_items(question, shown, marks),
        marks=marks,
        points=[queries.points_of(each, question) for each in marks],
        typed=shown,
        refusal=refusal,
        carried=find_carried(session, submission=submission, question=question, asked=asked, store=store),
        students=() if is_anonymous else (work.students if work else (submission.author,)),
        number=board.numbers_for(reader).get(submission.id, 0),
        place=0 if place is None else place + 1,
        total=len(order),
        before=order[place - 1] if place else None,
        after=next(iter(order[0 if place is None else place + 1 :]), None),
        is_published=queries.published_at(published, submission.author_id) is not None,
        done=sum(board.mark_of(board.by_submission[each], question) is not None for each in order),
    )


def offered_items(question: MarkedQuestion, typed: Typed, marks: Sequence[GivenMark]) -> list[ItemRow]:
    """What can be ticked, the first nine by number keys; of what is retired only what the mark has."""
    kept = set(marks[0].items) if marks else set()
    offered = [each for each in question.items if each.retired_at is None or each.id in kept]
    return [
        ItemRow(each, 0, is_chosen=each.id in set(typed.items), key=place if place <= KEYS else None)
        for place, each in enumerate(offered, start=1)
    ]


@dataclass(frozen=True)
class Remark:
    """A comment at lines, with the lines."""

    comment: LineComment
    lines: Sequence[CodeLine]


@dataclass(frozen=True)
class OwnQuestion:
    """What one question of one's own work was given. `name`: its id; `points`: None while it is not marked."""

    name: str
    title: Text
    part: str
    max_points: Decimal
    points: Decimal | None
    counts: bool  # False where others of the section brought more
    mark: GivenMark | None
    items: Sequence[ItemRow]
    remarks: Sequence[Remark]
    changed_at: datetime | None  # after it was published

    def askable(self, language: str) -> dict[str, str]:
        """What a regrade request can name of its rubric, with its words."""
        return {f"item:{self.name}/{row.item.id}": row.item.text.in_language(language) for row in self.items}


@dataclass(frozen=True)
class OwnMarks:
    """What people have given for a work, as far as its students may know."""

    by_hand: Decimal  # what they can give at most
    is_published: bool
    questions: Sequence[OwnQuestion] = ()
    section_titles: Sequence[tuple[Text, int, int]] = field(default=())  # title, how many count, of how many

    @property
    def has_marks(self) -> bool:
        """Something of it is marked and published."""
        return any(each.points is not None for each in self.questions)

    def find(self, name: str) -> OwnQuestion | None:
        return next((each for each in self.questions if each.name == name), None)

    @property
    def by_part(self) -> dict[str, Decimal]:
        found: dict[str, Decimal] = {}
        for each in self.questions:
            if each.points is not None:
                found[each.part] = found.get(each.part, Decimal()) + (each.points if each.counts else 0)
        return found


def own_marks(session: Session, *, submission: Submission, manifest: Manifest, store: str) -> OwnMarks | None:
    """None where nothing is marked by people. The questions only once they are published."""
    return marks_for(session, submission=submission, manifest=manifest, store=store, for_staff=False)


def marks_for(session: Session, *, submission: Submission, manifest: Manifest, store: str, for_staff: bool) -> OwnMarks | None:
    """As its students see them; staff also before they are published."""
    by_hand = points_by_hand(manifest)
    if not by_hand:
        return None
    published = queries.list_publications(session, assignment=submission.assignment)
    first = queries.published_at(published, submission.author_id)
    if first is None and not for_staff:
        return OwnMarks(by_hand, is_published=False)
    marking = open_marking(session, assignment=submission.assignment, manifest=manifest)
    marks = queries.newest_marks(session, question_ids=[each.id for each in marking.questions], submission_ids=[submission.id])
    given = {each.id: marks.get((submission.id, each.id)) for each in marking.questions}
    worth = {each.id: queries.points_of(mark, each) for each in marking.questions if (mark := given[each.id])}
    counted = rules.counted(worth, [points.worth_of(each) for each in marking.questions])
    sources = collected_files(submission, store=store)
    shown = [
        own_question(session, marking, each, given[each.id], worth, counted, submission, sources, first)
        for each in marking.questions
    ]
    named = {each.section for each in marking.questions}
    sections = [
        (each.title, each.choose, sum(question.section == each.id for question in marking.questions))
        for each in marking.manifest.sections
        if each.id in named
    ]
    return OwnMarks(by_hand, True, shown, sections)


def own_question(
    session: Session, marking: Marking, question: MarkedQuestion, mark: GivenMark | None, worth: Mapping[int, Decimal],
    counted: Mapping[int, Decimal], submission: Submission, sources: Mapping[str, bytes], published: Publication | None,
) -> OwnQuestion:  # fmt: skip
    asked, chosen = marking.asked[question.name], set(mark.items) if mark else set()
    items = [each for each in question.items if each.id in chosen or (marking.plan.shows_unchosen and each.retired_at is None)]
    comments = queries.list_comments(session, submission=submission, question=question) if mark else []
    moments = (
        [mark.at, question.scale_set_at or mark.at, *(each.changed_at for each in items if each.changed_at and each.id in chosen)]
        if mark
        else []
    )
    return OwnQuestion(
        name=question.name,
        title=asked.title,
        part=asked.part,
        max_points=question.points,
        points=worth.get(question.id),
        counts=question.id in counted,
        mark=mark,
        items=[ItemRow(each, 0, is_chosen=each.id in chosen) for each in items],
        remarks=[remark_of(each, sources) for each in comments],
        changed_at=max((each for each in moments if published and each > published.at), default=None),
    )


def remark_of(comment: LineComment, sources: Mapping[str, bytes]) -> Remark:
    files = files_of({comment.file: sources.get(comment.file, b"")})
    return Remark(comment, [each for each in files[0].lines if comment.first_line <= each.number <= comment.last_line])
