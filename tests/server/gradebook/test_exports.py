"""Files are opened again: the right numbers as numbers, and never a formula."""

import csv
import io
from collections.abc import Callable
from dataclasses import replace

from openpyxl import load_workbook
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.courses.models import Course
from server.gradebook import service
from server.gradebook.book import Book
from server.gradebook.exports import as_canvas, as_csv, as_workbook
from server.gradebook.models import MarkKind

EVIL = '=HYPERLINK("http://evil.example","click")'


def graded_book(
    set_up: Callable, open_book: Callable[..., Book], students: dict[str, User], hand_in: Callable, grade: Callable, assignment,
    session: Session, course: Course, ines: User,
) -> Book:  # fmt: skip
    """Ada has 87.5, Bob is excused, Cleo may still hand in; Ada's name would be a formula."""
    set_up(lambda scheme: replace(scheme, is_shown=True))
    grade(hand_in(assignment, students["ada"]), 87.5)
    session.get_one(User, students["ada"].id).display_name = EVIL
    session.get_one(User, students["ada"].id).student_number = "0042"
    known = {"course": course, "login": "bob", "key": "tiny", "by": ines}
    service.mark(session, **known, kind=MarkKind.excused, points=None, reason="+1 ill")
    session.commit()
    return open_book()


def test_a_csv_has_a_mark_the_numbers_and_no_formula(
    set_up, open_book, students, hand_in, grade, assignment, session, course, ines
) -> None:
    text = as_csv(graded_book(set_up, open_book, students, hand_in, grade, assignment, session, course, ines))
    assert text.startswith("\ufeff")
    rows = {row["login"]: row for row in csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))}
    column = next(name for name in rows["ada"] if name.endswith("(100)"))
    assert [rows[login][column] for login in ("ada", "bob", "cleo")] == ["87.50", "excused", ""]
    assert rows["ada"]["name"] == f"'{EVIL}" and rows["ada"]["student number"] == "0042"
    assert float(rows["ada"]["lowest"]) < float(rows["ada"]["highest"]) == 100


def test_a_workbook_has_typed_cells_and_every_origin(
    set_up, open_book, students, hand_in, grade, assignment, session, course, ines
) -> None:
    data = as_workbook(graded_book(set_up, open_book, students, hand_in, grade, assignment, session, course, ines))
    workbook = load_workbook(io.BytesIO(data))
    assert workbook.sheetnames == ["Grades", "Cells"]
    head = [cell.value for cell in workbook["Grades"][1]]
    ada = dict(zip(head, workbook["Grades"][2], strict=True))
    score = next(cell for name, cell in ada.items() if name.endswith("(100)"))
    assert (score.value, score.data_type) == (87.5, "n")
    assert (ada["name"].value, ada["name"].data_type) == (EVIL, "s")
    assert (ada["student number"].value, ada["student number"].data_type) == ("0042", "s")
    assert all(cell.data_type != "f" for sheet in workbook for row in sheet.iter_rows() for cell in row)
    cells = list(workbook["Cells"].iter_rows(min_row=2, values_only=True))
    bob = next(row for row in cells if row[:2] == ("bob", "tiny"))
    assert bob[5:7] == ("excused", "staff") and bob[8:10] == ("+1 ill", "ines")
    assert next(row for row in cells if row[:2] == ("ada", "tiny"))[3:7] == (87.5, 100, "scored", "run")


def test_canvas_finds_its_heads_its_people_and_its_points(
    set_up, open_book, students, hand_in, grade, assignment, session, course, ines
) -> None:
    text = as_canvas(graded_book(set_up, open_book, students, hand_in, grade, assignment, session, course, ines))
    head, possible, *rows = list(csv.reader(io.StringIO(text)))
    assert head[:5] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    assert head[5].endswith("[tiny]") and not any(name in head[5] for name in ("Final Score", "Current Score"))
    assert possible[0].strip() == "Points Possible" and possible[5] == "100.00"
    scores = {row[3]: row[5] for row in rows}
    assert scores == {"ada": "87.50", "bob": "EX", "cleo": ""}
    assert next(row for row in rows if row[3] == "ada")[:3] == [f"'{EVIL}", "", "0042"]
