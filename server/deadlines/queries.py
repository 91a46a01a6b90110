"""What somebody has to hold to, and where somebody stands: dates, policies, attempts and grace days, read in a few queries."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from operator import attrgetter
from pathlib import Path

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, aliased

from grader.spec import UnknownAssignment
from server.accounts.models import User
from server.assignments import service as assignments
from server.assignments.models import Assignment
from server.assignments.rules import is_held_back
from server.cases.points import changes_by_submission
from server.courses.models import Course, Enrollment, Role, Section
from server.database import is_among
from server.deadlines import rules
from server.deadlines.models import DateChange, Extension, LatePolicy
from server.deadlines.rules import Attempt, Cost, Counted, Dates, Policy, Returned, Shift, Work
from server.errors import NotFound
from server.grading.models import Run
from server.marking.manual import points_by_hand
from server.marking.points import Marked, marks_of
from server.returns.models import Return
from server.returns.queries import find_open, list_returns
from server.submissions.models import Submission
from server.teams.models import TeamMember

ANNOUNCED_FOR = timedelta(days=7)
FREE = Policy()
TAKEN_BACK = aliased(Extension)


@dataclass(frozen=True)
class Settled:
    """What a course has settled: the budget of each student, and the policy of each assignment."""

    budget: int
    course: Policy
    by_assignment: Mapping[int, Policy]

    def policy_of(self, assignment_id: int) -> Policy:
        return self.by_assignment.get(assignment_id, self.course)


@dataclass(frozen=True)
class Try:
    """An attempt before it is known what it reached, and after."""

    id: int
    received_at: datetime
    score: Decimal | None  # None while it is not graded; with what people have given, once that is published
    max_score: Decimal
    judged: Decimal | None = None  # by the judge alone
    awaits_marks: bool = False  # something is still to be marked by hand, or published
    open_points: Decimal = Decimal(0)  # what that may bring

    @property
    def most(self) -> Decimal:
        """What it may have reached in the end."""
        return self.max_score if self.score is None else min(self.score + self.open_points, self.max_score)


@dataclass(frozen=True)
class Account:
    """One student's dates and lateness in a course. A competition is in it for its dates alone: its points go by place."""

    student_id: int
    budget: int
    dates: Mapping[int, Dates]
    extensions: Mapping[int, Sequence[Extension]]
    policies: Mapping[int, Policy]
    counts: Mapping[int, str]
    tries: Mapping[int, Sequence[Try]] = field(default_factory=dict)
    returns: Mapping[int, Returned] = field(default_factory=dict)  # by the attempt that was returned

    def work_of(self, assignment_id: int, *, is_pending_full: bool = False) -> Work:
        """is_pending_full: what is not graded or marked stands for full marks, so that no grace day is promised twice."""
        chosen = self.to_mark.get(assignment_id) if is_pending_full else None
        attempts = [
            Attempt(each.id, each.received_at, each.most if each.score is None or each.id == chosen else each.score)
            for each in self.tries.get(assignment_id, ())
            if each.score is not None or is_pending_full
        ]
        return self._work(assignment_id, attempts)

    def _work(self, assignment_id: int, attempts: Sequence[Attempt]) -> Work:
        returned = [self.returns[each.id] for each in self.tries.get(assignment_id, ()) if each.id in self.returns]
        attempts = rules.with_returns(attempts, returned) if returned else attempts
        due_at, policy = self.dates[assignment_id].due_at, self.policies[assignment_id]
        return Work(assignment_id, due_at, policy, self.counts[assignment_id], attempts)

    @cached_property
    def settled(self) -> Mapping[int, Counted | None]:
        """By assignment, what counts."""
        return rules.settle([self.work_of(each) for each in self.dates], self.budget)

    @cached_property
    def to_mark(self) -> Mapping[int, int]:
        """By assignment, the attempt that people mark: the one that counts by what the judge gave, else the newest.

        Marks are left out, or an attempt that has some would keep a better one from ever being marked.
        """
        judged = {
            id: [Attempt(each.id, each.received_at, each.judged) for each in tries if each.judged is not None]
            for id, tries in self.tries.items()
        }
        counted = rules.settle([self._work(id, attempts) for id, attempts in judged.items()], self.budget)
        newest = {id: tries[-1].id for id, tries in self.tries.items() if tries}
        return newest | {id: each.attempt_id for id, each in counted.items() if each}

    def awaits(self, assignment_id: int) -> bool:
        """Whether something of it is not graded yet, or not marked and published."""
        tries = self.tries.get(assignment_id, ())
        if any(each.score is None for each in tries):
            return True
        of_people = [each.id for each in tries if each.awaits_marks]  # most have none: which they mark is then not asked
        return bool(of_people) and self.to_mark.get(assignment_id) in of_people

    def open_points(self, assignment_id: int) -> Decimal:
        """What people may still give for the attempt that they mark."""
        chosen = self.find_try(assignment_id, self.to_mark.get(assignment_id, 0))
        return chosen.open_points if chosen else Decimal(0)

    def find_try(self, assignment_id: int, submission_id: int) -> Try | None:
        return next((each for each in self.tries.get(assignment_id, ()) if each.id == submission_id), None)

    @cached_property
    def promised(self) -> Mapping[int, Counted | None]:
        return rules.settle(self._with_pending, self.budget)

    @property
    def _with_pending(self) -> list[Work]:
        return [self.work_of(each, is_pending_full=True) for each in self.dates]

    @property
    def grace_left(self) -> int:
        return self.budget - rules.grace_spent(self.promised)

    @property
    def uses_grace(self) -> bool:
        return any(policy.spends_grace for policy in self.policies.values())

    def cost_of(self, assignment_id: int, now: datetime) -> Cost | None:
        """Of handing in at that moment; a fix is as late as what it stands for, and that was accepted then."""
        if self.open_fix(assignment_id, now) is not None:
            return None
        return rules.cost_now(self._with_pending, work=self.work_of(assignment_id), budget=self.budget, now=now)

    def open_fix(self, assignment_id: int, now: datetime) -> Returned | None:
        """What was returned, and may come once more."""
        returned = (self.returns.get(each.id) for each in self.tries.get(assignment_id, ()))
        return next((each for each in returned if each and each.is_open(now)), None)

    def is_fix(self, submission_id: int) -> bool:
        return any(each.fix_id == submission_id for each in self.returns.values())

    def late_days(self, submission: Submission) -> int:
        due_at = self.dates[submission.assignment_id].due_at
        attempts = self.work_of(submission.assignment_id, is_pending_full=True).attempts
        found = next((each for each in attempts if each.id == submission.id), None)
        return found.late_days(due_at) if found else rules.days_late(submission.received_at, due_at)

    def worth_of(self, assignment_id: int, submission_id: int) -> Counted | None:
        """Of one attempt, with the grace days that went to its assignment; None before it is graded."""
        standing = self.settled[assignment_id]
        if standing and standing.attempt_id == submission_id:
            return standing
        work, grace = self.work_of(assignment_id), standing.grace_days if standing else 0
        return next((rules.worth(each, work, grace) for each in work.attempts if each.id == submission_id), None)


def open_account(session: Session, *, course: Course, student_id: int, root: Path, for_students: bool = False) -> Account:
    return open_accounts(session, course=course, student_ids=[student_id], root=root, for_students=for_students)[student_id]


def open_accounts(
    session: Session, *, course: Course, student_ids: Collection[int], root: Path, for_students: bool = False
) -> dict[int, Account]:
    """By student. Whoever is no longer in the course keeps what was given to him by name.

    for_students: what leaves for them, so that exams are as if nothing were handed in until they are released.
    """
    listed = list(session.scalars(select(Assignment).where(Assignment.course_id == course.id)))
    settled = settled_of(session, course=course)
    sections = sections_of(session, course=course, student_ids=student_ids)
    extensions = Given(list_extensions(session, assignment_ids=[each.id for each in listed]))
    by_hand = {each.id: points for each in listed if (points := by_hand_of(each, root))}
    tries = tries_of(session, course=course, student_ids=student_ids, by_hand=by_hand)
    tries = with_changes(tries, changes_by_submission(session, course=course))
    returns = {each.submission_id: told_as(each) for each in list_returns(session, course=course)}
    if for_students:
        held_back = {each.id for each in listed if is_held_back(each, role=Role.student)}
        tries = {id: {key: mine[key] for key in mine if key not in held_back} for id, mine in tries.items()}
    is_free = {each.id: each.is_exam or is_competition(each, root) for each in listed}  # a sitting's end is the exam's own
    policies = {each.id: FREE if is_free[each.id] else settled.policy_of(each.id) for each in listed}
    counts = {each.id: each.counts for each in listed}
    of_all = {each.id: dates_of(each) for each in listed}
    found = {}
    for student_id in student_ids:
        mine = extensions.of(student_id, sections.get(student_id))
        moved = {id: rules.dates_for(of_all[id], map(shift_of, given)) for id, given in mine.items()}
        dates = of_all | moved
        found[student_id] = Account(student_id, settled.budget, dates, mine, policies, counts, tries.get(student_id, {}), returns)
    return found


def is_competition(assignment: Assignment, root: Path) -> bool:
    """One whose folder is gone is none: it must not keep anybody from handing in to another."""
    try:
        return assignments.manifest_of(assignment, root=root).competition is not None
    except UnknownAssignment:
        return False


def by_hand_of(assignment: Assignment, root: Path) -> Decimal:
    """How many of an assignment's points people give."""
    try:
        return points_by_hand(assignments.manifest_of(assignment, root=root))
    except UnknownAssignment:
        return Decimal(0)


def dates_of(assignment: Assignment) -> Dates:
    return Dates(assignment.opens_at, assignment.due_at, assignment.closes_at)


def find_fix(session: Session, *, assignment: Assignment, user: User, now: datetime) -> Return | None:
    """What was returned to this person, or the team, and may come once more, whatever the dates say."""
    return find_open(session, assignment=assignment, user=user, now=now)


def told_as(row: Return) -> Returned:
    return Returned(row.submission_id, row.returned_at, row.percent, row.fix_id, row.until)


def shift_of(extension: Extension) -> Shift:
    return Shift(extension.due_at, extension.closes_at, timedelta(hours=extension.plus_hours or 0))


class Given:
    """Extensions, to be found by whom they were given to."""

    def __init__(self, found: Sequence[Extension]) -> None:
        self._of_student: dict[int | None, list[Extension]] = defaultdict(list)
        self._of_section: dict[int | None, list[Extension]] = defaultdict(list)
        for each in found:
            self._of_student[each.student_id].append(each)
            self._of_section[each.section_id].append(each)

    def of(self, student_id: int, section_id: int | None) -> dict[int, list[Extension]]:
        """By assignment, the oldest first."""
        of_section = self._of_section.get(section_id, []) if section_id is not None else []
        mine: dict[int, list[Extension]] = defaultdict(list)
        for each in sorted([*self._of_student.get(student_id, []), *of_section], key=attrgetter("id")):
            mine[each.assignment_id].append(each)
        return mine


def own_dates(session: Session, *, assignment: Assignment, user: User) -> Dates:
    """The assignment's, moved by what this person was given."""
    sections = sections_of(session, course=assignment.course, student_ids=[user.id])
    found = Given(list_extensions(session, assignment_ids=[assignment.id]))
    mine = found.of(user.id, sections.get(user.id))[assignment.id]
    return rules.dates_for(dates_of(assignment), map(shift_of, mine))


def closed_for_all(session: Session, *, assignments: Collection[Assignment]) -> dict[int, datetime]:
    """Of each assignment the moment from which nobody can hand in any more, extensions included."""
    found = list_extensions(session, assignment_ids=[each.id for each in assignments])
    shifts = {each.id: [shift_of(given) for given in found if given.assignment_id == each.id] for each in assignments}
    return {each.id: rules.dates_for(dates_of(each), shifts[each.id]).closes_at for each in assignments}


def sections_of(session: Session, *, course: Course, student_ids: Collection[int]) -> dict[int, int | None]:
    query = select(Enrollment.user_id, Enrollment.section_id).where(Enrollment.course_id == course.id)
    return dict(session.execute(query.where(is_among(Enrollment.user_id, student_ids))).all())


def list_extensions(session: Session, *, assignment_ids: Collection[int]) -> list[Extension]:
    """Those that hold, the oldest first."""
    given = Extension.assignment_id.in_(assignment_ids), Extension.takes_back_id.is_(None)
    is_back = select(TAKEN_BACK.id).where(TAKEN_BACK.takes_back_id == Extension.id).exists()
    return list(session.scalars(select(Extension).where(*given, ~is_back).order_by(Extension.id)))


def get_extension(session: Session, *, assignment: Assignment, extension_id: int) -> Extension:
    of_it = Extension.id == extension_id, Extension.assignment_id == assignment.id, Extension.takes_back_id.is_(None)
    found = session.scalar(select(Extension).where(*of_it))
    if found is None:
        raise NotFound
    return found


def is_taken_back(session: Session, extension: Extension) -> bool:
    return session.scalar(select(Extension.id).where(Extension.takes_back_id == extension.id)) is not None


def find_policy(session: Session, *, course: Course, assignment: Assignment | None = None) -> LatePolicy | None:
    """Of the course, or what is set for the assignment in its place."""
    of = LatePolicy.assignment_id == assignment.id if assignment else LatePolicy.assignment_id.is_(None)
    return session.scalar(select(LatePolicy).where(LatePolicy.course_id == course.id, of))


def settled_of(session: Session, *, course: Course) -> Settled:
    rows = list(session.scalars(select(LatePolicy).where(LatePolicy.course_id == course.id)))
    of_course = next((each for each in rows if each.assignment_id is None), None)
    return Settled(
        of_course.grace_days if of_course else 0,
        policy_of(of_course) if of_course else FREE,
        {each.assignment_id: policy_of(each) for each in rows if each.assignment_id is not None},
    )


def policy_of(row: LatePolicy) -> Policy:
    return Policy(row.kind, row.percent_per_day, row.at_least_percent, row.after_grace)


def tries_of(
    session: Session, *, course: Course, student_ids: Collection[int], by_hand: Mapping[int, Decimal]
) -> dict[int, dict[int, list[Try]]]:
    """By student and assignment, in order; what a team hands in is each member's. Given-back attempts without a run are none.

    by_hand: of each assignment that has some, the points that people give.
    """
    marks = marks_of(session, assignment_ids=by_hand) if by_hand else {}
    later = aliased(Run)
    is_newest = ~select(later.id).where(later.submission_id == Run.submission_id, later.number > Run.number).exists()
    author, mate = aliased(TeamMember), aliased(TeamMember)
    query = (
        select(
            Submission.id, Submission.assignment_id, Submission.author_id, Submission.received_at,
            Submission.takes_attempt, Run.score, Run.max_score, mate.user_id,
        )
        .join(Assignment, Assignment.id == Submission.assignment_id)
        .outerjoin(Run, and_(Run.submission_id == Submission.id, is_newest))
        .outerjoin(author, _joined(author, Submission.author_id))
        .outerjoin(mate, and_(mate.team_id == author.team_id, mate.joined_at.is_not(None)))
        .where(Assignment.course_id == course.id)
        .where(or_(is_among(Submission.author_id, student_ids), is_among(mate.user_id, student_ids)))
        .order_by(Submission.received_at, Submission.id)
    )  # fmt: skip
    found: dict[int, dict[int, list[Try]]] = defaultdict(lambda: defaultdict(list))
    for id, assignment_id, author_id, received_at, takes_attempt, score, max_score, mate_id in session.execute(query):
        if score is not None or takes_attempt:
            most = rules.HUNDRED if max_score is None or assignment_id in by_hand else max_score
            tried = Try(id, received_at, score, most, score)
            if assignment_id in by_hand:
                tried = with_marks(tried, marks.get(id), by_hand[assignment_id])
            found[mate_id or author_id][assignment_id].append(tried)
    return found


def with_marks(tried: Try, marked: Marked | None, by_hand: Decimal) -> Try:
    """What people gave counts once it is published, and only beside what the judge gave."""
    shown = marked.points if marked and marked.is_published else Decimal(0)
    if marked and marked.is_published and marked.is_complete:
        return replace(tried, score=None if tried.score is None else tried.score + shown)
    score = None if tried.score is None else tried.score + shown
    return replace(tried, score=score, awaits_marks=True, open_points=by_hand - shown)


def with_changes(tries: dict[int, dict[int, list[Try]]], changes: Mapping[int, Decimal]) -> dict[int, dict[int, list[Try]]]:
    """Points that people gave or took for single attempts are part of what these have reached: never below 0, never above all."""
    for mine in tries.values() if changes else ():
        for assignment_id, listed in mine.items():
            mine[assignment_id] = [with_change(each, changes.get(each.id)) for each in listed]
    return tries


def with_change(tried: Try, change: Decimal | None) -> Try:
    if change is None or tried.score is None:
        return tried
    return replace(tried, score=min(max(tried.score + change, Decimal(0)), tried.max_score))


def _joined(member: type[TeamMember], user_id: object) -> object:
    of_it = member.assignment_id == Submission.assignment_id, member.user_id == user_id
    return and_(*of_it, member.joined_at.is_not(None))


def list_changes(session: Session, *, assignment: Assignment) -> list[DateChange]:
    """Newest first."""
    query = select(DateChange).where(DateChange.assignment_id == assignment.id).order_by(DateChange.id.desc())
    return list(session.scalars(query))


def version_of(session: Session, *, assignment: Assignment) -> int:
    """Of the dates: how a form knows that somebody has moved them meanwhile."""
    newest = select(DateChange.id).where(DateChange.assignment_id == assignment.id).order_by(DateChange.id.desc()).limit(1)
    return session.scalar(newest) or 0


def announced(session: Session, *, course: Course, now: datetime) -> list[DateChange]:
    """Of the last week, newest first; what only staff see is not in it."""
    query = (
        select(DateChange)
        .join(Assignment, Assignment.id == DateChange.assignment_id)
        .where(Assignment.course_id == course.id, Assignment.visible, DateChange.at > now - ANNOUNCED_FOR)
    )
    return list(session.scalars(query.order_by(DateChange.id.desc())))


def find_student(session: Session, *, course: Course, login: str) -> User | None:
    query = select(User).join(Enrollment, Enrollment.user_id == User.id)
    return session.scalar(query.where(Enrollment.course_id == course.id, User.login == login))


def find_section(session: Session, *, course: Course, name: str) -> Section | None:
    return session.scalar(select(Section).where(Section.course_id == course.id, Section.name == name))


def list_sections(session: Session, *, course: Course) -> list[Section]:
    return list(session.scalars(select(Section).where(Section.course_id == course.id).order_by(Section.name)))


def authors_of(session: Session, *, assignment: Assignment) -> dict[int, str]:
    """Logins of all who have handed in, and of those who stand with them."""
    author, mate = aliased(TeamMember), aliased(TeamMember)
    handed_in = select(Submission.author_id).where(Submission.assignment_id == assignment.id)
    mates = (
        select(mate.user_id)
        .join(author, and_(author.team_id == mate.team_id, author.joined_at.is_not(None)))
        .where(author.assignment_id == assignment.id, author.user_id.in_(handed_in), mate.joined_at.is_not(None))
    )
    query = select(User.id, User.login).where(User.id.in_(handed_in) | User.id.in_(mates)).order_by(User.login)
    return dict(session.execute(query).all())
