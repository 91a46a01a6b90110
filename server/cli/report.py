"""How a verdict looks in the terminal: parts and checks as one table, and one line to copy."""

from datetime import datetime
from typing import Any

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table

from server.cli.exits import ExitCode
from server.cli.terminal import in_language

GLYPHS = {"passed": "[pass]✓[/]", "failed": "[fail]✗[/]", "error": "[fail]✗[/]", "skipped": "[quiet]–[/]"}
STATE_STYLE = {"graded": "pass", "needs_staff": "wait", "cancelled": "quiet", "running": "hint"}


def number(value: float | None) -> str:
    """Points as people write them: 7.5, but 8 and not 8.0."""
    return "–" if value is None else f"{value:.2f}".rstrip("0").rstrip(".")


def show_checks(report: dict[str, Any]) -> RenderableType:
    """One row a check; what was lost says why below its title."""
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 1))
    table.add_column(width=1)
    table.add_column(ratio=1, overflow="fold")  # Chinese has no spaces to break at
    table.add_column(justify="right", no_wrap=True)
    for check in report["checks"]:
        points = f"{number(check['points'])} / {number(check['max_points'])}"
        table.add_row(
            GLYPHS[check["outcome"]], "\n".join([describe_check(check), *logged_lines(report.get("training"), check)]), points
        )
    notes = [f"[hint]i[/] {escape(in_language(note))}" for note in report.get("notes", [])]
    return Group(*(fault_lines(report["fault"]) if report.get("fault") else []), *notes, table, *policy_lines(report))


def describe_check(check: dict[str, Any]) -> str:
    lines = [escape(in_language(check["title"]))]
    if check["points"] < check["max_points"]:
        lines += [f"[quiet]{escape(sentence)}[/]" for sentence in reasons(check)]
    return "\n".join(lines)


def logged_lines(training: list[dict[str, Any]] | None, check: dict[str, Any]) -> list[str]:
    """What the code has logged in this check, in one line if there is any."""
    found = [logged for logged in training or [] if logged["check"] == check["id"]]
    if not found:
        return []
    from grader.figures import logged_in_words
    from grader.protocol import Logged

    return [f"[quiet]{escape(in_language(logged_in_words(Logged.model_validate(logged)).model_dump()))}[/]" for logged in found]


def reasons(check: dict[str, Any]) -> list[str]:
    """Why points were lost: the named mistake tells more than the numbers, so it comes first."""
    mistake = check.get("mistake")
    sentences = [in_language(mistake["message"])] if mistake else []
    return [*sentences, in_language(check["message"]), *_places(check)]


def _places(check: dict[str, Any]) -> list[str]:
    """What was called, and the student's own line; the server sends neither of a hidden check."""
    detail = check.get("detail") or {}
    if check.get("word") == "missing":
        return []
    places = [f"called: {detail['call']}"] if detail.get("call") else []
    if line := detail.get("line"):
        text = dict(map(tuple, detail.get("source") or [])).get(line, "").strip()
        places.append(f"your line {line}: {text}" if text else f"your line {line}")
    return places


def fault_lines(fault: dict[str, Any]) -> list[str]:
    return [f"[fail]✗[/] {escape(fault_sentence(fault))}"]


def fault_sentence(fault: dict[str, Any]) -> str:
    """Names the line, unless the message does so already."""
    sentence, line = in_language(fault["message"]), fault.get("line")
    return sentence if line is None or str(line) in sentence else f"{sentence} (line {line})"


def local_time(moment: str) -> str:
    """A time of the API on the reader's own clock."""
    return f"{datetime.fromisoformat(moment).astimezone():%Y-%m-%d %H:%M}"


def policy_lines(report: dict[str, Any]) -> list[str]:
    return [
        f"[wait]![/] {escape(hit['rule'])}: {escape(hit['name'])} in line {hit['line']}: [quiet]{escape(hit['evidence'])}[/]"
        for hit in report.get("policy", [])
    ]


def result_line(result: dict[str, Any]) -> str:
    """What a competition's value means, with its interval; or that the Ladder does not show it."""
    name = escape(result["name"].replace("_", " "))
    private = f"; {result['private']:.4g} on the private ones" if result["private"] is not None else ""
    if result["metric"] is None:
        return (
            f"[hint]i[/] not significantly better than your best so far; the board keeps {name} {result['stands']:.4g}{private}"
        )
    interval = f"{result['low']:.4g} to {result['high']:.4g}"
    return f"[pass]✓[/] {name} [strong]{result['metric']:.4g}[/] ({interval}) on the public items{private}"


def summary_line(submission: dict[str, Any], result: dict[str, Any] | None = None) -> str:
    """Plain text, so that it can be pasted into a message. In a competition its value says more than points."""
    name = f"submission {submission['id']} · {submission['course']}/{submission['assignment']} · attempt {submission['attempt']}"
    run = submission.get("run")
    score = (result_words(result) if result else score_words(submission, run)) if run else ""
    if submission["state"] == "graded":
        return f"{name}{score}"
    words = RERUN_WORDS if run else STATE_WORDS
    waits = waiting_for((submission.get("progress") or {}).get("queue"))
    return f"{name}{score} · {words[submission['state']]}{waits}"


def result_words(result: dict[str, Any]) -> str:
    value = "no better than before" if result["metric"] is None else f"{result['metric']:.4g}"
    return f" · {result['name'].replace('_', ' ')} {value}"


def score_words(submission: dict[str, Any], run: dict[str, Any]) -> str:
    late = " · late" if submission["late"] else ""
    status = "" if run["status"] == "graded" else " · not gradable"
    return f" · {number(submission['score'])} / {number(submission['max_score'])}{status}{late}"


WAITS_FOR = {
    "gpu": {"en": "waits for a free GPU", "zh": "正在等待空闲的 GPU"},
    "gpu_in_service": {
        "en": "no GPU is in service right now; it is graded as soon as one is",
        "zh": "目前没有可用的 GPU，恢复后会自动评测",
    },
}
STATE_WORDS = {
    "received": "received",
    "queued": "waits in the queue",
    "running": "is being graded",
    "graded": "graded",
    "needs_staff": "our system or the assignment failed; it is on the staff's list, your attempt is not lost",
    "cancelled": "cancelled; the attempt was given back",
}
RERUN_WORDS = {  # beside the score of the earlier run, which counts
    "received": "waits to be graded again",
    "queued": "waits to be graded again",
    "running": "is being graded again",
    "needs_staff": "grading it again failed on our side; the staff see it, this score counts",
    "cancelled": "grading it again was cancelled; this score counts",
}


def progress_line(progress: dict[str, Any]) -> str:
    """Where it is now, in one line: place in the queue, or check 3 of 9."""
    state = progress["state"]
    if progress["queue"]:
        wait = progress["queue"]["eta_s"]
        about = f", about {wait:.0f} s" if wait is not None else ""
        return f"number {progress['queue']['position']} in the queue{about}{waiting_for(progress['queue'])}"
    checks = progress["checks"]
    if state == "running" and checks["total"]:
        points = number(progress["score_so_far"])
        return f"check {min(checks['done'] + 1, checks['total'])} of {checks['total']} · {points} points so far"
    return STATE_WORDS[state]


def waiting_for(queue: dict[str, Any] | None) -> str:
    """What a submission in the queue needs beside its turn."""
    words = WAITS_FOR.get((queue or {}).get("waits_for"))
    return f" · {in_language(words)}" if words else ""


def exit_code(submission: dict[str, Any]) -> ExitCode:
    """What the end of a submission means to a shell script."""
    if submission["state"] == "graded":
        run = submission.get("run") or {}
        return ExitCode.done if run.get("status") == "graded" else ExitCode.ungradable
    return {"needs_staff": ExitCode.system_fault, "cancelled": ExitCode.refused}.get(submission["state"], ExitCode.done)
