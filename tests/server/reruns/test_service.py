"""A preview changes nothing until it is published, and then exactly what it has shown."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from grader.protocol import Fault, Report, Status, Text, Whose
from server.accounts.models import User
from server.assignments.models import Assignment
from server.audit import list_lines
from server.courses.models import Course, Section
from server.courses.service import find_enrollment
from server.database import current_time
from server.grading.models import Run
from server.models import PreviewReport, Submission
from server.outbox import Message
from server.reruns import claims, queries, rules, selection, service
from server.reruns.models import Preview, PreviewJobState
from server.reruns.selection import Wanted
from server.settings import Settings
from server.submissions.models import Queue
from tests.server.reruns.conftest import JudgeAll

As = Callable[[User], TestClient]
TINY = "/api/v1/courses/dl-2026/assignments/tiny"


def test_until_it_is_published_nobody_sees_anything_of_it(
    session: Session, client_as: As, tia: User, student: User, works: dict[str, Submission], begin: Callable[..., Preview],
    judge_all: JudgeAll,
) -> None:  # fmt: skip
    ada = client_as(student)
    pages = [f"/submissions/{works['ada'].id}", "/courses/dl-2026", "/courses/dl-2026/assignments/tiny/leaderboard"]
    before = [ada.get(f"/api/v1{pages[0]}").json(), ada.get(f"{TINY}/leaderboard").json()["rows"]]
    preview = begin()
    judge_all(preview, 73.25)
    assert [ada.get(f"/api/v1{pages[0]}").json(), ada.get(f"{TINY}/leaderboard").json()["rows"]] == before
    assert all("73.25" not in ada.get(page).text.split("<main")[-1] for page in pages[:2])
    assert session.scalars(select(Run)).all().__len__() == 2
    with pytest.raises(DBAPIError, match="only ever added"):
        session.query(PreviewReport).update({"score": 1})
    session.rollback()


def test_it_shows_who_changes_by_how_much_in_which_checks_across_which_line(
    session: Session, settings: Settings, works: dict[str, Submission], begin: Callable[..., Preview], judge_all: JudgeAll
) -> None:
    preview = begin()
    judge_all(preview, 70)
    changes = {
        each.job.submission.author.login: each for each in queries.changes_of(session, preview=preview, root=settings.assignments)
    }
    ada, bob = changes["ada"], changes["bob"]
    assert (ada.before, ada.after, ada.difference) == (50, 70, 20)
    assert [(each.id, each.before, each.after) for each in ada.checks] == [("doubles_a_matrix", 50, 70)]
    assert [(each.line, each.is_up) for each in ada.crossings] == [(rules.PASS, True)]
    assert (bob.difference, bob.crossings) == (-10, [])


def test_publishing_adds_a_run_to_each_and_tells_whoever_changes(
    session: Session, client_as: As, course: Course, tia: User, student: User, works: dict[str, Submission],
    begin: Callable[..., Preview], judge_all: JudgeAll,
) -> None:  # fmt: skip
    preview = begin()
    judge_all(preview, 80)
    staff = client_as(tia)
    published = staff.post(f"{TINY}/reruns/{preview.id}/publish", json={}).json()
    assert published["state"] == "published"
    session.expire_all()
    runs = {
        login: [(run.number, run.score) for run in session.get_one(Submission, each.id).runs] for login, each in works.items()
    }
    assert runs == {"ada": [(1, 50), (2, 80)], "bob": [(1, 80), (2, 80)]}
    assert session.get_one(Submission, works["ada"].id).state == "graded"
    ada = client_as(student)
    assert ada.get(f"/api/v1/submissions/{works['ada'].id}").json()["score"] == 80
    assert f"/submissions/{works['ada'].id}" in ada.get("/messages").text
    assert "submissions/" not in client_as(works["bob"].author).get("/messages").text.split("<main")[-1]
    line = list_lines(session, course=course)[0]
    assert (line.action, line.subject["submissions"], line.subject["changed"]) == ("rerun.published", 2, 1)
    assert staff.post(f"{TINY}/reruns/{preview.id}/drop").json()["code"] == "preview_decided"


def test_a_newer_run_keeps_it_from_being_published_and_is_named(
    session: Session, client_as: As, tia: User, works: dict[str, Submission], begin: Callable[..., Preview], judge_all: JudgeAll,
    rerun: Callable[[Submission, float], None],
) -> None:  # fmt: skip
    preview = begin()
    judge_all(preview, 90)
    rerun(works["ada"], 60)
    staff, path = client_as(tia), f"{TINY}/reruns/{preview.id}/publish"
    refused = staff.post(path, json={}).json()
    assert refused["code"] == "newer_runs" and refused["submissions"] == [works["ada"].id] and "ada" in refused["detail"]
    assert staff.post(path, json={"leave_out_newer": True}).json()["state"] == "published"
    session.expire_all()
    scores = {login: session.get_one(Submission, each.id).run.score for login, each in works.items()}
    assert scores == {"ada": 60, "bob": 90}


def test_it_is_published_whole_or_not_at_all(
    session: Session, works: dict[str, Submission], tia: User, begin: Callable[..., Preview], judge_one: Callable[..., None]
) -> None:
    preview = begin()
    judge_one(preview, 90)
    with pytest.raises(rules.StillJudging):
        service.publish(session, found=preview, by=tia, now=current_time(session))


def test_what_is_dropped_is_judged_no_further(
    session: Session, works: dict[str, Submission], tia: User, begin: Callable[..., Preview]
) -> None:
    preview = begin()
    service.drop(session, found=preview, by=tia, now=current_time(session))
    session.commit()
    assert claims.claim(session, preview_id=preview.id, lease_s=15) is None


def test_whoever_hands_in_goes_first(
    session: Session, assignment: Assignment, student: User, works: dict[str, Submission], begin: Callable[..., Preview],
    hand_in: Callable[..., Submission], grade: Callable[..., Run],
) -> None:  # fmt: skip
    preview = begin()
    assert not claims.must_yield(session, Queue.cpu)
    live = hand_in(assignment, student)
    assert claims.must_yield(session, Queue.cpu)
    assert claims.sweep(session, queue_of=lambda _: Queue.cpu) == 0
    grade(live, 10)
    sent = session.scalars(select(Message.id).where(Message.task == "reruns.preview")).all()
    assert claims.sweep(session, queue_of=lambda _: Queue.cpu) == 1
    assert len(session.scalars(select(Message.id).where(Message.task == "reruns.preview")).all()) > len(sent)
    assert preview.state == "judging"


def test_a_fault_of_ours_is_tried_again_and_one_of_the_assignment_is_not(
    session: Session, works: dict[str, Submission], begin: Callable[..., Preview], make_report: Callable[..., Report]
) -> None:
    preview = begin()
    for whose, state in ((Whose.system, PreviewJobState.waiting), (Whose.assignment, PreviewJobState.failed)):
        claim = claims.claim(session, preview_id=preview.id, lease_s=15)
        fault = Fault(whose=whose, code="broken", message=Text(en="It broke.", zh="出错。"))
        report = make_report(0, status=Status.system_fault, fault=fault)
        claims.record_report(session, claim=claim, report=report, versions={})
        session.expire_all()
        assert next(each for each in preview.jobs if each.id == claim.job_id).state is state


def test_a_worker_whose_lease_is_over_writes_nothing_any_more(
    session: Session, works: dict[str, Submission], begin: Callable[..., Preview], make_report: Callable[..., Report]
) -> None:
    preview = begin()
    claim = claims.claim(session, preview_id=preview.id, lease_s=-1)
    session.commit()
    claims.sweep(session, queue_of=lambda _: Queue.cpu)
    again = claims.claim(session, preview_id=preview.id, lease_s=15)
    assert (again.job_id, again.fence) == (claim.job_id, claim.fence + 1)
    with pytest.raises(claims.LeaseLost):
        claims.record_report(session, claim=claim, report=make_report(1), versions={})


def test_sets_are_chosen_by_section_check_trouble_and_number(
    session: Session, settings: Settings, course: Course, assignment: Assignment, works: dict[str, Submission], student: User,
    hand_in: Callable[..., Submission], grade: Callable[..., Run], break_down: Callable[..., None],
) -> None:  # fmt: skip
    stuck = hand_in(assignment, student)
    break_down(stuck)
    section = Section(course_id=course.id, name="1班")
    session.add(section)
    session.flush()
    find_enrollment(session, course_slug=course.slug, user=works["bob"].author).section_id = section.id
    session.commit()

    def chosen(**wanted: object) -> set[int]:
        found = selection.choose(session, assignment=assignment, wanted=Wanted(**wanted), root=settings.assignments)
        return {each.id for each in found}

    ada, bob = works["ada"].id, works["bob"].id
    assert chosen() == {ada, bob}
    assert chosen(every=True) == {ada, bob, stuck.id}
    assert chosen(stuck=True) == {stuck.id}
    assert chosen(section="1班") == {bob}
    assert chosen(ids=(ada, 999)) == {ada}
    for wanted, refusal in (({"check": "none"}, rules.NothingChosen), ({"section": "2班"}, rules.NoSuchSection)):
        with pytest.raises(refusal):
            chosen(**wanted)


def test_staff_begin_watch_and_publish_on_pages(
    session: Session, client_as: As, tia: User, works: dict[str, Submission], judge_all: JudgeAll
) -> None:
    staff, address = client_as(tia), "/courses/dl-2026/assignments/tiny/reruns"
    refused = staff.post(address, data={"which": "ids", "ids": "17, x", "reason": "tolerance"})
    assert refused.status_code == 422 and "17, x" in refused.text and "tolerance" in refused.text
    begun = staff.post(address, data={"which": "counting", "reason": "The tolerance was too tight."}, follow_redirects=False)
    place = begun.headers["location"]
    assert 'http-equiv="refresh"' in staff.get(place).text
    preview = session.scalars(select(Preview)).one()
    judge_all(preview, 95)
    page = staff.get(place).text
    assert "refresh" not in page and "↑ pass" in page and "+45" in page and "The tolerance was too tight." in page
    assert staff.post(f"{place}/publish", follow_redirects=False).status_code == 303
    assert "published" in staff.get(address).text and "preview" in staff.get("/courses/dl-2026/audit").text


def test_a_run_comes_with_all_that_repeats_it(
    session: Session, client_as: As, tia: User, student: User, works: dict[str, Submission]
) -> None:
    run = session.get_one(Submission, works["ada"].id).run
    told = client_as(tia).get(f"/api/v1/runs/{run.id}").json()
    assert set(told["files"]) == {"solution.py"} and told["seed"] == run.seed and Decimal(told["score"]) == 50
    assert client_as(student).get(f"/api/v1/runs/{run.id}").status_code == 403
