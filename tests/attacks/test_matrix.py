"""The corpus is what its description says, and the matrix hides nothing."""

import re
from pathlib import Path

import pytest

from grader.protocol import Environment, Report, Status, Timing
from tests.attacks.combinations import COMBINATIONS
from tests.attacks.corpus import FOLDER, attack_named, attacks
from tests.attacks.matrix import BEGIN, END, PAGE, Cell, lines, rows
from tests.attacks.trial import lateness, target

ROOT = Path(__file__).parent.parent.parent
ATTACKS = attacks()


def test_there_are_at_least_eighty_programs_with_names_of_their_own() -> None:
    assert len({attack.file for attack in ATTACKS}) >= 80
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.py")), ids=lambda path: path.stem)
def test_a_program_says_its_row_and_its_verdict_and_has_its_variants(path: Path) -> None:
    mine = [attack for attack in ATTACKS if attack.file == path.stem]
    assert mine and all(attack.rows and attack.expected.words for attack in mine)
    assert {row for attack in mine for row in attack.rows} <= set(rows())
    assert len({attack.source for attack in mine}) == len(mine)
    assert ("VARIANT = " in path.read_text(encoding="utf-8")) == (len(mine) > 1)


@pytest.mark.parametrize("row", rows())
def test_every_row_is_attacked_tested_elsewhere_or_openly_not_covered(row: str) -> None:
    facts = rows()[row]
    assert facts.get("tests") or facts.get("open") or any(row in attack.rows for attack in ATTACKS)


def test_the_table_has_every_row_from_a_to_e() -> None:
    wanted = {f"{letter}{n}" for letter, last in zip("ABCDE", (21, 16, 7, 23, 18), strict=True) for n in range(1, last + 1)}
    assert set(rows()) == wanted | {"control"}


@pytest.mark.parametrize("name", sorted({test for facts in rows().values() for test in facts.get("tests", [])}))
def test_a_test_that_stands_for_a_row_exists(name: str) -> None:
    path, function = name.split("::")
    assert re.search(rf"^def {function}\(", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE)


def test_no_file_is_ever_copied_into_or_out_of_a_container() -> None:
    sources = [path.read_text(encoding="utf-8") for folder in ("grader", "server") for path in (ROOT / folder).rglob("*.py")]
    assert not [word for word in ("put_archive", "get_archive", "docker cp", '"cp"') for text in sources if word in text]


def test_the_page_shows_every_row_of_today_and_counts_the_programs_of_today() -> None:
    """Whoever adds a row or a program tries all of them again: make attacks WRITE=1."""
    written = PAGE.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]
    shown = {row: title.strip() for row, title in re.findall(r"^\| (\w+) \| ([^|]+)\|", written, re.MULTILINE)}
    assert shown == {"row": "threat", **{row: facts["title"] for row, facts in rows().items()}}
    assert written.startswith(f"\n{len(ATTACKS)} attack programs;")
    assert "✗" not in written
    table = [[cell.strip() for cell in line.split("|")[1:-1]] for line in written.splitlines() if line.startswith("| ")]
    forks = [number for number, kind in enumerate(table[0]) if kind.endswith("fork")]
    assert len(forks) == 2 and not [row[0] for row in table for number in forks if row[number] == "· not run"]


def test_a_cell_tells_held_from_broken_and_from_not_run() -> None:
    columns = [str(combination) for combination in COMBINATIONS]
    results = {"A1": {columns[0]: Cell(tried=2), columns[1]: Cell(tried=2, broken=["a"])}}
    before = {"A1": {columns[0]: "✓ held 9", columns[2]: "✓ held 3"}}
    (line,) = (line for line in lines(results, columns, before) if line.startswith("| A1 "))
    assert re.findall(r"held \d|broken 1 of 2|not run", line) == ["held 2", "broken 1 of 2", "held 3", "not run"]


def report_with(status: Status) -> Report:
    environment = Environment(python="", torch="", device="cpu", sandbox="", isolation="fork")
    timing = Timing(sandbox=0.0, student=0.0, total=0.0)
    return Report(assignment="t", status=status, score=0, max_score=100, seed="", environment=environment, timing=timing)


def test_a_kill_that_comes_late_is_told_for_the_limit_that_applies() -> None:
    attack = attack_named("loops_for_ever")
    limits = target(attack.limits).limits
    checks_s, at_import = 2 * limits.check_s, limits.import_s
    graded, ungradable = (report_with(status) for status in (Status.graded, Status.ungradable))
    assert not lateness(graded, attack, at_import + checks_s + 1.9) and lateness(graded, attack, checks_s + 8)
    assert not lateness(ungradable, attack, at_import + 1.9) and lateness(ungradable, attack, at_import + 2.1)
