"""Proves of questions what `grader.verify` proves of checks: who is right earns everything, who guesses does not."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from itertools import pairwise

from grader.protocol import Job, Text
from grader.questions.asked import Asked, Attachment, Choice, Choices, Essay, Known, Matrix, Number, Review, Short
from grader.questions.judging import paper_of, results_of
from grader.questions.paper import Item, Paper, as_typed, right_answer
from grader.questions.scoring import score
from grader.spec import Assignment, BrokenAssignment
from grader.verify import Fact

SEEDS = 20
HALF = Decimal("0.5")

Guess = Callable[[Asked], object]


def verify_questions(assignment: Assignment, *, seeds: int = SEEDS) -> list[Fact]:
    """None for an assignment without questions."""
    if not assignment.questions:
        return []
    try:
        papers = [paper_of(assignment.folder, assignment, seed) for seed in paper_seeds(assignment.id, seeds)]
    except BrokenAssignment as broken:
        return [Fact(subject="questions", claim="can be drawn", ok=False, seen=str(broken))]
    facts = [_texts(papers[0])]
    if any(not item.question.is_manual for item in papers[0].items):
        facts += [_right(assignment, papers), _blank(assignment, papers), *_mistakes(papers), *_guesses(assignment, papers)]
    return [*facts, _variants(assignment, papers)]


def paper_seeds(id: str, count: int) -> list[str]:
    return [hashlib.sha256(f"paper {number} of {id}".encode()).hexdigest() for number in range(count)]


def _judged(assignment: Assignment, paper: Paper, answers: Mapping[str, object]) -> tuple[Decimal, Decimal, list[str]]:
    """Points, all there are, and what was lost."""
    results = results_of(assignment, paper, Job(assignment.folder, {}, paper.seed, answers=answers))
    lost = [f"{each.id}: {each.message.en} (seed {paper.seed[:8]})" for each in results if each.points != each.max_points]
    return sum((r.points for r in results), Decimal(0)), sum((r.max_points for r in results), Decimal(0)), lost


def _answers(paper: Paper, answer: Guess) -> dict[str, object]:
    scored = [item for item in paper.items if not item.question.is_manual]
    return {item.question.id: answer(item.asked) for item in scored}


def _right(assignment: Assignment, papers: list[Paper]) -> Fact:
    problems = []
    for paper in papers:
        problems += _judged(assignment, paper, _answers(paper, right_answer))[2]
        problems += [
            f"{item.question.id}: {form!r} is not taken"
            for item in paper.items
            if isinstance(item.asked, Short)
            for form in item.asked.accepted
            if score(item.asked, form).share != 1
        ]
    count = sum(not item.question.is_manual for item in papers[0].items)
    return _fact("answers", "earn full marks", problems, f"{count} questions, {len(papers)} seeds")


def _blank(assignment: Assignment, papers: list[Paper]) -> Fact:
    found = [_judged(assignment, paper, {})[0] for paper in papers]
    return _fact("blank paper", "earns nothing", [f"{points} points" for points in found if points], f"{len(papers)} seeds")


def _mistakes(papers: list[Paper]) -> Iterable[Fact]:
    """Each must lose points and be named wherever it is drawn; how often that is depends on the numbers."""
    seen: dict[str, list[str]] = {}
    problems: dict[str, list[str]] = {}
    for paper in papers:
        for item in paper.items:
            for known in getattr(item.asked, "mistakes", ()):
                subject = f"{item.question.id}: {known.id}"
                seen.setdefault(subject, []).append(paper.seed)
                if problem := _problem_with_mistake(item, known):
                    problems.setdefault(subject, []).append(f"{problem} (seed {paper.seed[:8]})")
    for subject, seeds in seen.items():
        yield _fact(subject, "loses points, and is named", problems.get(subject, []), f"{len(seeds)} of {len(papers)} seeds")


def _problem_with_mistake(item: Item, known: Known) -> str | None:
    scored = score(item.asked, as_typed(known.value))
    if scored.share >= 1:
        return "loses nothing"
    if scored.mistake is None or scored.mistake.id != known.id:
        return f"not named, but {scored.mistake.id if scored.mistake else 'nothing'}"
    return None


def _zeros(asked: Asked) -> object:
    match asked:
        case Number():
            return "0"
        case Matrix():
            return [["0"] * len(row) for row in asked.answer]
        case Choice():
            return asked.letters[0]
        case Choices():
            return asked.letters[:1]
    return "a"


def _ones(asked: Asked) -> object:
    match asked:
        case Number():
            return "1"
        case Matrix():
            return [["1"] * len(row) for row in asked.answer]
        case Choice():
            return asked.letters[-1]
        case Choices():
            return asked.letters
    return "1"


def _guesses(assignment: Assignment, papers: list[Paper]) -> Iterable[Fact]:
    for name, guess in (("zeros and first options", _zeros), ("ones, last and all options", _ones)):
        shares = []
        for paper in papers:
            points, whole, _ = _judged(assignment, paper, _answers(paper, guess))
            shares.append(points / whole if whole else Decimal(0))
        share = sum(shares, Decimal(0)) / len(shares)
        seen = f"{share:.0%} on average, {max(shares):.0%} at most"
        yield Fact(subject=name, claim="earn less than half", ok=share < HALF, seen=seen)
    for item in papers[0].items:
        if isinstance(item.asked, Choices):
            share = score(item.asked, item.asked.letters).share
            subject, seen = f"{item.question.id}: all options", f"{share:.0%} of its points"
            yield Fact(subject=subject, claim="earn less than half", ok=share < HALF, seen=seen)


def _variants(assignment: Assignment, papers: list[Paper]) -> Fact:
    """Where each student has a paper of his own, neighbours must not be able to hand answers on."""
    if assignment.variants == "assignment":
        return Fact(subject="variants", claim="one paper for all", ok=True, seen="variants = assignment")
    numbers = {
        item.question.id for item in papers[0].items if isinstance(item.asked, Number | Matrix)
    }  # of options only the order
    same = [id for id in numbers if len({repr(right_answer(paper.item(id).asked)) for paper in papers}) == 1]
    problems = [f"{id} has one answer on all {len(papers)} papers" for id in sorted(same)]
    pairs = sum(_answers(one, right_answer) == _answers(other, right_answer) for one, other in pairwise(papers))
    problems += [f"{pairs} pairs of neighbours have the same paper"] if pairs else []
    return _fact("variants", "differ from neighbour to neighbour", problems, f"{len(papers)} papers")


def _texts(paper: Paper) -> Fact:
    """Every sentence that a person may read, in both languages."""
    problems = [
        f"{name}: en or zh is empty"
        for item in paper.items
        for name, text in _texts_of(item)
        if not (text.en.strip() and text.zh.strip())
    ]
    shown = [name for item in paper.items for name, _ in _texts_of(item)]
    manual = [item for item in paper.items if isinstance(item.asked, Essay | Attachment | Review)]
    problems += [f"{item.question.id}: no rubric to begin marking with" for item in manual if not item.question.rubric]
    seen = f"{len(paper.items)} questions, {len(shown)} texts"
    return _fact("questions", "speak en and zh; people know how to mark", problems, seen)


def _texts_of(item: Item) -> list[tuple[str, Text]]:
    id, asked = item.question.id, item.asked
    found = [(f"{id} title", item.question.title), (f"{id} prompt", asked.prompt)]
    found += [(f"{id} solution", asked.solution)] if asked.solution else []
    found += [(f"{id} {known.id}", known.message) for known in getattr(asked, "mistakes", ())]
    for option in getattr(asked, "options", ()):
        found += [(f"{id} option", option.text), *([(f"{id} why", option.why)] if option.why else [])]
    return [*found, *((f"{id} rubric", each.text) for each in item.question.rubric)]


def _fact(subject: str, claim: str, problems: list[str], seen: str) -> Fact:
    return Fact(subject=subject, claim=claim, ok=not problems, seen=problems[0] if problems else seen)
