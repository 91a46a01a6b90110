"""Declaring and drawing as they are typed."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from typer.testing import Result

from server.accounts.models import User
from server.assignments.models import Assignment
from server.cli.exits import Problem
from server.cli.sources import read_source
from server.courses.models import Asking, Course, Role
from server.declarations.models import Declaration
from server.models import Submission
from server.spotchecks.models import Draw, SpotCheck

Run = Callable[..., Result]
AI = {"kind": "ai", "what": "ChatGPT", "used_for": "explained softmax backward", "names": ["softmax_loss"]}


@pytest.fixture
def solution(private_home: Path) -> Path:
    path = private_home / "solution.py"
    path.write_text("def double(x):\n    return 2 * x\n")
    return path


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("ai:ChatGPT, explained softmax backward:softmax_loss", AI),
        ("ai:ChatGPT", AI | {"used_for": "", "names": []}),
        (
            "link:https://example.org/a,b:8:MLP.forward,double",
            {"kind": "link", "what": "https://example.org/a", "used_for": "b:8", "names": ["MLP.forward", "double"]},
        ),
        ("link:https://example.org/x", {"kind": "link", "what": "https://example.org/x", "used_for": "", "names": []}),
        ("person:小明，讨论过", {"kind": "person", "what": "小明，讨论过", "used_for": "", "names": []}),
    ],
)
def test_a_source_is_read_as_it_is_written(text: str, source: dict) -> None:
    assert read_source(text) == source


@pytest.mark.parametrize("text", ["", "ChatGPT", "magic:ChatGPT", "ai:", "ai: "])
def test_what_is_no_source_says_how_one_is_written(text: str) -> None:
    with pytest.raises(Problem) as problem:
        read_source(text)
    assert "KIND" in problem.value.why


def test_a_course_that_requires_a_declaration_says_how_to_give_one(
    gradus: Run, student: User, assignment: Assignment, sign_in: Callable[[User], None], solution: Path, session: Session,
    course: Course,
) -> None:  # fmt: skip
    sign_in(student)
    session.execute(update(Course).values(asks_sources=Asking.required))
    session.commit()
    refused = gradus("submit", "--no-wait", "dl-2026/tiny", "solution.py")
    assert refused.exit_code == 4 and "--used-nothing" in refused.stderr
    assert gradus("submit", "--no-wait", "--used-nothing", "--source", "ai:x", "dl-2026/tiny", "solution.py").exit_code == 2
    assert session.scalars(select(Submission)).all() == []
    words = ("--source", "ai:ChatGPT, explained softmax backward:softmax_loss", "--source", "person:Bob")
    assert gradus("submit", "--no-wait", *words, "dl-2026/tiny", "solution.py").exit_code == 0
    said = [AI, {"kind": "person", "what": "Bob", "used_for": "", "names": []}]
    assert session.scalars(select(Declaration)).one().sources == said


@pytest.mark.parametrize(
    ("typed", "sources"),
    [
        ("n\n", []),
        (
            "y\n\nChatGPT\nmagic\nai\nexplained softmax backward\nsoftmax_loss\nBob\nperson\n\n\n\n",
            [AI, {"kind": "person", "what": "Bob", "used_for": "", "names": []}],
        ),
    ],
)
def test_on_a_terminal_it_is_asked_for_and_an_empty_line_says_nothing_by_itself(
    gradus: Run, student: User, assignment: Assignment, sign_in: Callable[[User], None], solution: Path, session: Session,
    monkeypatch: pytest.MonkeyPatch, typed: str, sources: list[dict],
) -> None:  # fmt: skip
    monkeypatch.setattr("server.cli.sources.is_terminal", lambda: True)
    sign_in(student)
    result = gradus("submit", "--no-wait", "dl-2026/tiny", "solution.py", input=typed)
    assert result.exit_code == 0, result.output
    assert session.scalars(select(Declaration)).one().sources == sources


def test_a_submission_is_declared_later_and_shown(
    gradus: Run, student: User, assignment: Assignment, sign_in: Callable[[User], None], solution: Path
) -> None:
    sign_in(student)
    assert gradus("submit", "--no-wait", "dl-2026/tiny", "solution.py").exit_code == 0
    assert "Nothing was declared yet" in gradus("declare", "1").stdout
    assert "nothing beyond" in gradus("declare", "1", "--used-nothing").stdout
    shown = json.loads(gradus("declare", "1", "--source", "ai:ChatGPT", "--json").stdout)
    assert [len(each["sources"]) for each in shown] == [1, 0]


def test_the_status_of_a_submission_says_what_it_was_made_with(
    gradus: Run, student: User, assignment: Assignment, sign_in: Callable[[User], None], solution: Path
) -> None:
    sign_in(student)
    assert gradus("submit", "--no-wait", "dl-2026/tiny", "solution.py").exit_code == 0
    assert "used:" not in gradus("status", "1").stdout
    gradus("declare", "1", "--used-nothing")
    assert "used: nothing beyond the course's material" in gradus("status", "1").stdout
    gradus("declare", "1", "--source", "ai:ChatGPT, explained [softmax] backward:softmax_loss", "--source", "person:Bob")
    said = [line for line in gradus("status", "1").stdout.splitlines() if line.startswith("used: ")]
    assert said == ["used: AI tool ChatGPT: explained [softmax] backward for softmax_loss", "used: person Bob"]
    shown = json.loads(gradus("status", "1", "--json").stdout)["declaration"]
    assert [source["what"] for source in shown["sources"]] == ["ChatGPT", "Bob"]


def test_staff_draw_list_and_prove_a_sample(
    gradus: Run, make_member: Callable[..., User], assignment: Assignment, sign_in: Callable[[User], None],
    hand_in: Callable[..., Submission], session: Session,
) -> None:  # fmt: skip
    for login in ("ada", "bob", "cleo"):
        hand_in(assignment, make_member(login))
    sign_in(make_member("tia", Role.ta))
    drawn = json.loads(gradus("spot-check", "draw", "dl-2026/tiny", "--per-section", "2", "--seed", "5eed", "--json").stdout)
    assert len(drawn["draws"]) == 2
    assert "5eed" in gradus("spot-check", "draw", "dl-2026/tiny", "--per-section", "1", "--seed", "5eed2").stdout
    assert len(json.loads(gradus("spot-check", "list", "dl-2026/tiny", "--json").stdout)) == 2
    for number in ("1", "2"):
        assert gradus("spot-check", "replay", "dl-2026/tiny", number).exit_code == 0
    session.execute(update(SpotCheck).where(SpotCheck.id == 1).values(per_section=1))  # as if somebody had added one by hand
    session.commit()
    forged = gradus("spot-check", "replay", "dl-2026/tiny", "1")
    assert forged.exit_code == 1 and "another sample" in forged.stdout
    assert gradus("spot-check", "replay", "dl-2026/tiny", "99").exit_code == 2


@pytest.fixture
def drawn(
    gradus: Run, make_member: Callable[..., User], assignment: Assignment, sign_in: Callable[[User], None],
    hand_in: Callable[..., Submission],
) -> int:  # fmt: skip
    """A draw of Ada's, before Tia's eyes."""
    hand_in(assignment, make_member("ada"))
    sign_in(make_member("tia", Role.ta))
    return json.loads(gradus("spot-check", "draw", "dl-2026/tiny", "--json").stdout)["draws"][0]["id"]


def test_a_talk_is_kept_shown_and_what_is_left_out_stays(gradus: Run, drawn: int, session: Session) -> None:
    words = ("spot-check", "talk", "dl-2026/tiny", "--draw", str(drawn))
    assert "Nothing was kept" in gradus(*words).stdout
    talk = ("--asked", "Why /= [n]?", "--said", "The mean.", "--asked", "And here?", "--said", "", "--note", "quick")
    kept = gradus(*words, *talk)
    assert kept.exit_code == 0 and "Why /= [n]?" in kept.stdout and "impression: –" in kept.stdout
    draw = session.scalars(select(Draw)).one()
    assert draw.answers == [{"question": "Why /= [n]?", "answer": "The mean."}, {"question": "And here?", "answer": ""}]
    assert (draw.note, draw.impression, draw.done_at, draw.reader.login) == ("quick", None, None, "tia")
    more = json.loads(gradus(*words, "--impression", "own_work", "--version", str(draw.version), "--json").stdout)
    assert (more["impression"], more["note"], len(more["answers"]), more["done_at"] is None) == ("own_work", "quick", 2, False)
    assert "own work" in gradus(*words).stdout


def test_the_second_to_keep_a_talk_gets_both_texts_and_changes_nothing(
    gradus: Run, drawn: int, sign_in: Callable[[User], None], make_member: Callable[..., User]
) -> None:
    words = ("spot-check", "talk", "dl-2026/tiny", "--draw", str(drawn))
    assert gradus(*words, "--note", "TIAS-TEXT", "--impression", "unsure").exit_code == 0
    first = json.loads(gradus(*words, "--json").stdout)
    sign_in(make_member("ivo", Role.instructor))
    for version in ((), ("--version", "1")):
        refused = gradus(*words, "--note", "IVOS-TEXT", "--impression", "own_work", *version)
        assert refused.exit_code == 4 and refused.stdout == ""
        assert "TIAS-TEXT" in refused.stderr and "IVOS-TEXT" in refused.stderr
        assert f"--version {first['version']}" in refused.stderr
    refused = gradus(*words, "--note", "IVOS-TEXT", "--json")
    assert refused.exit_code == 4
    assert json.loads(refused.stdout) == {"kept": first, "yours": {"note": "IVOS-TEXT"}}
    assert gradus(*words, "--note", "IVOS-TEXT", "--version", str(first["version"])).exit_code == 0
    now = json.loads(gradus(*words, "--json").stdout)
    assert (now["note"], now["impression"], now["reader"]) == ("IVOS-TEXT", "unsure", "ivo")


@pytest.mark.parametrize("options", [("--asked", "Why?"), ("--said", "So."), ("--impression", "guilty")])
def test_a_talk_that_is_not_whole_is_not_sent(gradus: Run, drawn: int, options: tuple[str, ...]) -> None:
    words = ("spot-check", "talk", "dl-2026/tiny", "--draw", str(drawn))
    assert gradus(*words, *options).exit_code == 2
    assert "Nothing was kept" in gradus(*words).stdout


def test_students_draw_nobody(gradus: Run, student: User, assignment: Assignment, sign_in: Callable[[User], None]) -> None:
    sign_in(student)
    for words in (("draw",), ("list",), ("replay",), ("talk", "--draw", "1", "--note", "mine")):
        assert gradus("spot-check", *words, "dl-2026/tiny").exit_code == 4
