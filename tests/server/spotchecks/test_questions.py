"""What is asked about somebody's code comes from that code."""

import re
from pathlib import Path

import pytest

from grader.spec import load_manifest
from server.spotchecks.questions import suggest

ROOT = Path(__file__).parents[3]
MLP = load_manifest(ROOT / "assignments" / "mlp")
SOURCE = (ROOT / "assignments" / "mlp" / "reference.py").read_bytes()


def test_places_in_the_code_are_quoted_as_they_stand() -> None:
    questions = suggest({"solution.py": SOURCE}, MLP, seed="s", login="ada")
    lines = SOURCE.decode().splitlines()
    assert 3 <= len(questions) <= 5
    quoted = [re.search(r"solution\.py line (\d+):\n    (.*)\n", each.en) for each in questions]
    assert sum(match is not None for match in quoted) == 2
    for match in filter(None, quoted):
        assert lines[int(match[1]) - 1].strip().startswith(match[2].rstrip("…"))
    assert all(each.zh and each.zh != each.en for each in questions)


def test_the_same_student_is_asked_the_same_and_others_something_else() -> None:
    def asked(login: str) -> list[str]:
        return [each.en for each in suggest({"solution.py": SOURCE}, MLP, seed="s", login=login)]

    assert asked("ada") == asked("ada")
    assert len({tuple(asked(f"student{n}")) for n in range(10)}) > 5


@pytest.mark.parametrize("source", [b"def broken(:\n", b"\xff\xfe\x00", b"", b"x = 1\n", b"(" * 5000])
def test_without_code_that_can_be_read_there_are_questions_all_the_same(source: bytes) -> None:
    assert len(suggest({"solution.py": source}, MLP, seed="s", login="ada")) >= 3
    assert len(suggest({}, MLP, seed="s", login="ada")) >= 3
