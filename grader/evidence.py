"""What the trace of operators comes to: totals of a check, and hits on rules that name operators. Never worth points."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from grader.checks.declare import Check
from grader.protocol import CheckResult, PolicyHit
from grader.sandbox.replies import MOST_NAMES
from grader.spec import Assignment


def is_traced(assignment: Assignment, check: Check) -> bool:
    """As the assignment says; left out, only where a rule names operators, since each one costs some microseconds."""
    if assignment.evidence.operators is not None:
        return assignment.evidence.operators
    return any(rule.operators and check.part in rule.parts for rule in assignment.forbidden)


def totals(calls: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    """Of all calls that were traced, the most frequent first."""
    total: Counter[str] = Counter()
    for counts in calls.values():
        total.update(counts)
    return dict(total.most_common(MOST_NAMES))


def trace_hits(assignment: Assignment, results: Sequence[CheckResult]) -> Iterator[PolicyHit]:
    """Operators that a rule names and that ran in a check of its parts."""
    for rule in assignment.forbidden:
        for result in results:
            if result.part in rule.parts:
                ran = [name for name in rule.operators if name in result.operators]
                yield from (_hit(rule.rule, name, result) for name in ran)


def _hit(rule: str, name: str, result: CheckResult) -> PolicyHit:
    return PolicyHit(rule=rule, name=name, line=None, evidence=f"{result.id}: {result.operators[name]}", kind="trace")
