"""Pages after an exam: one's own paper once it is released; for staff all papers, two beside each other, results, release."""

from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query
from fastapi.responses import Response
from sqlalchemy.orm import Session

from server.courses.access import Membership
from server.courses.models import Enrollment, Role
from server.database import Now, SessionDep
from server.errors import AppError, NotFound
from server.exam_results import moderation, signing
from server.exam_results.refusals import NoTwoPapers
from server.exam_results.release import readiness_of, release
from server.exam_results.results import results_of
from server.exam_results.views import compare, differing_texts, paper_of_student, written_by
from server.exam_results.works import Work, Works, works_of
from server.exams.access import InstructorExam, MemberExam, StaffExam
from server.exams.models import Exam
from server.exams.staff_views import address_of
from server.questions.answers import answers_of
from server.settings import Settings, SettingsDep
from server.web.page import Page, PageDep, go_to

router = APIRouter(prefix="/courses/{course}/exams/{exam}")

Login = Annotated[str, Query(max_length=100)]


@router.get("/paper")
def own_paper(page: PageDep, exam: MemberExam, member: Membership, session: SessionDep, settings: SettingsDep) -> Response:
    """404 before the release, in practice before one has handed in, and for who has handed in nothing."""
    if member.role.is_staff or not (exam.is_practice or exam.assignment.released_at):
        raise NotFound
    works = works_of(session, exam=exam, root=settings.assignments, student_id=member.user_id)
    work = works.get(member.user.login)
    if work.sitting is None or work.sitting.handed_in_at is None:
        raise NotFound
    return show_paper(page, session, exam, works, work, settings, for_staff=False)


@router.get("/papers")
def list_papers(page: PageDep, exam: StaffExam, session: SessionDep, settings: SettingsDep) -> Response:
    return papers_page(page, exam, works_of(session, exam=exam, root=settings.assignments))


def papers_page(
    page: Page, exam: Exam, works: Works, *, sides: tuple[str, str] = ("", ""), refusal: AppError | None = None
) -> Response:
    """sides: the logins that were typed. refusal: why these two are not shown."""
    return page.show(
        "exam_results/papers.html",
        status=refusal.status if refusal else 200,
        works=works,
        written=works.written,
        sides=sides,
        problem=refusal and refusal.message,
        **shared(exam, works),
    )


@router.get("/papers/compare")
def compare_papers(
    page: PageDep, exam: StaffExam, session: SessionDep, settings: SettingsDep, left: Login = "", right: Login = ""
) -> Response:
    """Two students' papers beside each other, question by question; or the list at once, with what was typed."""
    works, sides = works_of(session, exam=exam, root=settings.assignments), (left.strip(), right.strip())
    try:
        one, other = two_of(works, sides)
    except NoTwoPapers as refusal:
        return papers_page(page, exam, works, sides=sides, refusal=refusal)
    papers = [paper_of_student(works, each.student.user, settings) for each in (one, other)]
    given = [answers_in(each, settings) for each in (one, other)]
    rows = compare(papers[0], papers[1], (given[0], given[1]))
    texts = differing_texts(works, (one.student.user, other.student.user), settings)
    known = {"rows": rows, "texts": texts, "left": one, "right": other, "written": works.written, "sides": sides}
    return page.show("exam_results/compare.html", **known, **shared(exam, works))


def two_of(works: Works, typed: tuple[str, str]) -> tuple[Work, Work]:
    """By login, or by a name that only one of them has."""
    one, other = (written_as(works, each) for each in typed)
    if one.login == other.login:
        raise NoTwoPapers(None)
    return one, other


def written_as(works: Works, typed: str) -> Work:
    sat = [each for each in works.all if each.sitting is not None]
    found = [each for each in sat if each.login == typed] or [each for each in sat if each.student.user.display_name == typed]
    if len(found) != 1:
        raise NoTwoPapers(typed)
    return found[0]


def answers_in(work: Work, settings: Settings) -> dict[str, Any]:
    return (answers_of(work.submission, settings.blob_store) if work.submission else None) or {}


@router.get("/papers/{login}")
def show_one(page: PageDep, exam: StaffExam, login: str, session: SessionDep, settings: SettingsDep) -> Response:
    """Printable, with the answers, the key and the marking."""
    works = works_of(session, exam=exam, root=settings.assignments)
    return show_paper(page, session, exam, works, works.get(login), settings, for_staff=True)


def show_paper(
    page: Page, session: Session, exam: Exam, works: Works, work: Work, settings: Settings, *, for_staff: bool
) -> Response:
    written = written_by(session, works=works, work=work, for_staff=for_staff, settings=settings, now=page.now)
    if written is None:
        raise NotFound
    return page.show(
        "exam_results/paper.html",
        written=written,
        work=work,
        view=written.view,
        answers=written.answers,
        own=written.own,
        submission=written.submission,
        for_staff=for_staff,
        **shared(exam, works),
    )


@router.get("/results")
def show_results(page: PageDep, exam: StaffExam, member: Membership, session: SessionDep, settings: SettingsDep) -> Response:
    return results_page(page, session, exam, member, settings)


def results_page(
    page: Page, session: Session, exam: Exam, member: Enrollment, settings: Settings, *, refusal: AppError | None = None
) -> Response:
    """refusal: why something was not done."""
    works = works_of(session, exam=exam, root=settings.assignments)
    is_instructor = member.role is Role.instructor
    return page.show(
        "exam_results/results.html",
        status=refusal.status if refusal else 200,
        results=results_of(works),
        readiness=readiness_of(session, exam=exam, root=settings.assignments, works=works),
        compared=moderation.compared(session, exam=exam),
        drawn=moderation.find_draw(session, exam=exam),
        can_release=is_instructor,
        titles={each.id: each.title for each in works.manifest.questions},
        key=signing.fingerprint(signing.public_pem(settings.derive_key(signing.PURPOSE))),
        reader=member.user,
        problem=refusal and refusal.message,
        **shared(exam, works),
    )


@router.post("/release")
def release_exam(
    page: PageDep,
    exam: InstructorExam,
    member: Membership,
    session: SessionDep,
    settings: SettingsDep,
    now: Now,
    confirm: Annotated[bool, Form()] = False,
) -> Response:
    """Back to the results; or they at once, with what is still open."""
    known = {"by": member.user, "is_confirmed": confirm, "root": settings.assignments, "now": now}
    try:
        release(session, exam=exam, **known)
    except AppError as refusal:
        return results_page(page, session, exam, member, settings, refusal=refusal)
    return go_to(f"{address_of(exam.assignment)}/results")


@router.post("/moderation")
def draw_sample(page: PageDep, exam: InstructorExam, member: Membership, session: SessionDep, settings: SettingsDep) -> Response:
    try:
        moderation.draw(session, works=works_of(session, exam=exam, root=settings.assignments), by=member.user)
    except AppError as refusal:
        return results_page(page, session, exam, member, settings, refusal=refusal)
    return go_to(f"{address_of(exam.assignment)}/results#moderation")


@router.post("/moderation/{moderated_id}")
def mark_second(
    page: PageDep,
    exam: StaffExam,
    moderated_id: int,
    member: Membership,
    session: SessionDep,
    settings: SettingsDep,
    now: Now,
    points: Annotated[str, Form(max_length=20)] = "",
    comment: Annotated[str, Form(max_length=4000)] = "",
    reason: Annotated[str, Form(max_length=500)] = "",
    settles: Annotated[bool, Form()] = False,
) -> Response:
    """A second marking; or, from an instructor, what counts, with a reason."""
    row = moderation.get_moderated(session, exam=exam, id=moderated_id)
    try:
        given = read_points(points)
        if settles and member.role is Role.instructor:
            moderation.settle(session, row=row, points=given, reason=reason, by=member.user, now=now)
        else:
            moderation.mark_second(session, row=row, points=given, comment=comment, by=member.user, now=now)
    except AppError as refusal:
        return results_page(page, session, exam, member, settings, refusal=refusal)
    return go_to(f"{address_of(exam.assignment)}/results#moderation")


def read_points(typed: str) -> Decimal:
    """What is no number is refused with the bounds of its question."""
    try:
        return Decimal(typed.strip())
    except InvalidOperation:
        return Decimal("NaN")


def shared(exam: Exam, works: Works) -> dict[str, Any]:
    assignment = exam.assignment
    return {
        "zone": assignment.course.time_zone,
        "course": assignment.course,
        "assignment": assignment,
        "exam": exam,
        "manifest": works.manifest,
        "full": works.full,
        "address": address_of(assignment),
    }
