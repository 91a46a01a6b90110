"""Proves of the variants that an author draws: each can be solved, each is another one, none is much harder than the rest."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, as_completed
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from grader.questions.manifest import Variants
from grader.questions.verify import paper_seeds
from grader.spec import Assignment, BrokenAssignment
from grader.variants.binding import variant_of_seed
from grader.variants.drawn import has_variant
from grader.variants.filling import example_of
from grader.variants.trial import Tried, VariantTrial, try_variant
from grader.variants.variant import Variant
from grader.verify import Fact, Progress

VARIANTS = 5
HALF = 0.5

Run = Callable[[Sequence[VariantTrial]], Iterable[Tried]]


@dataclass(frozen=True)
class Proof:
    """tried: one for each variant, in the order of their seeds."""

    facts: list[Fact]
    tried: list[Tried]


NOTHING = Proof([], [])


def verify_variants(
    assignment: Assignment, *, pool: Executor, count: int = VARIANTS, progress: Progress = lambda *_: None
) -> Proof:
    """Nothing for an assignment that is the same for everybody."""

    def run(trials: Sequence[VariantTrial]) -> Iterator[Tried]:
        running = [pool.submit(try_variant, trial) for trial in trials]
        for done, finished in enumerate(as_completed(running), start=1):
            tried = finished.result()
            progress(done, len(running), f"variant {tried.seed[:8]}")
            yield tried

    return verify_variants_by(assignment, run, count=count)


def verify_variants_here(assignment: Assignment, *, count: int = VARIANTS) -> Proof:
    """As `verify_variants`, in this process only."""
    return verify_variants_by(assignment, lambda trials: map(try_variant, trials), count=count)


def verify_variants_by(assignment: Assignment, run: Run, *, count: int) -> Proof:
    if not (has_variant(assignment.folder) or assignment.variants is Variants.student):
        return NOTHING
    seeds = paper_seeds(assignment.id, count)
    trials = [VariantTrial(assignment.folder, seed, neighbour) for seed, neighbour in pairwise([*seeds, seeds[0]])]
    found = {tried.seed: tried for tried in run(trials)}
    return Proof(list(facts_of(assignment, ordered := [found[seed] for seed in seeds])), ordered)


def facts_of(assignment: Assignment, tried: Sequence[Tried]) -> Iterator[Fact]:
    if assignment.variants is Variants.student:
        yield _differ(tried)
    if not has_variant(assignment.folder):
        return
    yield _fact("variant: texts", "are filled in", tried, [each.texts for each in tried])
    if not assignment.wants_code:
        return
    yield _example(assignment)
    yield _fact("variant: reference", "earns full marks on each", tried, [each.reference for each in tried])
    yield _fact("variant: starter", "earns nothing on each, politely", tried, [each.starter for each in tried])
    for overlay in assignment.accepted:
        lost = [each.accepted.get(overlay.id, []) for each in tried]
        yield _fact(f"variant: accepted {overlay.id}", "earns full marks on each", tried, lost)
    for overlay in assignment.mistakes:
        missed = [each.mistakes.get(overlay.id, []) for each in tried]
        yield _fact(f"variant: mistake {overlay.id}", "is caught and named on each", tried, missed)
    yield _difficulty(assignment, tried)


def _fact(subject: str, claim: str, tried: Sequence[Tried], problems: Sequence[Sequence[str]]) -> Fact:
    found = [f"{sentences[0]} (variant {each.seed[:8]})" for each, sentences in zip(tried, problems, strict=True) if sentences]
    return Fact(subject=subject, claim=claim, ok=not found, seen=found[0] if found else f"{len(tried)} variants")


def _differ(tried: Sequence[Tried]) -> Fact:
    """Whoever hands in what the neighbour was right with loses points, and with the code alone mostly, too."""
    works = [each.work for each in tried if each.work is not None]
    codes = [each.code for each in tried if each.code is not None]
    same = [f"a neighbour's work earns everything (variant {each.seed[:8]})" for each in tried if each.work == 1]
    if codes and sum(share < 1 for share in codes) < HALF * len(codes):
        same.append(f"only {sum(share < 1 for share in codes)} of {len(codes)} neighbours' code loses anything")
    seen = f"a neighbour's right work earns {_range(works)}" + (f", the code alone {_range(codes)}" if codes else "")
    return Fact(subject="variant: neighbours", claim="differ in what is computed", ok=not same, seen=same[0] if same else seen)


def _range(shares: Sequence[float]) -> str:
    low, high = (f"{share:.0%}" for share in (min(shares, default=0), max(shares, default=0)))
    return low if low == high else f"{low} to {high}"


def _example(assignment: Assignment) -> Fact:
    """The reference names an example of what is drawn; what names other things is never replaced by it."""
    try:
        drawn = variant_of_seed(assignment.folder, paper_seeds(assignment.id, 1)[0])
    except BrokenAssignment as broken:
        return Fact(subject="variant: example", claim="names what is drawn", ok=False, seen=str(broken))
    problem = problem_with_example(example_of(assignment.reference_source), drawn)
    return Fact(subject="variant: example", claim="names what is drawn", ok=not problem, seen=problem or ", ".join(drawn.numbers))


def problem_with_example(example: Variant, drawn: Variant) -> str | None:
    """example: empty where the reference computes with no constant."""
    if not example:
        return None
    if missing := sorted(set(drawn.numbers) ^ set(example)):
        return f"VARIANT in reference.py and variant.py do not both name {missing[0]!r}"
    other = [name for name in example if type(example[name]) is not type(drawn[name])]
    return f"VARIANT[{other[0]!r}] in reference.py is of another type than what variant.py draws" if other else None


def _difficulty(assignment: Assignment, tried: Sequence[Tried]) -> Fact:
    band, counts = assignment.difficulty.band, [each.operators for each in tried]
    middle = median(counts)
    outside = [each for each in tried if not is_within(each.operators, middle, band)]
    seen = f"{min(counts)} to {max(counts)} operators, median {middle:g}, band ±{band:.0%}"
    if outside:
        seen = f"{outside[0].operators} operators (variant {outside[0].seed[:8]}), median {middle:g}, band ±{band:.0%}"
    return Fact(subject="variant: difficulty", claim="stays within the band", ok=not outside, seen=seen)


def is_within(count: int, middle: float, band: float) -> bool:
    return abs(count - middle) <= band * middle
