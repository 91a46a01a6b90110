"""Scores on their way back to a platform, over real connections."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.assignments.models import Assignment
from server.broker import SEND_SCORE
from server.courses.models import Course, Role
from server.database import current_time
from server.gradebook import setup
from server.lti import grading, launches, service, tasks
from server.lti.models import LearningPlatform, ResourceLink, ReturnedScore, Returning
from server.lti.rules import Grading, Launch
from server.models import Message, PointChange
from server.settings import Settings
from tests.server.lti.conftest import Browser
from tests.server.lti.platform import SCOPES, FakePlatform


@pytest.fixture(autouse=True)
def no_tokens() -> None:
    grading._tokens.clear()


@pytest.fixture
def link(
    session: Session, platform: LearningPlatform, lms: FakePlatform, assignment: Assignment, make_member: Callable[..., User],
    open_browser: Callable[[], Browser], trusting: Settings,
) -> ResourceLink:  # fmt: skip
    """Of a launch that offers a list of line items and none of its own."""
    launch = Launch("", "1", resource="link-1", grading=Grading(frozenset(SCOPES), None, f"{lms.issuer}/items"))
    teacher = make_member("zhou", Role.instructor)
    link = launches.bind(session, platform, launch, assignment.course, assignment, lets_in=False, by=teacher)
    launches.note_grading(link, launch, launches.reach_of(trusting))
    session.commit()
    return link


@pytest.fixture
def ada(student: User, know: Callable[..., None]) -> User:
    know(student)
    return student


@pytest.fixture
def sync(session: Session, course: Course, trusting: Settings) -> Callable[[], int]:
    def sync() -> int:
        session.expire_all()
        found = service.sync(session, course=course, root=trusting.assignments, now=current_time(session))
        session.commit()
        return found

    return sync


@pytest.fixture
def deliver(session: Session, trusting: Settings) -> Callable[[], ReturnedScore]:
    """What the worker does with what waits, its pauses left out."""

    def deliver() -> ReturnedScore:
        waiting = ReturnedScore.state == Returning.waiting
        session.execute(update(ReturnedScore).where(waiting).values(due_at=current_time(session)))
        session.commit()
        for score_id in session.scalars(select(ReturnedScore.id).where(waiting)).all():
            tasks.send(score_id, trusting)
        session.expire_all()
        return session.scalars(select(ReturnedScore)).one()

    return deliver


def test_a_score_arrives_with_what_it_is_of(
    lms: FakePlatform, link: ResourceLink, ada: User, hand_in, grade, sync, deliver, session: Session
) -> None:
    grade(hand_in(link.assignment, ada), 87.5)
    assert sync() == 1
    message = session.scalars(select(Message).where(Message.task == SEND_SCORE)).one()
    row = deliver()
    assert message.arguments == [row.id]
    assert (row.state, row.total, row.tries) == (Returning.sent, Decimal("87.5"), 1)
    score = lms.held()
    assert (score["scoreGiven"], score["scoreMaximum"]) == (87.5, 100)
    assert (score["activityProgress"], score["gradingProgress"]) == ("Completed", "FullyGraded")
    [item] = lms.items
    assert (item["label"], item["resourceId"], item["resourceLinkId"]) == ("Doubling", "dl-2026/tiny", "link-1")
    assert lms.scores[0][0] == "/items/1"  # below the item, before its query
    assert sync() == 0


def test_what_is_not_graded_yet_is_pending(lms: FakePlatform, link: ResourceLink, ada: User, hand_in, sync, deliver) -> None:
    assert sync() == 0  # nothing was handed in: nothing is sent
    hand_in(link.assignment, ada)
    sync()
    deliver()
    score = lms.held()
    assert "scoreGiven" not in score
    assert (score["activityProgress"], score["gradingProgress"]) == ("Submitted", "Pending")


def test_lateness_counts_in_what_is_sent(
    lms: FakePlatform, link: ResourceLink, ada: User, hand_in, grade, sync, deliver, session: Session
) -> None:
    from server.deadlines.models import LateKind, LatePolicy

    known = {"kind": LateKind.percentage, "percent_per_day": 20, "at_least_percent": 0}
    session.add(LatePolicy(course_id=link.course_id, grace_days=0, version=1, **known))
    link.assignment.due_at = current_time(session) - timedelta(hours=30)
    session.commit()
    grade(hand_in(link.assignment, ada), 100)
    sync()
    deliver()
    assert lms.held()["scoreGiven"] == 60


def test_the_line_item_of_the_link_is_found_on_whatever_page(
    lms: FakePlatform, link: ResourceLink, ada: User, hand_in, grade, sync, deliver, session: Session
) -> None:
    lms.items = [{"id": f"{lms.issuer}/items/{n}", "resourceLinkId": f"link-{n + 10}"} for n in range(1, 5)]
    lms.items.append({"id": f"{lms.issuer}/items/5", "resourceLinkId": "link-1"})
    grade(hand_in(link.assignment, ada))
    sync()
    deliver()
    assert len(lms.items) == 5 and lms.scores[0][0] == "/items/5"
    assert link.lineitem_url == f"{lms.issuer}/items/5"


def test_newer_wins(lms: FakePlatform, link: ResourceLink, ada: User, hand_in, grade, sync, deliver) -> None:
    for score in (40, 70, 100):
        grade(hand_in(link.assignment, ada), score)
        sync()
    deliver()
    assert [score["scoreGiven"] for _, score in lms.scores] == [100]  # one message, of the newest
    assert deliver().state is Returning.sent


def test_a_score_that_changes_while_one_is_sent_is_sent_afterwards(
    lms: FakePlatform,
    link: ResourceLink,
    ada: User,
    hand_in,
    grade,
    sync,
    deliver,
    session: Session,
    trusting: Settings,
    monkeypatch,
) -> None:
    grade(hand_in(link.assignment, ada), 40)
    sync()
    send = grading.send_score

    def slowly(place: Any, message: dict[str, Any]) -> Any:
        """Meanwhile another run ends."""
        grade(hand_in(link.assignment, ada), 90)
        sync()
        return send(place, message)

    monkeypatch.setattr(grading, "send_score", slowly)
    assert deliver().state is Returning.waiting
    monkeypatch.setattr(grading, "send_score", send)
    assert deliver().state is Returning.sent
    assert lms.held()["scoreGiven"] == 90 and len(lms.scores) == 2


def test_a_point_that_changes_without_a_run_is_sent_too(
    lms: FakePlatform, link: ResourceLink, ada: User, hand_in, grade, sync, deliver, session: Session
) -> None:
    """The same attempt, later within its time: the due date moved."""
    from server.deadlines.models import LateKind, LatePolicy

    known = {"kind": LateKind.percentage, "percent_per_day": 10, "at_least_percent": 0}
    session.add(LatePolicy(course_id=link.course_id, grace_days=0, version=1, **known))
    link.assignment.due_at = current_time(session) - timedelta(hours=1)
    session.commit()
    grade(hand_in(link.assignment, ada), 100)
    sync()
    deliver()
    link.assignment.due_at = current_time(session) + timedelta(hours=1)
    session.commit()
    assert sync() == 1
    deliver()
    assert [score["scoreGiven"] for _, score in lms.scores] == [90, 100]


def test_a_token_that_is_refused_is_replaced_at_once(
    lms: FakePlatform, link: ResourceLink, ada: User, hand_in, grade, sync, deliver
) -> None:
    grade(hand_in(link.assignment, ada), 50)
    sync()
    deliver()
    lms.tokens.append("revoked for us")
    grade(hand_in(link.assignment, ada), 60)
    sync()
    row = deliver()
    assert row.state is Returning.sent and lms.held()["scoreGiven"] == 60
    assert lms.asked.count("POST /token") == 2


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_platform_that_is_busy_is_asked_again_later(
    lms: FakePlatform, link: ResourceLink, ada: User, hand_in, grade, sync, deliver, status: int
) -> None:
    lms.statuses, lms.retry_after = [status], "600"
    grade(hand_in(link.assignment, ada))
    sync()
    row = deliver()
    assert (row.state, row.tries, lms.scores) == (Returning.waiting, 1, [])
    assert row.due_at - row.started_at >= timedelta(seconds=600)
    assert str(status) in row.said["en"]
    assert deliver().state is Returning.sent


def test_a_refusal_is_shown_and_tried_again_by_hand(
    lms: FakePlatform, link: ResourceLink, ada: User, hand_in, grade, sync, deliver, client_as, session: Session
) -> None:
    lms.statuses = [403]
    grade(hand_in(link.assignment, ada))
    sync()
    assert deliver().state is Returning.failed
    staff = client_as(link.bound_by)
    [shown] = staff.get("/api/v1/courses/dl-2026/lti/scores").json()
    assert (shown["student"], shown["state"], shown["said"]["en"]) == ("ada", "failed", "The platform answered 403.")
    assert staff.post("/api/v1/courses/dl-2026/lti/sync").json() == {"sending": 1}
    assert deliver().state is Returning.sent


def test_a_line_item_that_is_gone_is_looked_for_again(
    lms: FakePlatform, link: ResourceLink, ada: User, hand_in, grade, sync, deliver, session: Session
) -> None:
    link.lineitem_url = f"{lms.issuer}/gone"
    session.commit()
    lms.statuses = [404]
    grade(hand_in(link.assignment, ada))
    sync()
    assert deliver().state is Returning.waiting
    assert deliver().state is Returning.sent
    assert lms.scores[0][0] == "/items/1"


def test_a_dead_platform_costs_nothing_but_time(
    lms: FakePlatform, link: ResourceLink, ada: User, hand_in, grade, sync, deliver
) -> None:
    lms.server.shutdown()
    lms.server.server_close()
    grade(hand_in(link.assignment, ada))
    sync()
    row = deliver()
    assert (row.state, row.said["en"]) == (Returning.waiting, "It cannot be reached.")


def test_what_a_worker_took_with_it_is_sent_again(
    lms: FakePlatform, link: ResourceLink, ada: User, hand_in, grade, sync, deliver, session: Session
) -> None:
    grade(hand_in(link.assignment, ada))
    sync()
    now = current_time(session)
    row = service.claim(session, score_id=session.scalars(select(ReturnedScore.id)).one(), now=now)
    session.commit()
    assert service.claim(session, score_id=row.id, now=now) is None  # a second delivery finds nothing to do
    session.commit()
    assert service.sweep(session, now=now + service.LOST_AFTER + timedelta(seconds=1)) == 1
    session.execute(update(ResourceLink).values(looked_for_at=None))
    session.commit()
    assert deliver().state is Returning.sent


def test_only_students_of_the_course_are_told_of(
    lms: FakePlatform, link: ResourceLink, make_member, know, hand_in, grade, sync
) -> None:
    teacher = make_member("ta", Role.ta)
    know(teacher)
    grade(hand_in(link.assignment, teacher))
    assert sync() == 0


def test_a_removed_platform_is_told_nothing_any_more(
    lms: FakePlatform, link: ResourceLink, ada: User, hand_in, grade, sync, deliver, session: Session, platform: LearningPlatform
) -> None:
    grade(hand_in(link.assignment, ada))
    sync()
    platform.removed_at = current_time(session)
    session.commit()
    assert deliver().state is Returning.waiting
    assert (lms.scores, sync()) == ([], 0)


@pytest.fixture
def to_course(
    session: Session, link: ResourceLink, platform: LearningPlatform, lms: FakePlatform, trusting: Settings
) -> ResourceLink:
    """Two links to the course's page beside the one to the assignment; the first."""
    found = []
    for name in ("home", "home again"):
        launch = Launch("", "1", resource=name, grading=Grading(frozenset(SCOPES), None, f"{lms.issuer}/items"))
        found.append(launches.bind(session, platform, launch, link.course, None, lets_in=False, by=link.bound_by))
        launches.note_grading(found[-1], launch, launches.reach_of(trusting))
    session.commit()
    return found[0]


@pytest.fixture
def set_up(session: Session, course: Course, link: ResourceLink, trusting: Settings) -> Callable[..., None]:
    def set_up(**change: object) -> None:
        session.expire_all()
        wanted, version = setup.offered(session, course=course, root=trusting.assignments)
        homework = (replace(wanted.groups[0], weight=Decimal(100)),)
        wanted = replace(wanted, groups=homework, aside=(), **change)
        setup.set_up(session, course=course, wanted=wanted, by=link.bound_by, version=version)
        session.commit()

    return set_up


def test_the_courses_grade_goes_into_one_column_once_it_is_shown(
    lms: FakePlatform, to_course: ResourceLink, link: ResourceLink, ada: User, hand_in, grade, sync, deliver_all,
    session: Session, set_up: Callable[..., None],
) -> None:  # fmt: skip
    grade(hand_in(link.assignment, ada), 80)
    set_up()
    assert sync() == 1  # the assignment's alone
    set_up(is_shown=True)
    assert sync() == 1
    assert {row.state for row in deliver_all()} == {Returning.sent}
    grades = of_item(lms, "dl-2026")
    assert (grades["scoreGiven"], grades["activityProgress"], grades["gradingProgress"]) == (80, "InProgress", "Pending")
    for name in ("opens_at", "due_at", "closes_at"):
        setattr(link.assignment, name, getattr(link.assignment, name) - timedelta(days=30))
    session.commit()
    assert sync() == 1
    deliver_all()
    assert of_item(lms, "dl-2026")["gradingProgress"] == "FullyGraded", "nothing of it is open any more"
    assert len(lms.items) == 2
    set_up(is_shown=False)
    sync()
    deliver_all()
    assert "scoreGiven" not in of_item(lms, "dl-2026"), "what students do not see any more is taken back"


@pytest.fixture
def deliver_all(session: Session, deliver, trusting: Settings) -> Callable[[], list[ReturnedScore]]:
    def deliver_all() -> list[ReturnedScore]:
        waiting = ReturnedScore.state == Returning.waiting
        for score_id in session.scalars(select(ReturnedScore.id).where(waiting)).all():
            tasks.send(score_id, trusting)
        session.expire_all()
        return list(session.scalars(select(ReturnedScore)))

    return deliver_all


def of_item(lms: FakePlatform, ours: str) -> dict[str, Any]:
    """The newest score in our column of that name."""
    [item] = [each for each in lms.items if each["resourceId"] == ours]
    place = item["id"].removeprefix(lms.issuer).partition("?")[0]
    return max((score for at, score in lms.scores if at == place), key=lambda score: score["timestamp"])


def test_a_link_to_the_course_alone_is_looked_at_by_the_sweep(
    to_course: ResourceLink, link: ResourceLink, session: Session
) -> None:
    session.delete(link)
    session.commit()
    assert [each.slug for each in service.list_courses(session)] == ["dl-2026"]


def test_a_competition_sends_points_by_place_once_they_are_released(
    lms: FakePlatform, link: ResourceLink, ada: User, make_assignment, measured, hand_in, grade, sync, deliver_all,
    session: Session, platform: LearningPlatform, trusting: Settings,
) -> None:  # fmt: skip
    contest = make_assignment(slug="contest")
    launch = Launch("", "1", resource="race", grading=Grading(frozenset(SCOPES), None, f"{lms.issuer}/items"))
    race = launches.bind(session, platform, launch, link.course, contest, lets_in=False, by=link.bound_by)
    launches.note_grading(race, launch, launches.reach_of(trusting))
    session.commit()
    grade(hand_in(contest, ada), 100, measured=measured(180, 0.9))
    assert sync() == 1
    deliver_all()
    assert of_item(lms, "dl-2026/contest") | {"userId": "", "timestamp": ""} == {
        "activityProgress": "Submitted", "gradingProgress": "Pending", "userId": "", "timestamp": "",
    }, "nobody learns a place before it is released"  # fmt: skip
    contest.released_at = current_time(session)
    session.commit()
    assert sync() == 1
    deliver_all()
    held = of_item(lms, "dl-2026/contest")
    assert held["gradingProgress"] == "FullyGraded" and 0 < held["scoreGiven"] <= 100
    change = {"assignment_id": contest.id, "student_id": ada.id, "actor_id": link.bound_by_id}
    session.add(PointChange(**change, points=Decimal(-5)))
    session.commit()
    assert sync() == 1
    deliver_all()
    assert of_item(lms, "dl-2026/contest")["scoreGiven"] == held["scoreGiven"] - 5
    assert sync() == 0
