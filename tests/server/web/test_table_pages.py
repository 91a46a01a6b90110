"""Pages of a competition in which a table is handed in."""

from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.assignments.models import Assignment
from server.models import Submission
from server.settings import Settings

Visit = Callable[..., TestClient]
PAGE = "/courses/dl-2026/assignments/table"


@pytest.fixture
def settings(settings: Settings, by_table: Path) -> Settings:
    return settings.model_copy(update={"assignments": by_table.parent})


@pytest.fixture
def competition(make_assignment: Callable[..., Assignment]) -> Assignment:
    return make_assignment(slug="table")


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["Sample table", "Choose a table", ".csv or .parquet", "Get the sample: a table like it"]),
        ("zh_CN", ["示例表格", "选择表格", ".csv 或 .parquet", "先下载示例表格"]),
    ],
)
def test_the_page_asks_for_one_table(
    visit: Visit, student: User, competition: Assignment, language: str, words: list[str]
) -> None:
    html = visit(student, language=language).get(PAGE).text
    assert 'accept=".csv,.parquet"' in html and "multiple" not in html and ".ipynb" not in html
    assert [word for word in words if word not in html] == []


def test_the_sample_is_downloaded_as_a_table(visit: Visit, student: User, competition: Assignment, by_table: Path) -> None:
    answer = visit(student).get(f"{PAGE}/starter")
    assert answer.headers["content-disposition"] == 'attachment; filename="sample.csv"'
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.content == (by_table / "sample.csv").read_bytes()


def test_a_table_is_taken_and_has_its_page(
    visit: Visit, student: User, competition: Assignment, by_table: Path, session: Session
) -> None:
    data = (by_table / "accepted" / "parquet.parquet").read_bytes()
    answer = visit(student).submit_form(
        PAGE, f"{PAGE}/submissions", form="ab" * 8, files={"files": ("mine.parquet", data, "application/octet-stream")}
    )
    assert answer.status_code == 303
    submission = session.get(Submission, int(answer.headers["location"].rsplit("/", 1)[-1]))
    assert {(str(file.kind), file.name) for file in submission.files} == {
        ("uploaded", "mine.parquet"), ("collected", "predictions.parquet"),
    }  # fmt: skip
    assert visit(student).get(answer.headers["location"]).status_code == 200


def test_what_is_no_table_is_refused_on_the_page(visit: Visit, student: User, competition: Assignment) -> None:
    answer = visit(student).submit_form(
        PAGE, f"{PAGE}/submissions", form="ab" * 8, files={"files": ("solution.py", b"x = 1", "text/x-python")}
    )
    assert "solution.py is no table of predictions" in answer.text
