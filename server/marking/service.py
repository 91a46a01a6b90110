"""Giving marks, commenting at lines, sharing the work out, and letting students see.

Nobody overwrites anybody: a mark names the one that its marker has seen, and whoever comes second is told.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.questions.manifest import Question
from grader.spec import Manifest
from server.accounts.models import User
from server.assignments.models import Assignment
from server.assignments.rules import check_may_tell
from server.audit import write_line
from server.errors import NotFound
from server.marking import queries, refusals, rules
from server.marking.manual import answer_to, manual_questions, sections_of
from server.marking.models import (
    GivenMark,
    LineComment,
    MarkedQuestion,
    MarkerShare,
    MarkingPlan,
    Publication,
    RubricItem,
)
from server.messages.service import notify
from server.submissions.models import Submission
from server.submissions.service import collected_files
from server.teams.queries import members_of


@dataclass(frozen=True)
class Marking:
    """An assignment as it is marked: its manual questions, in the manifest's order, and how."""

    assignment: Assignment
    manifest: Manifest
    plan: MarkingPlan
    questions: Sequence[MarkedQuestion]
    asked: Mapping[str, Question] = field(default_factory=dict)  # by their names in the manifest

    def get(self, name: str) -> MarkedQuestion:
        """Raises NotFound."""
        found = next((each for each in self.questions if each.name == name), None)
        if found is None:
            raise NotFound
        return found


def open_marking(session: Session, *, assignment: Assignment, manifest: Manifest) -> Marking:
    """The questions as the manifest has them now; a new one begins with the manifest's rubric."""
    asked = {each.id: each for each in manual_questions(manifest)}
    found = queries.list_questions(session, assignment=assignment)
    if is_stale(found, asked, manifest):
        lock_assignment(session, assignment)
        bring_up_to_date(session, assignment, asked, manifest)
        found = queries.list_questions(session, assignment=assignment)
    in_order = sorted(found, key=lambda each: list(asked).index(each.name))
    return Marking(assignment, manifest, queries.find_plan(session, assignment=assignment), in_order, asked)


def is_stale(found: Sequence[MarkedQuestion], asked: Mapping[str, Question], manifest: Manifest) -> bool:
    known = {each.name: (each.points, each.section, each.choose) for each in found}
    return known != {name: shape_of(each, manifest) for name, each in asked.items()}


def shape_of(question: Question, manifest: Manifest) -> tuple[Decimal, str | None, int | None]:
    section = sections_of(manifest).get(question.section or "")
    return question.points, section.id if section else None, section.choose if section else None


def bring_up_to_date(session: Session, assignment: Assignment, asked: Mapping[str, Question], manifest: Manifest) -> None:
    rows = session.scalars(select(MarkedQuestion).where(MarkedQuestion.assignment_id == assignment.id))
    known = {each.name: each for each in rows.unique()}
    for name, row in known.items():
        row.is_asked = name in asked
    for name, question in asked.items():
        row = known.get(name) or seeded(assignment, question)
        row.points, row.section, row.choose = shape_of(question, manifest)
        session.add(row)
    session.flush()


def seeded(assignment: Assignment, question: Question) -> MarkedQuestion:
    items = [
        RubricItem(points=each.points, text_en=each.text.en, text_zh=each.text.zh, position=place)
        for place, each in enumerate(question.rubric)
    ]
    scale = rules.scale_of(each.points for each in question.rubric)
    return MarkedQuestion(assignment=assignment, name=question.id, scale=scale, items=items)


def lock_assignment(session: Session, assignment: Assignment) -> None:
    session.execute(select(Assignment.id).where(Assignment.id == assignment.id).with_for_update(key_share=True))


@dataclass(frozen=True)
class NewMark:
    """What a marker has decided. `version`: the number of the mark that he has seen, 0 where there was none."""

    version: int
    items: Sequence[int] = ()
    adjustment: Decimal = Decimal(0)
    reason: str = ""
    comment: str = ""


def give(
    session: Session,
    *,
    submission: Submission,
    question: MarkedQuestion,
    marker: User,
    new: NewMark,
    carried_from: GivenMark | None = None,
) -> GivenMark:
    """A new mark in place of the one that was seen, which stays to be read. Raises MarkedMeanwhile."""
    lock_work(session, submission)
    before = queries.find_newest(session, submission=submission, question=question)
    if (before.number if before else 0) != new.version:
        by = before.marker.display_name if before else "–"
        raise refusals.MarkedMeanwhile(by, before.number if before else 0)
    mark = GivenMark(
        submission_id=submission.id,
        question_id=question.id,
        number=new.version + 1,
        marker=marker,
        items=checked_items(question, new.items, before),
        adjustment=new.adjustment,
        reason=rules.tidy_text(new.reason, most=refusals.MAX_WORDS),
        comment=rules.tidy_text(new.comment),
        carried_from_id=carried_from.id if carried_from else None,
    )
    check_says_something(mark)
    session.add(mark)
    session.flush()
    note_mark(session, submission, question, before, mark)
    return mark


def lock_work(session: Session, submission: Submission) -> None:
    """Until the end of this transaction nobody else marks it."""
    session.execute(select(Submission.id).where(Submission.id == submission.id).with_for_update(key_share=True))


def checked_items(question: MarkedQuestion, wanted: Sequence[int], before: GivenMark | None) -> list[int]:
    """In the rubric's order. One that is retired stays where it was ticked."""
    kept = set(before.items) if before else set()
    offered = [each.id for each in question.items if each.retired_at is None or each.id in kept]
    for item in wanted:
        if item not in offered:
            raise refusals.NoSuchItem(item)
    return [item for item in offered if item in set(wanted)]


def check_says_something(mark: GivenMark) -> None:
    if mark.adjustment and not mark.reason:
        raise refusals.ReasonMissing
    if not (mark.items or mark.adjustment or mark.comment):
        raise refusals.NothingGiven


def note_mark(
    session: Session, submission: Submission, question: MarkedQuestion, before: GivenMark | None, mark: GivenMark
) -> None:
    """Without names: an anonymous marking stays so in the log."""
    published = queries.list_publications(session, assignment=submission.assignment)
    facts: dict[str, Any] = {
        "assignment": submission.assignment.slug,
        "question": question.name,
        "submission": submission.id,
        "mark": mark.id,
        "before": figure(queries.points_of(before, question)) if before else None,
        "now": figure(queries.points_of(mark, question)),
        "published": queries.published_at(published, submission.author_id) is not None,
    }
    facts |= {"reason": mark.reason} if mark.reason else {}
    write_line(session, course=submission.assignment.course, actor=mark.marker, action="marking.marked", **facts)


def figure(value: Decimal) -> str:
    return f"{value.quantize(rules.CENT).normalize():f}"


def find_carried(
    session: Session, *, submission: Submission, question: MarkedQuestion, asked: Question, store: str
) -> GivenMark | None:
    """The mark of another attempt of the same people whose answer has the same bytes; None once this one is marked."""
    if queries.find_newest(session, submission=submission, question=question) is not None:
        return None
    people = members_of(session, assignment=submission.assignment, user=submission.author)
    answer = answer_to(asked, submission, store=store).sha256
    for mark in queries.earlier_marks(session, submission=submission, people=people, question=question):
        other = session.get_one(Submission, mark.submission_id)
        if answer is not None and answer_to(asked, other, store=store).sha256 == answer:
            return mark
    return None


def carry_over(
    session: Session, *, submission: Submission, question: MarkedQuestion, asked: Question, marker: User, store: str
) -> GivenMark:
    """Give it the mark, and the comments at lines, that the same answer had before. Raises NothingToCarry."""
    old = find_carried(session, submission=submission, question=question, asked=asked, store=store)
    if old is None:
        raise refusals.NothingToCarry
    retired = {each.id for each in question.items if each.retired_at is not None}
    new = NewMark(0, [each for each in old.items if each not in retired], old.adjustment, old.reason or "", old.comment or "")
    mark = give(session, submission=submission, question=question, marker=marker, new=new, carried_from=old)
    other = session.get_one(Submission, old.submission_id)
    for each in queries.list_comments(session, submission=other, question=question):
        fields = {name: getattr(each, name) for name in ("file", "first_line", "last_line", "text", "item_id", "author_id")}
        session.add(LineComment(submission_id=submission.id, question_id=question.id, **fields))
    session.flush()
    return mark


@dataclass(frozen=True)
class NewComment:
    file: str
    first_line: int
    last_line: int
    text: str
    item: int | None = None


def comment_line(
    session: Session, *, submission: Submission, question: MarkedQuestion, author: User, new: NewComment, store: str
) -> LineComment:
    """At lines of the code. The same words at the same lines are said once, however often they are sent."""
    lock_work(session, submission)
    text = rules.tidy_text(new.text)
    if text is None:
        raise refusals.TextMissing
    check_lines(submission, new, store=store)
    if new.item is not None and new.item not in {each.id for each in question.items}:
        raise refusals.NoSuchItem(new.item)
    there = queries.list_comments(session, submission=submission, question=question)
    same = [
        each
        for each in there
        if (each.file, each.first_line, each.last_line, each.text) == (new.file, new.first_line, new.last_line, text)
    ]
    if same:
        return same[0]
    if queries.count_comments(session, submission=submission) >= refusals.MAX_COMMENTS:
        raise refusals.TooMany(refusals.MAX_COMMENTS)
    comment = LineComment(
        submission_id=submission.id, question_id=question.id, file=new.file, first_line=new.first_line,
        last_line=new.last_line, text=text, item_id=new.item, author=author,
    )  # fmt: skip
    session.add(comment)
    session.flush()
    note_comment(session, submission, question, author, "marking.commented", comment)
    return comment


def check_lines(submission: Submission, new: NewComment, *, store: str) -> None:
    sources = collected_files(submission, store=store)
    length = len(sources[new.file].decode("utf-8", errors="replace").splitlines()) if new.file in sources else 0
    if not 1 <= new.first_line <= new.last_line <= length:
        raise refusals.NoSuchLines(new.file)


def withdraw_comment(
    session: Session, *, submission: Submission, question: MarkedQuestion, comment_id: int, by: User, now: datetime
) -> None:
    """It stays in the table and is shown to nobody. A second time it changes nothing."""
    comment = queries.get_comment(session, submission=submission, question=question, comment_id=comment_id)
    if comment.withdrawn_at is None:
        comment.withdrawn_at, comment.withdrawn_by_id = now, by.id
        session.flush()
        note_comment(session, submission, question, by, "marking.comment_withdrawn", comment)


def note_comment(
    session: Session, submission: Submission, question: MarkedQuestion, by: User, action: str, comment: LineComment
) -> None:
    facts = {"question": question.name, "submission": submission.id, "file": comment.file, "line": comment.first_line}
    write_line(
        session, course=submission.assignment.course, actor=by, action=action, assignment=submission.assignment.slug, **facts
    )


def mark_unanswered(session: Session, *, marking: Marking, question: MarkedQuestion, marker: User, root: Path, store: str) -> int:
    """Nothing for every work without an answer, each with a mark of its own that can be changed; how many."""
    given = 0
    marks = queries.newest_marks(session, question_ids=[question.id])
    for work in queries.list_works(session, assignment=marking.assignment, root=root):
        submission = session.get_one(Submission, work.submission_id)
        if (submission.id, question.id) in marks:
            continue
        if answer_to(marking.asked[question.name], submission, store=store).sha256 is None:
            words = "not answered · 未作答"
            give(session, submission=submission, question=question, marker=marker, new=NewMark(0, (), -question.points, words))
            given += 1
    return given


def set_plan(
    session: Session, *, marking: Marking, by: User, is_anonymous: bool, shows_unchosen: bool, version: int
) -> MarkingPlan:
    assignment = marking.assignment
    lock_assignment(session, assignment)
    plan = queries.find_plan(session, assignment=assignment)
    if plan.version != version:
        raise refusals.PlanChangedMeanwhile
    wanted = {"is_anonymous": is_anonymous, "shows_unchosen": shows_unchosen}
    before = {name: getattr(plan, name) for name in wanted}
    if wanted != before:
        for name, value in wanted.items():
            setattr(plan, name, value)
        plan.version = version + 1
        session.add(plan)
        session.flush()
        facts = {"assignment": assignment.slug, "before": before, "now": wanted}
        write_line(session, course=assignment.course, actor=by, action="marking.plan_set", **facts)
    return plan


def distribute(
    session: Session, *, marking: Marking, how: str, logins: Sequence[str], seed: str, by: User, root: Path
) -> list[MarkerShare]:
    """Share the work out: `works` evenly, or whole `sections` or `questions`. Who has something keeps it, if chosen again."""
    assignment = marking.assignment
    lock_assignment(session, assignment)
    markers = chosen_markers(session, assignment, logins)
    old = queries.list_shares(session, assignment=assignment)
    rows = shares_for(session, marking, how, [each.id for each in markers], old, seed=seed, root=root)
    for each in old:
        session.delete(each)
    session.add_all(rows)
    session.flush()
    facts = {"assignment": assignment.slug, "how": how, "seed": seed, "markers": [each.login for each in markers]}
    write_line(session, course=assignment.course, actor=by, action="marking.distributed", **facts, shares=len(rows))
    return rows


def chosen_markers(session: Session, assignment: Assignment, logins: Sequence[str]) -> list[User]:
    staff = {each.login: each for each in queries.list_staff(session, course=assignment.course)}
    wanted = list(dict.fromkeys(login.strip().lower() for login in logins if login.strip()))
    if not wanted:
        raise refusals.NobodyMarks
    for login in wanted:
        if login not in staff:
            raise refusals.NotOfTheStaff(login)
    return [staff[login] for login in wanted]


def shares_for(
    session: Session, marking: Marking, how: str, markers: Sequence[int], old: Sequence[MarkerShare], *, seed: str, root: Path
) -> list[MarkerShare]:
    assignment = marking.assignment
    column = {"questions": "question_id", "sections": "section_id"}.get(how, "student_id")
    if how == "questions":
        things = [each.id for each in marking.questions]
    elif how == "sections":
        things = [each.id for each in queries.list_sections(session, course=assignment.course)]
    else:
        things = [each.key for each in queries.list_works(session, assignment=assignment, root=root)]
    held = {getattr(each, column): each.marker_id for each in old if getattr(each, column) is not None}
    dealt = rules.deal(things, markers, held=held, seed=seed)
    return [MarkerShare(assignment_id=assignment.id, marker_id=marker, **{column: thing}) for thing, marker in dealt.items()]


def publish(
    session: Session, *, marking: Marking, by: User, root: Path, section: str | None = None, is_confirmed: bool = False
) -> Publication:
    """Students see their marks from now on, and every change of them. There is no way back.

    Raises StillUnmarked, and NotReleasedYet for an exam: its release shows its marks, to all at one moment.

    section: of whom; a team with members in several sections sees them with the first, all of it.
    """
    assignment = marking.assignment
    check_may_tell(assignment)
    lock_assignment(session, assignment)
    listed = queries.list_works(session, assignment=assignment, root=root)
    works = [each for each in listed if section is None or section in each.sections]
    marks = queries.newest_marks(session, question_ids=[each.id for each in marking.questions])
    unmarked = sum((work.submission_id, question.id) not in marks for work in works for question in marking.questions)
    if unmarked and not is_confirmed:
        raise refusals.StillUnmarked(unmarked)
    students = students_of(session, assignment, section) if section is not None else None
    before = queries.list_publications(session, assignment=assignment)
    check_is_new(before, students)
    row = Publication(assignment_id=assignment.id, section=section, students=students, published_by=by, unmarked=unmarked)
    session.add(row)
    session.flush()
    facts = {"assignment": assignment.slug, "section": section, "works": len(works), "unmarked": unmarked}
    write_line(session, course=assignment.course, actor=by, action="marking.published", **facts)
    tell(session, assignment, works, but={id for each in before for id in each.students or ()})
    return row


def tell(session: Session, assignment: Assignment, works: Sequence[queries.Work], *, but: Collection[int]) -> None:
    """Each student of each work, but those who see their marks already."""
    for work in works:
        known = {"link": f"/submissions/{work.submission_id}", "course": assignment.course, "assignment": assignment.slug}
        for student in work.students:
            if student.id not in but:
                notify(session, to=student, kind="scores_published", **known)


def students_of(session: Session, assignment: Assignment, section: str) -> list[int]:
    """Of the section, with those who stand with them in a team."""
    here = [
        each for each in queries.list_students(session, course=assignment.course) if each.section and each.section.name == section
    ]
    if not here:
        raise NotFound
    return sorted({id for each in here for id in members_of(session, assignment=assignment, user=each.user)})


def check_is_new(published: Sequence[Publication], students: Sequence[int] | None) -> None:
    """Publishing again may reach more people, never fewer."""
    if any(each.students is None for each in published):
        raise refusals.PublishedAlready
    if students is not None and any(set(students) <= set(each.students or ()) for each in published):
        raise refusals.PublishedAlready
