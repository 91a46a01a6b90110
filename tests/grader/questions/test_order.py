"""The order of questions on a paper: shuffled inside a section that says so, and nowhere else."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from grader.protocol import Text
from grader.questions.judging import paper_of
from grader.questions.manifest import Question, Section
from grader.questions.paper import in_drawn_order
from grader.spec import load_assignment
from tests.grader.variants.conftest import DRAWN, SEEDS

TITLE = Text(en="t", zh="题")
SECTIONS = [
    Section(id="mixed", title=TITLE, choose=1, shuffled=True),
    Section(id="fixed", title=TITLE, choose=1),
]
PLACES = st.lists(st.sampled_from([None, "mixed", "fixed"]), max_size=12)


def questions(places: list[str | None]) -> list[Question]:
    common = {"part": "p", "kind": "number", "points": Decimal(1), "title": TITLE}
    return [Question(id=f"q{number}", section=section, **common) for number, section in enumerate(places)]


@given(PLACES, st.sampled_from(SEEDS))
def test_only_questions_of_a_shuffled_section_change_places(places: list[str | None], seed: str) -> None:
    asked = questions(places)
    order = in_drawn_order(asked, SECTIONS, seed)
    section_of = {each.id: each.section for each in asked}
    assert sorted(order) == sorted(section_of)
    assert [section_of[id] for id in order] == places
    assert all(id == each.id for id, each in zip(order, asked, strict=True) if each.section != "mixed")


def test_papers_have_them_in_different_orders_and_the_same_seed_in_the_same() -> None:
    manifest = load_assignment(DRAWN)
    orders = [[item.question.id for item in paper_of(DRAWN, manifest, seed).items] for seed in SEEDS]
    assert len(set(map(tuple, orders))) > 2 and {order[0] for order in orders} == {"count"}
    assert orders == [[item.question.id for item in paper_of(DRAWN, manifest, seed).items] for seed in SEEDS]


def test_a_question_may_ask_about_the_constants_of_the_code() -> None:
    manifest = load_assignment(DRAWN)
    for seed in SEEDS:
        stride = paper_of(DRAWN, manifest, seed).item("count").asked.prompt.en.split("stride ")[1]
        assert int(stride.rstrip("?")) in range(2, 6)
