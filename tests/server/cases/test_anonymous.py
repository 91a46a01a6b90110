"""A case without names, in the same form."""

import pytest

from server.cases.anonymous import Known, anonymised, letter, make_pseudonyms, people_in

NAMES = make_pseudonyms([Known("ada", "Ada Lovelace"), Known("s20260002", "王小明"), Known("max", "Max Planck")])
FILE = {
    "name": "ada_final.py",
    "lines": [
        "# by Ada Lovelace (ADA@uni.edu), thanks to 王小明同学",
        "def f(x):",
        '    """Written with lovelace,',
        '    s20260002 and Max."""',
        "    m = torch.max(x)  # max, says Planck",
        "    return max(m, adapt(x))",
    ],
}


def side(login: str, name: str, file: dict) -> dict:
    return {
        "student": 1, "login": login, "name": name, "attempt": 1, "received_at": "2026-03-20T12:00:00+00:00", "archive": None,
        "files": [file], "declared": [{"kind": "person", "what": "Max Planck", "used_for": "ideas", "names": ["max"]}],
    }  # fmt: skip


CONTENT = {
    "similarity": 0.8,
    "left": side("ada", "Ada Lovelace", FILE),
    "right": side("s20260002", "王小明", FILE | {"name": "solution.py"}),
    "evidence": {
        "parts": [{"left": {"file": "ada_final.py", "name": "max", "first": 2, "last": 6}, "right": {"file": "solution.py"}}],
        "matches": [], "texts": [{"kind": "comment", "text": "max, says Planck", "left": {}, "right": {}}],
        "left": {"ada_final.py": ["unique"] * 6}, "right": {"solution.py": ["unique"] * 6},
    },
    "facts": [{"kind": "close_in_time", "minutes": 14, "first": "left"}],
}  # fmt: skip


def test_comments_and_strings_lose_names_and_code_stays_code() -> None:
    assert NAMES.code(FILE["lines"]) == [
        "# by A (A@uni.edu), thanks to B同学",
        "def f(x):",
        '    """Written with A,',
        '    B and C."""',
        "    m = torch.max(x)  # C, says C",
        "    return max(m, adapt(x))",
    ]


def test_an_exhibit_keeps_its_form_and_no_name() -> None:
    changed = anonymised(CONTENT, NAMES)
    assert changed["left"]["login"] == changed["left"]["name"] == "A" and changed["right"]["name"] == "B"
    assert changed["left"]["student"] is None and changed["left"]["files"][0]["name"] == "A_final.py"
    assert list(changed["evidence"]["left"]) == ["A_final.py"] and changed["evidence"]["left"]["A_final.py"] == ["unique"] * 6
    (part,) = changed["evidence"]["parts"]
    assert (part["left"]["file"], part["left"]["name"]) == ("A_final.py", "max"), "names in the code stay as in the code"
    assert changed["evidence"]["texts"][0]["text"] == "C, says C" and changed["facts"] == CONTENT["facts"]
    told = str(changed).lower()
    assert not [name for name in ("lovelace", "ada", "小明", "s20260002", "planck") if name in told.replace("adapt", "")]


def test_what_is_no_python_loses_names_behind_number_signs() -> None:
    assert NAMES.code(["def f(:  # Ada", "ada = 1"]) == ["def f(:  # A", "ada = 1"]
    assert NAMES.code(["'''", "never closed by Ada  # Ada"]) == ["'''", "never closed by Ada  # A"]


def test_a_name_inside_a_word_is_no_name() -> None:
    assert NAMES.text("adapt Adam to canada, ada2 and _ada_") == "adapt Adam to canada, A2 and _A_"


def test_everybody_has_one_letter_students_of_the_case_first() -> None:
    people = people_in([CONTENT], [Known("s20260002", "王小明")])
    assert dict(make_pseudonyms(people).letters) == {"s20260002": "A", "ada": "B"}


@pytest.mark.parametrize(("number", "expected"), [(0, "A"), (25, "Z"), (26, "AA"), (27, "AB"), (701, "ZZ"), (702, "AAA")])
def test_letters_do_not_run_out(number: int, expected: str) -> None:
    assert letter(number) == expected
