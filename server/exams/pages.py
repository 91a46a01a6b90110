"""What a student sees of exams: the list, the door, and the room. All that the room saves goes through `api`."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy.orm import Session

from server.assignments.rules import is_listed
from server.assignments.service import manifest_of
from server.courses.access import Membership
from server.courses.models import Enrollment
from server.database import SessionDep
from server.exams import places, queries, rules, views
from server.exams.access import ActivePlace, HereDep, MemberExam
from server.exams.models import Exam, Sitting
from server.exams.places import Here
from server.settings import Settings, SettingsDep
from server.submissions.models import Submission
from server.web.page import Page, PageDep, go_to

router = APIRouter(prefix="/courses/{course}/exams")


@router.get("")
def list_exams(page: PageDep, membership: Membership, session: SessionDep, settings: SettingsDep) -> Response:
    """In the order in which they open; practice first, since it is there for before."""
    course = membership.course
    listed = [each for each in queries.list_exams(session, course=course) if is_listed(each.assignment, role=membership.role)]
    rows = [describe(session, exam, membership, settings, page) for exam in listed]
    rows.sort(key=lambda row: not row["exam"].is_practice)
    return page.show("exams/list.html", zone=course.time_zone, course=course, role=membership.role, rows=rows)


@router.get("/{exam}")
def door(
    page: PageDep, exam: MemberExam, membership: Membership, at: HereDep, session: SessionDep, settings: SettingsDep
) -> Response:
    """What may be known before one begins, and the way in. Nothing of the paper."""
    known = describe(session, exam, membership, settings, page)
    manifest = manifest_of(exam.assignment, root=settings.assignments)
    sitting = known["standing"].sitting
    return page.show(
        "exams/door.html",
        zone=membership.course.time_zone,
        course=membership.course,
        role=membership.role,
        honour=views.honour_of(exam, manifest),
        materials=manifest.exam.materials if manifest.exam else None,
        receipt=receipt_of(session, sitting),
        is_elsewhere=is_elsewhere(session, sitting, at),
        is_allowed=rules.is_allowed_from(at.address, exam.networks),
        may_start=membership.is_active,
        place_key=place_key(exam),
        **known,
    )


@router.get("/{exam}/room")
def room(page: PageDep, exam: MemberExam, membership: Membership, session: SessionDep, settings: SettingsDep) -> Response:
    """The room without anything in it; its script asks for a place, and with that for the paper."""
    known = describe(session, exam, membership, settings, page)
    sitting = known["standing"].sitting
    if sitting is None or sitting.handed_in_at is not None:
        return go_to(known["address"])
    copies_key = f"gradus.exam.{membership.user.login}.{place_key(exam)}.{sitting.id}"
    shown = {"course": membership.course, "place_key": place_key(exam), "copies_key": copies_key}
    return page.show("exams/room.html", zone=membership.course.time_zone, **shown, **known)


@router.get("/{exam}/room/questions")
def questions(page: PageDep, seat: ActivePlace, session: SessionDep, settings: SettingsDep) -> Response:
    """One's own paper as the room shows it, for the place where the sitting goes on."""
    course = seat.exam.assignment.course
    manifest = manifest_of(seat.exam.assignment, root=settings.assignments)
    paper = views.paper_of_sitting(session, sitting=seat.sitting, settings=settings)
    return page.show(
        "exams/questions.html",
        zone=course.time_zone,
        form=paper.form,
        files=paper.files,
        handout=paper.handout,
        has_checks=paper.has_checks,
        materials=manifest.exam.materials if manifest.exam else None,
    )


def describe(session: Session, exam: Exam, member: Enrollment, settings: Settings, page: Page) -> Mapping[str, Any]:
    """An exam by its title, and where its reader stands with it."""
    standing = queries.standing_of(session, exam=exam, member=member)
    return {
        "exam": exam,
        "address": f"/courses/{member.course.slug}/exams/{exam.assignment.slug}",
        "title": manifest_of(exam.assignment, root=settings.assignments).title,
        "standing": standing,
        "phase": standing.phase(page.now).value,
    }


def place_key(exam: Exam) -> str:
    """Under which a browser's tab keeps the key of its place."""
    return f"{exam.assignment.course.slug}/{exam.assignment.slug}"


def receipt_of(session: Session, sitting: Sitting | None) -> str | None:
    found = session.get(Submission, sitting.submission_id) if sitting and sitting.submission_id else None
    return found.sha256 if found else None


def is_elsewhere(session: Session, sitting: Sitting | None, at: Here) -> bool:
    """Whether it goes on in another browser or on another device."""
    if sitting is None or sitting.handed_in_at is not None:
        return False
    active = places.find_active(session, sitting)
    return active is not None and active.browser != at.browser
