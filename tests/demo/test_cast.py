"""The table of the demo and the files it speaks of belong together."""

import ast
import io
import json
import zipfile
from itertools import groupby

import pytest

from server.demo import cast
from server.demo.cast import HAND_INS, TABLE, HandIn

EACH = pytest.mark.parametrize("hand_in", TABLE, ids=lambda hand_in: hand_in.folder)


def test_every_folder_is_in_the_table_and_every_line_has_its_folder() -> None:
    folders = {path.relative_to(HAND_INS).as_posix() for path in HAND_INS.rglob("*") if path.is_dir() and path.name.isdigit()}
    assert folders == {hand_in.folder for hand_in in TABLE}


def test_there_are_an_instructor_a_ta_and_ten_students_who_all_hand_in() -> None:
    assert [person.role for person in cast.PEOPLE] == ["instructor", "ta"] + ["student"] * 10
    assert {hand_in.login for hand_in in TABLE} == {student.login for student in cast.STUDENTS}


def test_a_persons_attempts_stand_together() -> None:
    """One thread plays them, one after the other."""
    logins = [hand_in.login for hand_in in TABLE]
    assert len([login for login, _ in groupby(logins)]) == len(set(logins))


def test_attempts_come_in_order() -> None:
    for who in {(hand_in.login, hand_in.assignment) for hand_in in TABLE}:
        attempts = [hand_in.attempt for hand_in in TABLE if (hand_in.login, hand_in.assignment) == who]
        assert attempts == list(range(1, len(attempts) + 1))


@EACH
def test_expectations_are_possible_scores(hand_in: HandIn) -> None:
    assert 0 <= hand_in.lowest <= hand_in.highest <= 100
    assert hand_in.status == "graded" or hand_in.highest == 0


@EACH
def test_the_same_hand_in_has_the_same_bytes_every_time(hand_in: HandIn) -> None:
    assert hand_in.files() == hand_in.files()
    assert list(hand_in.files()) == hand_in.file_names


def test_py_zip_and_ipynb_are_all_shown() -> None:
    names = {name.rsplit(".", 1)[1] for hand_in in TABLE for name in hand_in.files()}
    assert names == {"py", "zip", "ipynb", "toml", "png"}


def test_the_zip_holds_the_files_of_its_folder() -> None:
    mateo = next(hand_in for hand_in in TABLE if hand_in.packed)
    with zipfile.ZipFile(io.BytesIO(mateo.files()["mateo.zip"])) as archive:
        assert archive.namelist() == sorted(path.name for path in (HAND_INS / mateo.folder).iterdir())


def test_exactly_one_python_file_is_broken_on_purpose() -> None:
    broken = [path.parent.parent.name for path in HAND_INS.rglob("*.py") if not parses(path.read_text(encoding="utf-8"))]
    assert broken == ["zihan"]


def parses(source: str) -> bool:
    try:
        ast.parse(source)
    except SyntaxError:
        return False
    return True


def test_the_notebook_has_cells_that_are_left_out() -> None:
    notebook = json.loads((HAND_INS / "zihan/2/solution.ipynb").read_text(encoding="utf-8"))
    assert any("skip" in cell["metadata"].get("tags", []) for cell in notebook["cells"])


def test_no_right_solution_is_another_one_letter_by_letter() -> None:
    right = [hand_in for hand_in in TABLE if hand_in.lowest == 100]
    sources = [b"".join(hand_in.files().values()) for hand_in in right]
    assert len(right) >= 3 and len(set(sources)) == len(right)
