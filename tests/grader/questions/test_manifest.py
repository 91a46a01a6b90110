"""What an author may write under `[[questions]]` and `[[sections]]`."""

from decimal import Decimal

import pytest
from pydantic import ValidationError

from grader.protocol import Text
from grader.questions.manifest import Question, QuestionKind, Section, points_of, problem_with

TITLE = Text(en="A question", zh="一道题")
CHOSEN = Section(id="essay", title=TITLE, choose=2)


def question(id: str, *, kind: QuestionKind = QuestionKind.text, points: int = 5, section: str | None = None) -> Question:
    return Question(id=id, part="paper", kind=kind, points=Decimal(points), title=TITLE, section=section)


def essays(count: int = 3) -> list[Question]:
    return [question(f"essay_{number}", section="essay") for number in range(count)]


def test_of_a_section_only_so_many_count() -> None:
    assert points_of([question("alone", points=7), *essays()], [CHOSEN]) == 17


def test_what_fits_together_is_no_problem() -> None:
    assert problem_with(essays(), [CHOSEN], ["paper"]) is None


@pytest.mark.parametrize(
    ("questions", "sections", "said"),
    [
        ([question("twice"), question("twice")], [], "questions: the id 'twice'"),
        ([question("alone").model_copy(update={"part": "none"})], [], "no part 'none'"),
        ([question("alone", section="none")], [], "no section 'none'"),
        (essays(1), [CHOSEN], "2 of 1 questions"),
        ([*essays(), question("dear", points=9, section="essay")], [CHOSEN], "equal points"),
        ([*essays(), question("sum", kind=QuestionKind.number, section="essay")], [CHOSEN], "all or none marked by people"),
    ],
)
def test_what_does_not_fit_is_said(questions: list[Question], sections: list[Section], said: str) -> None:
    assert said in problem_with(questions, sections, ["paper"])


def test_only_what_a_person_marks_has_a_rubric() -> None:
    given = {"id": "sum", "part": "paper", "kind": "number", "points": 1, "title": TITLE}
    with pytest.raises(ValidationError, match="only text, file and review"):
        Question.model_validate(given | {"rubric": [{"points": 1, "text": TITLE}]})
