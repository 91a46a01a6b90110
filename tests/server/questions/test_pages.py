"""The form, its drafts, handing in, and what a submission's page shows of answers."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.assignments.models import Assignment
from server.courses.models import Role
from server.database import current_time
from server.questions.answers import answers_of
from server.questions.models import AnswerDraft
from server.settings import Settings
from server.submissions.models import FileKind, Submission
from tests.server.questions.conftest import PNG
from tests.server.web.conftest import Visitor, visit

__all__ = ["visit"]

PAGE = "/courses/dl-2026/assignments/mixed"
ANSWERS, HAND_IN = f"{PAGE}/answers", f"{PAGE}/submissions"
SOLUTION = ("solution.py", b"def double(x): return 2 * x\n", "text/x-python")
Visit = Callable[..., Visitor]
Right = Callable[[User], dict[str, object]]
Judged = Callable[[int], Submission]


def version_on(html: str) -> str:
    return re.search(r'name="version" value="(\d+)"', html)[1]


def hand_in(visitor: Visitor, fields: dict[str, object], **files: object) -> int:
    answer = visitor.submit_form(
        PAGE, HAND_IN, version=version_on(visitor.get(PAGE).text), form="ab" * 8, **fields, files=files or {"none": b""}
    )
    assert answer.status_code == 303, answer.text
    return int(answer.headers["location"].rsplit("/", 1)[-1])


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["Questions", "The best 1 of 2 count", "30 points are marked by people", "scored after the close"]),
        ("zh_CN", ["题目", "2 题中得分最高的 1 题计分", "其中 30 分由老师批阅", "截止后评分"]),
    ],
)
def test_the_page_asks_every_question_in_the_readers_language(
    visit: Visit, student: User, mixed: Assignment, language: str, words: list[str]
) -> None:
    html = visit(student, language=language).get(PAGE).text
    assert [word for word in words if word not in html] == []
    assert html.count('name="answer.table.') == 9 and 'type="radio" name="answer.pick"' in html and 'name="file.sketch"' in html


def test_nothing_of_the_key_is_on_the_page(visit: Visit, student: User, mixed: Assignment) -> None:
    assert "CANARY" not in visit(student).get(PAGE).text


def test_neighbours_have_other_numbers(visit: Visit, student: User, mixed: Assignment, make_member: Callable[..., User]) -> None:
    formulas = [
        re.search(r'id="prompt-total">(.*?)</div>', visit(each).get(PAGE).text, re.S)[1] for each in (student, make_member("ben"))
    ]
    assert formulas[0] != formulas[1]


def test_what_is_saved_stands_there_again_on_another_device(visit: Visit, student: User, mixed: Assignment) -> None:
    first = visit(student)
    fields = {"answer.total": "12", "answer.table.0.1": "7", "answer.ticks": ["A", "C"], "answer.essay": "Because <b>"}
    answer = first.submit_form(PAGE, ANSWERS, version="0", **fields, files={"file.sketch": ("mine.png", PNG, "image/png")})
    assert answer.status_code == 303
    html = visit(student).get(PAGE).text
    assert 'name="answer.total" form="hand-in" value="12"' in html and 'name="answer.table.0.1" form="hand-in" value="7"' in html
    assert html.count("checked") == 2 and "Because &lt;b&gt;</textarea>" in html and "mine.png" in html


def test_typing_is_answered_by_one_line_with_the_next_version(visit: Visit, student: User, mixed: Assignment) -> None:
    visitor = visit(student)
    token = re.search(r'name="csrf_token" value="(\w+)"', visitor.get(PAGE).text)[1]
    sent = {"csrf_token": token, "version": "0", "answer.total": "1"}
    answer = visitor.post(ANSWERS, data=sent, headers={"HX-Request": "true"})
    assert answer.status_code == 200 and "Saved" in answer.text and version_on(answer.text) == "1" and "<html" not in answer.text
    again = visitor.post(ANSWERS, data=sent, headers={"HX-Request": "true"})  # the same once more, as after a lost answer
    assert version_on(again.text) == "1"


def test_a_second_tab_is_told_and_overwrites_nothing(visit: Visit, student: User, mixed: Assignment, session: Session) -> None:
    visitor = visit(student)
    visitor.submit_form(PAGE, ANSWERS, version="0", **{"answer.total": "1"})
    token = re.search(r'name="csrf_token" value="(\w+)"', visitor.get(PAGE).text)[1]
    stale = {"csrf_token": token, "version": "0", "answer.total": "2"}
    told = visitor.post(ANSWERS, data=stale, headers={"HX-Request": "true"})
    assert "another tab or device" in told.text and session.get(AnswerDraft, (mixed.id, student.id)).answers == {"total": "1"}
    page = visitor.post(ANSWERS, data=stale)
    assert page.status_code == 409 and 'name="answer.total" form="hand-in" value="2"' in page.text  # what was typed stays
    session.expire_all()
    kept = visitor.post(ANSWERS, data=stale | {"overwrite": "1"}, follow_redirects=False)
    assert kept.status_code == 303 and session.get(AnswerDraft, (mixed.id, student.id)).answers == {"total": "2"}


def test_handing_in_keeps_answers_code_and_files_under_one_receipt(
    visit: Visit, student: User, mixed: Assignment, right: Right, session: Session, settings: Settings, judged: Judged
) -> None:
    number = hand_in(
        visit(student), right(student) | {"answer.essay": "So."}, files=SOLUTION, **{"file.sketch": ("me.pdf", PNG, "image/png")}
    )
    submission = judged(number)
    kinds = {file.kind: file.name for file in submission.files}
    assert kinds == {
        FileKind.uploaded: "solution.py", FileKind.collected: "solution.py", FileKind.answers: "answers.json",
        FileKind.attachment: "sketch.png",
    }  # fmt: skip
    assert answers_of(submission, settings.blob_store)["sketch"] == "sketch.png"
    assert (submission.run.score, submission.run.max_score) == (65, 65)  # 5 are given after the close, 30 by people


def test_answers_alone_may_be_handed_in(visit: Visit, student: User, mixed: Assignment, right: Right, judged: Judged) -> None:
    assert judged(hand_in(visit(student), right(student))).run.score == 35


def test_an_answer_that_cannot_be_read_is_told_beside_it_and_all_stays(
    visit: Visit, student: User, mixed: Assignment, session: Session
) -> None:
    visitor = visit(student)
    answer = visitor.submit_form(PAGE, HAND_IN, version="0", **{"answer.total": "1,5", "answer.word": "yes"})
    assert answer.status_code == 422 and "A comma can mean two things" in answer.text and 'id="problem-total"' in answer.text
    assert 'value="1,5"' in answer.text and session.get(AnswerDraft, (mixed.id, student.id)).answers["word"] == "yes"
    assert session.query(Submission).count() == 0


def test_feedback_names_the_mistake_and_marks_the_cells_and_nothing_more(
    visit: Visit, student: User, mixed: Assignment, right: Right, judged: Judged
) -> None:
    fields = right(student)
    answers = fields | {"answer.table.0.0": "1", "answer.pick": next(each for each in "ABC" if each != fields["answer.pick"])}
    html = visit(student).get(f"/submissions/{judged(hand_in(visit(student), answers)).id}").text
    assert html.count('class="right"') == 3 and html.count('class="wrong"') == 1 and "3 of 4 entries are right" in html
    assert (
        "30 points are marked by people" in html
        and "CANARY three" not in html
        and fields["answer.table.0.0"] not in html.split("Write down")[0]
    )


def test_staff_see_the_key_and_students_after_the_close(
    visit: Visit,
    student: User,
    mixed: Assignment,
    right: Right,
    judged: Judged,
    make_member: Callable[..., User],
    session: Session,
) -> None:
    number = judged(hand_in(visit(student), right(student))).id
    assert "CANARY add" in visit(make_member("tina", Role.ta)).get(f"/submissions/{number}").text
    assert "CANARY" not in visit(student).get(f"/submissions/{number}").text
    mixed.due_at = mixed.closes_at = current_time(session) - timedelta(minutes=1)
    session.commit()
    html = visit(student).get(f"/submissions/{number}").text
    assert "CANARY add" in html and "CANARY three is odd" in html and "this is the difference" not in html


def test_after_the_close_a_rerun_scores_what_was_left_open(
    visit: Visit,
    student: User,
    mixed: Assignment,
    right: Right,
    judged: Judged,
    session: Session,
    make_member: Callable[..., User],
) -> None:
    submission = judged(hand_in(visit(student), right(student)))
    assert submission.run.score == 35 and "given when it is time" in visit(student).get(f"/submissions/{submission.id}").text
    mixed.due_at = mixed.closes_at = current_time(session) - timedelta(minutes=1)
    session.commit()
    visit(make_member("tina", Role.ta)).submit_form(f"/submissions/{submission.id}", f"/submissions/{submission.id}/rerun")
    assert judged(submission.id).run.score == 40


def test_an_attachment_is_a_download_that_runs_nothing_and_for_those_who_may_see_it(
    visit: Visit, student: User, mixed: Assignment, make_member: Callable[..., User]
) -> None:
    number = hand_in(visit(student), {"answer.total": "1"}, **{"file.sketch": ("me.html", PNG, "text/html")})
    answer = visit(student).get(f"/submissions/{number}/attachments/sketch.png")
    assert answer.content == PNG and answer.headers["content-type"] == "image/png"
    assert (
        answer.headers["content-disposition"].startswith("attachment") and "sandbox" in answer.headers["content-security-policy"]
    )
    assert visit(make_member("ben")).get(f"/submissions/{number}/attachments/sketch.png").status_code == 404
    assert visit(student).get(f"/submissions/{number}/attachments/answers.json").status_code == 404


def test_a_file_that_a_browser_would_run_is_refused(visit: Visit, student: User, mixed: Assignment) -> None:
    files = {"file.sketch": ("me.png", b"<svg onload=alert(1)>", "image/png")}
    answer = visit(student).submit_form(PAGE, ANSWERS, version="0", files=files)
    assert answer.status_code == 422 and "no PDF, PNG or JPEG" in answer.text
