"""What a roster says, and what would change by it."""

import string
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.courses.models import Role, Standing
from server.courses.roster_files import Sheet, UnreadableRoster, read_sheet
from server.courses.roster_rules import Entry, Known, compare, plain, read_entries


def read(text: str):
    return read_entries(read_sheet(text.encode()))


def test_columns_are_found_under_their_chinese_and_their_english_names() -> None:
    chinese = read("学号,姓名,邮箱,班级\n2023001,林晓,lin@example.edu,一班\n").entries
    english = read("Section;E-mail;Full Name;Student ID\n一班;lin@example.edu;林晓;2023001\n").entries
    assert chinese == english == [Entry(2, "2023001", "林晓", "lin@example.edu", "一班")]


def test_columns_that_nobody_knows_are_named_and_left_out() -> None:
    reading = read("学号,手机,姓名,备注\n1,138,甲,x\n")
    assert reading.left_out == ["手机", "备注"]
    assert reading.entries == [Entry(2, "1", "甲")]


def test_all_that_is_wrong_is_said_at_once_by_line_and_column() -> None:
    reading = read("学号,姓名,邮箱,角色\n,甲,a@b.edu,\n7,乙,nonsense,\n8,丙,,王\n9,丁,,\n9,戊,,\n")
    assert [(fault.line, fault.column) for fault in reading.faults] == [
        (2, "学号"), (3, "邮箱"), (4, "角色"), (5, "学号"), (6, "学号"),
    ]  # fmt: skip
    assert reading.good == []


def test_a_file_without_a_column_for_numbers_is_refused_with_what_it_has() -> None:
    with pytest.raises(UnreadableRoster, match="手机, 姓名"):
        read("手机,姓名\n138,甲\n")


def test_staff_need_an_address_rather_than_a_number() -> None:
    reading = read("学号,姓名,邮箱,角色\n,Sara,sara@example.edu,助教\n")
    assert reading.faults == []
    assert reading.entries[0].role is Role.ta


def person(user_id: int, number: str | None, **fields: object) -> Known:
    standing = {"name": f"P{user_id}", "email": None, "role": Role.student, "standing": Standing.active}
    return Known(user_id=user_id, login=f"login{user_id}", student_number=number, **(standing | fields))


def entry(line: int, number: str, **fields: object) -> Entry:
    return Entry(line, number, **({"name": f"P{line}"} | fields))


def diff_of(entries: list[Entry], people: list[Known], section: str | None = None):
    sheet = read_entries(Sheet(["学号", "姓名"], []))
    return compare(replace(sheet, entries=entries), people, default_section=section)


def test_a_person_is_known_by_number_then_by_address_then_by_login() -> None:
    people = [person(1, "100"), person(2, None, email="two@example.edu"), replace(person(3, None), login="300")]
    diff, faults = diff_of([entry(1, "100"), entry(2, "200", email="two@example.edu"), entry(3, "300")], people)
    assert faults == [] and diff.new == [] and diff.missing == []
    assert [change.fields for change in diff.changed] == [{"student_number": (None, "200")}, {"student_number": (None, "300")}]


def test_an_address_of_somebody_with_another_number_is_a_fault() -> None:
    diff, faults = diff_of([entry(2, "200", email="one@example.edu")], [person(1, "100", email="one@example.edu")])
    assert [fault.line for fault in faults] == [2]
    assert diff.new == [] and diff.changed == []


def test_two_lines_that_mean_one_person_are_both_faults() -> None:
    people = [person(1, None, email="one@example.edu")]
    wanted = [Entry(2, None, "P1", "one@example.edu", role=Role.ta), replace(entry(3, "login1"), name="P1")]
    _, faults = diff_of(wanted, people)
    assert [fault.line for fault in faults] == [2, 3]


def test_whoever_had_withdrawn_and_is_on_the_list_is_back() -> None:
    diff, _ = diff_of([entry(1, "100")], [person(1, "100", standing=Standing.withdrawn)])
    assert diff.changed[0].fields == {"standing": (Standing.withdrawn, Standing.active)}


def test_the_account_of_somebody_in_other_courses_stays_as_it_is() -> None:
    diff, _ = diff_of([entry(1, "100", name="Other", section="B")], [person(1, "100", is_shared=True)])
    (change,) = diff.changed
    assert change.fields == {"section": (None, "B")} and change.kept == ("name",)


def test_only_students_of_the_section_can_be_missing_from_its_file() -> None:
    people = [person(1, "1", section="A"), person(2, "2", section="B"), person(3, None, role=Role.ta)]
    assert [each.user_id for each in diff_of([], people, section="A")[0].missing] == [1]
    assert [each.user_id for each in diff_of([], people)[0].missing] == [1, 2]


NUMBERS = st.lists(st.integers(1, 30).map(str), unique=True, max_size=12)
FIELDS = st.fixed_dictionaries({"name": st.sampled_from("abc"), "section": st.sampled_from(["A", "B", None])})


@st.composite
def courses(draw: st.DrawFn) -> list[Known]:
    standing = st.sampled_from(Standing)
    return [
        person(int(number), number, standing=draw(standing), is_shared=draw(st.booleans()), **draw(FIELDS))
        for number in draw(NUMBERS)
    ]


@st.composite
def files(draw: st.DrawFn) -> list[Entry]:
    return [entry(line, number, **draw(FIELDS)) for line, number in enumerate(draw(NUMBERS), start=2)]


def applied(people: list[Known], diff) -> list[Known]:
    """The course after what the diff says was done."""
    after = {each.user_id: each for each in people}
    for change in diff.changed:
        after[change.person.user_id] = replace(change.person, **{name: now for name, (_, now) in change.fields.items()})
    for each in diff.new:
        values = {"name": each.name, "section": each.section}
        after[-each.line] = person(-each.line, each.student_number, **values)
    return list(after.values())


@given(files(), courses())
def test_a_file_that_was_applied_changes_nothing_any_more(entries: list[Entry], people: list[Known]) -> None:
    diff, _ = diff_of(entries, people)
    again, faults = diff_of(entries, applied(people, diff))
    assert again.is_empty and faults == []
    assert len(again.unchanged) == len(entries)


@given(files(), courses())
def test_every_line_is_counted_once_and_nobody_is_both_meant_and_missing(entries: list[Entry], people: list[Known]) -> None:
    diff, _ = diff_of(entries, people)
    meant = [*(change.person for change in diff.changed), *diff.unchanged]
    assert len(diff.new) + len(meant) == len(entries)
    assert not {each.user_id for each in meant} & {each.user_id for each in diff.missing}
    assert {each.user_id for each in diff.missing} <= {each.user_id for each in people if each.standing is Standing.active}


@given(st.text(alphabet=string.ascii_letters + "_- ()", max_size=20))
def test_a_head_is_the_same_however_it_is_set(head: str) -> None:
    assert plain(plain(head)) == plain(head) == plain(head.upper()) == plain(f" {head} ")
