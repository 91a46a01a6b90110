"""Handing in by the form, and the page of a submission."""

import re
from collections.abc import Callable
from decimal import Decimal

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from grader.checks.wording import RAN_ON_CPU
from grader.protocol import CheckResult, Detail, Environment, Mistake, Outcome, Progress, Report, Text, Visibility, Whose, Word
from grader.sandbox.fake_gpu import fake_device
from server.accounts.models import User
from server.assignments.models import Assignment
from server.courses.models import Role
from server.grading import devices
from server.grading import service as grading
from server.models import Queue, Submission

Visit = Callable[..., TestClient]
HandIn = Callable[..., Submission]
Grade = Callable[..., object]
Check = Callable[..., CheckResult]
TINY = "/courses/dl-2026/assignments/tiny"
PAYLOAD = '<img src=x onerror="alert(1)">\'</script><script>alert(2)</script>'
CANARY = "CANARY-7f3a"


def test_files_handed_in_by_the_form_lead_to_their_live_page(visit: Visit, student: User, assignment: Assignment) -> None:
    visitor = visit(student)
    files = [("files", ("solution.py", b"import extra\n")), ("files", ("extra.py", b"x = 1\n"))]
    answer = visitor.submit_form(TINY, f"{TINY}/submissions", files=files)
    assert answer.status_code == 303
    html = visitor.get(answer.headers["location"]).text
    assert f'sse-connect="/api/v1{answer.headers["location"]}/events"' in html
    assert f'hx-get="{answer.headers["location"]}/live"' in html
    assert "extra.py" in html
    assert "You are next." in html
    assert "<noscript><meta" in html


def test_a_form_sent_twice_is_one_attempt_and_other_files_are_another(
    visit: Visit, student: User, assignment: Assignment
) -> None:
    visitor = visit(student)
    form = visitor.get(TINY).text.split('name="form" value="')[1].split('"')[0]
    send = [
        visitor.submit_form(TINY, f"{TINY}/submissions", form=form, files=[("files", ("solution.py", source))])
        for source in (b"x = 1\n", b"x = 1\n", b"x = 2\n")
    ]
    first, again, other = (answer.headers["location"] for answer in send)
    assert first == again != other


@pytest.mark.parametrize(
    ("language", "sentence"), [("en", "notes.txt is not a file that can be graded."), ("zh_CN", "notes.txt 无法评测。")]
)
def test_files_that_cannot_be_used_are_told_on_the_assignments_page(
    visit: Visit, student: User, assignment: Assignment, language: str, sentence: str
) -> None:
    visitor = visit(student, language=language)
    answer = visitor.submit_form(TINY, f"{TINY}/submissions", files=[("files", ("notes.txt", b"hello"))])
    assert answer.status_code == 422
    assert {"en": "Nothing was handed in", "zh_CN": "提交未成功"}[language] in answer.text
    assert sentence in answer.text.split('id="problem"')[1].split("</div>")[0]
    assert "submissions/" not in visitor.get(f"{TINY}/submissions").text.split("<main")[1]


def test_sending_the_form_without_files_is_told_as_well(visit: Visit, student: User, assignment: Assignment) -> None:
    answer = visit(student).submit_form(TINY, f"{TINY}/submissions", files=[("files", ("", b""))])
    assert answer.status_code == 422
    assert "<h1" in answer.text


def test_an_upload_after_closing_is_refused_on_the_same_page(
    visit: Visit, student: User, assignment: Assignment, session: Session
) -> None:
    visitor = visit(student)
    visitor.get(TINY)
    assignment.attempt_limit = 1
    session.commit()
    files = [("files", ("solution.py", b"x = 1\n"))]
    assert visitor.submit_form(TINY, f"{TINY}/submissions", files=files).status_code == 303
    answer = visitor.submit_form(TINY, f"{TINY}/submissions", files=files)
    assert answer.status_code == 409
    assert "All 1 attempts are used up. What you have handed in counts" in answer.text


def test_a_running_submission_tells_which_check_and_the_score_so_far(
    visit: Visit, student: User, assignment: Assignment, hand_in: HandIn, session: Session,
    make_progress: Callable[..., Progress],
) -> None:  # fmt: skip
    submission = hand_in(assignment, student)
    claim = grading.claim(session, job_id=submission.job.id, lease_s=15)
    grading.renew(session, claim=claim, lease_s=15, progress=make_progress(2))
    session.commit()
    html = visit(student).get(f"/submissions/{submission.id}/live").text
    assert "check 3 of 4" in html
    assert ">25<small>/ 100" in html
    assert [html.count(f'<rect class="{look}"') for look in ("passed", "failed", "waiting")] == [1, 1, 2]
    assert html.lstrip().startswith("<div")


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", ["passed", "wrong value", "to come", "to come"]), ("zh_CN", ["通过", "数值不对", "待评测", "待评测"])],
)
def test_a_page_loaded_in_the_middle_has_a_row_for_each_check_and_no_more_than_a_word_of_it(
    visit: Visit, student: User, assignment: Assignment, hand_in: HandIn, session: Session,
    make_progress: Callable[..., Progress], language: str, words: list[str],
) -> None:  # fmt: skip
    submission = hand_in(assignment, student)
    claim = grading.claim(session, job_id=submission.job.id, lease_s=15)
    grading.renew(session, claim=claim, lease_s=15, progress=make_progress(2))
    session.commit()
    html = visit(student, language=language).get(f"/submissions/{submission.id}").text
    assert re.findall(r'<span class="word \w+">(.+?)</span>', html) == words
    assert {"en": "hidden checks are shown in batches", "zh_CN": "隐藏检查分批显示"}[language] in html
    assert '<details id="check-' not in html
    assert "check to look at" not in html


def test_the_public_check_that_runs_is_marked(
    visit: Visit, student: User, assignment: Assignment, hand_in: HandIn, session: Session,
    make_progress: Callable[..., Progress],
) -> None:  # fmt: skip
    submission = hand_in(assignment, student)
    claim = grading.claim(session, job_id=submission.job.id, lease_s=15)
    grading.renew(session, claim=claim, lease_s=15, progress=make_progress(0))
    session.commit()
    html = visit(student).get(f"/submissions/{submission.id}").text
    assert html.count("running now") == 1
    assert "in batches" not in html


def test_a_graded_submission_is_still(visit: Visit, student: User, assignment: Assignment, hand_in: HandIn, grade: Grade) -> None:
    submission = hand_in(assignment, student)
    grade(submission, 100)
    html = visit(student).get(f"/submissions/{submission.id}").text
    assert "sse-connect" not in html
    assert "hx-get" not in html
    assert 'http-equiv="refresh"' not in html
    assert "Back to the assignment" in html


def test_a_failed_public_check_tells_what_was_called_seen_and_which_mistake_it_is(
    visit: Visit, student: User, assignment: Assignment, hand_in: HandIn, grade: Grade, make_check: Check
) -> None:
    detail = Detail(
        call="double(x: 2×3)", expected="float32 2×3", actual="float32 2×3", largest_error=0.3123, where=[1, 2],
        error_map=[[0.0, 0.1], [0.2, 0.3123]], line=2, source=[(1, "def double(x):"), (2, "    return x")],
    )  # fmt: skip
    mistake = Mistake(id="forgot", message=Text(en="`x` comes back unchanged.", zh="`x` 原样返回。"))
    check = make_check("one", detail=detail, mistake=mistake)
    submission = hand_in(assignment, student)
    grade(submission, 0, checks=[check])
    html = visit(student).get(f"/submissions/{submission.id}").text
    assert '<details id="check-one" open>' in html
    for sight in ("double(x: 2×3)", "0.312 at <code>[1, 2]</code>", "<code>x</code> comes back unchanged.", "Your line 2"):
        assert sight in html
    assert '<code class="here"><i>2</i>    return x' in html
    assert html.count('fill="currentColor" fill-opacity=') == 3
    assert "1 check to look at" in html
    assert '<a href="#row-one">Check one</a>' in html
    assert 'fill-opacity="1.00"' in html


def test_a_hidden_check_is_a_title_and_one_word_for_its_author(
    visit: Visit, student: User, assignment: Assignment, hand_in: HandIn, grade: Grade, everything_hidden: CheckResult
) -> None:
    submission = hand_in(assignment, student)
    grade(submission, 0, checks=[everything_hidden])
    for language, word in (("en", "wrong value"), ("zh_CN", "数值不对")):
        for path in (f"/submissions/{submission.id}", f"/submissions/{submission.id}/live"):
            html = visit(student, language=language).get(path).text
            assert word in html
            for secret in (CANARY, "0.123456", "98765.4", "check-hidden_one", "ab" * 16, "<figure", "data:image"):
                assert secret not in html.replace("/static/", "")


def test_staff_see_what_is_hidden(
    visit: Visit, student: User, assignment: Assignment, hand_in: HandIn, grade: Grade, everything_hidden: CheckResult,
    make_member: Callable[..., User],
) -> None:  # fmt: skip
    submission = hand_in(assignment, student)
    grade(submission, 0, checks=[everything_hidden])
    html = visit(make_member("tia", Role.ta)).get(f"/submissions/{submission.id}").text
    assert CANARY in html
    assert ">hidden</span>" in html
    assert "Ada" in html
    assert html.count('<figure class="drawing">') == 3


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        ("en", ["10% after 1 update, 95% after 500. 80% to 100% is expected at the end.", "500 updates</text>", "2000 pictures"]),
        ("zh_CN", ["1 次更新后为 10%，500 次后为 95%。最后应在 80% 到 100% 之间。", "500 次更新</text>", "共 2000 张图像"]),
    ],
)
@pytest.mark.parametrize("passed", [True, False])
def test_what_a_public_check_has_drawn_stands_under_it(
    visit: Visit, student: User, assignment: Assignment, hand_in: HandIn, grade: Grade, make_check: Check, drawn: Callable,
    language: str, sentences: list[str], passed: bool,
) -> None:  # fmt: skip
    outcome = {"points": Decimal(50), "outcome": Outcome.passed, "word": Word.passed} if passed else {}
    submission = hand_in(assignment, student)
    grade(submission, 50, checks=[make_check("one", figures=drawn("What it makes <b>"), **outcome)])
    html = visit(student, language=language).get(f"/submissions/{submission.id}").text
    assert '<details id="check-one" open>' in html
    assert html.count('<figure class="drawing">') == html.count("<b>What it makes &lt;b&gt;</b>") == 3
    assert html.count('aria-label="What it makes &lt;b&gt;"') == 2 and 'alt="What it makes &lt;b&gt;"' in html
    assert 'class="band"' in html and 'src="data:image/png;base64,' in html and "style=" not in html
    for sentence in sentences:
        assert sentence in html
    assert ("<code>double</code> " in html) == (not passed)


def test_the_api_gives_a_student_the_figures_of_public_checks_alone(
    student: User, assignment: Assignment, hand_in: HandIn, grade: Grade, make_check: Check, drawn: Callable,
    everything_hidden: CheckResult, client_as: Callable[[User], TestClient],
) -> None:  # fmt: skip
    submission = hand_in(assignment, student)
    grade(submission, 0, checks=[make_check("one", figures=drawn("Shown")), everything_hidden])
    answer = client_as(student).get(f"/api/v1/submissions/{submission.id}")
    public, hidden = answer.json()["run"]["report"]["checks"]
    assert [figure["kind"] for figure in public["figures"]] == ["curve", "scatter", "pictures"]
    assert hidden["figures"] == [] and CANARY not in answer.text


def test_a_run_from_before_there_were_figures_is_still_read(
    grade: Grade, hand_in: HandIn, assignment: Assignment, student: User
) -> None:
    run = grade(hand_in(assignment, student))
    for check in run.report["checks"]:
        del check["figures"]
    assert run.read_report().checks[0].figures == []


def test_a_syntax_error_shows_its_line_with_three_around_it(
    visit: Visit, student: User, assignment: Assignment, hand_in: HandIn, grade: Grade, syntax_fault: dict
) -> None:
    submission = hand_in(assignment, student, "def double(x):\n    return (2 * x\n# <b>three</b>\n# 4\n# 5\n# 6\n")
    grade(submission, 0, **syntax_fault)
    html = visit(student).get(f"/submissions/{submission.id}").text
    assert "Your file could not be graded" in html
    assert '<section class="part' not in html, "a long list of checks that never ran helps nobody"
    assert "<code>(</code> was never closed." in html
    assert '<code class="here"><i>2</i>    return (2 * x' in html
    assert "<i>5</i>" in html
    assert "<i>6</i>" not in html
    assert "&lt;b&gt;three&lt;/b&gt;" in html


def test_a_fault_of_ours_is_no_zero_and_says_that_nothing_is_lost(
    visit: Visit, student: User, assignment: Assignment, hand_in: HandIn, session: Session, broken: Report,
    make_member: Callable[..., User],
) -> None:  # fmt: skip
    submission = hand_in(assignment, student)
    claim = grading.claim(session, job_id=submission.job.id, lease_s=15)
    grading.record_report(session, claim=claim, report=broken, versions={})
    session.commit()
    html = visit(student).get(f"/submissions/{submission.id}").text
    assert "This one is on us" in html
    assert '<span class="nothing">–</span>' in html
    assert "The reference failed." not in html
    assert "50 of 50" in html
    assert "The reference failed." in visit(make_member("tia", Role.ta)).get(f"/submissions/{submission.id}").text


def test_nothing_that_a_student_wrote_becomes_markup(
    visit: Visit, student: User, assignment: Assignment, session: Session, make_check: Check, grade: Grade,
    make_member: Callable[..., User],
) -> None:  # fmt: skip
    student.display_name = PAYLOAD
    session.commit()
    visitor = visit(student)
    files = [("files", ("solution.py", b"x = 1\n")), ("files", ("<img src=x onerror=alert(1)>.py", b"y = 1\n"))]
    own = visitor.submit_form(TINY, f"{TINY}/submissions", files=files).headers["location"]
    said = Text(en=PAYLOAD, zh=PAYLOAD)
    detail = Detail(
        call=PAYLOAD, expected=PAYLOAD, actual=PAYLOAD, line=1, source=[(1, PAYLOAD)], traceback=PAYLOAD, output=PAYLOAD
    )
    check = make_check("one", title=said, message=said, detail=detail, mistake=Mistake(id="m", message=said))
    grade(session.get(Submission, int(own.split("/")[-1])), 0, checks=[check])
    visitor.submit_form("/tokens", "/tokens", name=PAYLOAD[:40])
    staff = visit(make_member("tia", Role.ta))
    pages = ["/", "/tokens", TINY, f"{TINY}/submissions", f"{TINY}/leaderboard", own]
    answers = [visitor.get(path) for path in pages] + [staff.get(path) for path in (f"{TINY}/students", own)]
    for answer in answers:
        assert answer.status_code == 200
        assert "<img" not in answer.text
        assert "alert(2)</script>" not in answer.text
    assert answers[5].text.count("&lt;img") >= 8


def test_a_check_that_passed_in_part_says_so(
    visit: Visit, student: User, assignment: Assignment, hand_in: HandIn, grade: Grade, make_check: Check
) -> None:
    half = make_check("half", points=Decimal(25), outcome=Outcome.passed, word=Word.passed)
    skipped = make_check("later", outcome=Outcome.skipped, word=Word.incomplete, visibility=Visibility.hidden)
    submission = hand_in(assignment, student)
    grade(submission, 25, checks=[half, skipped])
    html = visit(student).get(f"/submissions/{submission.id}").text
    assert ">in part</span>" in html
    assert ">not run</span>" in html
    assert 'class="partly"' in html


@pytest.mark.parametrize(
    ("language", "in_service", "sentence"),
    [
        ("en", True, "waits for a free GPU"),
        ("zh_CN", True, "正在等待空闲的 GPU"),
        ("en", False, "no GPU is in service right now"),
        ("zh_CN", False, "目前没有可用的 GPU"),
    ],
)
def test_a_submission_that_needs_a_gpu_says_what_it_waits_for(
    visit: Visit, session: Session, hand_in: HandIn, assignment: Assignment, student: User,
    language: str, in_service: bool, sentence: str,
) -> None:  # fmt: skip
    submission = hand_in(assignment, student)
    submission.job.queue = Queue.gpu
    if in_service:
        devices.register(session, device=fake_device(), host="here", idle_bytes=0)
    session.commit()
    assert sentence in visit(student, language=language).get(f"/submissions/{submission.id}").text


def test_staff_are_told_which_gpu_is_out_and_why_and_students_are_not(
    visit: Visit, session: Session, hand_in: HandIn, assignment: Assignment, student: User, make_member: Callable[..., User]
) -> None:
    submission = hand_in(assignment, student)
    submission.job.queue = Queue.gpu
    devices.register(session, device=fake_device(), host="gpu-1", idle_bytes=0)
    devices.quarantine(session, uuid="GPU-0000", why="processes [77] are still on it")
    session.commit()
    page = f"/submissions/{submission.id}"
    assert "processes [77] are still on it" in visit(make_member("tess", Role.ta)).get(page).text
    assert "GPU-0000" not in visit(student).get(page).text


def test_where_it_ran_is_on_the_page_and_how_much_memory_it_took_is_for_the_staff(
    visit: Visit, hand_in: HandIn, grade: Grade, assignment: Assignment, student: User, make_member: Callable[..., User]
) -> None:
    environment = Environment(
        python="3", torch="2", device="cuda", sandbox="fake", isolation="fork", gpu="Paper 9000", gpu_memory_bytes=3 << 29
    )
    submission = hand_in(assignment, student)
    grade(submission, environment=environment, notes=[RAN_ON_CPU])
    for_student = visit(student).get(f"/submissions/{submission.id}").text
    for_staff = visit(make_member("tess", Role.ta)).get(f"/submissions/{submission.id}").text
    assert "on Paper 9000" in for_student and "GiB" not in for_student
    assert "on Paper 9000, 1.5 GiB" in for_staff
    assert RAN_ON_CPU.en in for_student


@pytest.mark.parametrize(
    ("end", "sentence"),
    [
        (None, "It is being graded again"),
        ("cancel", "Grading it again was cancelled"),
        ("break", "Grading it again broke on our side"),
    ],
)
def test_a_rerun_leaves_score_and_feedback_where_they_are_and_says_how_it_stands(
    visit: Visit, student: User, assignment: Assignment, hand_in: HandIn, grade: Grade, make_check: Check, session: Session,
    end: str | None, sentence: str,
) -> None:  # fmt: skip
    submission = hand_in(assignment, student)
    grade(submission, 40, checks=[make_check("one")])
    grading.rerun(session, submission=submission, requested_by=student)
    session.commit()
    session.expire_all()
    if end == "cancel":
        grading.cancel(session, submission=submission)
    elif end == "break":
        claim = grading.claim(session, job_id=submission.job.id, lease_s=15)
        grading.record_failure(session, claim=claim, whose=Whose.assignment, fault={})
    session.commit()
    html = visit(student).get(f"/submissions/{submission.id}").text
    assert sentence in html
    assert ">40<small>/ 100" in html
    assert '<details id="check-one" open>' in html
    assert ("sse-connect" in html) == (end is None)


def test_staff_see_what_is_stuck_on_the_courses_page_and_grade_it_again_by_a_button(
    visit: Visit, student: User, assignment: Assignment, hand_in: HandIn, break_down: Callable[..., None],
    make_member: Callable[..., User], session: Session,
) -> None:  # fmt: skip
    submission = hand_in(assignment, student)
    staff = visit(make_member("ta", Role.ta))
    assert "stuck" not in staff.get("/courses/dl-2026").text
    break_down(submission, PAYLOAD)
    listed = staff.get("/courses/dl-2026").text
    assert "1 submission is stuck" in listed
    assert f'href="/submissions/{submission.id}"' in listed
    assert "<img" not in listed and "alert(1)" in listed
    assert "stuck" not in visit(student).get("/courses/dl-2026").text
    address = f"/submissions/{submission.id}"
    assert f'action="{address}/rerun"' not in visit(student).get(address).text
    assert staff.submit_form(address, f"{address}/rerun").headers["location"] == address
    session.expire_all()
    assert submission.state in ("received", "queued") and submission.job.requested_by_id is not None
    assert "stuck" not in staff.get("/courses/dl-2026").text
    waiting = staff.get(address).text
    assert "Grade it again" not in waiting and "sse-connect" in waiting
    assert staff.submit_form(address, f"{address}/rerun").status_code == 409


def test_a_rerun_needs_the_token_of_our_own_page(
    visit: Visit, student: User, assignment: Assignment, hand_in: HandIn, break_down: Callable[..., None],
    make_member: Callable[..., User], session: Session,
) -> None:  # fmt: skip
    submission = hand_in(assignment, student)
    break_down(submission)
    assert visit(make_member("ta", Role.ta)).post(f"/submissions/{submission.id}/rerun").status_code == 403
    session.expire_all()
    assert submission.state == "needs_staff"
