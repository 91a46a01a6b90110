"""What a gradebook is set up from: the proposal, what is refused, and the audit log's own words for it."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.gradebook.models import ColumnKind
from server.gradebook.rules import Line
from server.gradebook.scheme import BadScheme, Group, Scheme, Slot, as_facts, check, from_facts, propose, whole_percents

FULL = Decimal(100)
USUAL = [*((f"h{n}", "homework", FULL) for n in range(5)), ("race", "competition", FULL)]


def test_the_usual_course_is_proposed_with_the_usual_weights() -> None:
    found = propose(USUAL)
    assert [(each.name.split()[0], each.weight) for each in found.groups] == [
        ("Homework", 50), ("Competition", 40), ("Attendance", 5), ("Participation", 5),
    ]  # fmt: skip
    check(found)


@given(st.lists(st.sampled_from(["homework", "competition", "exam"]), max_size=30))
def test_every_proposal_can_be_put_in_force(kinds: list[str]) -> None:
    check(propose([(f"a{n}", kind, FULL) for n, kind in enumerate(kinds)]))


@given(st.lists(st.integers(1, 1000), min_size=1, max_size=20))
def test_whole_percents_add_up_to_a_hundred(weights: list[int]) -> None:
    found = whole_percents([Decimal(weight) for weight in weights])
    assert sum(found) == 100 and all(each >= 0 and each == int(each) for each in found)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda s: replace(s, groups=()), "name-0"),
        (lambda s: replace(s, groups=s.groups[:1]), "weights"),
        (lambda s: replace(s, groups=(replace(s.groups[0], weight=Decimal(-1)), *s.groups[1:])), "weight-0"),
        (lambda s: replace(s, groups=(replace(s.groups[0], weight=Decimal("NaN")), *s.groups[1:])), "weight-0"),
        (lambda s: replace(s, groups=(replace(s.groups[0], drops=5), *s.groups[1:])), "drops-0"),
        (lambda s: replace(s, groups=(s.groups[0], replace(s.groups[1], name=s.groups[0].name), *s.groups[2:])), "name-1"),
        (lambda s: replace(s, aside=(Slot(ColumnKind.manual, None, ""),)), "title-new"),
        (lambda s: replace(s, aside=(Slot(ColumnKind.manual, None, "Oral", Decimal(0)),)), "full-new"),
        (lambda s: replace(s, lines=(Line("A", Decimal(90)), Line("A", Decimal(80)))), "least-1"),
        (lambda s: replace(s, lines=(Line("A", Decimal(101)),)), "least-0"),
    ],
)
def test_what_is_wrong_is_named(change, field: str) -> None:
    with pytest.raises(BadScheme) as refused:
        check(change(propose(USUAL)))
    assert refused.value.facts["field"] == field


names = st.text(min_size=1, max_size=10)
points = st.decimals(0, 100, places=2)
slots = st.builds(Slot, st.sampled_from(ColumnKind), names, st.none() | names, points)
groups = st.builds(Group, names, points, st.lists(slots, max_size=3).map(tuple), st.integers(0, 3))
lines = st.lists(st.builds(Line, names, points), max_size=3).map(tuple)


@given(st.builds(Scheme, st.lists(groups, max_size=3).map(tuple), st.lists(slots, max_size=2).map(tuple), lines))
def test_the_audit_log_tells_all_of_it(scheme: Scheme) -> None:
    assert from_facts(as_facts(scheme)) == scheme
