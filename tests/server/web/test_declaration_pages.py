"""The question at a browser without scripts: beside the upload, and on the submission's own page."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.assignments.models import Assignment
from server.courses.models import Asking, Course, Role
from server.declarations.models import Declaration
from server.declarations.queries import newest_of
from server.models import Submission

PAGE = "/courses/dl-2026/assignments/tiny"
FILE = {"files": ("solution.py", b"def double(x): return 2 * x\n")}
TYPED = {
    "used": "some", "kind": ["link", ""], "what": ["https://example.org/CANARY", ""], "used_for": ["broadcasting", ""],
    "names": ["0:double"],
}  # fmt: skip
SAID = {"kind": "link", "what": "https://example.org/CANARY", "used_for": "broadcasting", "names": ["double"]}
Visit = Callable[..., object]


def test_one_click_says_nothing(visit: Visit, student: User, assignment: Assignment, session: Session) -> None:
    answer = visit(student).submit_form(PAGE, f"{PAGE}/submissions", used="nothing", files=FILE)
    assert answer.status_code == 303
    assert session.scalars(select(Declaration)).one().sources == []


def test_sources_are_typed_in_rows_and_staff_read_them(
    visit: Visit, student: User, make_member: Callable[..., User], assignment: Assignment, session: Session
) -> None:
    where = visit(student).submit_form(PAGE, f"{PAGE}/submissions", files=FILE, **TYPED).headers["location"]
    assert session.scalars(select(Declaration)).one().sources == [SAID]
    page = visit(make_member("tia", Role.ta), language="zh").get(where).text
    assert "来源说明" in page and "https://example.org/CANARY" in page and "<code>double</code>" in page
    assert 'id="declare"' not in page, "nobody declares for somebody else"


def test_a_refusal_keeps_what_was_typed_and_costs_nothing(
    visit: Visit, student: User, assignment: Assignment, course: Course, session: Session
) -> None:
    course.asks_sources = Asking.required
    session.commit()
    ada = visit(student)
    silent = ada.submit_form(PAGE, f"{PAGE}/submissions", files=FILE)
    assert silent.status_code == 422 and "asks what you have used" in silent.text
    wrong = ada.submit_form(PAGE, f"{PAGE}/submissions", files=FILE, **TYPED | {"kind": ["", ""]})
    assert wrong.status_code == 422 and "Source 1: say whether" in wrong.text
    assert 'value="https://example.org/CANARY"' in wrong.text and 'value="0:double" checked' in wrong.text
    bad_file = ada.submit_form(PAGE, f"{PAGE}/submissions", files={"files": ("a.exe", b"")}, **TYPED)
    assert 'value="https://example.org/CANARY"' in bad_file.text
    assert session.scalars(select(Submission)).all() == []


def test_a_new_attempt_suggests_the_last_sources_and_answers_nothing_by_itself(
    visit: Visit, student: User, assignment: Assignment, session: Session
) -> None:
    ada = visit(student)
    ada.submit_form(PAGE, f"{PAGE}/submissions", files=FILE, **TYPED)
    page = ada.get(PAGE).text
    assert "Filled in from attempt 1" in page and 'value="https://example.org/CANARY"' in page
    assert 'name="used" value="some" form="hand-in">' in page, "it is for the student to confirm"
    ada.submit_form(PAGE, f"{PAGE}/submissions", files=FILE, **{**TYPED, "used": ""})
    newest = max(session.scalars(select(Submission.id)))
    assert newest_of(session, [newest]) == {}


def test_a_reminder_stands_until_it_is_answered_and_a_correction_keeps_the_first(
    visit: Visit, student: User, assignment: Assignment, hand_in: Callable[..., Submission]
) -> None:
    ada, where = visit(student), f"/submissions/{hand_in(assignment, student).id}"
    assert 'id="declare-reminder"' in ada.get(where).text
    silent = ada.submit_form(where, f"{where}/declarations")
    assert silent.status_code == 422 and 'id="sources-problem"' in silent.text
    assert ada.submit_form(where, f"{where}/declarations", used="nothing").headers["location"] == f"{where}#sources"
    page = ada.get(where).text
    assert 'id="declare-reminder"' not in page and "Nothing beyond" in page
    ada.submit_form(where, f"{where}/declarations", **TYPED)
    page = ada.get(where).text
    assert "said before: 1 time" in page and page.index("CANARY") < page.index("said before: 1 time")


def test_a_course_that_does_not_ask_shows_no_question(
    visit: Visit, student: User, assignment: Assignment, course: Course, session: Session, hand_in: Callable[..., Submission]
) -> None:
    course.asks_sources = Asking.no
    session.commit()
    where = f"/submissions/{hand_in(assignment, student).id}"
    assert 'name="used"' not in visit(student).get(PAGE).text and 'id="sources"' not in visit(student).get(where).text


@pytest.mark.parametrize(("language", "words"), [("en", "drawn by lot"), ("zh", "抽签决定")])
def test_our_wording_says_that_there_are_spot_checks(
    visit: Visit, student: User, assignment: Assignment, language: str, words: str
) -> None:
    assert words in visit(student, language=language).get(PAGE).text


def test_a_course_says_it_in_its_own_words(
    visit: Visit, student: User, assignment: Assignment, course: Course, session: Session
) -> None:
    course.honour_en = "Our **rule**. <script>x</script>"
    session.commit()
    page = visit(student, language="zh").get(PAGE).text
    assert "Our <strong>rule</strong>" in page and "<script>x" not in page and "抽签决定" not in page
