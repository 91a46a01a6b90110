"""What was answered to manual questions, and when two answers are the same."""

import json
from pathlib import Path

import pytest

from grader.questions.manifest import Question
from grader.spec import Manifest, load_manifest
from server.marking.manual import answer_to, manual_questions, points_by_hand
from server.submissions import blobs
from server.submissions.models import FileKind, Submission, SubmissionFile

CONTENT = Path(__file__).parent.parent / "content" / "reviewed"


@pytest.fixture
def manifest() -> Manifest:
    return load_manifest(CONTENT)


@pytest.fixture
def asked(manifest: Manifest) -> dict[str, Question]:
    return {each.id: each for each in manual_questions(manifest)}


def handed_in(store: str, answers: object, **files: tuple[str, bytes]) -> Submission:
    """files: name → kind and content."""
    told = {"answers.json": ("answers", json.dumps(answers).encode())}
    kept = [
        SubmissionFile(kind=FileKind(kind), name=name, sha256=blobs.store(store, content))
        for name, (kind, content) in (told | {name.replace("__", "."): file for name, file in files.items()}).items()
    ]
    return Submission(files=kept)


def test_of_a_section_only_what_counts_is_given_by_hand(manifest: Manifest) -> None:
    assert points_by_hand(manifest) == 40


def test_a_text_is_answered_with_words_and_blanks_are_no_answer(asked: dict[str, Question], tmp_path: Path) -> None:
    store = str(tmp_path)
    one, other, blank = (handed_in(store, {"why": text}) for text in ("It adds.", "It adds!", "  "))
    found = [answer_to(asked["why"], each, store=store) for each in (one, other, blank)]
    assert [each.text for each in found] == ["It adds.", "It adds!", None]
    assert len({each.sha256 for each in found}) == 3 and found[2].sha256 is None
    assert answer_to(asked["why"], Submission(files=[]), store=store).sha256 is None


def test_a_file_is_found_by_the_name_that_the_answer_gives(asked: dict[str, Question], tmp_path: Path) -> None:
    store = str(tmp_path)
    files = {"proof__pdf": ("attachment", b"%PDF-1"), "other__pdf": ("attachment", b"%PDF-2")}
    found = answer_to(asked["proof"], handed_in(store, {"proof": "proof.pdf"}, **files), store=store)
    assert [each.name for each in found.files] == ["proof.pdf"] and found.sha256
    again = answer_to(asked["proof"], handed_in(store, {"proof": "proof.pdf", "why": "x"}, **files), store=store)
    assert again.sha256 == found.sha256
    assert answer_to(asked["proof"], handed_in(store, {"proof": "none.pdf"}, **files), store=store).sha256 is None


def test_a_review_is_of_the_code_alone(asked: dict[str, Question], tmp_path: Path) -> None:
    store = str(tmp_path)
    code = {"solution__py": (FileKind.collected, b"x = 1")}
    one, other = handed_in(store, {}, **code), handed_in(store, {"why": "x"}, **code)
    assert answer_to(asked["style"], one, store=store).sha256 == answer_to(asked["style"], other, store=store).sha256
    changed = handed_in(store, {}, solution__py=(FileKind.collected, b"x = 2"))
    assert answer_to(asked["style"], changed, store=store).sha256 != answer_to(asked["style"], one, store=store).sha256
