"""The same seed, the same paper; and what an author hears when a paper cannot be drawn."""

import shutil
from pathlib import Path

import pytest

from grader.questions import Draw
from grader.questions.judging import is_questions_alone, paper_of
from grader.questions.paper import right_answer
from grader.questions.verify import verify_questions
from grader.spec import PROJECT, Assignment, BrokenAssignment, load_assignment

CNN = PROJECT / "assignments" / "questions-cnn"
MIXED = PROJECT / "tests" / "server" / "content" / "mixed"
SEED = "0123456789abcdef" * 4
DRAWN = [65, 67, 53, 98, 24, 84]


def test_draws_are_written_down() -> None:
    """These numbers hold on every machine and under every Python: a paper of last year can be drawn again."""
    draw = Draw(SEED, "sum")
    assert draw.integers(0, 100, 6) == DRAWN
    assert sorted(draw.shuffled(range(9))) == list(range(9))


def test_a_question_does_not_depend_on_those_before_it() -> None:
    assert Draw(SEED, "sum").integer(0, 10**9) != Draw(SEED, "product").integer(0, 10**9)


def test_the_same_seed_gives_the_same_paper_and_another_one_another() -> None:
    assignment = load_assignment(CNN)
    first, again, other = paper_of(CNN, assignment, SEED), paper_of(CNN, assignment, SEED), paper_of(CNN, assignment, SEED[::-1])
    assert first.items == again.items != other.items


def test_options_stand_in_another_order_on_other_papers() -> None:
    assignment = load_assignment(CNN)
    letters = {right_answer(paper_of(CNN, assignment, f"{number:064x}").item("pooling").asked) for number in range(20)}
    assert letters == {"A", "B", "C", "D"}


def test_questions_alone_are_known_without_loading_anything() -> None:
    assert is_questions_alone(CNN) and not is_questions_alone(MIXED)


@pytest.fixture
def changed(tmp_path: Path) -> object:
    """The mixed assignment with one piece of its questions.py put in another's place."""
    numbers = iter(range(99))

    def change(old: str, new: str, *, file: str = "questions.py") -> Assignment:
        folder = tmp_path / str(next(numbers)) / "mixed"
        shutil.copytree(MIXED, folder)
        path = folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")
        return load_assignment(folder)

    return change


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("def later", "def latter", "latter: assignment.toml has no"),
        ("answer=6 * other", "answer=0.1", "a float needs a tolerance"),
        (
            "answer=6 * other",
            'answer=6 * other, mistakes=[Known("same", 6 * other, T(en="a", zh="b"))]',
            "same is a right answer",
        ),
        ('Option(T(en="Five", zh="五"))', 'Option(T(en="Five", zh="五"), is_right=True)', "exactly one option"),
        ("return Review(", "return Attachment(", "so a Review is wanted"),
        ("one, other = draw", "one, other, none = draw", "total: ValueError"),
        ("from grader.questions import", "import nowhere\nfrom grader.questions import", "cannot be imported"),
    ],
)
def test_a_broken_paper_says_which_question_and_why(changed: object, old: str, new: str, said: str) -> None:
    assignment = changed(old, new)
    with pytest.raises(BrokenAssignment, match=said):
        paper_of(assignment.folder, assignment, SEED)


def broken(assignment: Assignment) -> dict[str, str]:
    return {f"{fact.subject} {fact.claim}": fact.seen for fact in verify_questions(assignment, seeds=5) if not fact.ok}


def test_what_comes_along_proves_itself() -> None:
    assert broken(load_assignment(CNN)) == {}
    assert broken(load_assignment(MIXED)) == {}


@pytest.mark.parametrize(
    ("old", "new", "subject"),
    [
        ('T(en="Seven", zh="七")', 'T(en="Seven", zh="七"), is_right=True', "ticks: all options"),
        ('zh="CANARY 转置了。"', 'zh=" "', "questions"),
        ("other = draw.integer(100, 1000)", "other = 7", "variants"),
    ],
)
def test_a_proof_fails_where_it_should(changed: object, old: str, new: str, subject: str) -> None:
    assert any(key.startswith(subject) for key in broken(changed(old, new)))
