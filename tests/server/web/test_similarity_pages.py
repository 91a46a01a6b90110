"""The pages of similar works: who reads them, what stands there, what a decision does."""

import re
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.assignments.models import Assignment
from server.courses.models import Role
from server.similarity.models import Comparison, ComparisonState, Review, SimilarPair
from server.submissions.models import Submission
from tests.server.similar_pairs import FACTS, add_archived, add_comparison, add_pair, copy_of, found_in, write_work

NOTHING = {"parts": [], "matches": [], "texts": [], "left": {}, "right": {}}
Visit = Callable[..., TestClient]
PAGE = "/courses/dl-2026/assignments/tiny/similarity"


@pytest.fixture
def ta(make_member: Callable[..., User]) -> User:
    return make_member("tia", Role.ta)


@pytest.fixture
def alike(
    session: Session, assignment: Assignment, make_member: Callable[..., User], hand_in: Callable[..., Submission]
) -> list[SimilarPair]:
    """Three pairs: two copies of one's work, and a work of a past term."""
    source = write_work(1)
    works = [hand_in(assignment, make_member("ada"), source)]
    works += [hand_in(assignment, make_member(login), copy_of(source)) for login in ("bob", "cleo")]
    comparison = add_comparison(session, assignment, archived=7)
    evidence = found_in(source, copy_of(source))
    pairs = [
        add_pair(session, comparison, works[0], works[1], 0.93, evidence=evidence, facts=FACTS),
        add_pair(session, comparison, works[0], works[2], 0.55, evidence=evidence),
        add_pair(session, comparison, works[2], add_archived(session, assignment, "dora"), 0.31, evidence=NOTHING),
    ]
    session.commit()
    return pairs


def names_in(html: str) -> list[str]:
    """The pairs of the table, in their order."""
    rows = re.findall(r'<tr id="pair-\d+">.*?<a [^>]*><b>(.*?)</b> – <b>(.*?)</b></a>', html, re.S)
    return [" ".join(row) for row in rows]


def plain(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


@pytest.mark.parametrize("page", [PAGE, f"{PAGE}/state", f"{PAGE}/graph", f"{PAGE}/pairs/1"])
def test_no_student_reads_any_of_it(visit: Visit, alike: list[SimilarPair], session: Session, page: str) -> None:
    ada = session.get_one(Submission, alike[0].left_id).author
    answer = visit(ada).get(page)
    assert answer.status_code == 403
    assert "Bob" not in answer.text and "0.93" not in answer.text


def test_students_find_no_way_there(visit: Visit, alike: list[SimilarPair], session: Session) -> None:
    ada = visit(session.get_one(Submission, alike[0].left_id).author)
    for page in ("/courses/dl-2026", "/courses/dl-2026/assignments/tiny", f"/submissions/{alike[0].left_id}"):
        assert "imilar" not in ada.get(page).text


def test_staff_are_led_there(visit: Visit, ta: User, alike: list[SimilarPair]) -> None:
    for page in ("/courses/dl-2026", "/courses/dl-2026/assignments/tiny"):
        assert f'href="{PAGE}"' in visit(ta).get(page).text


def test_a_pair_stands_with_what_only_the_two_have_and_facts_beside_it_never_with_a_figure_alone(
    visit: Visit, ta: User, alike: list[SimilarPair], session: Session
) -> None:
    session.delete(alike[2])
    add_pair(session, alike[0].comparison, alike[1].right, alike[2].archived, 0.31)  # its evidence was not gathered
    session.commit()
    html = visit(ta).get(PAGE).text
    assert names_in(html) == ["Ada Bob", "Ada Cleo", "Cleo dora"]
    row = plain(html.split('<tr id="pair-')[1])
    assert "8 features , 1 function" in row and "very alike" in row
    assert "14 min apart the same mistake declared" in row
    assert "0.93" not in row and "93" not in row
    assert "not read yet" in plain(html.split('<tr id="pair-')[3])
    chinese = plain(visit(ta, language="zh_CN").get(PAGE).text)
    assert "极为相似" in chinese and "相差 14 分" in chinese


ASKED = {
    "person=ADA": ["Ada Bob", "Ada Cleo"],
    "person=dora": ["Cleo dora"],
    "person=%25": [],
    "least=0.5": ["Ada Bob", "Ada Cleo"],
    "against=archive": ["Cleo dora"],
    "against=class": ["Ada Bob", "Ada Cleo"],
    "opinion=open": ["Ada Cleo", "Cleo dora"],
    "opinion=decided": ["Ada Bob"],
    "opinion=nothing": ["Ada Bob"],
    "opinion=unsure": [],
    "section=&against=&opinion=&person=": ["Ada Bob", "Ada Cleo", "Cleo dora"],
}


def test_filters(visit: Visit, ta: User, alike: list[SimilarPair]) -> None:
    visitor, first = visit(ta), f"{PAGE}/pairs/{alike[0].id}"
    visitor.submit_form(first, f"{first}/review", opinion="nothing")
    assert {asked: names_in(visitor.get(f"{PAGE}?{asked}").text) for asked in ASKED} == ASKED


def test_both_works_stand_side_by_side_with_what_answers_what(visit: Visit, ta: User, alike: list[SimilarPair]) -> None:
    html = visit(ta).get(f"{PAGE}/pairs/{alike[0].id}").text
    assert len(re.findall(r'<li id="left-\d+"', html)) == write_work(1).count("\n") + 1
    assert len(re.findall(r'<li id="(?:left|right)-\d+" class="is-unique', html)) == 2 * 8
    text = plain(html)
    assert "3 lines given to all" in text or "4 lines given to all" in text
    assert "Handed in 14 min apart, Ada first." in text
    assert "Both made the same known mistakes: no_scale. Nobody else does." in text
    assert "Bob declared a source: a friend, used for ideas." in text
    assert "8 features that nobody else has" in text


def test_a_decision_leads_to_the_next_open_pair_and_can_be_undone(
    visit: Visit, ta: User, alike: list[SimilarPair], session: Session
) -> None:
    visitor = visit(ta)
    first, second, third = (f"{PAGE}/pairs/{pair.id}" for pair in alike)
    answer = visitor.submit_form(first, f"{first}/review", opinion="nothing", note="  the same tutorial ")
    assert answer.headers["location"] == f"{second}?saved={alike[0].id}"
    page = visitor.get(answer.headers["location"]).text
    assert "Saved Ada – Bob: nothing to follow up" in plain(page)
    assert visitor.submit_form(second, f"{second}/review", opinion="unsure").headers["location"].startswith(third)
    assert visitor.submit_form(first, f"{first}/review", opinion="").headers["location"] == first, "taken back: there again"
    last = visitor.submit_form(third, f"{third}/review?person=dora", opinion="unsure")
    assert last.headers["location"] == f"{PAGE}?person=dora", "nothing left among what was asked for"
    kept = [(review.opinion, review.note) for review in session.query(Review).order_by(Review.id)]
    assert kept == [("nothing", "the same tutorial"), ("unsure", None), (None, None), ("unsure", None)]
    assert "the same tutorial" in visitor.get(first).text, "the history stays"


def test_a_script_is_told_where_to_go_next(visit: Visit, ta: User, alike: list[SimilarPair]) -> None:
    visitor, first = visit(ta), f"{PAGE}/pairs/{alike[0].id}"
    visitor.headers["accept"] = "application/json"
    answer = visitor.submit_form(first, f"{first}/review", opinion="unsure")
    assert answer.json() == {"next": f"{PAGE}/pairs/{alike[1].id}?saved={alike[0].id}"}


def test_names_can_be_hidden_everywhere_and_stay_hidden(visit: Visit, ta: User, alike: list[SimilarPair]) -> None:
    visitor = visit(ta)
    assert visitor.submit_form(PAGE, f"{PAGE}/names", names="hidden", next=PAGE).headers["location"] == PAGE
    for page in (PAGE, f"{PAGE}/pairs/{alike[0].id}", f"{PAGE}/graph?least=0.3"):
        html = visitor.get(page).text
        found = [name for name in ("Ada", "ada", "Bob", "bob", "Cleo", "cleo", "dora") if re.search(rf"\b{name}\b", html)]
        assert found == [], page
    visitor.submit_form(PAGE, f"{PAGE}/names", names="shown", next=PAGE)
    assert "Ada Bob" in names_in(visitor.get(PAGE).text)


def test_groups_are_drawn_and_listed(visit: Visit, ta: User, alike: list[SimilarPair]) -> None:
    visitor = visit(ta)
    html = visitor.get(f"{PAGE}/graph?least=0.3").text
    assert "1 group" in plain(html) and "Ada, Bob, Cleo and 1 other" in plain(html)
    assert html.count("<circle") - 1 == 3 and len(re.findall(r'class="dot past" d="M[\d.]+ [\d.]+h12v12h-12', html)) == 1
    assert [f'href="{PAGE}/pairs/{pair.id}"' in html for pair in alike] == [True] * 3
    assert "Ada, Bob" in plain(visitor.get(f"{PAGE}/graph?least=0.9").text)
    assert "No groups" in visitor.get(f"{PAGE}/graph?least=0.95").text


def test_a_comparison_is_asked_for_and_shows_how_far_it_is(
    visit: Visit, ta: User, assignment: Assignment, session: Session, make_member: Callable, hand_in: Callable
) -> None:
    visitor = visit(ta)
    assert "Nothing to look at yet" in visitor.get(PAGE).text
    refused = visitor.submit_form(PAGE, PAGE)
    assert refused.status_code == 409 and "Fewer than two students" in refused.text
    for login in ("ada", "bob"):
        hand_in(assignment, make_member(login))
    assert visitor.submit_form(PAGE, PAGE).headers["location"] == PAGE
    page = visitor.get(PAGE).text
    assert "waiting for a worker" in page and f'hx-get="{PAGE}/state"' in page
    comparison = session.query(Comparison).one()
    comparison.stage, comparison.done, comparison.total = "reading", 3, 40
    session.commit()
    assert "3 of 40" in visitor.get(f"{PAGE}/state").text
    comparison.state, comparison.fault = ComparisonState.failed, "No space left"
    session.commit()
    ended = visitor.get(f"{PAGE}/state")
    assert ended.headers["hx-refresh"] == "true" and "No space left" in ended.text


def test_a_student_of_another_course_is_not_named_to_whoever_is_no_staff_there(
    visit: Visit, ta: User, alike: list[SimilarPair], session: Session,
    make_course: Callable, make_assignment: Callable, make_member: Callable, hand_in: Callable,
) -> None:  # fmt: skip
    earlier = make_course("dl-2025")
    theirs = hand_in(make_assignment(earlier), make_member("zoe", of=earlier), write_work(1) + "# zoe\n")
    pair = add_pair(session, alike[0].comparison, session.get_one(Submission, alike[0].left_id), theirs, 0.8, evidence=NOTHING)
    session.commit()
    for page in (PAGE, f"{PAGE}/pairs/{pair.id}", f"{PAGE}/graph"):
        html = visit(ta).get(page).text
        assert "a student of dl-2025" in html and "zoe" not in html.lower(), page


def test_a_large_class_takes_no_more_queries_than_a_small_one(
    visit: Visit,
    ta: User,
    alike: list[SimilarPair],
    session: Session,
    tables: Engine,
    make_member: Callable,
    hand_in: Callable,
    assignment: Assignment,
) -> None:
    visitor, seen = visit(ta), []

    def notice(*arguments: object) -> None:
        if "outbox" not in str(arguments[2]):  # the relay looks now and then
            seen.append(arguments[2])

    event.listen(tables, "before_cursor_execute", notice)
    visitor.get(PAGE)  # the first notes when the person was last here
    seen.clear()
    visitor.get(PAGE)
    few = len(seen)
    works = [hand_in(assignment, make_member(f"s{number}"), write_work(number)) for number in range(12)]
    for place, left in enumerate(works):
        for right in works[place + 1 :]:
            add_pair(session, alike[0].comparison, left, right, 0.4, evidence=alike[0].evidence, facts=FACTS)
    session.commit()
    seen.clear()
    assert len(names_in(visitor.get(PAGE).text)) == 50
    assert len(seen) == few
    assert few <= 12, "sign-in, course and assignment among them"


def test_copies_of_three_say_how_many_have_what_they_share_in_the_table_and_on_the_page(
    session: Session, alike: list[SimilarPair], ta: User, visit: Visit
) -> None:
    evidence = alike[0].evidence
    (part,) = evidence["parts"]
    whole = part | {"unique": 0, "few": 12, "closest": [3, 12]}
    alike[0].evidence = evidence | {"parts": [whole, whole | {"closest": [4, 9]}, whole | {"closest": [0, 0]}]}
    alike[1].evidence = evidence | {"parts": [part | {"unique": 0, "few": 12}]}  # as it was gathered before that was counted
    session.commit()
    visitor = visit(ta)
    rows = {number: plain(row) for number, row in re.findall(r'<tr id="pair-(\d+)">(.*?)</tr>', visitor.get(PAGE).text, re.S)}
    assert "12 features that only 3 works have" in rows[str(alike[0].id)]
    assert "12 features that few have" in rows[str(alike[1].id)]
    page = plain(visitor.get(f"{PAGE}/pairs/{alike[0].id}").text)
    assert "12 features that only 3 works have" in page and "9 features that only 4 works have" in page
    assert "0 features" not in page
