"""One process judges many variants, in turn and at once; none of their constants goes into a sandbox by itself."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from grader.bundle import CONSTANTS, build_bundle, load_bundle
from grader.cli.check import run_public_checks
from grader.competition.secrecy import Wiretap
from grader.disclosure import student_view
from grader.judge import judge
from grader.protocol import Job, Report
from grader.runner.wire import encode
from grader.sandbox.fake import FakeSandbox
from grader.spec import Assignment, BrokenAssignment, load_assignment
from grader.variants.binding import bound, handout_of
from tests.grader.variants.conftest import DRAWN, SEEDS, Edit

CODE = 80


def judged(source: str, variant: str | None, **fields: Any) -> Report:
    job = Job(DRAWN, {"solution.py": source.encode()}, "ab" * 32, variant=variant, **fields)
    return judge(job, sandbox=FakeSandbox())


def test_each_variant_has_its_own_right_answer(drawn: Assignment) -> None:
    """By turns, so that nothing of the one before is left."""
    sources = [bound(drawn, seed).reference_source for seed in SEEDS[:3]]
    for _ in range(2):
        for own, source in enumerate(sources):
            assert [judged(source, seed).score == CODE for seed in SEEDS[:3]] == [other == own for other in range(3)]


def test_several_are_judged_at_once(drawn: Assignment) -> None:
    def score(seed: str) -> float:
        return float(judged(bound(load_assignment(DRAWN), seed).reference_source, seed).score)

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(score, SEEDS * 3)) == [CODE] * 24


def test_a_mistake_is_named_on_every_variant(drawn: Assignment) -> None:
    for seed in SEEDS[:3]:
        mine = bound(drawn, seed)
        report = judged(mine.submission_of(mine.mistakes[0]), seed)
        assert [check.mistake.id for check in report.checks if check.mistake] == ["adds"]


def test_without_a_variant_the_seed_draws(drawn: Assignment) -> None:
    assert judged(bound(drawn, "ab" * 32).reference_source, None).score == CODE


def test_the_report_keeps_the_variant_and_students_do_not_see_it(drawn: Assignment) -> None:
    report = judged(drawn.reference_source, SEEDS[0])
    assert report.variant == SEEDS[0] and student_view(report).variant is None and "variant" not in report.contract()


def test_a_changed_folder_is_bound_anew(edited: Edit) -> None:
    mine = bound(edited("reference.py", 'VARIANT["factor"] * x', 'VARIANT["factor"] * x + 1'), SEEDS[0])
    assert float(mine.reference.scaled(0)) == 1 and "VARIANT" in mine.reference_source


def test_a_reference_that_a_variant_breaks_is_the_authors(edited: Edit) -> None:
    found = edited("reference.py", "\n\n\ndef scaled", "\nassert VARIANT['factor'] == 7\n\n\ndef scaled")
    with pytest.raises(BrokenAssignment, match="VARIANT = "):
        bound(found, SEEDS[0])


def test_starter_and_handouts_state_the_constants(drawn: Assignment) -> None:
    mine = bound(drawn, SEEDS[0])
    factor, kernel = mine.variant["factor"], mine.variant["kernel"]
    assert f"FACTOR = {factor}\nKERNEL = {kernel}" in mine.starter_source
    said = handout_of(DRAWN / "handout.zh.md", mine.variant)
    assert str(factor) in said and mine.variant["word"].zh in said and "{{" not in said + mine.starter_source


def requests(source: str, variant: str) -> bytes:
    """Everything that goes into the sandbox, as it is sent."""
    wiretap = Wiretap()
    judge(Job(DRAWN, {"solution.py": source.encode()}, "ab" * 32, variant=variant), sandbox=wiretap)
    return b"".join(encode({"op": op, "payload": payload}) for op, payload in wiretap.sent)


def spelled(constants: Mapping[str, Any]) -> list[bytes]:
    return [text.encode() for name, value in constants.items() for text in (name, repr(value))]


def test_no_constant_goes_into_the_sandbox_by_itself(drawn: Assignment) -> None:
    """The student here has written none of them down; arguments of calls are all that is sent."""
    variant = bound(drawn, SEEDS[0]).variant
    assert variant["factor"] > 99 and variant["stride"] not in (0, 1)  # else chance would find it
    sent = requests("def scaled(x): return 2 * x\ndef windows(x): return x\n", SEEDS[0])
    wanted = {name: variant[name] for name in ("factor", "kernel", "hidden_shift")}
    assert [text for text in [*spelled(wanted), b"VARIANT", SEEDS[0].encode()] if text in sent] == []
    assert b"FACTOR" in requests(bound(drawn, SEEDS[0]).starter_source, SEEDS[0])  # the search finds what is there


@pytest.fixture
def pulled(drawn: Assignment, tmp_path: Any) -> Any:
    for name, data in build_bundle(bound(drawn, SEEDS[0])).items():
        (tmp_path / name).write_bytes(data)
    return tmp_path


def test_a_student_pulls_his_own(drawn: Assignment, pulled: Any) -> None:
    mine, other = bound(drawn, SEEDS[0]), bound(drawn, SEEDS[1])
    assert (pulled / "starter.py").read_text() == mine.starter_source
    (pulled / "solution.py").write_text(mine.reference_source)
    report = run_public_checks(load_bundle(pulled), pulled / "solution.py", FakeSandbox())
    assert report.score == report.max_score == 30
    (pulled / "solution.py").write_text(other.reference_source)
    assert run_public_checks(load_bundle(pulled), pulled / "solution.py", FakeSandbox()).score == 0


def test_what_neither_handout_nor_starter_states_is_not_pulled(drawn: Assignment, pulled: Any) -> None:
    everything = b"".join(path.read_bytes() for path in pulled.iterdir())
    variant = bound(drawn, SEEDS[0]).variant
    assert b"hidden_shift" not in everything and repr(variant["hidden_shift"]).encode() not in everything
    assert str(variant["factor"]) in (pulled / CONSTANTS).read_text()


def test_constants_that_cannot_be_read_are_pulled_again(pulled: Any) -> None:
    (pulled / CONSTANTS).write_text("VARIANT = {'factor': open('/etc/passwd')}\n")
    with pytest.raises(BrokenAssignment, match="pull the assignment again"):
        load_bundle(pulled)
