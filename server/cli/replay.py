"""`gradus replay`: judge a run once more with its own seed, here, and say whether the same comes out; for staff."""

from base64 import b64decode
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from server.cli.exits import ExitCode, Problem
from server.cli.terminal import AsJson, answers, print_json

if TYPE_CHECKING:
    from grader.protocol import Job, Report
    from grader.spec import Assignment

Kept = dict[str, Any]  # a run as `GET /runs/{id}` tells it
ITEMS = {"measured": {"public": {"items"}, "private": {"items"}}}  # a run keeps them in a table of their own


def replay(
    run: Annotated[int, typer.Argument(metavar="RUN", help="The run's number, as in the JSON of previews and reports.")],
    assignment: Annotated[Path | None, typer.Option(help="The assignment's folder; else the one of its name here.")] = None,
    local: Annotated[bool, typer.Option("--local", help="Read the run from this server's own database.")] = False,
    as_json: AsJson = False,
) -> None:
    """Judge a run again with the same files and the same seed. Exit code 0: same score and report; 1: not."""
    kept = read_here(run) if local else fetch(run)
    report, versions = judge_again(kept, assignment)
    found = compared(kept, report, versions)
    if as_json:
        print_json(found)
    else:
        tell(found)
    raise typer.Exit(ExitCode.done if found["same_report"] else ExitCode.ungradable)


def fetch(run: int) -> Kept:
    from server.cli.client import signed_in

    with signed_in() as client:
        return client.get(f"/runs/{run}")


def read_here(run: int) -> Kept:
    """From the tables and the blob store, by whoever may read those."""
    from server.cli.admin import open_session
    from server.reruns.queries import find_run
    from server.reruns.schemas import RunDetailOut
    from server.settings import get_settings
    from server.submissions.models import Submission

    with open_session() as session:
        found = find_run(session, run_id=run)
        if found is None:
            raise Problem(f"There is no run {run}.", next_step="its number stands in `gradus status --json`", code=ExitCode.usage)
        submission = session.get_one(Submission, found.submission_id)
        return RunDetailOut.of(found, submission, store=get_settings().blob_store).model_dump(mode="json")


def judge_again(kept: Kept, folder: Path | None) -> "tuple[Report, dict[str, Any]]":
    """In a sandbox of its own, on a device like that of the run where there is one."""
    import torch

    from grader.judge import judge
    from grader.sandbox import open_sandbox
    from grader.sandbox.base import GraderFailure
    from grader.sandbox.gpu import idle_for
    from grader.sandbox.options import Options
    from grader.spec import BrokenAssignment, UnknownAssignment, load_assignment
    from server.grading.judging import versions_of

    torch.set_num_threads(1)
    try:
        loaded = load_assignment(folder or kept["assignment"])
        isolation = kept["versions"].get("isolation") or loaded.isolation
        with closing(open_sandbox("auto", isolation, Options(pool=1), idle_for(loaded.device))) as sandbox:
            report = judge(job_of(kept, loaded), sandbox=sandbox)
        return report, versions_of(report, loaded.folder)
    except UnknownAssignment as unknown:
        next_step = "name its folder: --assignment FOLDER"
        raise Problem(str(unknown.args[0]), next_step=next_step, code=ExitCode.usage) from unknown
    except (BrokenAssignment, GraderFailure) as failure:
        raise Problem("The run could not be repeated here.", why=str(failure), next_step="gradus doctor") from failure


def job_of(kept: Kept, assignment: "Assignment") -> "Job":
    """With the paper of that run, and with the same questions left for later."""
    from grader.protocol import Feedback, Job

    files = {name: b64decode(data) for name, data in kept["files"].items()}
    job = Job(assignment.folder, files, kept["seed"], answers=kept["answers"], variant=kept["report"].get("variant"))
    left = {each.feedback for each in assignment.questions if each.id in kept["report"].get("open_questions", ())}
    stage = max((each for each in Feedback if not any(later.is_due(each) for later in left)), key=list(Feedback).index)
    return replace(job, stage=stage)


def compared(kept: Kept, report: "Report", versions: dict[str, Any]) -> dict[str, Any]:
    from server.reruns import rules

    spelled = report.model_dump(mode="json", exclude=ITEMS)
    differences = rules.compared(kept["report"], spelled)
    changed = rules.version_differences(kept["versions"], versions)
    return {
        "run": kept["id"],
        "submission": kept["submission"],
        "seed": kept["seed"],
        "score": kept["score"],
        "score_now": float(report.score),
        "same_score": float(report.score) == kept["score"],
        "same_report": not differences,
        "differences": differences,
        "versions": {name: {"then": then, "now": now} for name, (then, now) in changed.items()},
    }


def tell(found: dict[str, Any]) -> None:
    console = answers()
    if found["same_report"]:
        console.print(f"[pass]✓[/] Run {found['run']} again: {found['score_now']:g} points, and the same report.")
    else:
        word = "the same score" if found["same_score"] else f"{found['score_now']:g} points instead of {found['score']:g}"
        console.print(f"[fail]✗[/] Run {found['run']} again: {word}, and the report differs in:")
        for path in found["differences"]:
            console.print(f"  {escape(path)}", soft_wrap=True)
    for name, pair in found["versions"].items():
        console.print(f"  [quiet]{escape(name)}: {escape(str(pair['then']))} → {escape(str(pair['now']))}[/]", soft_wrap=True)
