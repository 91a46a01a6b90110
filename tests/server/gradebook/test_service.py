"""The gradebook over HTTP and in the database: where cells come from, what staff set, and the log that gives it all again."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.assignments.models import Assignment
from server.attendance import service as attendance
from server.attendance.models import Presence
from server.audit import list_lines
from server.cases.models import PointChange
from server.cases.points import change_submission
from server.courses.models import Course, Role
from server.database import current_time
from server.deadlines.service import NewExtension, extend
from server.gradebook import queries, replay, service
from server.gradebook.book import Book, Source
from server.gradebook.models import ColumnKind, ContactState, MarkKind
from server.gradebook.refusals import MarkedMeanwhile, NotSetUp
from server.gradebook.rules import Standing
from server.gradebook.scheme import Group, Scheme, Slot
from server.participation import service as participation
from server.participation.models import Contribution
from server.returns.service import return_for_fix
from server.submissions.models import Submission
from tests.server.gradebook.conftest import PATH

As = Callable[[User], TestClient]
SetUp, OpenBook = Callable[..., Scheme], Callable[..., Book]


def shown(scheme: Scheme) -> Scheme:
    return replace(scheme, is_shown=True)


def with_project(scheme: Scheme) -> Scheme:
    """Homework 60, a project that staff mark 40."""
    homework = replace(scheme.groups[0], weight=Decimal(60))
    project = Group("Project", Decimal(40), (Slot(ColumnKind.manual, None, "Final project", Decimal(20)),))
    return Scheme((homework, project), aside=tuple(slot for group in scheme.groups[1:] for slot in group.slots), is_shown=True)


def test_a_cell_says_where_its_points_come_from(
    set_up: SetUp, open_book: OpenBook, assignment: Assignment, students: dict[str, User], hand_in: Callable, grade: Callable,
    close: Callable[[Assignment], None],
) -> None:  # fmt: skip
    set_up()
    work = hand_in(assignment, students["ada"])
    assert open_book().by_login["ada"].entries["tiny"].awaits
    grade(work, 80)
    before = open_book().by_login
    assert (before["ada"].entries["tiny"].source, before["ada"].entries["tiny"].points) == (Source.run, 80)
    assert before["bob"].entries["tiny"].cell.standing is Standing.open
    assert before["ada"].grade.lowest < before["ada"].grade.highest
    close(assignment)
    after = open_book().by_login
    assert after["bob"].entries["tiny"].cell.standing is Standing.missing
    assert after["ada"].entries["tiny"].cell.lowest == Decimal("0.8") == after["ada"].entries["tiny"].cell.highest


def test_an_extension_keeps_a_cell_open_and_never_hurts(
    set_up: SetUp, open_book: OpenBook, assignment: Assignment, students: dict, close: Callable, session: Session, ines: User
) -> None:
    set_up()
    close(assignment)
    without = open_book().by_login["bob"].grade
    extend(session, assignment=assignment, new=NewExtension("bob", "was ill", plus_hours=40 * 24), by=ines)
    session.commit()
    sheet = open_book().by_login["bob"]
    assert sheet.entries["tiny"].cell.standing is Standing.open
    assert sheet.grade.highest >= without.highest and sheet.grade.lowest >= without.lowest


def test_what_came_back_for_a_fix_keeps_a_cell_open(
    set_up: SetUp, open_book: OpenBook, assignment: Assignment, students: dict, hand_in: Callable, grade: Callable,
    close: Callable, session: Session, ines: User,
) -> None:  # fmt: skip
    set_up()
    work = hand_in(assignment, students["ada"])
    grade(work, 40)
    close(assignment)
    assert open_book().by_login["ada"].entries["tiny"].cell.highest == Decimal("0.4")
    return_for_fix(session, submission=session.get_one(Submission, work.id), reason="line 3", by=ines, now=current_time(session))
    session.commit()
    cell = open_book().by_login["ada"].entries["tiny"].cell
    assert (cell.lowest, cell.highest) == (Decimal("0.4"), 1)


def test_what_a_case_takes_off_is_taken_off_the_cell(
    set_up: SetUp, open_book: OpenBook, assignment: Assignment, students: dict[str, User], hand_in: Callable, grade: Callable,
    session: Session, ines: User,
) -> None:  # fmt: skip
    set_up()
    grade(hand_in(assignment, students["ada"]), 80)
    session.add(PointChange(assignment_id=assignment.id, student_id=students["ada"].id, points=Decimal(-30), actor_id=ines.id))
    session.commit()
    entry = open_book().by_login["ada"].entries["tiny"]
    assert (entry.points, entry.change, entry.cell.share) == (50, -30, Decimal("0.5"))


def test_points_after_a_regrade_request_are_those_of_the_attempt_and_counted_once(
    set_up: SetUp, open_book: OpenBook, assignment: Assignment, students: dict[str, User], hand_in: Callable, grade: Callable,
    session: Session, ines: User,
) -> None:  # fmt: skip
    set_up()
    work = hand_in(assignment, students["ada"])
    grade(work, 60)
    attempt = session.get_one(Submission, work.id)
    change_submission(session, submission=attempt, points=Decimal(15), actor=ines, now=current_time(session), details={})
    session.commit()
    entry = open_book().by_login["ada"].entries["tiny"]
    assert (entry.points, entry.change) == (75, None)


def test_roll_calls_and_notes_count_as_attendance_and_participation_have_them(
    set_up: SetUp, open_book: OpenBook, students: dict[str, User], session: Session, course: Course, ines: User
) -> None:
    set_up()
    now = current_time(session)
    call = attendance.open_roll_call(
        session, course=course, title="Week 1", section=None, minutes=0, late_after=0, by=ines, now=now - timedelta(hours=1)
    )
    for login, presence in (("ada", Presence.late), ("bob", Presence.excused)):
        attendance.mark(session, roll_call=call, login=login, presence=presence, reason="ill", seen=None, by=ines)
    participation.add_note(session, course=course, login="ada", kind=Contribution.presentation, text="", by=ines)
    session.commit()
    sheets = open_book().by_login
    assert sheets["ada"].entries["attendance"].cell.share == Decimal("0.5")
    assert sheets["bob"].entries["attendance"].cell.standing is Standing.open  # nothing counts yet
    assert sheets["cleo"].entries["attendance"].cell.share == 0
    assert sheets["ada"].entries["participation"].cell.share == Decimal("0.3")


def test_points_an_excuse_and_a_final_grade_by_hand_need_a_reason_and_are_told_to_the_second(
    client_as: As, set_up: SetUp, open_book: OpenBook, ines: User, students: dict[str, User], make_member: Callable[..., User]
) -> None:
    set_up(with_project)
    staff, tia = client_as(ines), client_as(make_member("tia", Role.ta))
    cell = f"{PATH}/students/ada/columns/manual-1"
    assert staff.put(cell, json={"points": "15", "seen": 0}).json()["code"] == "reason_missing"
    assert staff.put(cell, json={"points": "21", "reason": "talk", "seen": 0}).json()["code"] == "bad_points"
    assert staff.put(f"{PATH}/students/ada/columns/none", json={"points": "1", "reason": "x"}).json()["code"] == "no_such_column"
    first = tia.put(cell, json={"points": "15", "reason": "talk", "seen": 0}).json()
    second = staff.put(cell, json={"points": "18", "reason": "talk", "seen": 0})
    assert (second.status_code, second.json()["code"], second.json()["seen"]) == (409, "grade_set_meanwhile", first["id"])
    assert open_book().by_login["ada"].entries["manual-1"].points == 15
    staff.put(f"{PATH}/students/ada/columns/tiny", json={"kind": "excused", "reason": "hospital", "seen": 0})
    grade = staff.get(PATH).json()["students"][0]["grade"]
    assert (Decimal(grade["so_far"]), grade["lowest"]) == (75, "75.00")
    override = f"{PATH}/students/ada/override"
    assert tia.put(override, json={"grade": "90", "reason": "x"}).status_code == 403
    given = staff.put(override, json={"grade": "90", "reason": "board of examiners", "seen": 0}).json()
    assert open_book().by_login["ada"].grade.so_far == 90
    staff.put(override, json={"grade": None, "reason": "error", "seen": given["id"]})
    assert open_book().by_login["ada"].grade.so_far == 75


def test_students_see_their_own_sheet_and_only_once_it_is_shown(
    client_as: As, set_up: SetUp, students: dict[str, User], ines: User
) -> None:
    ada, staff = client_as(students["ada"]), client_as(ines)
    assert ada.get(f"{PATH}/own").json()["code"] == "gradebook_not_set_up"
    set_up()
    assert ada.get(f"{PATH}/own").json()["code"] == "grades_not_shown"
    set_up(shown)
    own = ada.get(f"{PATH}/own").json()
    assert own["sheet"]["login"] == "ada" and "bob" not in str(own)
    assert ada.get(PATH).status_code == 403
    listed = next(each for each in staff.get(PATH).json()["students"] if each["login"] == "ada")
    assert own["sheet"] == listed


def test_a_set_up_is_checked_and_the_second_writer_is_told(client_as: As, assignment: Assignment, ines: User) -> None:
    staff = client_as(ines)
    offered = staff.get(f"{PATH}/set-up").json()
    assert offered.pop("is_proposed") and sum(Decimal(each["weight"]) for each in offered["categories"]) == 100
    wrong = offered | {"categories": [offered["categories"][0] | {"weight": "90"}]}
    assert staff.put(f"{PATH}/set-up", json=wrong).json()["field"] == "weights"
    none_left = offered["categories"][0] | {"weight": "100", "drops": 1}
    assert staff.put(f"{PATH}/set-up", json=offered | {"categories": [none_left]}).json()["field"] == "drops-0"
    assert staff.put(f"{PATH}/set-up", json=offered).json()["version"] == 1
    late = staff.put(f"{PATH}/set-up", json=offered)
    assert (late.status_code, late.json()["code"]) == (409, "set_up_meanwhile")


def test_a_column_put_aside_keeps_its_marks(
    set_up: SetUp, open_book: OpenBook, students: dict, session: Session, course: Course, ines: User
) -> None:
    set_up(with_project)
    known = {"course": course, "login": "ada", "key": "manual-1", "by": ines}
    service.mark(session, **known, kind=MarkKind.points, points=Decimal(20), reason="x")
    session.commit()
    alone = lambda scheme: replace(scheme, groups=(replace(scheme.groups[0], weight=Decimal(100)),))  # noqa: E731
    set_up(alone)
    book = open_book()
    assert next(each for each in book.columns if each.key == "manual-1").category is None
    assert book.by_login["ada"].entries["manual-1"].points == 20 and book.by_login["ada"].grade.so_far is None


def test_the_audit_log_gives_the_same_grades_from_nothing(
    client_as: As, set_up: SetUp, open_book: OpenBook, assignment: Assignment, students: dict[str, User], hand_in: Callable,
    grade: Callable, session: Session, course: Course, ines: User, close: Callable,
) -> None:  # fmt: skip
    set_up(with_project)
    grade(hand_in(assignment, students["ada"]), 80)
    note = participation.add_note(session, course=course, login="ada", kind=Contribution.other, text="", by=ines)
    participation.add_note(session, course=course, login="bob", kind=Contribution.other, text="", by=ines)
    participation.take_back(session, course=course, note_id=note.id, by=ines, now=current_time(session))
    participation.set_points(session, course=course, wanted={"most": Decimal(4)}, by=ines)
    by_hand = {"session": session, "course": course, "reason": "x", "by": ines}
    service.mark(**by_hand, login="ada", key="manual-1", kind=MarkKind.points, points=Decimal(12))
    service.mark(**by_hand, login="bob", key="manual-1", kind=MarkKind.excused, points=None)
    service.mark(**by_hand, login="ada", key="tiny", kind=MarkKind.points, points=Decimal("91.5"))
    service.mark(**by_hand, login="ada", key="tiny", kind=MarkKind.cleared, points=None)
    service.override(**by_hand, login="cleo", grade=Decimal(60))
    session.commit()
    close(assignment)
    set_up(lambda scheme: replace(scheme, is_over=True, groups=(*scheme.groups[:1], replace(scheme.groups[1], drops=0))))
    lines = queries.list_changes(session, course=course)
    assert replay.differences(open_book(), replay.fold(lines)) == []
    assert client_as(ines).get(f"{PATH}/verify").json()["differences"] == {}
    without = [each for each in lines if each.subject.get("student") != "cleo"]
    assert [each.login for each in replay.differences(open_book(), replay.fold(without))] == ["cleo"]


@pytest.mark.parametrize("table", ["column_marks", "grade_overrides", "grade_contacts"])
def test_what_was_set_is_never_changed(
    set_up: SetUp, students: dict, session: Session, course: Course, ines: User, table: str
) -> None:
    set_up()
    known = {"course": course, "login": "ada", "by": ines}
    service.mark(session, **known, key="tiny", kind=MarkKind.excused, points=None, reason="ill")
    service.override(session, **known, grade=Decimal(60), reason="x")
    service.contact(session, **known, state=ContactState.written, note="")
    session.commit()
    with pytest.raises(DBAPIError, match="only"):
        session.execute(text(f"DELETE FROM {table}"))
    session.rollback()


def test_every_change_by_hand_has_a_line_with_before_and_after(
    set_up: SetUp, students: dict, session: Session, course: Course, ines: User
) -> None:
    set_up()
    known = {"course": course, "login": "ada", "by": ines}
    mark = service.mark(session, **known, key="tiny", kind=MarkKind.points, points=Decimal("71.50"), reason="by hand")
    service.mark(session, **known, key="tiny", kind=MarkKind.excused, points=None, reason="ill", seen=mark.id)
    with pytest.raises(MarkedMeanwhile):
        service.contact(session, **known, state=ContactState.closed, note="talked", seen=1)
    line = list_lines(session, course=course)[0]
    assert (line.action, line.actor_id, line.subject["reason"]) == ("gradebook.marked", ines.id, "ill")
    assert (line.subject["before"]["points"], line.subject["now"]["kind"]) == ("71.5", "excused")


def test_a_book_takes_a_fixed_number_of_queries(
    set_up: SetUp, open_book: OpenBook, session: Session, course: Course, make_member: Callable[..., User], ines: User
) -> None:
    def count() -> int:
        seen: list[str] = []
        listener = lambda *details: seen.append(details[2])  # noqa: E731
        event.listen(session.get_bind(), "before_cursor_execute", listener)
        open_book()
        event.remove(session.get_bind(), "before_cursor_execute", listener)
        return len(seen)

    set_up()
    make_member("s0")
    few = count()
    for n in range(1, 12):
        make_member(f"s{n}")
        service.mark(session, course=course, login=f"s{n}", key="tiny", kind=MarkKind.excused, points=None, reason="x", by=ines)
    session.commit()
    assert count() == few
    assert len(queries.newest_marks(session, course=course)) == 11


def test_without_a_set_up_there_is_no_book(open_book: OpenBook, assignment: Assignment) -> None:
    with pytest.raises(NotSetUp):
        open_book()
