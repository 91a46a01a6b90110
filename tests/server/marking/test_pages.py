"""Marking at a browser without scripts: overview, one work after the other, rubric, publication, and what students read."""

import csv
import io
import re
from collections.abc import Callable
from decimal import Decimal

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.courses.models import Course
from server.marking import queries, service
from server.marking.models import MarkedQuestion
from server.marking.service import Marking, NewMark
from server.models import Submission
from server.settings import Settings

PAGE = "/courses/dl-2026/assignments/reviewed/marking"
STYLE = f"{PAGE}/questions/style"
Visit = Callable[..., TestClient]
Works = dict[str, Submission]
People = dict[str, User]


def work_page(submission: Submission) -> str:
    return f"{STYLE}/works/{submission.id}"


def version_of(html: str) -> int:
    return int(re.search(r'name="version" value="(\d+)"', html)[1])


@pytest.mark.parametrize(("language", "words"), [("en", "Begin marking"), ("zh_CN", "开始评阅")])
def test_the_overview_leads_to_the_first_work_and_on_until_all_are_marked(
    visit: Visit, works: Works, staff: People, language: str, words: str
) -> None:
    tia = visit(staff["tia"], language=language)
    assert words in tia.get(PAGE).text
    seen, at = [], tia.get(f"{STYLE}/next", follow_redirects=False).headers["location"]
    while "/works/" in at:
        seen.append(at)
        sent = tia.submit_form(at, at, version=0, comment="read", do="next")
        at = tia.get(sent.headers["location"], follow_redirects=False).headers["location"]
    assert sorted(seen) == sorted(map(work_page, works.values())) and at == STYLE
    assert "3 / 3" in tia.get(PAGE).text or "3 of 3" in tia.get(PAGE).text


def test_the_second_marker_sees_both_marks_and_keeps_what_was_typed(
    visit: Visit, works: Works, staff: People, style: MarkedQuestion, session: Session
) -> None:
    tia, tom, page = visit(staff["tia"]), visit(staff["tom"]), work_page(works["ada"])
    names, loops = style.items[0].id, style.items[1].id
    assert tia.submit_form(page, page, version=0, items=[names], comment="Tia's words").status_code == 303
    late = {"items": [loops], "comment": "Tom's words", "adjustment": "-1", "reason": "no tests"}
    refused = tom.submit_form(page, page, version=0, **late)
    assert refused.status_code == 409
    shown = refused.text
    assert "Tia&#39;s words" in shown and ">Tom&#39;s words</textarea>" in shown and 'value="no tests"' in shown
    assert re.search(rf'value="{loops}" checked', shown) and not re.search(rf'value="{names}" checked', shown)
    assert tom.submit_form(page, page, version=version_of(shown), **late).status_code == 303
    marks = queries.list_marks(session, submission=works["ada"], question=style)
    assert [queries.points_of(each, style) for each in marks] == [11, 15]
    assert "marked 2 times" in tom.get(page).text


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [({}, "an empty mark"), ({"adjustment": "x"}, "no number of points"), ({"adjustment": "2"}, "need a reason")],
)
def test_a_refused_mark_says_why_and_keeps_the_comment(
    visit: Visit, works: Works, staff: People, typed: dict[str, str], sentence: str
) -> None:
    tia, page = visit(staff["tia"]), work_page(works["ada"])
    refused = tia.submit_form(page, page, version=0, **typed, words="kept words")
    assert refused.status_code == 422 and sentence in refused.text and ">kept words</textarea>" in refused.text


def test_a_comment_at_lines_stands_there_and_the_unsaved_mark_stays(
    visit: Visit, works: Works, staff: People, style: MarkedQuestion, session: Session
) -> None:
    tia, page = visit(staff["tia"]), work_page(works["ada"])
    line = {"file": "solution.py", "first_line": "2", "last_line": "3", "words": "Why not $2x$?", "do": "line"}
    shown = tia.submit_form(page, page, version=0, comment="half a mark", items=[style.items[0].id], **line)
    assert shown.status_code == 200 and "<math" in shown.text and ">half a mark</textarea>" in shown.text
    assert re.search(rf'value="{style.items[0].id}" checked', shown.text) and "Why not $2x$?</textarea>" not in shown.text
    assert queries.list_marks(session, submission=works["ada"], question=style) == []
    beyond = tia.submit_form(page, page, version=0, **line | {"last_line": "9"})
    assert beyond.status_code == 422 and ">Why not $2x$?</textarea>" in beyond.text
    comment = queries.list_comments(session, submission=works["ada"])[0]
    gone = tia.submit_form(page, page, version=0, comment="half a mark", do=f"withdraw-{comment.id}")
    assert "<math" not in gone.text.split("rubric-side")[0] and ">half a mark</textarea>" in gone.text


@pytest.mark.parametrize("address", [PAGE, STYLE, f"{STYLE}?only_open=true", None])
def test_an_anonymous_marking_has_no_name_on_any_page(
    visit: Visit, works: Works, staff: People, students: People, address: str | None
) -> None:
    ines, tia = visit(staff["ines"]), visit(staff["tia"])
    ines.submit_form(PAGE, f"{PAGE}/plan", is_anonymous="true", version=0)
    html = tia.get(address or work_page(works["bob"])).text
    code = "".join(re.findall(r"<code>.*?</code>", html))  # a student's own words stand as they were written
    shown = html.replace("# bob", "") if code else html
    for person in students.values():
        assert person.login not in shown and person.display_name not in shown
    rows = list(csv.DictReader(io.StringIO(tia.get(f"{PAGE}/export").text.removeprefix("\ufeff"))))
    assert len(rows) == 12 and {each["students"] for each in rows} == {""}


def test_a_rubric_is_changed_only_after_one_has_seen_what_it_does(
    visit: Visit, works: Works, staff: People, style: MarkedQuestion, session: Session
) -> None:
    names, tia = style.items[0], visit(staff["tia"])
    new = NewMark(0, [names.id])
    service.give(session, submission=works["ada"], question=style, marker=staff["tia"], new=new)
    session.commit()
    typed = {"points": "-2", "text_en": "Names say little", "text_zh": "命名含义不清", "version": style.version}
    asked = tia.submit_form(STYLE, f"{STYLE}/items/{names.id}", **typed)
    assert asked.status_code == 409 and "1 mark changes" in asked.text and "Names say little" in asked.text
    assert tia.submit_form(STYLE, f"{STYLE}/items/{names.id}", **typed, do="confirm").status_code == 303
    session.expire_all()
    assert (names.points, names.text_en) == (-2, "Names say little")
    late = tia.submit_form(STYLE, f"{STYLE}/items", points="1", text_en="Mine", version=typed["version"])
    assert late.status_code == 409 and ">Mine</textarea>" in late.text
    audit = tia.get("/courses/dl-2026/audit").text
    assert "Names say little" in audit and "1 mark changed" in audit


def test_where_marks_begin_is_changed_after_a_look_and_said_to_students(
    visit: Visit, works: Works, staff: People, students: People, style: MarkedQuestion, mark_all: Callable[..., None]
) -> None:
    mark_all(works["ada"], staff["tia"])
    ines, tia = visit(staff["ines"]), visit(staff["tia"])
    ines.submit_form(PAGE, f"{PAGE}/publish", section="", is_confirmed="true")
    wanted = {"scale": "additive", "version": style.version}
    asked = tia.submit_form(STYLE, f"{STYLE}/scale", **wanted)
    assert asked.status_code == 409 and "1 mark changes" in asked.text
    assert tia.submit_form(STYLE, f"{STYLE}/scale", **wanted, is_confirmed="true").status_code == 303
    own = visit(students["ada"]).get(f"/submissions/{works['ada'].id}").text
    assert "Changed after it was published" in own and ">80<" in re.sub(r"\s", "", own)


def test_the_list_names_who_lost_points_by_an_item(
    visit: Visit, works: Works, staff: People, style: MarkedQuestion, session: Session
) -> None:
    for login, place in (("ada", 0), ("bob", 1)):
        new = NewMark(0, [style.items[place].id])
        service.give(session, submission=works[login], question=style, marker=staff["tia"], new=new)
    session.commit()
    html = visit(staff["tom"]).get(f"{STYLE}?item={style.items[0].id}").text.split('id="works"')[1]
    assert "Ada" in html and "Bob" not in html and "Cleo" not in html


def test_publishing_asks_once_where_something_is_not_marked(
    visit: Visit, works: Works, staff: People, students: People, mark_all: Callable[..., None]
) -> None:
    mark_all(works["ada"], staff["tia"], style=(0,))
    ines, ada = visit(staff["ines"]), visit(students["ada"])
    own = f"/submissions/{works['ada'].id}"
    before = ada.get(own).text
    assert "40 points are marked by hand, not yet published." in before and "Names say nothing" not in before
    for page in ("/courses/dl-2026", "/courses/dl-2026/assignments/reviewed"):
        assert "40 points are marked by hand, not yet published." in ada.get(page).text
    asked = ines.submit_form(PAGE, f"{PAGE}/publish", section="")
    assert asked.status_code == 409 and "8 answers are not marked yet" in asked.text
    assert ines.submit_form(PAGE, f"{PAGE}/publish", section="", is_confirmed="true").status_code == 303
    after = ada.get(own).text
    assert "not yet published" not in ada.get("/courses/dl-2026").text + after
    assert "Names say nothing" in after and "A loop where" not in after and ">95<" in re.sub(r"\s", "", after)
    assert after.count("does not count") == 1  # of the essays two of three
    assert "not marked yet" in visit(students["bob"]).get(f"/submissions/{works['bob'].id}").text
    assert "95" in ada.get("/courses/dl-2026/assignments/reviewed/submissions").text
    assert "95" in ines.get("/courses/dl-2026/assignments/reviewed/students").text


@pytest.mark.parametrize(("language", "words"), [("en", "Changed after it was published"), ("zh_CN", "公布后有改动")])
def test_a_change_after_publication_is_said_to_the_student(
    visit: Visit, works: Works, staff: People, students: People, mark_all: Callable[..., None], marking: Marking,
    session: Session, settings: Settings, language: str, words: str,
) -> None:  # fmt: skip
    mark_all(works["ada"], staff["tia"])
    service.publish(session, marking=marking, by=staff["ines"], root=settings.assignments, is_confirmed=True)
    session.commit()
    ada = visit(students["ada"], language=language)
    own = f"/submissions/{works['ada'].id}"
    assert words not in ada.get(own).text
    mark_all(works["ada"], staff["tom"], style=(0,))
    assert words in ada.get(own).text


def test_students_see_the_items_that_were_not_ticked_if_the_course_shows_them(
    visit: Visit, works: Works, staff: People, students: People, mark_all: Callable[..., None], course: Course
) -> None:
    mark_all(works["ada"], staff["tia"], style=(0,))
    ines = visit(staff["ines"])
    ines.submit_form(PAGE, f"{PAGE}/publish", section="", is_confirmed="true")
    ines.submit_form(PAGE, f"{PAGE}/plan", shows_unchosen="true", version=0)
    assert "A loop where" in visit(students["ada"]).get(f"/submissions/{works['ada'].id}").text


def test_shares_show_as_bars_and_lead_each_marker_to_his_own(
    visit: Visit, works: Works, staff: People, session: Session, style: MarkedQuestion
) -> None:
    ines = visit(staff["ines"])
    sent = ines.submit_form(PAGE, f"{PAGE}/shares", markers=["tia", "tom"], how="works", seed="s")
    assert sent.status_code == 303
    html = visit(staff["tia"]).get(work_page(works["ada"])).text
    assert re.search(r"of (1|2) · ", html) or "Ada" in html
    assert "Tia" in ines.get(PAGE).text and "Tom" in ines.get(PAGE).text
    refused = ines.submit_form(PAGE, f"{PAGE}/shares", markers=[], how="works", seed="kept")
    assert refused.status_code == 422 and 'value="kept"' in refused.text


def test_an_attempt_that_is_no_longer_marked_says_so_and_hides_its_student_all_the_same(
    visit: Visit, works: Works, staff: People, students: People, marking: Marking, hand_in: Callable[..., Submission],
    grade: Callable[..., object], session: Session,
) -> None:  # fmt: skip
    grade(hand_in(marking.assignment, students["bob"], "def double(x): return x + x\n"), 60, max_score=60)
    service.set_plan(session, marking=marking, by=staff["ines"], is_anonymous=True, shows_unchosen=False, version=0)
    session.commit()
    html = visit(staff["tia"]).get(work_page(works["bob"])).text
    assert "Another attempt is marked now" in html and "An earlier attempt" in html and "Bob" not in html


def test_a_ta_marks_but_neither_publishes_nor_shares_out(visit: Visit, works: Works, staff: People) -> None:
    tia = visit(staff["tia"])
    for form in ("publish", "shares", "plan"):
        assert tia.submit_form(work_page(works["ada"]), f"{PAGE}/{form}").status_code == 403
    assert "Publish the marks" not in tia.get(PAGE).text


def test_the_export_has_a_line_for_each_question_of_each_work(
    visit: Visit, works: Works, staff: People, style: MarkedQuestion, session: Session
) -> None:
    new = NewMark(0, [style.items[0].id], Decimal(-1), "=1+1")
    service.give(session, submission=works["ada"], question=style, marker=staff["tia"], new=new)
    session.commit()
    text = visit(staff["tia"]).get(f"{PAGE}/export").text.removeprefix("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text)))
    first = next(each for each in rows if each["students"] == "ada" and each["question"] == "style")
    assert (Decimal(first["points"]), first["marker"], first["reason"]) == (14, "tia", "'=1+1")
    assert first["items"] == "Names say nothing" and len(rows) == 12
