"""LibreOffice opens our files: every number is the API's, and no text becomes a formula."""

from collections.abc import Callable
from pathlib import Path

from sqlalchemy.orm import Session

from server.accounts.models import User
from server.courses.models import Course
from server.gradebook.book import Book
from server.gradebook.exports import as_csv, as_workbook
from server.gradebook.schemas import BookOut
from tests.server.gradebook import office
from tests.server.gradebook.test_exports import graded_book

NAMES = {"ada": "=1+2", "bob": "+86 10 6275", "cleo": "@SUM(1,2)"}
NUMBERS = {"ada": "-2+3", "bob": "0042", "cleo": "=CMD|' /C CALC'!A0"}


def test_libreoffice_reads_the_numbers_of_the_api_and_runs_nothing(
    set_up: Callable, open_book: Callable[..., Book], students: dict[str, User], hand_in: Callable, grade: Callable, assignment,
    session: Session, course: Course, ines: User, tmp_path: Path,
) -> None:  # fmt: skip
    soffice = office.find_office()
    graded_book(set_up, open_book, students, hand_in, grade, assignment, session, course, ines)
    for login, user in students.items():
        found = session.get_one(User, user.id)
        found.display_name, found.student_number = NAMES[login], NUMBERS[login]
    session.commit()
    book = open_book()
    told = BookOut.of(book, book.sheets).model_dump(mode="json")

    (tmp_path / "grades.xlsx").write_bytes(as_workbook(book))
    sheets = office.opened(soffice, tmp_path / "grades.xlsx", tmp_path)
    assert office.differences(sheets["Grades"], told) == (len(students) * (len(book.columns) + 5), [])
    assert office.origins_differing(sheets["Cells"], told) == (len(students) * len(book.columns) * 4, [])
    assert {row["login"]: row["name"] for row in sheets["Grades"]} == NAMES
    assert {row["login"]: row["student number"] for row in sheets["Grades"]} == NUMBERS

    (tmp_path / "grades.csv").write_text(as_csv(book), encoding="utf-8", newline="")
    (rows,) = office.opened(soffice, tmp_path / "grades.csv", tmp_path).values()
    assert office.differences(rows, told)[1] == []
    assert {row["login"]: row["name"].removeprefix("'") for row in rows} == NAMES


def test_a_wrong_number_in_a_file_is_seen(
    set_up: Callable, open_book: Callable[..., Book], students: dict[str, User], hand_in: Callable, grade: Callable, assignment,
    session: Session, course: Course, ines: User,
) -> None:  # fmt: skip
    """The comparison above can fail."""
    book = graded_book(set_up, open_book, students, hand_in, grade, assignment, session, course, ines)
    told = BookOut.of(book, book.sheets).model_dump(mode="json")
    head = next(f"{each.title.en} ({each.full.normalize():f})" for each in book.columns if each.key == "tiny")
    rows = [{"login": login, head: "87.49"} for login in students]
    told["columns"] = [each for each in told["columns"] if each["key"] == "tiny"]
    for sheet in told["students"]:
        sheet["cells"] = {"tiny": sheet["cells"]["tiny"]}
    rows = [row | dict.fromkeys(("grade so far", "lowest", "highest", "line", "section"), "?") for row in rows]
    assert f"ada: {head}: '87.49', not '87.5'" in office.differences(rows, told)[1]
