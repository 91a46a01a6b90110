"""`gradus gradebook` against the running app."""

import csv
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy import text
from sqlalchemy.orm import Session
from typer.testing import Result

from server.accounts.models import User
from server.assignments.models import Assignment
from server.cli.exits import ExitCode
from server.courses.models import Role

Run = Callable[..., Result]
BOOK, COURSE = "gradebook", "dl-2026"


@pytest.fixture
def ines(make_member: Callable[..., User], sign_in: Callable[[User], None], assignment: Assignment) -> User:
    ines = make_member("ines", Role.instructor)
    make_member("ada")
    sign_in(ines)
    return ines


@pytest.fixture
def scheme(gradus: Run, ines: User) -> dict:
    """What is proposed, put in force through a file."""
    proposed = gradus(BOOK, "set-up", COURSE, "--json").stdout
    Path("scheme.json").write_text(proposed, encoding="utf-8")
    done = gradus(BOOK, "set-up", COURSE, "scheme.json")
    assert "version 1" in done.stdout, done.output
    return json.loads(proposed)


def test_a_book_is_set_up_from_a_file_and_the_second_writer_is_told(gradus: Run, ines: User) -> None:
    refused = gradus(BOOK, COURSE)
    assert refused.exit_code == ExitCode.refused and "no gradebook yet" in refused.output
    Path("scheme.json").write_text(gradus(BOOK, "set-up", COURSE, "--json").stdout, encoding="utf-8")
    assert "version 1" in gradus(BOOK, "set-up", COURSE, "scheme.json").stdout
    late = gradus(BOOK, "set-up", COURSE, "scheme.json")
    assert late.exit_code == ExitCode.refused and "changed the set-up" in " ".join(late.output.split())
    assert gradus(BOOK, "set-up", COURSE, "none.json").exit_code == ExitCode.usage


def test_cells_are_set_excused_and_cleared_and_a_grade_overridden(gradus: Run, scheme: dict) -> None:
    assert gradus(BOOK, "mark", COURSE, "ada", "tiny", "71.5").exit_code == ExitCode.refused  # without a reason
    assert "71.5 points" in gradus(BOOK, "mark", COURSE, "ada", "tiny", "71.5", "--reason", "oral").stdout
    assert "71.5*" in gradus(BOOK, COURSE).stdout
    assert "excused" in gradus(BOOK, "excuse", COURSE, "ada", "tiny", "--reason", "ill").stdout
    assert "as it is by itself" in gradus(BOOK, "mark", COURSE, "ada", "tiny", "--clear", "--reason", "back").stdout
    assert gradus(BOOK, "mark", COURSE, "ada", "tiny", "--reason", "x").exit_code == ExitCode.usage
    assert "90" in gradus(BOOK, "override", COURSE, "ada", "90", "--reason", "board").stdout
    (student,) = json.loads(gradus(BOOK, COURSE, "--json").stdout)["students"]
    assert Decimal(student["grade"]["so_far"]) == 90 and student["override"]["reason"] == "board"


def test_files_are_written_and_can_be_read_again(gradus: Run, scheme: dict) -> None:
    gradus(BOOK, "mark", COURSE, "ada", "tiny", "71.5", "--reason", "oral")
    done = gradus(BOOK, COURSE, "--csv", "grades.csv", "--xlsx", "grades.xlsx", "--canvas", "canvas.csv")
    assert done.exit_code == ExitCode.done, done.output
    with Path("grades.csv").open(encoding="utf-8-sig") as file:
        (ada,) = csv.DictReader(file)
    assert "71.50" in ada.values()
    assert 71.5 in [cell.value for cell in load_workbook("grades.xlsx")["Grades"][2]]
    assert Path("canvas.csv").read_text(encoding="utf-8").startswith("Student,ID,SIS User ID,SIS Login ID,Section")


def test_statistics_warnings_and_contacts(gradus: Run, scheme: dict) -> None:
    gradus(BOOK, "mark", COURSE, "ada", "tiny", "71.5", "--reason", "oral")
    assert json.loads(gradus(BOOK, "stats", COURSE, "--json").stdout)["columns"]["tiny"]["mean"] == "71.50"
    assert "71.5" in gradus(BOOK, "stats", COURSE).stdout
    assert "Nobody stands out" in gradus(BOOK, "warnings", COURSE).stdout
    assert gradus(BOOK, "contact", COURSE, "ada", "closed").exit_code == ExitCode.refused
    assert "written" in gradus(BOOK, "contact", COURSE, "ada", "written").stdout


def test_verify_finds_what_the_log_does_not_know(gradus: Run, scheme: dict, session: Session) -> None:
    gradus(BOOK, "mark", COURSE, "ada", "tiny", "71.5", "--reason", "oral")
    fine = gradus(BOOK, "verify", COURSE)
    assert fine.exit_code == ExitCode.done and "0 differ" in fine.stdout
    session.execute(text("UPDATE grade_categories SET weight = 7 WHERE position = 0"))
    session.commit()
    wrong = gradus(BOOK, "verify", COURSE)
    assert wrong.exit_code == ExitCode.ungradable and "ada" in wrong.stdout
