"""What a page shows is one moment: a verdict that arrives while the page is drawn does not mix with what was read before."""

from dataclasses import replace

from grader.protocol import Text, Visibility
from grader.spec import load_manifest
from server.grading import service as grading
from server.grading.queries import take_snapshot
from server.submissions import views
from server.submissions.models import State
from server.submissions.views import public_results
from tests.server.conftest import CONTENT


def test_a_verdict_that_arrives_in_between_waits_for_the_next_look(session, assignment, student, hand_in, grade) -> None:
    submission = hand_in(assignment, student)
    before = replace(take_snapshot(session, submission.id), state=State.running)
    grade(submission)
    view = views.view_of(submission, before, load_manifest(CONTENT / "tiny"), for_staff=False, sources={})
    assert (view.state, view.is_final, view.score) == ("running", False, 0)
    after = take_snapshot(session, submission.id)
    view = views.view_of(submission, after, load_manifest(CONTENT / "tiny"), for_staff=False, sources={})
    assert (view.state, view.is_final, view.score) == ("graded", True, 100)


def test_the_earlier_verdict_stays_in_sight_until_the_new_one_is_there(session, assignment, student, hand_in, grade) -> None:
    submission = hand_in(assignment, student)
    grade(submission, 40)
    grading.rerun(session, submission=submission, requested_by=student)
    session.expire_all()
    manifest = load_manifest(CONTENT / "tiny")
    before = take_snapshot(session, submission.id)
    for state in (State.queued, State.running, State.needs_staff, State.cancelled):
        view = views.view_of(submission, replace(before, state=state), manifest, for_staff=False, sources={})
        assert (view.state, view.score, view.is_rerun, len(view.parts[0].checks)) == (state, 40, True, 1)
    grade(submission, 90)
    view = views.view_of(submission, before, manifest, for_staff=False, sources={})
    assert (view.state, view.score, view.is_rerun) == ("received", 40, True)
    view = views.view_of(submission, take_snapshot(session, submission.id), manifest, for_staff=False, sources={})
    assert (view.state, view.score, view.is_rerun) == ("graded", 90, False)


def test_in_an_exam_an_attempt_tells_of_public_checks_alone_before_its_verdict_and_after(
    session, assignment, student, hand_in, grade, make_report, make_progress
) -> None:
    submission = hand_in(assignment, student)
    before = take_snapshot(session, submission.id)
    assert public_results(submission, before).results == []
    running = replace(before, state=State.running, marks=tuple(make_progress(2).marks), score_so_far=25)
    assert [(each.title.en, each.outcome) for each in public_results(submission, running).results] == [("Check 0", "passed")]
    hidden = make_report().checks[0]
    public = hidden.model_copy(update={"visibility": Visibility.public, "title": Text(en="Shapes", zh="形状")})
    asked = public.model_copy(update={"is_question": True})
    grade(submission, checks=[hidden, public, asked])
    session.expire_all()
    seen = public_results(submission, take_snapshot(session, submission.id))
    assert [each.title.en for each in seen.results] == ["Shapes"] and "100" not in seen.model_dump_json()
