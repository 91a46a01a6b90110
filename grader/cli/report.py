"""A report as a table: parts, their checks, the reason for every lost point, and one line to copy."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table

from grader.cli.terminal import said
from grader.figures import in_words, logged_in_words
from grader.protocol import CheckResult, Environment, Fault, Logged, Outcome, PolicyHit, Report, Status, Word
from grader.spec import Manifest, Part

GLYPHS = {
    Outcome.passed: "[green]✓[/]",
    Outcome.failed: "[red]✗[/]",
    Outcome.error: "[red]![/]",
    Outcome.skipped: "[dim]–[/]",
}
STATUS = {Status.graded: "", Status.ungradable: " · not gradable", Status.system_fault: " · not your fault"}


def points_text(points: Decimal) -> str:
    """7.5, but 8 and not 8.00."""
    return f"{points.normalize():f}" if points else "0"


def show_report(report: Report, manifest: Manifest, extra: Sequence[str] = ()) -> RenderableType:
    """extra: lines above the last one."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1))
    table.add_column(width=1)
    table.add_column(ratio=1, overflow="fold")
    table.add_column(justify="right", no_wrap=True)
    logged = {each.check: each for each in report.training}
    for part in manifest.parts:
        _add_part(table, part, [result for result in report.checks if result.part == part.id], logged)
    notes = [f"[blue]i[/] {escape(said(note))}" for note in report.notes]
    return Group(
        *_fault_lines(report.fault), table, *_policy_lines(report.policy, manifest), *notes, *extra, "", summary_line(report)
    )


def summary_line(report: Report) -> str:
    """Plain text, so that it can be pasted into a message."""
    environment = report.environment
    where = f"{environment.sandbox} ({environment.isolation}{f', {_gpu(environment)}' if environment.gpu else ''})"
    return (
        f"{report.assignment} · {points_text(report.score)} / {points_text(report.max_score)}{STATUS[report.status]}"
        f" · {report.timing.total:.2f} s · {where} · seed {report.seed[:8]}…"
    )


def _gpu(environment: Environment) -> str:
    """The device, and the most of its memory that was used."""
    memory = environment.gpu_memory_bytes
    return environment.gpu if memory is None else f"{environment.gpu}, {memory / (1 << 30):.1f} GiB at most"


def _add_part(table: Table, part: Part, results: list[CheckResult], logged: Mapping[str, Logged]) -> None:
    if not results:
        return
    earned = sum((result.points for result in results), Decimal(0))
    possible = sum((result.max_points for result in results), Decimal(0))
    table.add_row("", f"[bold]{escape(said(part.title))}[/]", f"[bold]{_of(earned, possible)}[/]")
    for result in results:
        below = [*reasons(result), *drawn(result), *([said(logged_in_words(logged[result.id]))] if result.id in logged else [])]
        lines = [escape(said(result.title)), *(f"[dim]{escape(line)}[/]" for line in below)]
        table.add_row(GLYPHS[result.outcome], "\n".join(lines), _of(result.points, result.max_points))


def reasons(result: CheckResult) -> Iterator[str]:
    """Why points were lost; the named mistake says more than numbers, so it comes first."""
    if result.outcome is Outcome.passed:
        return
    if result.mistake:
        yield said(result.mistake.message)
    yield said(result.message)
    if result.word is Word.missing or result.detail is None:
        return
    if result.detail.call:
        yield f"called: {result.detail.call}"
    if result.detail.line:
        yield f"your line {result.detail.line}: {_line_text(result)}"


def drawn(result: CheckResult) -> Iterator[str]:
    """What a page draws, in a sentence each."""
    for figure in result.figures:
        yield f"{said(figure.title)}: {said(in_words(figure))}"


def _line_text(result: CheckResult) -> str:
    return dict(result.detail.source).get(result.detail.line, "").strip() if result.detail else ""


def _of(points: Decimal, possible: Decimal) -> str:
    return f"{points_text(points)} / {points_text(possible)}"


def _fault_lines(fault: Fault | None) -> list[str]:
    if fault is None:
        return []
    return [f"[red]✗[/] {escape(said(fault.message))}", ""]


def _policy_lines(hits: Sequence[PolicyHit], manifest: Manifest) -> Iterator[str]:
    """Each rule once, with what to use instead; below it the lines of the file, or the checks in which an operator ran."""
    for rule in dict.fromkeys(hit.rule for hit in hits):
        message = manifest.message_of(rule)
        yield f"[yellow]![/] [bold]{escape(rule)}[/]" + (f": {escape(said(message))}" if message else "")
        yield from (f"    {_policy_line(hit)}" for hit in hits if hit.rule == rule)


def _policy_line(hit: PolicyHit) -> str:
    where = {"source": f"line {hit.line}" if hit.line else "not readable", "trace": "ran in"}[hit.kind]
    return f"{escape(hit.name)}  [dim]{where} · {escape(hit.evidence)}[/]"
